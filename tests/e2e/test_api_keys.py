"""API keys from outside: a script's view, the command line's, and several nodes'."""

import json

from conftest import claims_of, eventually

KEY = r"sgn_[a-z0-9]{1,16}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}"


def make(client, token, **fields):
    answer = client.post("/api-keys", {"name": "backup", **fields}, token)
    assert answer.status == 201, answer
    return answer.json


def exchanged(client, key):
    answer = client.request("POST", "/api-keys/token", headers={"Authorization": f"Bearer {key}"})
    assert answer.status == 200, answer
    return answer.json["access_token"]


def test_a_script_uses_a_key_exchanges_it_and_loses_both(launch):
    server = launch()
    client = server.client
    client.sign_up("alice")
    access = client.log_in("alice")["access_token"]
    made = make(client, access, expires_in=3600)
    key = made["api_key"]
    assert client.get("/profile", key).json["sid"] == "sgn_" + made["id"]
    token = exchanged(client, key)
    assert claims_of(token)["sub"] == claims_of(access)["sub"] and client.get("/verify", token).status == 200
    assert client.form("/revoke", {"token": key}).status == 200
    for credential in (key, token):
        assert client.get("/profile", credential).status == 401
    assert key not in server.log_text() and key.split("_")[3] not in server.log_text()
    files = b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())
    assert key.split("_")[3].encode() not in files


def test_the_command_line_makes_and_revokes_keys_beside_the_server(launch, run_signet):
    import re

    server = launch()
    client, data = server.client, server.data
    client.sign_up("alice")
    run = run_signet("api-keys", "create", "alice", "--label", "nightly", "--network", "127.0.0.0/8", "--expires-in", "2h", "--data", data)
    assert run.returncode == 0 and re.fullmatch(KEY + "\n", run.stdout), run.stderr
    key = run.stdout.strip()
    assert eventually(lambda: client.get("/profile", key).status == 200)
    elsewhere = run_signet("api-keys", "create", "alice", "--label", "x", "--network", "192.0.2.0/24", "--data", data).stdout.strip()
    [listed, other] = [json.loads(line) for line in run_signet("api-keys", "list", "alice", "--json", "--data", data).stdout.splitlines()]
    assert listed["id"] == key.split("_")[2] and listed["name"] == "nightly" and listed["networks"] == ["127.0.0.0/8"]
    assert run_signet("api-keys", "revoke", listed["id"], "--data", data).stdout == f"revoked {listed['id']}\n"
    assert eventually(lambda: client.get("/profile", key).status == 401)
    assert client.get("/profile", elsewhere).status == 401
    for arguments, code in ((["revoke", listed["id"]], 1), (["revoke", key], 2), (["list", "nobody"], 1),
                            (["create", "nobody", "--label", "x"], 1), (["create", "alice", "--label", "x", "--scope", "admin"], 1),
                            (["create", "alice", "--label", "x", "--network", "10/8"], 2),
                            (["create", "alice", "--label", "x", "--expires-in", "never"], 2)):
        run = run_signet("api-keys", *arguments, "--data", data)
        assert run.returncode == code and run.stdout == "" and key not in run.stderr, (arguments, run.stderr)
    assert run_signet("users", "disable", "alice", "--data", data).returncode == 0
    assert run_signet("api-keys", "list", "alice", "--data", data).stdout == ""


def test_keys_outlive_a_restart(launch, run_signet):
    server = launch()
    server.client.sign_up("alice")
    key = make(server.client, server.client.log_in("alice")["access_token"])["api_key"]
    assert server.client.get("/profile", key).status == 200
    assert server.stop() == 0
    [listed] = [json.loads(line) for line in run_signet("api-keys", "list", "alice", "--json", "--data", server.data).stdout.splitlines()]
    assert listed["last_used_at"], "the end does not wait for the next round of writing"
    assert launch(data=server.data).client.get("/profile", key).status == 200


def test_every_node_takes_a_key_and_refuses_a_revoked_one(node):
    one, two = node(), node()
    one.client.sign_up("alice")
    access = one.client.log_in("alice")["access_token"]
    made = make(one.client, access)
    key = made["api_key"]
    assert one.client.get("/profile", key).status == 200, "at once where it was made"
    assert eventually(lambda: two.client.get("/profile", key).status == 200)
    token = exchanged(two.client, key)
    successor = make(one.client, access, replaces=made["id"], overlap=3600)["api_key"]
    assert eventually(lambda: two.client.get("/profile", successor).status == 200)
    assert two.client.get("/profile", key).status == 200, "while they overlap"
    assert two.client.delete("/api-keys/" + made["id"], access).status == 204
    for server in (one, two):
        for credential in (key, token):
            assert eventually(lambda: server.client.get("/profile", credential).status == 401)
        assert server.client.get("/profile", successor).status == 200
