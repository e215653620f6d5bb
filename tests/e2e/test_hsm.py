"""The server signs with a key in an HSM, which it never sees: SoftHSM, in its process or behind p11-kit's server."""

import json
import subprocess
from pathlib import Path

import jwt
import pytest
from conftest import eventually, header_of
from hsm import ABSENT, MODULE, PIN, REMOTE, WHY, Hsm

NODE = Path(__file__).parent / "node"

pytestmark = pytest.mark.skipif(ABSENT, reason=WHY)


@pytest.fixture
def hsm():
    made = Hsm()
    yield made
    made.close()


@pytest.fixture
def configured(directory, run_signet):
    """A configuration with that HSM: arguments for the server, and `signet keys` with it."""

    class Configured:
        def __init__(self, hsm, module=MODULE, environment=None, algorithm="ES256"):
            self.environment = environment or hsm.beside
            self.file = directory / "hsm.toml"
            self.file.write_text(f'[keys]\npkcs11_module = "{module}"\n[token]\nalgorithm = "{algorithm}"\n'
                                 "[limits.login]\nper_address_per_minute = 100000\n")
            self.arguments = ("--config", str(self.file), "--issuer", "https://auth.example")

        def keys(self, *words, **more):
            return run_signet("keys", *words, "--config", self.file, "--data", directory / "data", environment={**self.environment, **more})

    return Configured


def published(client):
    return [key["kid"] for key in client.get("/.well-known/jwks.json").json["keys"]]


def metric(server, name):
    return next(float(line.split()[1]) for line in server.monitor.get("/metrics").body.decode().splitlines() if line.startswith(name + " "))


def verified_by_others(server, token):
    """What PyJWT and npm jose say of it, with the published key set alone."""
    key_set = jwt.PyJWKSet.from_dict(server.client.get("/.well-known/jwks.json").json)
    header = header_of(token)
    [key] = [key for key in key_set.keys if key.key_id == header["kid"]]
    claims = jwt.decode(token, key.key, algorithms=[header["alg"]], audience="api", issuer="https://auth.example")
    if (NODE / "node_modules/jose").exists():
        run = subprocess.run(["node", NODE / "verify.mjs", server.url, "api", token, "https://auth.example"], capture_output=True, text=True, timeout=60)
        assert run.returncode == 0 and json.loads(run.stdout)["valid"], run.stdout + run.stderr
    return claims


@pytest.mark.parametrize("key_type,alg", [("EC:prime256v1", "ES256"), ("rsa:2048", "RS256")])
def test_a_key_of_the_hsm_signs_from_the_first_start(launch, hsm, configured, key_type, alg):
    setup = configured(hsm, algorithm=alg)
    run = setup.keys("import", "--pkcs11", hsm.make_key(key_type), "--now", "--create")
    assert run.returncode == 0, run.stderr
    kid = run.stdout.split()[0]
    server = launch(*setup.arguments, environment=setup.environment)
    server.client.sign_up("alice")
    pair = server.client.log_in("alice")
    assert header_of(pair["access_token"]) == {"alg": alg, "typ": "at+jwt", "kid": kid} and published(server.client) == [kid]
    assert "d" not in server.client.get("/.well-known/jwks.json").json["keys"][0]
    assert verified_by_others(server, pair["access_token"])["iss"] == "https://auth.example"
    assert server.client.get("/profile", pair["access_token"]).status == 200
    renewed = server.client.post("/refresh", {"refresh_token": pair["refresh_token"]})
    assert renewed.status == 200 and verified_by_others(server, renewed.json["access_token"])
    assert metric(server, "signet_signing_key_answers") == 1
    [line] = setup.keys("list", "--json").stdout.splitlines()
    listed = json.loads(line)
    assert listed["state"] == "signing" and listed["location"].startswith("pkcs11:token=vault;object=") and "until" not in listed
    assert server.stop() == 0 and PIN not in server.log_text()


def test_the_next_key_is_announced_on_every_node_before_it_signs_on_any(node, hsm, cluster, run_signet, directory):
    (directory / "hsm.toml").write_text(f'[keys]\npkcs11_module = "{MODULE}"\n')
    environment = {"SIGNET_DATABASE_URL": cluster.url, "SIGNET_MASTER_KEY": node.master, "SIGNET_CONFIG": str(directory / "hsm.toml"), **hsm.beside}

    def keys(*words):
        run = run_signet("keys", *words, environment=environment)
        assert run.returncode == 0, run.stderr
        return run.stdout

    first = keys("import", "--pkcs11", hsm.make_key("EC:prime256v1", "first"), "--now").split()[0]
    (directory / "roomy.toml").write_text((directory / "roomy.toml").read_text() + (directory / "hsm.toml").read_text())
    nodes = [node(**hsm.beside), node(**hsm.beside)]
    nodes[0].client.sign_up("alice")
    old = [server.client.log_in("alice")["access_token"] for server in nodes]
    assert [header_of(token)["kid"] for token in old] == [first, first]

    second = keys("import", "--pkcs11", hsm.make_key("EC:prime256v1", "second")).split()[1].rstrip(",")
    for server in nodes:
        assert eventually(lambda: published(server.client) == [first, second])
        assert header_of(server.client.log_in("alice")["access_token"])["kid"] == first, "announced, and no more"
    assert keys("rotate", "--now").split()[0] == second, "the announced one; a key of the server's own is never made"
    for server in nodes:
        assert eventually(lambda: header_of(server.client.log_in("alice")["access_token"])["kid"] == second)
        for token in old:
            assert server.client.get("/profile", token).status == 200
            verified_by_others(server, token)
    assert keys("revoke", first)
    for server in nodes:
        assert eventually(lambda: server.client.get("/profile", old[0]).status == 401 and published(server.client) == [second])


