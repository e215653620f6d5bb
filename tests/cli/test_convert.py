"""signet convert, signet keyset: against openssl, npm `jose` and PyJWT."""

import json
import os
import stat
import subprocess

import jwt
import pytest
from conftest import ROOT, SIGNET, ok, refused, signet
from test_manners import on_a_terminal

KINDS = {
    "RS256": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ES384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "ES512": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ES256K": ["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "EdDSA": ["ED25519"], "Ed448": ["ED448"], "ECDH-ES": ["X25519"],
}
ES256 = ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]


def openssl(*arguments, stdin=b""):
    run = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True)
    assert run.returncode == 0, (arguments, run.stderr)
    return run.stdout


def made(folder, kind, name="k.pem"):
    openssl("genpkey", "-algorithm", *kind, "-out", folder / name)
    return folder / name


@pytest.mark.parametrize("alg", KINDS)
def test_a_key_of_openssl_goes_round_all_forms_and_comes_back(alg, tmp_path):
    pem = made(tmp_path, KINDS[alg])
    named = ["--alg", alg] if alg == "RS256" else []
    ok("convert", pem, *named, "--out", tmp_path / "k.jwk")
    jwk = json.loads((tmp_path / "k.jwk").read_text())
    assert jwk["alg"] == alg and "d" in jwk and len(jwk["kid"]) == 43
    assert ok("convert", tmp_path / "k.jwk") == pem.read_text()
    assert signet("convert", tmp_path / "k.jwk", "--to", "der", text=False).stdout == openssl("pkcs8", "-topk8", "-nocrypt", "-in", pem,
                                                                                             "-outform", "DER")
    assert ok("convert", tmp_path / "k.jwk", "--public") == openssl("pkey", "-in", pem, "-pubout").decode()
    public = signet("convert", pem, "--to", "der", "--public", text=False).stdout
    assert public == openssl("pkey", "-in", pem, "-pubout", "-outform", "DER")
    again = json.loads(signet("convert", "-", *named, stdin=public, text=False).stdout)
    assert again == {name: value for name, value in jwk.items() if name not in ("d", "p", "q", "dp", "dq", "qi")}


def test_the_older_forms_and_certificates_are_read(tmp_path):
    rsa, ec = made(tmp_path, KINDS["RS256"], "rsa.pem"), made(tmp_path, ES256, "ec.pem")
    openssl("req", "-x509", "-new", "-key", ec, "-subj", "/CN=x", "-days", "1", "-out", tmp_path / "c.pem")
    for form in ("PEM", "DER"):
        openssl("rsa", "-in", rsa, "-traditional", "-outform", form, "-out", tmp_path / "pkcs1")
        openssl("rsa", "-in", rsa, "-RSAPublicKey_out", "-outform", form, "-out", tmp_path / "pkcs1-public")
        openssl("ec", "-in", ec, "-outform", form, "-out", tmp_path / "sec1")
        openssl("x509", "-in", tmp_path / "c.pem", "-outform", form, "-out", tmp_path / "certificate")
        assert ok("convert", tmp_path / "pkcs1", "--to", "pem") == rsa.read_text()
        assert ok("convert", tmp_path / "pkcs1-public", "--to", "pem") == openssl("pkey", "-in", rsa, "-pubout").decode()
        assert ok("convert", tmp_path / "sec1", "--to", "pem") == ec.read_text()
        assert ok("convert", tmp_path / "certificate", "--to", "pem") == openssl("pkey", "-in", ec, "-pubout").decode()


def test_the_key_id_and_the_algorithm_are_kept(tmp_path):
    ok("keygen", "PS384", "--bits", "2048", "--kid", "2026-11", "--out", tmp_path / "k")
    public = json.loads(ok("convert", tmp_path / "k", "--to", "jwk", "--public"))
    assert public["kid"] == "2026-11" and public["alg"] == "PS384" and "d" not in public
    assert json.loads(ok("convert", tmp_path / "k", "--to", "jwk"))["d"] == json.loads((tmp_path / "k").read_text())["d"]
    assert json.loads(ok("convert", tmp_path / "k", "--to", "jwk", "--kid", "next"))["kid"] == "next"
    assert "place for a key id" in refused("convert", tmp_path / "k", "--kid", "next")


