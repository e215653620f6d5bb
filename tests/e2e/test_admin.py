"""The administrator's API and commands against one running server."""

import json

import pytest
from conftest import claims_of, eventually, header_of

PASSWORD = "correct horse battery staple 42"


@pytest.fixture
def office(launch, run_signet):
    """A server and the access token of its first administrator, whom the command line made."""
    server = launch()
    run = run_signet("users", "add", "boss", "--scope", "admin:read admin:write", "--password-stdin", "--data", server.data, stdin=PASSWORD)
    assert run.returncode == 0, run.stderr
    server.boss = server.client.log_in("boss")["access_token"]
    return server


def test_nobody_is_an_administrator_by_default(launch):
    client = launch().client
    client.sign_up("alice")
    assert client.get("/admin/users", client.log_in("alice")["access_token"]).status == 403
    assert client.get("/admin/users").status == 401


def test_an_administrator_finds_disables_exports_and_deletes_a_user(office):
    client = office.client
    client.sign_up("alice")
    token = client.log_in("alice")["access_token"]
    [alice] = client.get("/admin/users?search=ali", office.boss).json["users"]
    path = "/admin/users/" + alice["id"]
    headers = {"Authorization": f"Bearer {office.boss}", "Content-Type": "application/json"}
    assert client.request("PATCH", path, '{"disabled":true}', headers).json["disabled"] is True
    assert client.get("/profile", token).status == 401
    exported = client.get("/admin/exports/" + alice["id"], office.boss).json
    assert set(exported) == {"account", "sessions", "api_keys", "audit"} and exported["account"]["username"] == "alice"
    assert client.delete(path, office.boss).status == 204 and client.get(path, office.boss).status == 404
    events = client.get("/admin/audit?limit=10&account=" + alice["id"], office.boss).json["events"]
    assert [event["kind"] for event in events[:3]] == ["account_deleted", "account_exported", "account_disabled"]


def test_the_command_line_does_the_same_beside_the_server(office, run_signet):
    client, data = office.client, office.data

    def signet(*arguments, stdin=None, code=0):
        run = run_signet(*arguments, "--data", data, stdin=stdin)
        assert run.returncode == code, run.stderr
        return run.stdout

    client.sign_up("alice")
    pair = client.log_in("alice")
    assert [json.loads(line)["username"] for line in signet("users", "search", "ALI", "--json").splitlines()] == ["alice"]
    assert signet("users", "search", "nobody") == ""

    signet("users", "expire-password", "alice")
    assert eventually(lambda: client.get("/profile", pair["access_token"]).status == 401)
    answer = client.post("/login", {"username": "alice", "password": PASSWORD})
    assert answer.status == 403 and answer.json["error"] == "password_change_required"
    assert client.post("/login", {"username": "alice", "password": PASSWORD, "new_password": PASSWORD + "3"}).status == 200

    signet("users", "set-password", "alice", "--password-stdin", "--must-change", stdin=PASSWORD + "4")
    assert client.post("/login", {"username": "alice", "password": PASSWORD + "3"}).status == 401
    assert client.post("/login", {"username": "alice", "password": PASSWORD + "4"}).json["error"] == "password_change_required"
    assert "password1" not in signet("users", "set-password", "alice", "--password-stdin", stdin="password1", code=1)

    exported = json.loads(signet("users", "export", "alice"))
    assert exported["account"]["must_change_password"] is True and "argon2" not in json.dumps(exported)
    events = [json.loads(line) for line in signet("audit", "list", "--user", "alice", "--json", "--limit", "2").splitlines()]
    assert [(event["kind"], event["actor"]) for event in events] == [("account_exported", "cli"), ("login_failed", "")]
    assert signet("audit", "list", "--kind", "account_exported", "--since", "-1h").count("\n") == 1
    assert signet("audit", "list", "--since", "1h") == ""
    for arguments in (["--kind", "nonsense"], ["--limit", "0"], ["--limit", "many"], ["--since", "yesterday"]):
        signet("audit", "list", *arguments, code=2)
    signet("audit", "list", "--user", "nobody", code=1)

    assert signet("users", "delete", "alice") == "deleted alice\n"
    assert client.post("/login", {"username": "alice", "password": PASSWORD + "4"}).status == 401
    for command in ("delete", "export", "expire-password"):
        signet("users", command, "alice", code=1)


def test_an_administrator_rotates_and_revokes_the_signing_keys(office, run_signet):
    client = office.client

    def kid(token):
        return header_of(token)["kid"]

    def states():
        return {key["kid"]: key["state"] for key in client.get("/admin/signing-keys", office.boss).json["signing_keys"]}

    client.sign_up("alice")
    old = client.log_in("alice")
    first = kid(old["access_token"])
    assert states() == {first: "signing"}
    assert client.post("/admin/signing-keys", {"at_once": True}, token=old["access_token"]).status == 403
    assert client.post("/admin/signing-keys", {"at_once": True}, token=office.boss).status == 200
    tokens = []  # of several nodes, each may take a moment to hear of another key
    assert eventually(lambda: tokens.append(client.log_in("alice")["access_token"]) or kid(tokens[-1]) != first)
    second = kid(tokens[-1])
    assert states() == {first: "retired", second: "signing"}
    assert client.get("/profile", old["access_token"]).status == 200

    assert client.delete("/admin/signing-keys/" + first, office.boss).status == 204
    assert eventually(lambda: client.get("/profile", old["access_token"]).status == 401)
    assert eventually(lambda: client.get("/profile", tokens[-1]).status == 200)
    assert eventually(lambda: [key["kid"] for key in client.get("/.well-known/jwks.json").json["keys"]] == [second])
    run = run_signet("audit", "list", "--kind", "signing_key_revoked", "--json", "--data", office.data)
    boss = claims_of(office.boss)["sub"]
    assert [json.loads(line)["actor"] for line in run.stdout.splitlines()] == [boss], run.stderr
    pair = client.post("/refresh", {"refresh_token": old["refresh_token"]})
    assert kid(pair.json["access_token"]) == second, "sessions go on"
