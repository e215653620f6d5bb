"""Tokens and keys cross between signet, PyJWT and openssl, both ways."""

import json
import subprocess
import time

import jwt
import pytest
from conftest import FAMILIES, answers, claims_of, ok, signet
from cryptography.hazmat.primitives import serialization

CLAIMS = {"iss": "https://issuer.example", "aud": ["api", "other"], "sub": "someone", "name": "Zoë ☃", "n": 5, "deep": {"a": [1, None]}}

GENERATE = {
    "RS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "PS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ES384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ES512": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ES256K": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
    "EdDSA": ["-algorithm", "ED25519"],
}


def pyjwt_key(text, alg):
    return jwt.PyJWK(json.loads(text), algorithm=alg).key


@pytest.mark.parametrize("alg", FAMILIES)
def test_pyjwt_verifies_what_signet_signed(keys, alg):
    token = ok("sign", "--key", keys[alg], "--iss", "https://issuer.example", "--aud", "api", "--sub", "someone", "--exp", "5m",
               "--claim", "name=Zoë ☃", "--claim-json", 'deep={"a":[1,null]}').strip()
    public = keys[alg] if alg == "HS256" else keys[alg].with_suffix(".pub.jwk")
    claims = jwt.decode(token, pyjwt_key(public.read_text(), alg), algorithms=[alg], audience="api", issuer="https://issuer.example")
    assert claims["name"] == "Zoë ☃" and claims["deep"] == {"a": [1, None]} and claims["sub"] == "someone"
    assert jwt.get_unverified_header(token)["kid"] == json.loads(keys[alg].read_text())["kid"]


@pytest.mark.parametrize("alg", FAMILIES)
def test_signet_verifies_what_pyjwt_signed(keys, alg):
    claims = {**CLAIMS, "exp": int(time.time()) + 300}
    token = jwt.encode(claims, pyjwt_key(keys[alg].read_text(), alg), algorithm=alg)
    public = keys[alg] if alg == "HS256" else keys[alg].with_suffix(".pub.jwk")
    run = signet("verify", "--jwk", public, "--iss", "https://issuer.example", "--aud", "api", "--json", token)
    assert run.returncode == 0, run.stdout + run.stderr
    assert answers(run)[0]["claims"] == claims


@pytest.mark.parametrize("alg", GENERATE)
def test_openssl_s_keys_sign_and_verify_on_both_sides(tmp_path, alg):
    subprocess.run(["openssl", "genpkey", *GENERATE[alg], "-out", tmp_path / "k.pem"], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", tmp_path / "k.pem", "-pubout", "-out", tmp_path / "p.pem"], check=True)
    private = serialization.load_pem_private_key((tmp_path / "k.pem").read_bytes(), None)
    named = ["--alg", alg] if alg in ("RS256", "PS256") else []
    theirs = jwt.encode({"exp": int(time.time()) + 300, "sub": "x"}, private, algorithm=alg)
    assert signet("verify", "--key", tmp_path / "p.pem", *named, theirs).returncode == 0
    ours = ok("sign", "--key", tmp_path / "k.pem", *named, "--sub", "x", "--exp", "5m").strip()
    assert jwt.decode(ours, private.public_key(), algorithms=[alg])["sub"] == "x"


@pytest.mark.parametrize("alg", ["RS256", "ES256", "ES512", "EdDSA"])
def test_openssl_reads_the_pem_that_signet_makes(tmp_path, alg):
    bits = ["--bits", "2048"] if alg == "RS256" else []
    ok("keygen", alg, "--pem", "--out", tmp_path / "k.pem", "--public-out", tmp_path / "p.pem", *bits)
    public = subprocess.run(["openssl", "pkey", "-in", tmp_path / "k.pem", "-pubout"], check=True, capture_output=True, text=True).stdout
    assert public == (tmp_path / "p.pem").read_text()


def test_pyjwt_picks_its_key_from_the_set(keys):
    text = ok("jwks", keys["ES256"], keys["EdDSA"], keys["RS256"])
    token = ok("sign", "--key", keys["EdDSA"], "--sub", "x", "--exp", "1m").strip()
    [key] = [k for k in jwt.PyJWKSet.from_json(text).keys if k.key_id == jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key.key, algorithms=["EdDSA"])["sub"] == claims_of(token)["sub"]
