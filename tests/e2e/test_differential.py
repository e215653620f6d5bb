"""Signet beside other libraries, on the tokens of strictness_corpus.py: what one of them refuses, Signet refuses, but for the reasons
below; what it refuses and they accept stands in docs/strictness.md, which is written by

    SIGNET_WRITE_DOCS=1 /usr/bin/python3 -m pytest tests/e2e/test_differential.py
"""

import base64
import binascii
import ctypes
import ctypes.util
import datetime
import json
import os
import shutil
import subprocess
from pathlib import Path

import jwt
import pytest
from strictness_corpus import AUDIENCE, ISSUER, Key, mutated, named_cases, originals, random_claims

ROOT = Path(__file__).parents[2]
NODE = Path(__file__).parent / "node"
DOCUMENT = ROOT / "docs/strictness.md"
ALGORITHMS = ["HS256", "RS256", "ES256", "EdDSA"]
OTHERS = ["jose", "fast-jwt", "jsonwebtoken", "PyJWT", "libjwt"]
RANDOM_TOKENS = 1500  # of each kind

pytestmark = pytest.mark.skipif(
    not all((NODE / "node_modules" / name).exists() for name in ("jose", "fast-jwt", "jsonwebtoken"))
    or not ctypes.util.find_library("jwt"), reason="scripts/setup installs what it is compared with")

# Why Signet accepts what another refuses: (library, what its verdict hangs on, of the claims, the reason).
ACCEPTED_FOR_A_REASON = [
    ("libjwt", lambda claims: isinstance(claims["aud"], list), "its getters know no list of audiences (RFC 7519 section 4.1.3)"),
    ("libjwt", lambda claims: any(isinstance(claims.get(name), float) for name in ("exp", "nbf")),
     "its getters know no times but whole ones (RFC 7519 section 2 allows fractions)"),
    ("libjwt", lambda claims: "\0" in "".join(texts_of(claims)), "its JSON library takes no NUL in a text (RFC 8259 section 7 does)"),
    ("libjwt", lambda claims: claims.get("n", 0) > 2**63, "its JSON library has no numbers beyond 64 bits"),
]


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for element in value.values() if isinstance(value, dict) else value:
            yield from texts_of(element)


def reason(library, token):
    """Why Signet accepts this token although the library refuses it; None when it may not."""
    claims = json.loads(decoded(token.split(".")[1]))
    return next((why for other, applies, why in ACCEPTED_FOR_A_REASON if other == library and applies(claims)), None)


def decoded(part):
    """As a forgiving decoder reads base64url: both alphabets, what is of none left out, padding or not."""
    kept = "".join(c for c in part.replace("-", "+").replace("_", "/") if c.isascii() and (c.isalnum() or c in "+/"))
    try:
        return base64.b64decode(kept + "=" * (-len(kept) % 4))
    except binascii.Error:
        return None


# --- the judges: each takes a key and tokens, and says of each token whether it accepts it

def by_signet(folder, key, tokens):
    """`signet verify` on standard input, where a line is a token; what holds a line end is no line."""
    (folder / "key.jwk").write_text(json.dumps(key.jwk))
    binary = os.environ.get("SIGNET_BIN", str(ROOT / "build/dev/signet"))
    run = subprocess.run([binary, "verify", "--jwk", folder / "key.jwk", "--iss", ISSUER, "--aud", AUDIENCE, "--json"],
                         input="\n".join(tokens) + "\n", capture_output=True, text=True, timeout=300)
    assert run.returncode in (0, 1), run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(tokens), run.stderr
    assert all(answer["valid"] or answer["error"] != "internal" for answer in answers)
    return [answer["valid"] for answer in answers]