def test_an_hsm_that_is_gone_stops_logins_alone_and_they_go_on_when_it_is_back(launch, hsm, configured):
    hsm.appear()
    setup = configured(hsm, REMOTE, hsm.remote)
    assert setup.keys("import", "--pkcs11", hsm.make_key("EC:prime256v1"), "--now", "--create").returncode == 0
    server = launch(*setup.arguments, environment=setup.environment)
    client = server.client
    client.sign_up("alice")
    pair = client.log_in("alice")

    hsm.vanish()
    alice = {"username": "alice", "password": "correct horse battery staple 42"}
    assert client.post("/login", alice).status == 503
    assert eventually(lambda: metric(server, "signet_signing_key_answers") == 0)
    refused = client.post("/refresh", {"refresh_token": pair["refresh_token"]})
    assert refused.status == 503 and refused.json["error"] == "temporarily_unavailable" and refused.headers["Retry-After"]
    assert metric(server, "signet_tokens_unsigned_total") >= 2
    assert client.get("/profile", pair["access_token"]).status == 200, "verification goes on"
    assert client.get("/verify", pair["access_token"]).status == 200
    assert len(published(client)) == 1 and server.monitor.get("/readyz").status == 200
    assert eventually(lambda: "the signing key does not answer" in server.log_text())

    hsm.appear()
    assert eventually(lambda: metric(server, "signet_signing_key_answers") == 1, within=30)
    renewed = client.post("/refresh", {"refresh_token": pair["refresh_token"]})
    assert renewed.status == 200, "what was refused has spent nothing"
    assert client.get("/profile", renewed.json["access_token"]).status == 200
    assert eventually(lambda: "the signing key answers again" in server.log_text())
    assert server.stop() == 0 and PIN not in server.log_text()


def test_a_server_starts_without_its_hsm_and_verifies(launch, hsm, configured):
    hsm.appear()
    setup = configured(hsm, REMOTE, hsm.remote)
    assert setup.keys("import", "--pkcs11", hsm.make_key("EC:prime256v1"), "--now", "--create").returncode == 0
    server = launch(*setup.arguments, environment=setup.environment)
    server.client.sign_up("alice")
    token = server.client.log_in("alice")["access_token"]
    assert server.stop() == 0
    hsm.vanish()
    server = launch(*setup.arguments, environment=setup.environment)
    assert server.client.get("/profile", token).status == 200
    assert eventually(lambda: metric(server, "signet_signing_key_answers") == 0)
    hsm.appear()
    assert eventually(lambda: metric(server, "signet_signing_key_answers") == 1, within=30)
    assert server.client.log_in("alice")


def test_a_wrong_pin_is_tried_once(launch, hsm, configured):
    """Tokens lock after a few."""
    setup = configured(hsm)
    assert setup.keys("import", "--pkcs11", hsm.make_key("EC:prime256v1"), "--now", "--create").returncode == 0
    wrong = {"SIGNET_PKCS11_PIN": "000000"}
    server = launch(*setup.arguments, environment={**setup.environment, **wrong})
    assert eventually(lambda: metric(server, "signet_signing_key_answers") == 0)
    assert eventually(lambda: "CKR_PIN_INCORRECT" in server.log_text())
    assert server.stop() == 0 and "000000" not in server.log_text()
    run = setup.keys("import", "--pkcs11", hsm.make_key("EC:prime256v1", "other"), **wrong)
    assert run.returncode == 2 and "CKR_PIN_INCORRECT" in run.stderr and "000000" not in run.stderr


def test_with_an_hsm_no_key_is_made_that_is_not_in_it(launch, run_signet, hsm, configured, directory):
    setup = configured(hsm)
    run = run_signet("serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", directory / "data", *setup.arguments, environment=setup.environment)
    assert run.returncode == 1 and "keys import --pkcs11" in run.stderr
    uri = hsm.make_key("EC:prime256v1")
    for words, why in ((("--pkcs11", uri + "-none"), "no public key at"), (("--pkcs11", "pkcs11:object=x"), "names no token"),
                       (("--pkcs11", f"{uri}?pin-value={PIN}"), "no PIN"), ((), "either --key or --pkcs11"), (("--pkcs11", uri, "--key", "k"), "either")):
        run = setup.keys("import", *words, "--now", "--create")
        assert run.returncode == 2 and why in run.stderr and PIN not in run.stderr, run.stderr
    kid = setup.keys("import", "--pkcs11", uri, "--now").stdout.split()[0]
    server = launch(*setup.arguments, environment=setup.environment)
    for words in (("rotate",), ("rotate", "--now"), ("revoke", kid)):
        run = setup.keys(*words)
        assert run.returncode == 1 and "import" in run.stderr
    assert [json.loads(line)["state"] for line in setup.keys("list", "--json").stdout.splitlines()] == ["signing"]
    again = setup.keys("import", "--pkcs11", uri)
    assert again.returncode == 1 and "there already" in again.stderr

    # Whoever has no way to the HSM is told so, and the server makes no key in its place.
    assert server.stop() == 0
    run = run_signet("serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", directory / "data", "--issuer", "https://auth.example")
    assert run.returncode == 1 and "no way there is configured" in run.stderr and uri in run.stderr
