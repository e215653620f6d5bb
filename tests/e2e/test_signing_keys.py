"""signet keys beside running servers: what verifiers see, and when."""

import base64
import concurrent.futures
import json
import os
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import claims_of, eventually, header_of, metric

NODE = Path(__file__).parent / "node"
SHARED = {"SIGNET_SECRET": "a shared secret of at least thirty-two bytes"}


def listed(run_signet, data, **options):
    run = run_signet("keys", "list", "--json", "--data", data, **options)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def in_state(run_signet, data, state):
    return [key["kid"] for key in listed(run_signet, data) if key["state"] == state]


def published(client):
    return [key["kid"] for key in client.get("/.well-known/jwks.json").json["keys"]]


def jose_says(server, token):
    run = subprocess.run(["node", NODE / "verify.mjs", server.url, "api", token], capture_output=True, text=True, timeout=60)
    return json.loads(run.stdout)


def test_a_key_is_announced_signs_and_is_retired_without_a_token_lost(launch, run_signet):
    server = launch()
    client, data = server.client, server.data
    client.sign_up("alice")
    old = client.log_in("alice")["access_token"]
    assert published(client) == [header_of(old)["kid"]]

    announced = run_signet("keys", "rotate", "--data", data)
    assert announced.returncode == 0 and announced.stdout.startswith("announced ")
    [following] = in_state(run_signet, data, "announced")
    assert eventually(lambda: published(client) == [header_of(old)["kid"], following]), "the running server publishes it"
    assert header_of(client.log_in("alice")["access_token"])["kid"] == header_of(old)["kid"], "but does not sign with it yet"
    again = run_signet("keys", "rotate", "--data", data)
    assert again.returncode == 1 and "announced already" in again.stderr

    assert run_signet("keys", "rotate", "--now", "--data", data).returncode == 0
    assert eventually(lambda: header_of(client.log_in("alice")["access_token"])["kid"] == following)
    new = client.log_in("alice")["access_token"]
    for token in (old, new):
        assert client.get("/profile", token).status == 200
        assert jose_says(server, token)["valid"], "a verifier of another make follows the key set"


def test_a_revoked_key_is_out_of_the_key_set_and_its_tokens_are_refused(launch, run_signet):
    server = launch()
    client, data = server.client, server.data
    client.sign_up("alice")
    pair = client.log_in("alice")
    kid = header_of(pair["access_token"])["kid"]
    run = run_signet("keys", "revoke", "--data", data, "--", kid)
    assert run.returncode == 0 and run.stdout.splitlines()[0] == f"revoked {kid}"
    assert eventually(lambda: client.get("/profile", pair["access_token"]).status == 401)
    assert eventually(lambda: kid not in published(client))
    assert jose_says(server, pair["access_token"])["valid"] is False
    fresh = client.post("/refresh", {"refresh_token": pair["refresh_token"]})
    assert fresh.status == 200, "sessions go on, under another key"
    assert header_of(fresh.json["access_token"])["kid"] != kid
    assert client.get("/profile", fresh.json["access_token"]).status == 200
    assert run_signet("keys", "revoke", "--data", data, "--", kid).returncode == 1
    assert run_signet("keys", "revoke", "nobody", "--data", data).returncode == 1


def test_a_revoked_key_stays_revoked_after_a_restart(launch, run_signet):
    server = launch()
    server.client.sign_up("alice")
    token = server.client.log_in("alice")["access_token"]
    assert run_signet("keys", "revoke", "--data", server.data, "--", header_of(token)["kid"]).returncode == 0
    assert server.stop() == 0
    assert launch(data=server.data).client.get("/profile", token).status == 401


def forged(run_signet, key, token):
    """What a thief of the key signs: the claims of a good token, with a life of its own."""
    claims = {name: value for name, value in claims_of(token).items() if name not in ("iat", "exp", "jti")}
    run = run_signet("sign", "--key", key, "--typ", "at+jwt", "--claims", "-", "--exp", "30m", stdin=json.dumps(claims))
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.mark.parametrize("form", ["jwk", "pem"])
def test_an_imported_key_signs_and_a_thief_of_it_is_locked_out(launch, run_signet, directory, form):
    server = launch()
    client, data = server.client, server.data
    key = directory / f"own.{form}"
    made = run_signet("keygen", "ES256", "--out", key, *(["--pem"] if form == "pem" else []))
    assert made.returncode == 0, made.stderr
    run = run_signet("keys", "import", "--key", key, "--now", "--data", data)
    assert run.returncode == 0, run.stderr
    kid = run.stdout.split()[0]
    client.sign_up("alice")
    assert eventually(lambda: header_of(client.log_in("alice")["access_token"])["kid"] == kid)
    token = client.log_in("alice")["access_token"]
    if form == "pem":
        return
    forgery = forged(run_signet, key, token)
    assert client.get("/profile", forgery).status == 200, "as long as nobody knows of the theft"
    assert run_signet("keys", "revoke", "--data", data, "--", kid).returncode == 0
    assert eventually(lambda: client.get("/profile", forgery).status == 401)
    assert client.get("/profile", forged(run_signet, key, token)).status == 401
    again = run_signet("keys", "import", "--key", key, "--data", data)
    assert again.returncode == 1 and "revoked" in again.stderr