def by_node(key, tokens):
    request = {"alg": key.alg, "key": key.jwk, "iss": ISSUER, "aud": AUDIENCE, "tokens": tokens}
    run = subprocess.run([shutil.which("node"), "judge.mjs"], cwd=NODE, input=json.dumps(request), capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def by_pyjwt(key, tokens):
    def accepts(token):
        try:
            jwt.decode(token, key.pem, algorithms=[key.alg], issuer=ISSUER, audience=AUDIENCE, options={"require": ["exp"]})
            return True
        except Exception:  # of any kind: it is not known for its own alone (case 49)
            return False

    return [accepts(token) for token in tokens]


def by_libjwt(key, tokens):
    """Debian's libjwt 1.10 has no validation of claims yet: its caller compares what its getters give."""
    library = ctypes.CDLL(ctypes.util.find_library("jwt"))
    library.jwt_decode.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
    library.jwt_get_grant.argtypes = library.jwt_get_grant_int.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.jwt_get_grant.restype, library.jwt_get_grant_int.restype = ctypes.c_char_p, ctypes.c_long
    library.jwt_get_alg.argtypes = library.jwt_free.argtypes = [ctypes.c_void_p]
    algorithm = {"HS256": 1, "RS256": 4, "ES256": 7}[key.alg]
    now = int(datetime.datetime.now().timestamp())

    def accepts(token):
        decoded = ctypes.c_void_p()
        if library.jwt_decode(ctypes.byref(decoded), token.encode(), key.pem, len(key.pem)) != 0:
            return False
        valid = (library.jwt_get_alg(decoded) == algorithm
                 and library.jwt_get_grant(decoded, b"iss") == ISSUER.encode()
                 and library.jwt_get_grant(decoded, b"aud") == AUDIENCE.encode()
                 and library.jwt_get_grant_int(decoded, b"nbf") <= now < library.jwt_get_grant_int(decoded, b"exp"))
        library.jwt_free(decoded)
        return valid

    return [accepts(token) for token in tokens]


def judge(folder, key, tokens):
    """{library: [accepted, ...]}, Signet's among them."""
    verdicts = {"Signet": by_signet(folder, key, tokens), **by_node(key, tokens), "PyJWT": by_pyjwt(key, tokens)}
    if key.alg != "EdDSA":
        verdicts["libjwt"] = by_libjwt(key, tokens)
    return verdicts


def unexplained(token, verdicts, at):
    """The libraries that refuse what Signet accepts, without a reason."""
    if not verdicts["Signet"][at]:
        return []
    return [library for library, accepted in verdicts.items() if not accepted[at] and not reason(library, token)]


# --- named tokens: the table

@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """(case, its verdicts) of every algorithm."""
    folder, found = tmp_path_factory.mktemp("named"), []
    for algorithm in ALGORITHMS:
        key = Key(algorithm)
        cases = named_cases(key)
        verdicts = judge(folder, key, [token for case in cases for token in case.tokens])
        at = 0
        for case in cases:
            found.append((case, {library: accepted[at:at + len(case.tokens)] for library, accepted in verdicts.items()}))
            at += len(case.tokens)
    return found


def test_what_another_refuses_is_refused(judged):
    loose = [(case.what, library, token) for case, verdicts in judged
             for at, token in enumerate(case.tokens) for library in unexplained(token, verdicts, at)]
    assert not loose


def test_what_the_standard_allows_is_accepted_by_all_but_for_a_reason(judged):
    allowed = {"a good token", "a list of audiences", "fractions of a second", "times written with an exponent", "spaces between the members",
               "escapes in names and texts", "a NUL in a text", "header members that decide nothing",
               "numbers beyond 64 bits in claims of one's own"}
    assert allowed == {case.what for case, verdicts in judged if any(verdicts["Signet"])}
    assert all(all(verdicts["Signet"]) for case, verdicts in judged if case.what in allowed)


def versions():
    """Debian's in full: a security update may change what a library accepts, and leaves its own number as it was."""
    found = {name: json.loads((NODE / "node_modules" / name / "package.json").read_text())["version"] for name in OTHERS[:3]}
    for name, package in ("PyJWT", "python3-jwt"), ("libjwt", "libjwt0"):
        found[name] = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], check=True, capture_output=True, text=True).stdout
    return found


def table(judged):
    rows = {}
    for case, verdicts in judged:
        if any(verdicts["Signet"]):
            continue
        row = rows.setdefault(case.what, dict.fromkeys(OTHERS, False))
        for library in OTHERS:
            row[library] |= any(verdicts.get(library, []))
    yield "| in the token | Signet | " + " | ".join(f"{name} {version}" for name, version in versions().items()) + " |"
    yield "|---|---|" + "---|" * len(OTHERS)
    for what, row in rows.items():
        if any(row.values()):
            yield f"| {what} | refuses | " + " | ".join("**accepts**" if row[name] else "refuses" for name in OTHERS) + " |"


