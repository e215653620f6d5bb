"""A key that was made in SoftHSM and never leaves it: what the example signs with it, Signet, npm `jose` and PyJWT verify."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import jwt
import pytest
from conftest import SIGNET

NODE = Path(__file__).parent / "node"
EXAMPLE = os.environ.get("SIGNET_PKCS11_SIGNER", str(Path(SIGNET).parent / "examples/example_pkcs11_signer"))
MODULE = next((path for path in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
               if Path(path).exists()), None)
PIN = "987654"
KEYS = {"EC:prime256v1": ["ES256"], "EC:secp521r1": ["ES512"], "rsa:2048": ["RS256", "PS256", "RS512"], "EC:edwards25519": ["EdDSA"]}

pytestmark = pytest.mark.skipif(not MODULE or not shutil.which("softhsm2-util") or not shutil.which("pkcs11-tool"),
                                reason="scripts/setup installs softhsm2 and opensc")


class Hsm:
    def __init__(self, folder):
        self.folder = folder
        (folder / "tokens").mkdir()
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        # SoftHSM leaks the name of an Ed25519 key's curve; of our own code, what has no HSM in it is tested for leaks.
        options = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "detect_leaks=0")))
        self.environment = {**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf"), "SIGNET_PKCS11_PIN": PIN, "ASAN_OPTIONS": options}
        self.run("softhsm2-util", "--init-token", "--free", "--label", "vault", "--pin", PIN, "--so-pin", "12345678")

    def run(self, *words):
        made = subprocess.run(words, env=self.environment, capture_output=True, timeout=60)
        assert made.returncode == 0, made.stderr
        return made.stdout

    def make_key(self, key_type):
        """Makes a pair; returns its label and a file with its public half."""
        label = key_type.replace(":", "-")
        tool = ["pkcs11-tool", "--module", MODULE, "--token-label", "vault", "--login", "--pin", PIN]
        self.run(*tool, "--keypairgen", "--key-type", key_type, "--label", label, "--usage-sign", "--sensitive")
        read, pem = self.folder / f"{label}.pub", self.folder / f"{label}.pem"  # DER or PEM: openssl tells which
        self.run(*tool, "--read-object", "--type", "pubkey", "--label", label, "--output-file", str(read))
        self.run("openssl", "pkey", "-pubin", "-in", str(read), "-out", str(pem))
        return label, pem

    def issue(self, label, alg, pem, token="vault", **environment):
        return subprocess.run([EXAMPLE, MODULE, token, label, alg, str(pem)], env={**self.environment, **environment},
                              capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def hsm():
    folder = Path(tempfile.mkdtemp(prefix="signet-hsm-"))
    made = Hsm(folder)
    made.keys = {key_type: made.make_key(key_type) for key_type in KEYS}
    yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("key_type,alg", [(key_type, alg) for key_type, algs in KEYS.items() for alg in algs])
def test_what_the_hsm_signed_verifies_everywhere(hsm, run_signet, directory, key_type, alg):
    made = hsm.issue(*hsm.keys[key_type][:1], alg, hsm.keys[key_type][1])
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


def test_a_public_key_of_another_pair_stops_the_signature(hsm):
    hsm.run("pkcs11-tool", "--module", MODULE, "--token-label", "vault", "--login", "--pin", PIN, "--keypairgen", "--key-type",
            "EC:prime256v1", "--label", "another", "--usage-sign")
    made = hsm.issue("another", "ES256", hsm.keys["EC:prime256v1"][1])
    assert made.returncode == 1 and made.stdout == ""
    assert made.stderr.startswith("signer_failed: ") and "not a signature of its public key" in made.stderr


@pytest.mark.parametrize("change,said", [
    ({"label": "no-such-key"}, "key_not_found: no key called no-such-key"),
    ({"token": "no-such-token"}, "key_not_found: no token is called no-such-token"),
    ({"SIGNET_PKCS11_PIN": "000000"}, "signer_failed: the token refuses the PIN"),
])
def test_what_the_hsm_refuses_is_said(hsm, change, said):
    label, pem = hsm.keys["EC:prime256v1"]
    made = hsm.issue(**{"label": label, "alg": "ES256", "pem": pem, **change})
    assert made.returncode == 1 and made.stdout == ""
    assert made.stderr.startswith(said) and PIN not in made.stderr
