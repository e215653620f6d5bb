"""signet jwks, signet thumbprint"""

import base64
import hashlib
import json
import subprocess

import jwt
import pytest
from conftest import ok, refused

# RFC 7638 section 3.1
RFC7638 = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn6"
         "4tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
         "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
}


def test_the_thumbprint_is_that_of_rfc_7638():
    wanted = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\n"
    assert ok("thumbprint", "-", stdin=json.dumps(RFC7638)) == wanted
    without = {k: v for k, v in RFC7638.items() if k not in ("alg", "kid")}
    assert ok("thumbprint", "-", stdin=json.dumps(without)) == wanted


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "ES512", "EdDSA"])
def test_the_thumbprint_is_computed_as_the_rfc_says(keys, alg):
    jwk = json.loads(keys[alg].read_text())
    members = {"oct": ["k", "kty"], "RSA": ["e", "kty", "n"], "EC": ["crv", "kty", "x", "y"], "OKP": ["crv", "kty", "x"]}[jwk["kty"]]
    canonical = json.dumps({m: jwk[m] for m in members}, separators=(",", ":"), sort_keys=True)
    wanted = base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()
    assert ok("thumbprint", keys[alg]).strip() == wanted


def test_pem_and_certificate_have_the_thumbprint_of_their_key(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-keyout",
                    tmp_path / "k.pem", "-out", tmp_path / "c.pem"], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", tmp_path / "k.pem", "-pubout", "-out", tmp_path / "p.pem"], check=True)
    assert len({ok("thumbprint", tmp_path / name) for name in ("k.pem", "c.pem", "p.pem")}) == 1


def test_a_set_is_public_whatever_it_is_made_of(keys, tmp_path):
    files = [keys["ES256"], keys["EdDSA"].with_suffix(".pub.jwk"), keys["RS256"]]
    text = ok("jwks", *files)
    assert text.count("\n") == 1
    made = json.loads(text)["keys"]
    assert [key["alg"] for key in made] == ["ES256", "EdDSA", "RS256"]
    assert not any(member in key for key in made for member in ("d", "p", "q", "dp", "dq", "qi", "k"))
    (tmp_path / "set.json").write_text(text)
    for file in files[::2]:
        token = ok("sign", "--key", file, "--exp", "1m").strip()
        ok("verify", "--jwks", tmp_path / "set.json", token)
        assert jwt.PyJWKSet.from_json(text)


def test_a_key_without_id_gets_its_thumbprint(tmp_path):
    (tmp_path / "k").write_text(ok("keygen", "ES256", "--no-kid"))
    [key] = json.loads(ok("jwks", tmp_path / "k"))["keys"]
    assert key["kid"] == ok("thumbprint", tmp_path / "k").strip()
    [key] = json.loads(ok("jwks", "-", stdin=ok("keygen", "ES256", "--pem")))["keys"]
    assert len(key["kid"]) == 43 and key["alg"] == "ES256"


def test_an_rsa_key_that_names_no_algorithm_needs_one(tmp_path):
    (tmp_path / "k").write_text(ok("keygen", "RS256", "--bits", "2048", "--pem"))
    assert "--alg" in refused("jwks", tmp_path / "k")
    assert json.loads(ok("jwks", "--alg", "PS384", tmp_path / "k"))["keys"][0]["alg"] == "PS384"
    refused("jwks", "--alg", "ES256", tmp_path / "k")


def test_a_secret_is_never_published(keys):
    error = refused("jwks", keys["ES256"], keys["HS256"])
    assert "secret" in error and json.loads(keys["HS256"].read_text())["k"] not in error


def test_the_same_key_twice_is_refused(keys):
    refused("jwks", keys["ES256"], keys["ES256"])


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "x", '{"kty":"RSA"}', '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', "\0\0",
                                  '{"kty":"EC","kty":"EC"}', "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                                  "-----BEGIN PUBLIC KEY-----", '{"keys":[]}'])
def test_what_is_no_key_is_refused(text):
    refused("jwks", "-", stdin=text)
    refused("thumbprint", "-", stdin=text)


def test_files_must_be_named():
    refused("jwks")
    refused("thumbprint")
    refused("jwks", "-", "-", stdin="{}")
    assert "No such file" in refused("jwks", "/no/such/key")
