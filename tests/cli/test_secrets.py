"""No secret shows: not in the arguments, not in an error, not in the output of a command that was not asked for it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import SECRET, SIGNET, clean_environment, ok, signet


def private_values(jwk):
    return [jwk[m] for m in ("d", "p", "q", "dp", "dq", "qi", "k") if m in jwk]


@pytest.mark.parametrize("arguments", [
    ["sign", "--exp", "1m", "--key"], ["verify", "x", "--key"], ["verify", "x", "--jwk"], ["verify", "x", "--jwks"], ["thumbprint"], ["jwks"],
    ["keygen"], ["keygen", "ES256", "--out"], ["sign", "--exp", "1m", "--alg"], ["sign", "--exp", "1m", "--secret-env"], ["sign"],
    ["verify", "--foo"], ["users", "add"], ["users", "add", "bob"], ["users", "add", "bob", "--password"], ["sessions", "revoke"], [],
    ["users"], ["serve"], ["serve", "--config"], ["sign", "--exp"], ["sign", "--key", "/dev/null", "--exp", "1m", "--claims"],
])
@pytest.mark.parametrize("alg", ["HS256", "EdDSA"])
def test_a_key_given_where_a_name_belongs_is_not_repeated(keys, tmp_path, alg, arguments):
    text = keys[alg].read_text().strip()
    for given in (text, "=" + text):
        run = subprocess.run([SIGNET, *arguments, given], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, input="",
                             timeout=60)
        assert run.returncode != 0
        for value in private_values(json.loads(text)):
            assert value not in run.stdout + run.stderr
    assert not list(tmp_path.iterdir())


def test_a_secret_in_place_of_a_variable_s_name_is_not_repeated():
    for secret in ("hunter2hunter2hunter2", "UPPERCASE_SECRET", "with space"):
        for command in (["sign", "--exp", "1m", "--alg", "HS256"], ["verify", "x", "--alg", "HS256"]):
            run = signet(*command, "--secret-env", secret)
            assert run.returncode == 2 and secret not in run.stdout + run.stderr


def test_passwords_are_no_arguments(tmp_path):
    for arguments in (["--password", "hunter2hunter2"], ["--password=hunter2hunter2"], ["hunter2hunter2"]):
        run = signet("users", "add", "bob", "--data", tmp_path / "data", *arguments)
        assert run.returncode == 2 and "hunter2" not in run.stdout + run.stderr


@pytest.mark.parametrize("damage", [lambda t: t[:-3], lambda t: t + "x", lambda t: t.replace('"kty"', '"kty":"x","kty"', 1),
                                    lambda t: t.replace('"kty":"', '"kty":"Z'), lambda t: t.replace('"alg":"', '"alg":"Z')])
@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "EdDSA"])
def test_a_broken_key_file_is_not_quoted(keys, tmp_path, alg, damage):
    (tmp_path / "k").write_text(damage(keys[alg].read_text().strip()))
    values = private_values(json.loads(keys[alg].read_text()))
    for command in (["sign", "--exp", "1m", "--key"], ["verify", "x", "--key"], ["jwks"], ["thumbprint"]):
        run = signet(*command, tmp_path / "k")
        assert run.returncode == 2, (command, run.stdout)
        assert not any(value[:16] in run.stdout + run.stderr for value in values)


def test_a_broken_pem_is_not_quoted(tmp_path):
    pem = ok("keygen", "RS256", "--bits", "2048", "--pem")
    lines = pem.splitlines()
    (tmp_path / "k").write_text("\n".join(lines[:3] + lines[4:]))
    run = signet("sign", "--key", tmp_path / "k", "--alg", "RS256", "--exp", "1m")
    assert run.returncode == 2 and not any(line[:20] in run.stderr for line in lines[1:-1])


def test_the_process_shows_no_secret_while_it_runs(keys, tmp_path):
    fifo = tmp_path / "claims"
    os.mkfifo(fifo)
    process = subprocess.Popen([SIGNET, "sign", "--secret-env", "S", "--alg", "HS256", "--exp", "1m", "--claims", str(fifo)],
                               env=clean_environment({"S": SECRET}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with open(fifo, "w") as claims:  # opens when the command reads it: it is running now
        arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        claims.write("{}")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert SECRET.encode() not in arguments and SECRET not in out + err


def test_only_keygen_ever_prints_a_private_key(keys):
    for alg, file in keys.items():
        values = private_values(json.loads(file.read_text()))
        token = ok("sign", "--key", file, "--exp", "1m")
        shown = token + ok("inspect", token.strip()) + ok("verify", "--json", "--key", file, token.strip()) + ok("thumbprint", file)
        if alg != "HS256":
            shown += ok("jwks", file)
        assert not any(value in shown for value in values)
