"""A key that was made in SoftHSM and never leaves it: what the example signs with it, Signet, npm `jose` and PyJWT verify."""

import json
import os
import subprocess
from pathlib import Path

import jwt
import pytest
from conftest import SIGNET
from hsm import ABSENT, MODULE, PIN, WHY, Hsm

NODE = Path(__file__).parent / "node"
EXAMPLE = os.environ.get("SIGNET_PKCS11_SIGNER", str(Path(SIGNET).parent / "examples/example_pkcs11_signer"))
KEYS = {"EC:prime256v1": ["ES256"], "EC:secp521r1": ["ES512"], "rsa:2048": ["RS256", "PS256", "RS512"], "EC:edwards25519": ["EdDSA"]}

pytestmark = pytest.mark.skipif(ABSENT, reason=WHY)


@pytest.fixture(scope="module")
def hsm():
    made = Hsm()
    made.keys = {key_type: made.make_key(key_type) for key_type in KEYS}
    yield made
    made.close()


def issue(hsm, uri, alg, module=MODULE, **environment):
    return subprocess.run([EXAMPLE, module, uri, alg], env={**os.environ, **hsm.beside, **environment}, capture_output=True,
                          text=True, timeout=60)


@pytest.mark.parametrize("key_type,alg", [(key_type, alg) for key_type, algs in KEYS.items() for alg in algs])
def test_what_the_hsm_signed_verifies_everywhere(hsm, run_signet, directory, key_type, alg):
    made = issue(hsm, hsm.keys[key_type], alg)
    assert made.returncode == 0, made.stderr
    key_set, token = made.stdout.splitlines()
    [key] = json.loads(key_set)["keys"]
    assert "d" not in key and key["alg"] == alg and jwt.get_unverified_header(token) == {"alg": alg, "typ": "JWT", "kid": key["kid"]}

    (directory / "jwks.json").write_text(key_set)
    ours = run_signet("verify", "--jwks", directory / "jwks.json", "--iss", "https://auth.example", "--aud", "api", token)
    assert ours.returncode == 0, ours.stdout + ours.stderr
    claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=[alg], audience="api", issuer="https://auth.example")
    assert claims["sub"] == "user-42"
    forged = token[:-10] + ("A" * 10 if token[-10:] != "A" * 10 else "B" * 10)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(forged, jwt.PyJWK(key).key, algorithms=[alg], audience="api", issuer="https://auth.example")
    if (NODE / "node_modules/jose").exists():
        question = {"alg": alg, "key": key, "iss": "https://auth.example", "aud": "api", "tokens": [token, forged]}
        run = subprocess.run(["node", "judge.mjs"], cwd=NODE, input=json.dumps(question), capture_output=True, text=True, timeout=60)
        assert run.returncode == 0 and json.loads(run.stdout)["jose"] == [True, False], run.stderr


def test_two_keys_of_one_label_leave_nothing_to_luck(hsm):
    for _ in range(2):
        uri = hsm.make_key("EC:prime256v1", "twice")
    made = issue(hsm, uri, "ES256")
    assert made.returncode == 1 and made.stdout == "" and "two public keys" in made.stderr


EC = "pkcs11:token=vault;object=EC-prime256v1"


@pytest.mark.parametrize("change,said", [
    ({"uri": "pkcs11:token=vault;object=no-such-key"}, "key_not_found: the token has no public key at pkcs11:token=vault;object=no-such-key"),
    ({"uri": "pkcs11:token=no-such-token;object=EC-prime256v1"}, "key_not_found: the token of pkcs11:token=no-such-token"),
    ({"uri": f"{EC}?pin-value={PIN}"}, "invalid_configuration: "),
    ({"uri": f"{EC};pin-value={PIN}"}, "invalid_configuration: "),
    ({"uri": "pkcs11:object=EC-prime256v1"}, "invalid_configuration: "),
    ({"alg": "ES512"}, "key_mismatch: "),
    ({"alg": "RS256"}, "key_mismatch: "),
    ({"alg": "HS256"}, "key_unsupported: "),
    ({"module": "/no/such/module.so"}, "signer_failed: the PKCS#11 module cannot be loaded"),
    ({"SIGNET_PKCS11_PIN": "000000"}, "signer_failed: the token refuses the PIN, which is not tried again: CKR_PIN_INCORRECT"),
])
def test_what_the_hsm_refuses_is_said(hsm, change, said):
    made = issue(hsm, **{"uri": EC, "alg": "ES256", **change})
    assert made.returncode == 1 and made.stdout == ""
    assert made.stderr.startswith(said) and PIN not in made.stderr
