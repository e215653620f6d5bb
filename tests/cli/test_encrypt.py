"""signet encrypt, signet decrypt, and keys for them"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import answers, encode_part, header_of, ok, refused, signet

TEXT = b"attack at dawn \x00\xff\n"
MANAGEMENTS = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW", "RSA-OAEP-256", "A128KW", "A256KW", "A256GCMKW", "A128CBC-HS256", "A256GCM"]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """The private and the public file of a key for each algorithm; of a secret both are one."""
    folder = tmp_path_factory.mktemp("encryption")
    made = {}
    for alg in MANAGEMENTS:
        private, public = folder / f"{alg}.jwk", folder / f"{alg}.pub.jwk"
        bits = ["--bits", "2048"] if alg.startswith("RSA") else []
        asymmetric = alg.startswith(("ECDH", "RSA"))
        ok("keygen", alg, "--out", private, *bits, *(["--public-out", public] if asymmetric else []))
        made[alg] = (private, public if asymmetric else private)
    return made


def encrypted(*arguments, **options):
    run = signet("encrypt", *arguments, stdin=TEXT, text=False, **options)
    assert run.returncode == 0, run.stderr
    return run.stdout


def decrypted(message, *arguments, **options):
    return signet("decrypt", *arguments, stdin=message, text=False, **options)


@pytest.mark.parametrize("form", ["compact", "flattened", "general"])
@pytest.mark.parametrize("alg", MANAGEMENTS)
def test_what_is_encrypted_is_decrypted_by_the_key_alone(pairs, alg, form):
    private, public = pairs[alg]
    message = encrypted("--key", public, "--form", form)
    assert message.count(b"\n") == 1 and b"attack" not in message
    run = decrypted(message, "--key", private)
    assert run.returncode == 0 and run.stdout == TEXT and run.stderr == b""


@pytest.mark.parametrize("alg", MANAGEMENTS)
def test_each_key_says_what_it_is_for(pairs, alg):
    private, public = (json.loads(file.read_text()) for file in pairs[alg])
    assert private["use"] == "enc" and private["alg"] == alg and len(private["kid"]) == 43
    assert "d" not in public and public["kid"] == private["kid"]
    refused("sign", "--key", pairs[alg][0], "--exp", "1m")


def test_files_are_arguments_and_headers_are_kept(pairs, tmp_path):
    private, public = pairs["ECDH-ES+A256KW"]
    (tmp_path / "note").write_bytes(TEXT)
    message = ok("encrypt", "--key", public, "--typ", "note", "--cty", "text/plain", "--enc", "A128GCM", tmp_path / "note")
    (tmp_path / "jwe").write_text(message)
    header = header_of(message)
    assert (header["typ"], header["cty"], header["enc"]) == ("note", "text/plain", "A128GCM")
    [answer] = answers(signet("decrypt", "--key", private, "--json", tmp_path / "jwe"))
    assert answer == {"decrypted": True, "header": header, "plaintext": encode_part(TEXT)}


def test_several_recipients_read_the_same_message(pairs):
    message = encrypted("--key", pairs["ECDH-ES+A256KW"][1], "--key", pairs["RSA-OAEP-256"][1])
    assert len(json.loads(message)["recipients"]) == 2
    for alg in ("ECDH-ES+A256KW", "RSA-OAEP-256"):
        assert decrypted(message, "--key", pairs[alg][0]).stdout == TEXT
    assert decrypted(message, "--key", pairs["A256KW"][0]).returncode == 1


def test_a_password_is_a_key_too():
    arguments = ["--password-env", "P", "--alg", "PBES2-HS256+A128KW"]
    message = encrypted(*arguments, env={"P": "correct horse battery"})
    assert decrypted(message, *arguments, env={"P": "correct horse battery"}).stdout == TEXT
    run = decrypted(message, *arguments, "--json", env={"P": "wrong horse battery"})
    assert run.returncode == 1
    assert json.loads(run.stdout) == {"decrypted": False, "error": "decryption_failed", "detail": "decryption_failed"}
    refused("encrypt", "--password-env", "P", env={"P": "correct horse battery"}, stdin="x")


@pytest.mark.parametrize("alg,generate", [("RSA-OAEP-256", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]), ("ECDH-ES", ["X25519"])])
def test_pem_needs_its_algorithm_named(tmp_path, alg, generate):
    subprocess.run(["openssl", "genpkey", "-algorithm", *generate, "-out", tmp_path / "k.pem"], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", tmp_path / "k.pem", "-pubout", "-out", tmp_path / "p.pem"], check=True)
    assert "--alg" in refused("encrypt", "--key", tmp_path / "p.pem", stdin="x")
    for file in ("p.pem", "k.pem"):
        assert decrypted(encrypted("--key", tmp_path / file, "--alg", alg), "--key", tmp_path / "k.pem", "--alg", alg).stdout == TEXT


def test_what_cannot_be_decrypted_shows_nothing(pairs):
    private, public = pairs["ECDH-ES"]
    message = encrypted("--key", public).decode()
    head, *rest = message.split(".")
    for bad in ["", "x", ".".join([head, *rest[:-1], "AAAA"]), message[:-5] + "AAAA\n", "{}"]:
        run = signet("decrypt", "--key", private, stdin=bad)
        assert run.returncode in (1, 2) and run.stdout == "" and run.stderr.startswith("signet: ")


@pytest.mark.parametrize("file,form,flag", [("5_9.compressed_content", "compact", "--allow-zip"),
                                            ("5_11.protecting_specific_header_fields", "json_flat", "--allow-unprotected-alg")])
def test_compression_and_unprotected_algorithms_are_asked_for(tmp_path, file, form, flag):
    if "SIGNET_VECTORS" not in os.environ:
        pytest.skip("SIGNET_VECTORS is not set: it names the folder with rfc7520-cookbook")
    vector = json.loads((Path(os.environ["SIGNET_VECTORS"]) / f"rfc7520-cookbook/jwe/{file}.json").read_text())
    (tmp_path / "k.jwk").write_text(json.dumps(vector["input"]["key"]))
    message = vector["output"][form]
    message = message if isinstance(message, str) else json.dumps(message)
    run = signet("decrypt", "--key", tmp_path / "k.jwk", "--alg", vector["input"]["alg"], "--json", stdin=message)
    assert run.returncode == 1 and answers(run)[0]["error"] == "algorithm_not_allowed"
    assert ok("decrypt", "--key", tmp_path / "k.jwk", "--alg", vector["input"]["alg"], flag, stdin=message) == vector["input"]["plaintext"]


@pytest.mark.parametrize("arguments", [[], ["--form", "xml"], ["--enc", "A1GCM"], ["--alg", "RSA1_5"], ["--alg", "ES256"], ["--enc", "A128CBC-HS256"]])
def test_what_cannot_be_encrypted_is_wrong_use(pairs, arguments):
    key = ["--key", pairs["A256GCM"][1]] if arguments else []
    refused("encrypt", *key, *arguments, stdin="x")


def test_keys_for_signatures_do_not_encrypt(keys):
    refused("encrypt", "--key", keys["ES256"], stdin="x")
    refused("decrypt", "--key", keys["ES256"], stdin="x")


@pytest.mark.parametrize("arguments", [["dir"], ["PBES2-HS256+A128KW"], ["A256KW", "--pem"], ["A256GCM", "--public-out", "x"],
                                       ["ECDH-ES", "--bits", "2048"], ["RSA1_5"]])
def test_keys_that_do_not_exist_are_not_made(arguments):
    refused("keygen", *arguments)