def test_what_cannot_be_imported_is_refused_and_nothing_is_changed(launch, run_signet, directory):
    server = launch()
    data = server.data
    before = listed(run_signet, data)
    for alg in ("EdDSA", "ES384"):
        run_signet("keygen", alg, "--out", directory / f"{alg}.jwk")
        run = run_signet("keys", "import", "--key", directory / f"{alg}.jwk", "--data", data)
        assert run.returncode == 1 and "signs with ES256" in run.stderr
    (directory / "broken").write_text("nonsense")
    for arguments in (["--key", directory / "broken"], ["--key", directory / "absent"], []):
        assert run_signet("keys", "import", *arguments, "--data", data).returncode == 2
    assert listed(run_signet, data) == before


def test_commands_that_cannot_open_the_keys_change_nothing(launch, run_signet, directory):
    data = launch().data
    before = listed(run_signet, data)
    other = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    run = run_signet("keys", "rotate", "--now", "--data", data, environment={"SIGNET_MASTER_KEY": other})
    assert run.returncode == 2 and "another master key" in run.stderr
    (data / "master.key").rename(directory / "elsewhere")
    run = run_signet("keys", "revoke", before[0]["kid"], "--data", data)
    assert run.returncode == 2 and "master key is needed" in run.stderr
    assert not (data / "master.key").exists() and listed(run_signet, data) == before
    run = run_signet("keys", "rotate", "--data", data, environment=SHARED)
    assert run.returncode == 2 and "shared secret" in run.stderr


def test_a_shared_secret_takes_over_and_no_token_of_before_is_lost(launch, run_signet):
    issuer = ("--issuer", "https://auth.example")
    server = launch(*issuer)
    data = server.data
    server.client.sign_up("alice")
    before = server.client.log_in("alice")
    assert server.stop() == 0

    server = launch(*issuer, data=data, environment=SHARED)
    after = server.client.log_in("alice")["access_token"]
    assert header_of(after)["alg"] == "HS256"
    for token in (before["access_token"], after):
        assert server.client.get("/profile", token).status == 200
    assert published(server.client) == [header_of(before["access_token"])["kid"]], "for those who verify on their own"
    # The command line has no part in the server's environment.
    assert [key["state"] for key in listed(run_signet, data)] == ["retired"]
    assert "shared secret" in run_signet("keys", "list", "--data", data).stderr
    for command in (("rotate",), ("rotate", "--now")):
        run = run_signet("keys", *command, "--data", data)
        assert run.returncode == 2 and "shared secret" in run.stderr
    assert len(listed(run_signet, data)) == 1
    assert run_signet("keys", "revoke", header_of(before["access_token"])["kid"], "--data", data).returncode == 0
    assert eventually(lambda: server.client.get("/profile", before["access_token"]).status == 401)
    assert server.client.get("/profile", after).status == 200
    assert server.stop() == 0

    server = launch(*issuer, data=data)
    assert header_of(server.client.log_in("alice")["access_token"])["alg"] == "ES256"
    assert server.client.get("/profile", after).status == 401, "the secret is gone, and what it signed"