def test_a_key_that_fits_several_algorithms_needs_one_for_a_jwk(tmp_path):
    pem = made(tmp_path, KINDS["RS256"])
    assert "--alg" in refused("convert", pem)
    assert json.loads(ok("convert", pem, "--alg", "RSA-OAEP-256"))["use"] == "enc"
    assert ok("convert", pem, "--to", "pem") == pem.read_text()  # which names none
    ec = made(tmp_path, ES256, "ec.pem")
    assert json.loads(ok("convert", ec, "--alg", "ECDH-ES+A128KW"))["alg"] == "ECDH-ES+A128KW"
    assert "key_mismatch" in refused("convert", ec, "--alg", "ES384")
    assert "no signature algorithm" in refused("convert", ec, "--alg", "none")


@pytest.mark.parametrize("extra", [[], ["--pbkdf2"]])
def test_encrypted_keys_are_exchanged_with_openssl(tmp_path, extra):
    pem = made(tmp_path, ES256)
    (tmp_path / "secret").write_text("open sesame\n")
    ok("convert", pem, "--to", "pem", "--new-passphrase-file", tmp_path / "secret", *extra, "--out", tmp_path / "safe.pem")
    assert "ENCRYPTED" in (tmp_path / "safe.pem").read_text()
    assert openssl("pkey", "-in", tmp_path / "safe.pem", "-passin", f"file:{tmp_path / 'secret'}").decode() == pem.read_text()
    hidden = openssl("pkcs8", "-topk8", "-in", pem, "-passout", f"file:{tmp_path / 'secret'}", "-outform", "DER",
                     *([] if extra else ["-scrypt"]))
    assert signet("convert", "-", "--to", "pem", "--passphrase-file", tmp_path / "secret", stdin=hidden, text=False).stdout == pem.read_bytes()
    assert "--passphrase-file" in refused("convert", tmp_path / "safe.pem")
    (tmp_path / "wrong").write_text("close sesame")
    assert "not its passphrase" in refused("convert", tmp_path / "safe.pem", "--passphrase-file", tmp_path / "wrong")


def test_a_passphrase_that_hides_nothing_is_refused(tmp_path):
    pem = made(tmp_path, ES256)
    (tmp_path / "short").write_text("sesame\n")
    assert "less than 8 bytes" in refused("convert", pem, "--to", "pem", "--new-passphrase-file", tmp_path / "short")
    (tmp_path / "empty").write_text("\n")
    assert "empty" in refused("convert", pem, "--to", "pem", "--new-passphrase-file", tmp_path / "empty")
    (tmp_path / "secret").write_text("open sesame")
    assert "private key" in refused("convert", pem, "--new-passphrase-file", tmp_path / "secret")  # a JWK is not encrypted
    assert "private key" in refused("convert", pem, "--to", "pem", "--public", "--new-passphrase-file", tmp_path / "secret")
    assert "--pbkdf2" in refused("convert", pem, "--to", "pem", "--pbkdf2")


def test_a_private_file_is_0600_and_never_overwritten(tmp_path):
    pem = made(tmp_path, ES256)
    os.umask(0)
    try:
        ok("convert", pem, "--out", tmp_path / "k.jwk")
        ok("convert", pem, "--public", "--out", tmp_path / "p.jwk")
        ok("convert", pem, "--to", "der", "--out", tmp_path / "k.der")
    finally:
        os.umask(0o022)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("k.jwk", "p.jwk", "k.der")]
    assert modes == [0o600, 0o644, 0o600]
    assert (tmp_path / "k.der").read_bytes() == openssl("pkcs8", "-topk8", "-nocrypt", "-in", pem, "-outform", "DER")
    assert "exists" in refused("convert", pem, "--out", tmp_path / "k.jwk")


