"""What holds for every command: help, errors, colour, streams."""

import os
import pty
import re
import select
import subprocess

import pytest
from conftest import SIGNET, clean_environment, ok, refused, signet

COMMANDS = ["serve", "keygen", "sign", "verify", "inspect", "jwks", "thumbprint", "convert", "keyset", "keyset list", "keyset add", "keyset remove",
            "keyset rotate", "users", "users add", "users list", "users disable",
            "users enable", "sessions", "sessions list", "sessions revoke"]


def on_a_terminal(arguments, env=None):
    """Standard output and error of the command on a terminal of its own, together."""
    master, slave = pty.openpty()
    process = subprocess.Popen([SIGNET, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave,
                               env=clean_environment({"TERM": "xterm-256color", **(env or {})}))
    os.close(slave)
    shown = b""
    while select.select([master], [], [], 60)[0]:
        try:
            more = os.read(master, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more
    os.close(master)
    return process.wait(timeout=60), shown.decode().replace("\r\n", "\n")


def test_the_version_is_printed():
    text = ok("--version")
    wanted = (r"signet \d+\.\d+\.\d+\nsignature algorithms: (HS256 .* ES256K .* Ed448.*)\n(?:absent, for lack of OpenSSL 3\.5: (.*)\n)?"
              r"key management: dir A128KW .* PBES2-HS512\+A256KW\ncontent encryption: A128CBC-HS256 .* A256GCM\n")
    there, absent = re.fullmatch(wanted, text).groups()
    assert re.findall(r"ML-DSA-\d+", f"{there} {absent}") == ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]  # each once, here or there
    assert "ML-DSA-44" in there or "needs OpenSSL 3.5" in refused("keygen", "ML-DSA-44")


def test_help_lists_every_command():
    text = ok("--help")
    assert text == ok("-h")
    for command in COMMANDS:
        assert re.search(rf"^  {command.split()[0]} ", text, re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_on_standard_output(command):
    run = signet(*command.split(), "--help")
    assert run.returncode == 0 and run.stderr == ""
    assert f"Usage: signet {command} " in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 120


def test_no_command_is_wrong_use_and_shows_help():
    for command in ([], ["users"], ["sessions"], ["keyset"]):
        run = signet(*command)
        assert run.returncode == 2 and run.stdout == "" and "Usage: signet" in run.stderr


@pytest.mark.parametrize("arguments,word", [
    (["verfy"], "verfy"), (["users", "ad"], "ad"), (["verify", "--no-such-flag"], "--no-such-flag"), (["--no-such-flag"], "--no-such-flag"),
    (["keygen", "ES256", "-x"], "unknown option"), (["sign", "--exp"], "--exp"), (["verify", "--at", "now", "--at", "now"], "--at"),
])
def test_wrong_arguments_point_to_help(arguments, word):
    error = refused(*arguments)
    assert word in error and "--help`" in error


@pytest.mark.parametrize("arguments", [["sign", "--exp", "1m", "--sub"], ["sign", "--exp"], ["verify", "x", "--key"], ["keygen", "ES256", "--out"],
                                       ["keygen", "ES256", "--kid"], ["users", "list", "--data"], ["sign", "--exp", "1m", "--typ"]])
def test_an_option_with_nothing_in_it_is_never_left_out_silently(arguments):
    assert f"{arguments[-1]}: an empty value" in refused(*arguments, "")


def test_an_empty_token_is_a_token_that_is_not_valid(keys, token):
    run = signet("verify", "--json", "--key", keys["ES256"], "", stdin=token() + "\n")
    assert run.returncode == 1 and '"error":"token_malformed"' in run.stdout and run.stdout.count("\n") == 1
    assert signet("inspect", "", stdin=token() + "\n").returncode == 1


def test_prose_and_colour_are_for_terminals(keys, token):
    made = token("--sub", "user-42")
    status, shown = on_a_terminal(["verify", "--key", keys["ES256"], made])
    assert status == 0 and "\x1b[32mvalid\x1b[0m" in shown and "user-42" in shown and "(in 1" in shown and "not checked:" in shown
    status, shown = on_a_terminal(["verify", "--key", keys["ES256"], made], {"NO_COLOR": "1"})
    assert status == 0 and "\x1b" not in shown and "valid  ES256" in shown
    status, shown = on_a_terminal(["verify", "--key", keys["ES256"], made], {"TERM": "dumb"})
    assert "\x1b" not in shown
    status, shown = on_a_terminal(["verify", "--json", "--key", keys["ES256"], made])
    assert "\x1b" not in shown and shown.startswith('{"valid":true')
    status, shown = on_a_terminal(["inspect", made])
    assert "NOT VERIFIED" in shown


def test_a_full_disk_is_said(keys):
    with open("/dev/full", "w") as full:
        run = subprocess.run([SIGNET, "keygen", "ES256"], stdout=full, stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert run.returncode == 2 and "No space left" in run.stderr


def test_a_disk_that_is_full_before_the_end_is_said(keys, token):
    with open("/dev/full", "w") as full:
        run = subprocess.run([SIGNET, "verify", "--json", "--key", keys["ES256"]], input=500 * (token() + "\n"), stdout=full,
                             stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert run.returncode == 2 and "cannot write to standard output" in run.stderr


def test_a_closed_pipe_is_harmless(keys, token):
    for command, given in ((["inspect", token()], None), (["verify", "--json", "--key", keys["ES256"]], 500 * (token() + "\n"))):
        read, write = os.pipe()
        os.close(read)
        run = subprocess.run([SIGNET, *command], input=given, stdout=write, stderr=subprocess.PIPE, text=True, env=clean_environment())
        os.close(write)
        assert run.returncode == 0 and "signet:" not in run.stderr


def test_closed_streams_are_harmless(keys, token):
    for redirect in ("<&-", ">&-", "2>&-"):
        run = subprocess.run(["bash", "-c", f'"$@" {redirect}', "-", SIGNET, "verify", "--key", str(keys["ES256"]), token()],
                             capture_output=True, text=True, env=clean_environment())
        assert run.returncode in (0, 2), redirect
