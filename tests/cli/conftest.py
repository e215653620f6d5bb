"""What the tests of the command share. The binary is the one that SIGNET_BIN names."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIGNET = os.environ.get("SIGNET_BIN", str(ROOT / "build/dev/signet"))

SECRET = "a shared secret of at least thirty-two bytes, as HS256 asks"
FAMILIES = ["HS256", "RS256", "PS256", "ES256", "ES384", "ES512", "ES256K", "EdDSA"]


def clean_environment(extra=None):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIGNET_") and k not in ("NO_COLOR", "TERM")}
    return {**kept, **(extra or {})}


def signet(*arguments, stdin=None, env=None, text=True, timeout=120):
    """Runs the command to its end. `stdin` is text (or bytes with text=False); without it, the input is empty."""
    return subprocess.run([SIGNET, *map(str, arguments)], input=stdin if stdin is not None else ("" if text else b""),
                          env=clean_environment(env), capture_output=True, text=text, timeout=timeout)


def ok(*arguments, **options):
    run = signet(*arguments, **options)
    assert run.returncode == 0, (arguments, run.stdout, run.stderr)
    return run.stdout


def refused(*arguments, **options):
    """Wrong use: status 2, nothing on standard output, one line that says why."""
    run = signet(*arguments, **options)
    assert run.returncode == 2, (arguments, run.stdout, run.stderr)
    assert run.stdout == ""
    assert run.stderr.startswith("signet: ") and run.stderr.count("\n") == 1 and run.stderr.endswith("\n"), run.stderr
    return run.stderr


def decode_part(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def encode_part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def header_of(token):
    return decode_part(token.strip().split(".")[0])


def claims_of(token):
    return decode_part(token.strip().split(".")[1])


def answers(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """A private JWK file for each family, and its public half where there is one."""
    folder = tmp_path_factory.mktemp("keys")
    made = {}
    for alg in FAMILIES:
        bits = ["--bits", "2048"] if alg[:2] in ("RS", "PS") else []
        public = [] if alg == "HS256" else ["--public-out", folder / f"{alg}.pub.jwk"]
        ok("keygen", alg, "--out", folder / f"{alg}.jwk", *bits, *public)
        made[alg] = folder / f"{alg}.jwk"
    return made


@pytest.fixture(scope="session")
def token(keys):
    """A function that signs with the ES256 key."""
    def make(*arguments, expiry="15m"):
        lifetime = ["--exp", expiry] if expiry else ["--no-exp"]
        return ok("sign", "--key", keys["ES256"], *lifetime, *arguments).strip()
    return make