def test_der_does_not_go_to_a_terminal(tmp_path):
    pem = made(tmp_path, ES256)
    status, shown = on_a_terminal(["convert", pem, "--to", "der"])
    assert status == 2 and "not for a terminal" in shown and len(shown) < 200
    status, shown = on_a_terminal(["convert", pem, "--public"])
    assert status == 0 and '"kty":"EC"' in shown


def test_a_secret_has_no_other_form_and_no_public_half(keys):
    secret = json.loads(keys["HS256"].read_text())["k"]
    for arguments in (["--to", "pem"], ["--to", "der"], ["--to", "jwk", "--public"]):
        assert secret not in refused("convert", keys["HS256"], *arguments)
    assert json.loads(ok("convert", keys["HS256"], "--to", "jwk"))["k"] == secret


def test_certificates_stay_with_the_key_they_are_for(tmp_path):
    pem, other = made(tmp_path, ES256), made(tmp_path, ES256, "other.pem")
    chain = []
    for key in (pem, other):
        der = openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=x", "-days", "1", "-outform", "DER")
        chain.append(openssl("base64", "-A", stdin=der).decode().strip())
    jwk = json.loads(ok("convert", pem))
    jwk["x5c"] = [chain[0]]
    assert json.loads(ok("convert", "-", "--to", "jwk", "--public", stdin=json.dumps(jwk)))["x5c"] == [chain[0]]
    jwk["x5c"] = [chain[1]]
    assert "x5c" in refused("convert", "-", "--to", "jwk", stdin=json.dumps(jwk))


JOSE = """
import { importPKCS8, exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from "jose";
const [alg, pem] = JSON.parse(process.argv.at(-1));
const read = await exportJWK(await importPKCS8(pem, alg, { extractable: true }));
const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
const made = { private: await exportPKCS8(privateKey), public: await exportSPKI(publicKey), jwk: await exportJWK(privateKey) };
console.log(JSON.stringify({ read, made }));
"""


