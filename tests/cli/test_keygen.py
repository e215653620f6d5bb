"""signet keygen"""

import json
import os
import re
import stat

import pytest
from conftest import ok, refused, signet

ALL = "HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 Ed448".split()
KTY = {"HS": "oct", "RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


@pytest.mark.parametrize("alg", ALL)
def test_each_algorithm_gives_a_private_jwk_whose_kid_is_its_thumbprint(alg):
    bits = ["--bits", "2048"] if alg[:2] in ("RS", "PS") else []
    text = ok("keygen", alg, *bits)
    assert text.count("\n") == 1
    jwk = json.loads(text)
    assert jwk["kty"] == KTY[alg[:2]] and jwk["alg"] == alg
    assert ("k" if alg.startswith("HS") else "d") in jwk
    assert ok("thumbprint", "-", stdin=text).strip() == jwk["kid"]


def test_two_keys_are_never_the_same():
    assert json.loads(ok("keygen", "EdDSA"))["d"] != json.loads(ok("keygen", "EdDSA"))["d"]


def test_the_key_id_is_what_was_asked_for_or_nothing():
    assert json.loads(ok("keygen", "ES256", "--kid", "2026-11"))["kid"] == "2026-11"
    assert "kid" not in json.loads(ok("keygen", "ES256", "--no-kid"))
    refused("keygen", "ES256", "--kid", "a", "--no-kid")


def test_the_private_file_is_0600_and_never_overwritten(tmp_path):
    os.umask(0)
    try:
        ok("keygen", "ES256", "--out", tmp_path / "k.jwk", "--public-out", tmp_path / "p.jwk")
    finally:
        os.umask(0o022)
    assert stat.S_IMODE((tmp_path / "k.jwk").stat().st_mode) == 0o600
    before = (tmp_path / "k.jwk").read_text()
    assert "exists" in refused("keygen", "ES256", "--out", tmp_path / "k.jwk")
    assert (tmp_path / "k.jwk").read_text() == before
    # A private key that cannot be written takes its public half with it.
    refused("keygen", "ES256", "--out", tmp_path / "k.jwk", "--public-out", tmp_path / "other.jwk")
    assert not (tmp_path / "other.jwk").exists()


def test_the_public_file_holds_no_private_member(tmp_path):
    assert ok("keygen", "RS256", "--bits", "2048", "--out", tmp_path / "k", "--public-out", tmp_path / "p") == ""
    public = json.loads((tmp_path / "p").read_text())
    assert set(public) <= {"kty", "n", "e", "kid", "alg", "use"} and {"n", "e"} <= set(public)
    assert public["kid"] == json.loads((tmp_path / "k").read_text())["kid"]


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    refused("keygen", "ES256", "--out", tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_pem_comes_as_pkcs8_and_spki(tmp_path):
    text = ok("keygen", "ES384", "--pem", "--public-out", tmp_path / "p.pem")
    assert text.startswith("-----BEGIN PRIVATE KEY-----\n") and text.endswith("-----END PRIVATE KEY-----\n")
    assert (tmp_path / "p.pem").read_text().startswith("-----BEGIN PUBLIC KEY-----\n")
    assert "secret" in refused("keygen", "HS256", "--pem")
    refused("keygen", "ES256", "--pem", "--kid", "a")


def test_the_size_of_an_rsa_key_is_kept_within_reason():
    modulus = json.loads(ok("keygen", "PS256", "--bits", "2048"))["n"]
    assert len(modulus) == 342  # 256 bytes
    for bits in ("1024", "2047", "8200", "-2048", "2048x", "99999999999999999999", "0x800", ""):
        if bits:
            assert "2048 to 8192" in refused("keygen", "RS256", "--bits", bits)
    assert "one size" in refused("keygen", "ES256", "--bits", "256")


@pytest.mark.parametrize("name,hint", [("es256", "ES256"), ("EDDSA", "EdDSA"), ("none", None), ("ES257", None)])
def test_an_unknown_algorithm_is_answered_with_the_list_and_a_guess(name, hint):
    error = refused("keygen", name)
    assert all(alg in error for alg in ALL)
    assert (f"did you mean {hint}?" in error) if hint else ("did you mean" not in error)


def test_a_secret_has_no_public_half(tmp_path):
    assert "no public part" in refused("keygen", "HS256", "--public-out", tmp_path / "p")
    assert not (tmp_path / "p").exists()


def test_an_unwritable_place_is_named(tmp_path):
    error = refused("keygen", "ES256", "--out", tmp_path / "no" / "k.jwk")
    assert re.search(r"--out .*/no/k.jwk: cannot create: No such file or directory", error)


def test_no_algorithm_is_wrong_use():
    assert "ALG" in refused("keygen")
    assert signet("keygen", "ES256", "RS256").returncode == 2


@pytest.mark.parametrize("name, words", [("RSA", "RSA-OAEP-256"), ("ECDH-ES+A256", "ECDH-ES+A256KW"), ("RSA-OAEP-1", "RSA-OAEP-256")])
def test_what_is_no_algorithm_for_encryption_is_answered_with_those(name, words):
    message = refused("keygen", name)
    assert words in message and "PBES2" not in message
