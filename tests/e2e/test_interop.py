"""Tokens cross between Signet, npm `jose` and PyJWT, both ways."""

import json
import shutil
import subprocess
from pathlib import Path

import jwt
import pytest
from conftest import claims_of

NODE = Path(__file__).parent / "node"
ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

pytestmark = pytest.mark.skipif(not (NODE / "node_modules/jose").exists(),
                                reason="scripts/setup installs the node packages")


def node(script, *arguments, stdin=None):
    run = subprocess.run([shutil.which("node"), script, *arguments], cwd=NODE, input=stdin, capture_output=True, text=True,
                         timeout=120)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def from_jose():
    lines = "\n".join(json.dumps({"do": "sign", "alg": alg}) for alg in ALGORITHMS)
    return dict(zip(ALGORITHMS, node("exchange.mjs", stdin=lines)))


def test_jose_verifies_the_servers_token_through_the_published_keys(server, client, username):
    account = client.sign_up(username)
    token = client.log_in(username)["access_token"]
    assert node("verify.mjs", server.url, "api", token) == [{"valid": True, "sub": account["id"], "alg": "ES256"}]
    assert node("verify.mjs", server.url, "another-audience", token)[0]["valid"] is False
    head, payload, signature = token.split(".")
    forged = ".".join([head, payload, signature[:-6] + "AAAAAA"])
    assert node("verify.mjs", server.url, "api", forged) == [{"valid": False, "code": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"}]


def test_pyjwt_verifies_the_servers_token_through_the_published_keys(server, client, username):
    account = client.sign_up(username)
    token = client.log_in(username)["access_token"]
    key = jwt.PyJWKClient(server.url + "/.well-known/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, algorithms=["ES256"], audience="api", issuer=server.url)
    assert claims["sub"] == account["id"]


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_signet_verifies_what_jose_signed(from_jose, directory, run_signet, alg):
    made = from_jose[alg]
    (directory / "k.jwk").write_text(json.dumps(made["jwk"]))
    good = run_signet("verify", "--jwk", directory / "k.jwk", "--iss", "https://issuer.example", "--aud", "api", "--json", made["token"])
    assert good.returncode == 0, good.stdout + good.stderr
    assert json.loads(good.stdout)["claims"] == claims_of(made["token"])
    bad = run_signet("verify", "--jwk", directory / "k.jwk", "--iss", "https://issuer.example", "--aud", "other", "--json", made["token"])
    assert bad.returncode == 1 and json.loads(bad.stdout)["error"] == "audience_mismatch"


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_jose_and_pyjwt_verify_what_signet_signed(directory, run_signet, alg):
    private = directory / "private.jwk"
    made = run_signet("keygen", alg, "--out", private)
    assert made.returncode == 0, made.stderr
    token = run_signet("sign", "--key", private, "--iss", "https://issuer.example", "--aud", "api", "--sub", "someone", "--exp", "5m")
    assert token.returncode == 0, token.stderr
    token = token.stdout.strip()
    if alg.startswith("HS"):
        jwk = json.loads(private.read_text())
    else:
        jwk = json.loads(run_signet("jwks", private).stdout)["keys"][0]
    assert "d" not in jwk
    request = json.dumps({"do": "verify", "alg": alg, "jwk": jwk, "token": token})
    assert node("exchange.mjs", stdin=request) == [{"valid": True}]
    key = jwt.PyJWK(jwk, algorithm=alg).key
    assert jwt.decode(token, key, algorithms=[alg], audience="api", issuer="https://issuer.example")["sub"] == "someone"


def test_the_command_line_verifies_the_servers_token_from_its_key_url(server, client, username, run_signet):
    client.sign_up(username)
    token = client.log_in(username)["access_token"]
    run = run_signet("verify", "--jwks", server.url + "/.well-known/jwks.json", "--iss", server.url, "--aud", "api",
                     "--typ", "at+jwt", "--json", token)
    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads(run.stdout)["claims"] == claims_of(token)


def test_a_shared_secret_makes_hs256_tokens_that_others_verify(launch, directory):
    secret = "0123456789abcdef0123456789abcdef-and-more"
    server = launch(environment={"SIGNET_SECRET": secret})
    server.client.sign_up("someone")
    token = server.client.log_in("someone")["access_token"]
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    assert jwt.decode(token, secret, algorithms=["HS256"], audience="api", issuer=server.url)
    assert server.client.get("/profile", token).status == 200
    assert server.client.get("/.well-known/jwks.json").json == {"keys": []}
    assert secret not in server.log_text()
    forged = jwt.encode({**claims_of(token), "sub": "somebody else"}, "x" * 32, algorithm="HS256", headers={"typ": "at+jwt"})
    assert server.client.get("/profile", forged).status == 401