@pytest.mark.parametrize("alg", ["RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "ECDH-ES+A256KW", "RSA-OAEP-256"])
def test_keys_are_exchanged_with_jose(tmp_path, alg):
    node = ROOT / "tests/e2e/node"
    if not (node / "node_modules/jose").exists():
        pytest.skip("scripts/setup installs the node packages")
    ok("keygen", alg, "--out", tmp_path / "k", *(["--bits", "2048"] if alg[:2] in ("RS", "PS") else []))
    pem = ok("convert", tmp_path / "k", "--to", "pem")
    run = subprocess.run(["node", "--input-type=module", "-e", JOSE, "--", json.dumps([alg, pem])], cwd=node, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert answer["read"].items() <= json.loads((tmp_path / "k").read_text()).items()
    made = answer["made"]
    ours = json.loads(ok("convert", "-", "--alg", alg, stdin=made["private"]))
    assert made["jwk"].items() <= ours.items()
    public = json.loads(ok("convert", "-", "--alg", alg, stdin=made["public"]))
    assert public == {name: value for name, value in ours.items() if name not in ("d", "p", "q", "dp", "dq", "qi")}


@pytest.mark.parametrize("text", ["", "{}", "[]", "x", "\0\0", "0\x03\x02\x01\x01", '{"kty":"EC","kty":"EC"}', "-----BEGIN PUBLIC KEY-----",
                                  "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(text):
    refused("convert", "-", stdin=text)


def test_keygen_makes_agreement_keys_of_every_curve(tmp_path):
    for curve in ("P-256", "P-384", "P-521", "X25519", "X448"):
        jwk = ok("keygen", "ECDH-ES+A256KW", "--curve", curve)
        assert json.loads(jwk)["crv"] == curve
        openssl("pkey", "-noout", "-check", stdin=ok("convert", "-", stdin=jwk).encode()) if curve[0] == "P" else None
    assert "P-256, P-384" in refused("keygen", "ECDH-ES", "--curve", "Ed25519")
    assert "--curve" in refused("keygen", "ES256", "--curve", "P-256")


# --- sets


def key_file(folder, name, alg="ES256"):
    ok("keygen", alg, "--kid", name, "--out", folder / f"{name}.jwk", *(["--public-out", folder / f"{name}.pub.jwk"] if alg != "HS256" else []))
    return folder / f"{name}.jwk"


def ids(path):
    return [key["kid"] for key in json.loads(path.read_text())["keys"]]


def test_a_public_set_verifies_what_its_keys_signed(tmp_path):
    one, two = key_file(tmp_path, "one"), key_file(tmp_path, "two", "EdDSA")
    jwks = tmp_path / "jwks.json"
    assert ok("keyset", "add", "--public", jwks, one, two) == "added one\nadded two\n"
    assert not any("d" in key for key in json.loads(jwks.read_text())["keys"])
    assert stat.S_IMODE(jwks.stat().st_mode) == 0o644
    for key in (one, two):
        token = ok("sign", "--key", key, "--exp", "1m").strip()
        ok("verify", "--jwks", jwks, token)
        jwt.PyJWKSet.from_json(jwks.read_text())
    assert ok("keyset", "remove", jwks, "one") == "removed one\n"
    assert ids(jwks) == ["two"]
    assert [json.loads(line) for line in ok("keyset", "list", jwks, "--json").splitlines()] == [
        {"kid": "two", "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "holds": "public"}]


def test_public_private_and_secret_keys_are_never_mixed(tmp_path):
    one, two, secret = key_file(tmp_path, "one"), key_file(tmp_path, "two"), key_file(tmp_path, "hmac", "HS256")
    public, private, secrets = tmp_path / "public.json", tmp_path / "private.json", tmp_path / "secrets.json"
    ok("keyset", "add", public, one.with_suffix(".pub.jwk"))
    ok("keyset", "add", private, one)
    ok("keyset", "add", secrets, secret)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (private, secrets)] == [0o600, 0o600]
    before = [path.read_text() for path in (public, private, secrets)]
    assert "--public adds its public half" in refused("keyset", "add", public, two)
    refused("keyset", "add", public, secret)
    refused("keyset", "add", "--public", public, secret)
    refused("keyset", "add", private, two.with_suffix(".pub.jwk"))
    refused("keyset", "add", private, secret)
    refused("keyset", "add", secrets, two)
    assert [path.read_text() for path in (public, private, secrets)] == before
    mixed = tmp_path / "mixed.json"
    mixed.write_text(json.dumps({"keys": [json.loads(path.read_text()) for path in (one, two.with_suffix(".pub.jwk"))]}))
    for arguments in (["list", mixed], ["remove", mixed, "one"], ["add", mixed, one]):
        assert "together" in refused("keyset", *arguments)


def test_what_a_set_says_moves_no_cursor(tmp_path):
    jwks, hostile = tmp_path / "jwks.json", "\u009b2J\u202e"
    jwks.write_text(json.dumps({"keys": [{**json.loads(key_file(tmp_path, "one").read_text()), "kid": hostile}]}))
    for form in ([], ["--json"]):
        assert ok("keyset", "list", jwks, *form).isascii()
    assert json.loads(ok("keyset", "list", jwks, "--json"))["kid"] == hostile


def test_a_kid_stands_in_a_set_once(tmp_path):
    one = key_file(tmp_path, "one")
    jwks = tmp_path / "jwks.json"
    ok("keyset", "add", jwks, one)
    assert "kid" in refused("keyset", "add", jwks, one)
    assert "kid" in refused("keyset", "add", tmp_path / "new.json", one, one) and not (tmp_path / "new.json").exists()
    jwks.write_text(json.dumps({"keys": [json.loads(one.read_text())] * 2}))
    assert "a kid twice" in refused("keyset", "list", jwks)


def test_a_key_without_id_gets_its_thumbprint(tmp_path):
    (tmp_path / "k").write_text(ok("keygen", "ES256", "--no-kid"))
    ok("keyset", "add", tmp_path / "set", tmp_path / "k")
    assert ids(tmp_path / "set") == [ok("thumbprint", tmp_path / "k").strip()]


def test_rotation_puts_a_key_first_and_lets_the_last_go(tmp_path):
    private, public = tmp_path / "private.json", tmp_path / "public.json"
    first = key_file(tmp_path, "first")
    ok("keyset", "add", private, first)
    ok("keyset", "add", "--public", public, first)
    made_id = ok("keyset", "rotate", private).split()[1]
    assert ids(private) == [made_id, "first"]
    assert ok("keyset", "rotate", private, key_file(tmp_path, "third")) == "added third\nremoved first\n"
    assert ids(private) == ["third", made_id]
    ok("keyset", "rotate", private, "--keep", "1")
    assert len(ids(private)) == 1 and json.loads(private.read_text())["keys"][0]["alg"] == "ES256"
    assert "name the file" in refused("keyset", "rotate", public)
    ok("keyset", "rotate", public, tmp_path / "third.jwk", "--public", "--keep", "3")
    assert ids(public) == ["third", "first"]
    for keep in ("0", "-1", "x", "100000"):
        assert "--keep" in refused("keyset", "rotate", private, "--keep", keep)


def test_what_is_unknown_in_a_set_stays(tmp_path):
    jwks = tmp_path / "jwks.json"
    unknown = {"kty": "PQC", "kid": "x", "pub": "AA", "more": [1, {"a": None}]}
    jwks.write_text(json.dumps({"note": "ours", "keys": [unknown], "n": 1}))
    ok("keyset", "add", "--public", jwks, key_file(tmp_path, "one"))
    text = json.loads(jwks.read_text())
    assert text["keys"][0] == unknown and text["note"] == "ours" and text["n"] == 1 and len(text["keys"]) == 2
    assert "PQC" in ok("keyset", "list", jwks)


def test_a_set_is_replaced_behind_its_link_and_keeps_its_mode(tmp_path):
    jwks = tmp_path / "jwks.json"
    ok("keyset", "add", "--public", jwks, key_file(tmp_path, "one"))
    jwks.chmod(0o640)
    (tmp_path / "link").symlink_to(jwks)
    ok("keyset", "add", "--public", tmp_path / "link", key_file(tmp_path, "two"))
    assert (tmp_path / "link").is_symlink() and ids(jwks) == ["one", "two"]
    assert stat.S_IMODE(jwks.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("jwks.json.")] == []  # nothing is left beside it


def test_commands_at_the_same_time_lose_no_key(tmp_path):
    jwks = tmp_path / "jwks.json"
    names = [f"k{i}" for i in range(8)]
    for name in names:
        key_file(tmp_path, name)
    running = [subprocess.Popen([SIGNET, "keyset", "add", "--public", jwks, tmp_path / f"{name}.jwk"], stdout=subprocess.DEVNULL) for name in names]
    assert [process.wait(timeout=120) for process in running] == [0] * len(names)
    assert sorted(ids(jwks)) == names


def test_a_key_that_is_not_there_cannot_be_removed(tmp_path):
    jwks = tmp_path / "jwks.json"
    ok("keyset", "add", "--public", jwks, key_file(tmp_path, "one"))
    run = signet("keyset", "remove", jwks, "one", "two")
    assert run.returncode == 1 and "no key two" in run.stderr and ids(jwks) == ["one"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys":{}}', '{"keys":[1]}', '{"keys":[{}]}', '{"keys":[],"keys":[]}', '{"keys":[{"kty":"EC","kid":1}]}'])
def test_what_is_no_set_is_refused(tmp_path, text):
    (tmp_path / "set").write_text(text)
    refused("keyset", "list", tmp_path / "set")
    assert (tmp_path / "set").read_text() == text
    assert "no such file" in refused("keyset", "list", tmp_path / "missing")
    refused("keyset", "remove", tmp_path / "missing", "x")
    refused("keyset", "add", tmp_path / "no" / "set", tmp_path / "set")
