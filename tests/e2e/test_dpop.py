"""Sessions bound to a key (RFC 9449), by clients that are not ours: npm `dpop`, and curl with proofs of `signet dpop`."""

import json
import subprocess
from pathlib import Path

import pytest
from conftest import claims_of, nodes_of

NODE = Path(__file__).parent / "node"


@pytest.mark.skipif(not (NODE / "node_modules/dpop").exists(), reason="scripts/setup installs the node packages")
@pytest.mark.parametrize("alg", ["ES256", "Ed25519", "PS256", "RS256"])
def test_a_client_of_npms_dpop_is_bound_to_its_key(server, username, alg):
    steps = run_client(server, username, alg)
    assert [step for step, said in steps.items() if said.get("asked")] == []


@pytest.mark.skipif(not (NODE / "node_modules/dpop").exists(), reason="scripts/setup installs the node packages")
def test_a_client_of_npms_dpop_brings_the_nonce_that_it_is_asked_for(launch, directory, username):
    (directory / "nonces.toml").write_text("[dpop]\nnonces = true\n")
    server = launch("--config", str(directory / "nonces.toml"))
    steps = run_client(server, username, "ES256")
    assert [step for step, said in steps.items() if said.get("asked")] == ["login"], "the answers bring the next nonce along"


def run_client(server, username, alg):
    server.client.sign_up(username, "correct horse battery staple 42")
    run = subprocess.run(["node", "dpop.mjs", server.url, alg, username, "correct horse battery staple 42"], cwd=NODE,
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    steps = {line["step"]: line for line in map(json.loads, run.stdout.splitlines())}
    assert steps["login"]["status"] == 200 and steps["login"]["token_type"] == "DPoP"
    assert steps["bound"]["same"] is True
    assert {step: steps[step]["status"] for step in ("profile", "a proof", "refresh", "profile again")} == {
        "profile": 200, "a proof": 200, "refresh": 200, "profile again": 200}
    assert steps["as a bearer token"]["status"] == 401 and steps["as a bearer token"]["error"] == "invalid_token"
    assert steps["by a thief"]["status"] == 401 and steps["by a thief"]["error"] == "invalid_token"
    assert steps["the same proof"]["status"] == 401 and steps["the same proof"]["error"] == "invalid_dpop_proof"
    assert steps["the same proof"]["challenge"].startswith('DPoP error="invalid_dpop_proof"')
    assert steps["refresh by a thief"]["error"] == "invalid_grant"
    return steps


def test_signet_dpop_proves_possession_to_the_server(server, client, username, directory, run_signet):
    client.sign_up(username)
    key = directory / "k.jwk"
    assert run_signet("keygen", "ES256", "--out", key).returncode == 0

    def proof(method, path, *more):
        made = run_signet("dpop", "--key", key, "--method", method, "--url", server.url + path, *more)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    login = client.post("/login", {"username": username, "password": "correct horse battery staple 42"},
                        headers={"DPoP": proof("POST", "/login")})
    assert login.status == 200 and login.json["token_type"] == "DPoP"
    thumbprint = run_signet("thumbprint", key).stdout.strip()
    assert claims_of(login.json["access_token"])["cnf"] == {"jkt": thumbprint}
    (directory / "token").write_text(login.json["access_token"] + "\n")
    bound = {"Authorization": "DPoP " + login.json["access_token"]}
    good = {**bound, "DPoP": proof("GET", "/profile", "--access-token-file", directory / "token")}
    node = nodes_of(server)[0].client  # each remembers the proofs that it has seen
    assert node.get("/profile", headers=good).status == 200
    assert node.get("/profile", headers=good).json["error"] == "invalid_dpop_proof"
    assert client.get("/profile", headers={**bound, "DPoP": proof("GET", "/profile")}).json["error"] == "invalid_dpop_proof"
    assert client.get("/profile", headers=bound).json["error"] == "invalid_dpop_proof"


def test_a_nonce_of_one_node_is_taken_by_the_other(node, directory, username, run_signet):
    (directory / "roomy.toml").write_text("[dpop]\nnonces = true\n")
    one, two = node(), node()
    one.client.sign_up(username)
    key = directory / "k.jwk"
    assert run_signet("keygen", "ES256", "--out", key).returncode == 0
    form = {"username": username, "password": "correct horse battery staple 42"}

    def log_in(server, *more):
        proof = run_signet("dpop", "--key", key, "--method", "POST", "--url", "https://auth.example/login", *more)
        assert proof.returncode == 0, proof.stderr
        return server.client.post("/login", form, headers={"DPoP": proof.stdout.strip()})

    asked = log_in(one)
    assert asked.status == 400 and asked.json["error"] == "use_dpop_nonce"
    assert asked.header("Cache-Control") == "no-store"
    answer = log_in(two, "--nonce", asked.header("DPoP-Nonce"))
    assert answer.status == 200 and answer.json["token_type"] == "DPoP"
    assert log_in(two, "--nonce", "x" + asked.header("DPoP-Nonce")[1:]).json["error"] == "use_dpop_nonce"


def test_signet_dpop_refuses_what_proves_nothing(directory, run_signet):
    key, secret = directory / "k.jwk", directory / "s.jwk"
    run_signet("keygen", "ES256", "--out", key)
    run_signet("keygen", "HS256", "--out", secret)
    (directory / "empty").write_text("\n")
    good = ["--method", "GET", "--url", "https://api.example/"]
    assert run_signet("dpop", "--key", key, *good).returncode == 0
    for words in (["--key", secret, *good], ["--key", key, "--method", "GET"], ["--key", key, "--url", "https://api.example/"],
                  ["--key", key, "--method", "GET", "--url", "/profile"], ["--key", key, "--method", "G T", "--url", "https://a/"],
                  ["--key", key, *good, "--access-token-file", directory / "empty"], ["--key", key, *good, "--nonce", "a b"], good):
        made = run_signet("dpop", *words)
        assert made.returncode == 2 and made.stdout == "" and made.stderr.startswith("signet: "), words
