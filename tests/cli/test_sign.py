"""signet sign"""

import json
import subprocess
import time

import pytest
from conftest import SECRET, claims_of, header_of, ok, refused


def sign(keys, *arguments, **options):
    return ok("sign", "--key", keys["ES256"], *arguments, **options)


def test_a_token_says_what_was_asked_and_nothing_else(keys):
    before = int(time.time())
    token = sign(keys, "--iss", "https://auth.example", "--sub", "user-42", "--aud", "api", "--exp", "15m")
    after = int(time.time())
    assert token.count("\n") == 1
    claims = claims_of(token)
    assert set(claims) == {"iss", "sub", "aud", "exp", "iat", "jti"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("https://auth.example", "user-42", "api")
    assert before - 1 <= claims["iat"] <= after and claims["exp"] == claims["iat"] + 900
    kid = json.loads(keys["ES256"].read_text())["kid"]
    assert header_of(token) == {"alg": "ES256", "typ": "JWT", "kid": kid}


def test_ids_are_random_unless_given_or_unwanted(keys):
    first, second = (claims_of(sign(keys, "--exp", "1m"))["jti"] for _ in range(2))
    assert first != second and len(first) == 22
    assert claims_of(sign(keys, "--exp", "1m", "--jti", "mine"))["jti"] == "mine"
    assert set(claims_of(sign(keys, "--exp", "1m", "--no-jti", "--no-iat"))) == {"exp"}


def test_several_audiences_make_a_list(keys):
    assert claims_of(sign(keys, "--exp", "1m", "--aud", "a", "--aud", "b"))["aud"] == ["a", "b"]


@pytest.mark.parametrize("text,seconds", [("30s", 30), ("15m", 900), ("2h", 7200), ("7d", 604800), ("1h30m", 5400), ("+1m", 60),
                                          ("-5m", -300)])
def test_a_length_of_time_counts_from_now(keys, text, seconds):
    claims = claims_of(sign(keys, "--exp", text, "--nbf", text))
    assert claims["exp"] == claims["nbf"] == claims["iat"] + seconds


@pytest.mark.parametrize("text,instant", [("@1700000000", 1700000000), ("1700000000", 1700000000), ("2026-11-23T19:25:49Z", 1795461949),
                                          ("2026-11-23T20:25:49+01:00", 1795461949), ("2026-11-23", 1795392000), ("@0", 0)])
def test_an_instant_is_taken_as_it_is(keys, text, instant):
    assert claims_of(sign(keys, "--exp", "1m", "--iat", text))["iat"] == instant


@pytest.mark.parametrize("text", ["", "15", "15x", "m", "15m ", "1e3", "tomorrow", "2026-13-01", "2026-11-23T25:00:00Z", "@-1", "@1e400",
                                  "99999999999999999999", "9999999d", "@253402300800", "0x10"])
def test_a_time_that_is_not_one_is_refused(keys, text):
    error = refused("sign", "--key", keys["ES256"], "--exp", text)
    assert "--exp" in error


def test_a_token_without_end_must_be_asked_for(keys):
    error = refused("sign", "--key", keys["ES256"], "--sub", "a")
    assert "--exp" in error and "--no-exp" in error
    assert "exp" not in claims_of(sign(keys, "--sub", "a", "--no-exp"))
    refused("sign", "--key", keys["ES256"], "--no-exp", "--exp", "1m")


def test_claims_are_text_or_json_as_said(keys):
    claims = claims_of(sign(keys, "--exp", "1m", "--claim", "role=admin", "--claim", "n=5", "--claim", "eq=a=b", "--claim", "empty=",
                            "--claim-json", "level=5", "--claim-json", 'roles=["a", "b"]', "--claim-json", 'o={"x": null}'))
    assert claims["role"] == "admin" and claims["n"] == "5" and claims["eq"] == "a=b" and claims["empty"] == ""
    assert claims["level"] == 5 and claims["roles"] == ["a", "b"] and claims["o"] == {"x": None}


@pytest.mark.parametrize("arguments,word", [
    (["--claim", "role"], "NAME=VALUE"), (["--claim", "=x"], "NAME=VALUE"), (["--claim", "exp=5"], "--exp"),
    (["--claim-json", "iat=5"], "--iat"), (["--claim-json", "a={"], "--claim"), (["--claim-json", 'a={"x":1,"x":2}'], "--claim-json"),
    (["--claim", "a=1", "--claim", "a=2"], "twice"), (["--claim", "a=1", "--claim-json", "a=2"], "twice"),
])
def test_a_claim_that_cannot_be_meant_is_refused(keys, arguments, word):
    assert word in refused("sign", "--key", keys["ES256"], "--exp", "1m", *arguments)


def test_claims_come_from_a_file_and_flags_win(keys, tmp_path):
    (tmp_path / "c.json").write_text('{"iss": "file", "sub": "file", "exp": 4102444800,\n "nested": {"a": [1, 2]}}')
    claims = claims_of(sign(keys, "--claims", tmp_path / "c.json", "--sub", "flag"))
    assert claims["iss"] == "file" and claims["sub"] == "flag" and claims["exp"] == 4102444800
    assert claims["nested"] == {"a": [1, 2]} and "jti" in claims
    assert claims_of(sign(keys, "--claims", "-", "--exp", "1m", stdin='{"a":1,"jti":"x"}'))["jti"] == "x"


@pytest.mark.parametrize("text", ["[]", "null", "{", '{"a":1}x', '{"a":1,"a":2}', '{"exp":"5"}', '{"iat":null}', "\ufeff{}"])
def test_a_claims_file_must_be_one_strict_json_object(keys, text):
    assert "--claims" in refused("sign", "--key", keys["ES256"], "--exp", "1m", "--claims", "-", stdin=text)


def test_the_header_takes_a_type_and_more(keys):
    assert header_of(sign(keys, "--exp", "1m", "--typ", "at+jwt"))["typ"] == "at+jwt"
    assert "typ" not in header_of(sign(keys, "--exp", "1m", "--no-typ"))
    assert header_of(sign(keys, "--exp", "1m", "--header", "env=test"))["env"] == "test"
    for forbidden in ("alg=none", "crit=x", "jwk=x", "b64=x"):
        refused("sign", "--key", keys["ES256"], "--exp", "1m", "--header", forbidden)


def test_a_secret_comes_from_the_environment_and_needs_its_algorithm():
    token = ok("sign", "--secret-env", "S", "--alg", "HS256", "--exp", "1m", env={"S": SECRET})
    assert header_of(token) == {"alg": "HS256", "typ": "JWT"}
    assert "--alg" in refused("sign", "--secret-env", "S", "--exp", "1m", env={"S": SECRET})
    assert "--alg" in refused("sign", "--secret-env", "S", "--alg", "ES256", "--exp", "1m", env={"S": SECRET})
    assert "not set" in refused("sign", "--secret-env", "S", "--alg", "HS256", "--exp", "1m")
    assert "too_weak" in refused("sign", "--secret-env", "S", "--alg", "HS256", "--exp", "1m", env={"S": "short"})


def test_the_key_comes_from_standard_input_too(keys):
    assert header_of(ok("sign", "--key", "-", "--exp", "1m", stdin=keys["EdDSA"].read_text()))["alg"] == "EdDSA"
    assert "standard input" in refused("sign", "--key", "-", "--claims", "-", "--exp", "1m", stdin="{}")


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("form", ["pkcs8", "traditional"])
@pytest.mark.parametrize("alg,generate", [
    ("RS256", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("ES256", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("ES512", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
    ("ES256K", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]),
    ("EdDSA", ["genpkey", "-algorithm", "ED25519"]),
    ("Ed448", ["genpkey", "-algorithm", "ED448"]),
])
def test_pem_keys_that_openssl_made_sign(tmp_path, alg, generate, form):
    if form == "traditional" and alg.startswith("Ed"):
        pytest.skip("Edwards keys have no traditional form")
    openssl(*generate, "-out", tmp_path / "k.pem")
    if form == "traditional":
        openssl("pkey", "-in", tmp_path / "k.pem", "-traditional", "-out", tmp_path / "t.pem")
        (tmp_path / "t.pem").rename(tmp_path / "k.pem")
    openssl("pkey", "-in", tmp_path / "k.pem", "-pubout", "-out", tmp_path / "p.pem")
    if alg == "RS256":
        assert "--alg" in refused("sign", "--key", tmp_path / "k.pem", "--exp", "1m")
    named = ["--alg", alg] if alg == "RS256" else []
    token = ok("sign", "--key", tmp_path / "k.pem", "--exp", "1m", *named).strip()
    assert header_of(token)["alg"] == alg
    assert ok("verify", "--key", tmp_path / "p.pem", *named, token).startswith("valid ")
    assert "key_mismatch" in refused("sign", "--key", tmp_path / "k.pem", "--exp", "1m", "--alg",
                                     "ES384")


def test_an_encrypted_pem_needs_its_passphrase_from_the_environment(tmp_path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass", "pass:open sesame", "-out",
            tmp_path / "k.pem")
    assert "--passphrase-env" in refused("sign", "--key", tmp_path / "k.pem", "--exp", "1m")
    token = ok("sign", "--key", tmp_path / "k.pem", "--passphrase-env", "P", "--exp", "1m", env={"P": "open sesame"})
    assert header_of(token)["alg"] == "ES256"
    error = refused("sign", "--key", tmp_path / "k.pem", "--passphrase-env", "P", "--exp", "1m", env={"P": "wrong phrase"})
    assert "wrong phrase" not in error


def test_what_cannot_sign_is_said(keys, tmp_path):
    public = keys["ES256"].with_suffix(".pub.jwk")
    assert "public" in refused("sign", "--key", public, "--exp", "1m")
    (tmp_path / "text").write_text("hello\n")
    assert "neither a JWK" in refused("sign", "--key", tmp_path / "text", "--exp", "1m")
    (tmp_path / "empty").write_text("")
    assert "empty" in refused("sign", "--key", tmp_path / "empty", "--exp", "1m")
    assert "No such file" in refused("sign", "--key", tmp_path / "none", "--exp", "1m")
    assert "cannot read" in refused("sign", "--key", tmp_path, "--exp", "1m")
    (tmp_path / "huge").write_bytes(b"x" * 1_000_000)
    assert "65536" in refused("sign", "--key", tmp_path / "huge", "--exp", "1m")
    assert "--key FILE" in refused("sign", "--exp", "1m")
    refused("sign", "--key", keys["ES256"], "--secret-env", "S", "--alg", "HS256", "--exp", "1m", env={"S": SECRET})
    assert "key_mismatch" in refused("sign", "--key", keys["ES256"], "--alg", "ES384", "--exp", "1m")


def test_ml_dsa_signs_where_openssl_has_it_and_is_said_to_be_absent_elsewhere(tmp_path):
    key = tmp_path / "k.jwk"
    if "ML-DSA-44" in ok("--version").splitlines()[1]:
        ok("keygen", "ML-DSA-44", "--out", key, "--public-out", tmp_path / "k.pub.jwk")
        token = ok("sign", "--key", key, "--exp", "1m").strip()
        assert header_of(token)["alg"] == "ML-DSA-44"
        ok("verify", "--key", tmp_path / "k.pub.jwk", "--any-iss", "--any-aud", token)
    else:
        key.write_text(json.dumps({"kty": "AKP", "alg": "ML-DSA-44", "pub": "A" * 1750, "priv": "A" * 43}))
        key.chmod(0o600)
        assert "OpenSSL 3.5" in refused("sign", "--key", key, "--exp", "1m")


def test_ed448_can_be_called_by_its_older_name(tmp_path):
    """RFC 9864, and RFC 8037 for who reads no more than that."""
    key, public = tmp_path / "k.jwk", tmp_path / "k.pub.jwk"
    ok("keygen", "Ed448", "--out", key, "--public-out", public)
    for arguments, alg in (([], "Ed448"), (["--header", "alg=EdDSA"], "EdDSA")):
        token = ok("sign", "--key", key, "--exp", "1m", *arguments).strip()
        assert header_of(token)["alg"] == alg
        ok("verify", "--key", public, "--any-iss", "--any-aud", token)
    assert "alg" in refused("sign", "--key", key, "--exp", "1m", "--header", "alg=Ed25519")