def test_a_lost_master_key_is_said_and_its_keys_can_be_replaced(launch, run_signet, directory):
    server = launch()
    data = server.data
    server.client.sign_up("alice")
    pair = server.client.log_in("alice")
    kid = header_of(pair["access_token"])["kid"]
    assert server.stop() == 0
    (data / "master.key").rename(directory / "elsewhere")

    start = run_signet("serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", data)
    assert start.returncode == 1
    for word in (str(data / "master.key"), "SIGNET_MASTER_KEY", "keys replace-lost"):
        assert word in start.stderr
    assert not (data / "master.key").exists(), "no new one hides what is missing"

    shown = run_signet("keys", "replace-lost", "--data", data)
    assert shown.returncode == 1 and shown.stdout == f"lost {kid}\n" and "--yes" in shown.stderr
    assert not (data / "master.key").exists() and in_state(run_signet, data, "signing") == [kid]

    done = run_signet("keys", "replace-lost", "--yes", "--data", data)
    assert done.returncode == 0 and done.stdout.splitlines()[0] == f"revoked {kid}", done.stderr
    [fresh] = in_state(run_signet, data, "signing")
    assert in_state(run_signet, data, "revoked") == [kid]
    again = run_signet("keys", "replace-lost", "--yes", "--data", data)
    assert again.returncode == 0 and again.stdout.startswith("no key is lost\n")

    server = launch(data=data)
    assert published(server.client) == [fresh]
    assert server.client.get("/profile", pair["access_token"]).status == 401
    assert server.client.post("/refresh", {"refresh_token": pair["refresh_token"]}).status == 400
    assert server.client.get("/profile", server.client.log_in("alice")["access_token"]).status == 200, "accounts stay"
    kinds = [json.loads(line)["kind"] for line in run_signet("audit", "list", "--json", "--data", data).stdout.splitlines()]
    assert "signing_key_revoked" in kinds


def test_another_issuer_on_the_same_data_is_warned_of(launch):
    server = launch("--issuer", "https://auth.example")
    assert server.stop() == 0
    server = launch("--issuer", "https://auth.example", data=server.data)
    assert server.stop() == 0 and "another issuer" not in server.log_text()
    server = launch("--issuer", "https://login.example", data=server.data)
    assert server.stop() == 0
    assert "had another issuer" in server.log_text() and "https://auth.example" in server.log_text()


def random_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def put(path, *lines, mode=0o600):
    """As a whole, as an operator should."""
    fresh = path.with_name("fresh")
    fresh.write_text("".join(line + "\n" for line in lines))
    fresh.chmod(mode)
    fresh.rename(path)


def taken(server):
    return [json.loads(line)["keys"] for line in server.log_text().splitlines() if "the master key was taken over" in line]


def refused(server):
    return [json.loads(line)["error"] for line in server.log_text().splitlines() if "the master key was not taken" in line]


def test_a_running_server_takes_over_a_new_master_key(launch, run_signet):
    """Sessions from before go on, under load, and afterwards the old key is of no use to anybody."""
    server = launch("--issuer", "https://auth.example")
    path = server.data / "master.key"
    server.client.sign_up("alice")
    waiting, pair = server.client.log_in("alice"), server.client.log_in("alice")
    old = path.read_text().strip()
    done = threading.Event()

    def refresh_on_and_on(token):
        answers = []
        while not done.wait(0.6):  # within its limit
            answers.append(server.client.post("/refresh", {"refresh_token": token}))
            token = answers[-1].json.get("refresh_token")
            if answers[-1].status != 200:
                break
        return answers

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        client = pool.submit(refresh_on_and_on, pair["refresh_token"])
        try:
            assert run_signet("keys", "rotate-master", "--data", server.data).returncode == 0
            assert eventually(lambda: taken(server) == [2])
            assert run_signet("keys", "rotate", "--data", server.data).returncode == 0, "made under the new one, and read"
            assert eventually(lambda: len(published(server.client)) == 2)
            assert eventually(lambda: taken(server) == [2, 2], within=60), "and it is current"
        finally:
            done.set()
        answers = client.result()
    assert answers and {answer.status for answer in answers} == {200}
    assert server.client.get("/profile", pair["access_token"]).status == 200
    assert server.client.post("/refresh", {"refresh_token": waiting["refresh_token"]}).status == 200, "made under the old one"
    fresh = server.client.log_in("alice")
    assert metric(server, 'signet_master_key_changes_total{outcome="taken"}') == 2
    kinds = [json.loads(line)["kind"] for line in run_signet("audit", "list", "--json", "--data", server.data).stdout.splitlines()]
    assert kinds.count("signing_keys_sealed_anew") == 1

    new = path.read_text().splitlines()[0]
    assert new != old
    put(path, new)
    assert eventually(lambda: taken(server) == [2, 2, 1])
    assert server.client.post("/refresh", {"refresh_token": waiting["refresh_token"]}).status == 400, "the old key is gone"
    assert server.client.post("/refresh", {"refresh_token": fresh["refresh_token"]}).status == 200
    assert not refused(server)