def reasons(judged):
    found = {}
    for case, verdicts in judged:
        for at, token in enumerate(case.tokens):
            for library, accepted in verdicts.items():
                if verdicts["Signet"][at] and not accepted[at]:
                    found[(case.what, library)] = reason(library, token)
    yield "| in the token | refused by | because |"
    yield "|---|---|---|"
    for (what, library), why in found.items():
        yield f"| {what} | {library} | {why} |"


def comparable(text, libraries):
    """What the document says of these libraries alone."""
    kept = []
    for line in text.splitlines():
        cells = line.strip("| ").split(" | ")
        if line.startswith("|") and len(cells) == 2 + len(OTHERS):
            columns = [cell for name, cell in zip(OTHERS, cells[2:]) if name in libraries]
            if "**accepts**" in columns:
                kept.append((cells[0], columns))
        elif len(cells) != 3 or cells[1] in libraries or cells[1] not in OTHERS:
            kept.append(line)
    return kept


def test_the_document_has_the_table(judged):
    count = sum(len(case.tokens) for case, _ in judged)
    text = "\n".join([
        "# Strictness, beside others",
        "",
        f"What five libraries say of {count} tokens, each signed with the verifier's key (but where the signature is what is wrong) and with",
        "one thing about it that is wrong or unusual. All are asked for the same: this algorithm, this issuer, this audience, and, where",
        "they have such an option, that `exp` must be there. libjwt is Debian's, whose callers compare claims themselves. This page is",
        "written by `tests/e2e/test_differential.py`, which also tries thousands of random and mutated tokens: what one of the others",
        "refuses and Signet accepts fails the test, unless the reason stands at the end of this page.",
        "",
        "## Signet refuses, another accepts",
        "",
        *table(judged),
        "",
        "A row has several tokens, of all algorithms; \"accepts\" says that at least one of them passes.",
        "",
        "## Signet accepts, another refuses",
        "",
        *reasons(judged),
        ""])
    if os.environ.get("SIGNET_WRITE_DOCS"):
        DOCUMENT.write_text(text)
    written = DOCUMENT.read_text()
    same = [name for name, version in versions().items() if f" | {name} {version} |" in written]
    assert len(same) >= 3, "of too many libraries another version is installed: SIGNET_WRITE_DOCS=1 writes it anew"
    assert comparable(written, same) == comparable(text, same), "SIGNET_WRITE_DOCS=1 writes it anew"


# --- thousands of others

@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_mutated_token_is_accepted_by_none_that_reads_what_it_was(algorithm, tmp_path):
    key = Key(algorithm)
    tokens = list(mutated(key, RANDOM_TOKENS, seed=algorithm))
    verdicts = judge(tmp_path, key, tokens)
    assert not [(token, at) for at, token in enumerate(tokens) if unexplained(token, verdicts, at)]
    assert 0 < sum(verdicts["Signet"]) < len(tokens) // 10, "some changes change nothing"
    for at, token in enumerate(tokens):
        parts = token.split(".")
        for library in (library for library, accepted in verdicts.items() if accepted[at]):
            # What anybody accepts says what the issuer signed, however it is spelt.
            assert any([decoded(part) for part in parts[:3]][:2] == [decoded(part) for part in good.split(".")][:2]
                       for good in originals(key)), (library, token)


@pytest.mark.parametrize("seed", range(2))
def test_random_claims_are_refused_where_another_refuses_them(seed, tmp_path):
    key = Key("HS256")
    tokens = list(random_claims(key, RANDOM_TOKENS, seed))
    verdicts = judge(tmp_path, key, tokens)
    loose = [(token.split(".")[1], unexplained(token, verdicts, at)) for at, token in enumerate(tokens) if unexplained(token, verdicts, at)]
    assert not loose
    assert len(tokens) // 20 < sum(verdicts["Signet"]) < len(tokens) // 2