def test_a_file_that_cannot_be_the_master_key_changes_nothing(launch):
    server = launch("--issuer", "https://auth.example")
    path = server.data / "master.key"
    server.client.sign_up("alice")
    pair = server.client.log_in("alice")
    old = path.read_text().strip()
    for seen, (lines, mode, error) in enumerate([
        (("garbage",), 0o600, "key_malformed"),
        ((random_key(), old), 0o644, "input_output"),
        ((random_key(),), 0o600, "key_mismatch"),
    ], 1):
        put(path, *lines, mode=mode)
        assert eventually(lambda: len(refused(server)) == seen), server.log_text()
        assert refused(server)[-1] == error
        renewed = server.client.post("/refresh", {"refresh_token": pair["refresh_token"]})
        assert renewed.status == 200
        pair = renewed.json
    assert metric(server, 'signet_master_key_changes_total{outcome="refused"}') == 3, "each once"
    assert old not in server.log_text()
    put(path, random_key(), old)
    assert eventually(lambda: taken(server) == [2])
    assert server.client.post("/refresh", {"refresh_token": pair["refresh_token"]}).status == 200


def test_nodes_change_the_master_key_in_two_steps_without_a_restart(launch, cluster, directory):
    old, new = random_key(), random_key()
    files = [directory / "key-one", directory / "key-two"]
    for path in files:
        put(path, old)
    nodes = [launch("--issuer", "https://auth.example", data=directory / f"node-{path.name}",
                    environment={"SIGNET_DATABASE_URL": cluster.url, "SIGNET_MASTER_KEY_FILE": str(path)}) for path in files]
    nodes[0].client.sign_up("alice")
    sessions = [node.client.log_in("alice")["refresh_token"] for node in nodes]

    def everybody_refreshes_at_the_other():
        for i, node in enumerate(nodes):
            answer = nodes[1 - i].client.post("/refresh", {"refresh_token": sessions[i]})
            assert answer.status == 200, answer
            sessions[i] = answer.json["refresh_token"]

    for step, lines in enumerate([(old, new), (new, old), (new,)], 1):
        for path, node in zip(files, nodes):
            put(path, *lines)
            assert eventually(lambda: len(taken(node)) == step), node.log_text()
            everybody_refreshes_at_the_other()
    assert nodes[0].client.get("/.well-known/jwks.json").body == nodes[1].client.get("/.well-known/jwks.json").body
    for node in nodes:
        assert not refused(node) and node.stop() == 0
        assert "cannot be followed" not in node.log_text()


def test_the_master_key_is_replaced_and_nobody_is_signed_out(launch, run_signet):
    issuer = ("--issuer", "https://auth.example")
    server = launch(*issuer)
    data = server.data
    server.client.sign_up("alice")
    pair = server.client.log_in("alice")
    kids = published(server.client)
    run = run_signet("keys", "rotate-master", "--data", data)
    assert run.returncode == 0, run.stderr
    assert server.client.post("/refresh", {"refresh_token": pair["refresh_token"]}).status == 200, "it goes on with the old one"
    pair = server.client.log_in("alice")
    assert server.stop() == 0

    server = launch(*issuer, data=data)
    assert published(server.client) == kids
    assert server.client.get("/profile", pair["access_token"]).status == 200
    renewed = server.client.post("/refresh", {"refresh_token": pair["refresh_token"]})
    assert renewed.status == 200
    stale = server.client.log_in("alice")
    assert server.stop() == 0

    first, second = (data / "master.key").read_text().splitlines()
    (data / "master.key").write_text(first + "\n")
    server = launch(*issuer, data=data)
    assert published(server.client) == kids, "every key was encrypted anew"
    for token in (renewed.json["refresh_token"], stale["refresh_token"]):
        assert server.client.post("/refresh", {"refresh_token": token}).status == 200
    assert server.client.post("/refresh", {"refresh_token": pair["refresh_token"]}).status == 400, "made under the old one"
    assert run_signet("keys", "rotate-master", "--data", data, environment={"SIGNET_MASTER_KEY": second}).returncode == 2


def test_nodes_on_one_database_agree_on_the_keys(node, run_signet, cluster):
    """The command line changes the keys once; every node publishes and signs with the same ones."""
    one, two = node(), node()
    environment = {"SIGNET_DATABASE_URL": cluster.url, "SIGNET_MASTER_KEY": node.master}
    one.client.sign_up("alice")
    old = one.client.log_in("alice")["access_token"]
    run = run_signet("keys", "rotate", "--now", environment=environment)
    assert run.returncode == 0, run.stderr
    kid = run.stdout.split()[0]
    for server in (one, two):
        assert eventually(lambda: header_of(server.client.log_in("alice")["access_token"])["kid"] == kid)
    assert one.client.get("/.well-known/jwks.json").body == two.client.get("/.well-known/jwks.json").body
    assert run_signet("keys", "revoke", header_of(old)["kid"], environment=environment).returncode == 0
    for server in (one, two):
        assert eventually(lambda: server.client.get("/profile", old).status == 401)
        assert eventually(lambda: header_of(old)["kid"] not in published(server.client))
