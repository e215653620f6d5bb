"""signet inspect"""

import json

from conftest import encode_part, ok, signet

UNSIGNED = f"{encode_part({'alg': 'none'})}.{encode_part({'sub': 'stranger', 'exp': 1700000000})}."


def test_it_shows_what_a_token_says_and_that_nothing_was_verified(token):
    run = signet("inspect", token("--sub", "user-42", "--claim-json", 'roles=["a", "b"]'))
    assert run.returncode == 0
    assert "NOT VERIFIED" in run.stderr and "NOT VERIFIED" not in run.stdout
    assert "user-42" in run.stdout and "ES256" in run.stdout and '["a","b"]' in run.stdout


def test_times_are_shown_as_a_person_reads_them():
    run = signet("inspect", UNSIGNED)
    assert "1700000000  2023-11-14T22:13:20Z (" in run.stdout and "ago)" in run.stdout


def test_json_says_that_nothing_was_verified():
    run = signet("inspect", "--json", UNSIGNED)
    shown = json.loads(run.stdout)
    assert run.returncode == 0 and run.stderr == "" and run.stdout.count("\n") == 1
    assert shown == {"verified": False, "header": {"alg": "none"}, "claims": {"sub": "stranger", "exp": 1700000000}, "signature": ""}


def test_the_token_can_come_from_standard_input(token):
    assert "user-42" in ok("inspect", stdin=token("--sub", "user-42") + "\n")
    assert "user-42" in ok("inspect", "-", stdin=token("--sub", "user-42"))
    run = signet("inspect", stdin="")
    assert run.returncode == 2 and "no token" in run.stderr


def test_what_is_not_a_token_is_refused():
    for text in ("", "x", "a.b", "a.b.c", "....", "{}", f"{UNSIGNED}.", UNSIGNED + "=", "x" * 1_000_000, "\0.\0.\0"):
        run = signet("inspect", stdin=text + "\n")
        assert run.returncode == 1 and run.stdout == "" and run.stderr.count("\n") == 1, text
    run = signet("inspect", "--json", "a.b")
    assert run.returncode == 1 and json.loads(run.stdout)["error"] == "token_malformed"
    assert json.loads(run.stdout)["verified"] is False


def test_a_stranger_cannot_move_the_cursor():
    hostile = {"sub": "a\x1b[2Jb\u202e\u0085\u2028c\x07\n", "\x1b]0;name\x07": 1}
    raw = json.dumps(hostile, ensure_ascii=False)
    for control in ("\x1b", "\x07", "\n"):
        raw = raw.replace(control, "\\u%04x" % ord(control))
    made = f"{encode_part({'alg': 'none'})}.{encode_part(raw.encode())}."
    for arguments in (["inspect", made], ["inspect", "--json", made]):
        run = signet(*arguments)
        assert run.returncode == 0, run.stderr
        assert not any(ord(c) < 32 and c != "\n" for c in run.stdout)
    shown = signet("inspect", made).stdout
    assert not any(c in shown for c in "\u202e\u0085\u2028")


INVISIBLE = "\u202e\u0085\u2028\u200b\u2060\u00ad\x7f\U000e0041"


def test_json_shows_what_nobody_sees_and_stays_the_same_value():
    hostile = {"sub": f"a{INVISIBLE}b", f"x{INVISIBLE}": ["\u2066"]}
    made = f"{encode_part({'alg': 'none'})}.{encode_part(json.dumps(hostile, ensure_ascii=False).encode())}."
    run = signet("inspect", "--json", made)
    assert json.loads(run.stdout)["claims"] == hostile
    assert not any(c in run.stdout for c in INVISIBLE + "\u2066")
    assert not any(c in signet("inspect", made).stdout for c in INVISIBLE + "\u2066")


def test_what_was_meant_by_what_is_no_token_is_guessed(tmp_path, token):
    made, name = token("--sub", "user-42"), tmp_path / "token.txt"
    name.write_text(made)
    parts = made.strip().split(".")
    for argument, words in ((name, f"< {name}"), ("Bearer " + made.strip(), "leave out"), (".".join([*parts, parts[1], parts[2]]), "signet decrypt")):
        run = signet("inspect", argument)
        assert run.returncode == 1 and words in run.stderr and run.stderr.count("\n") == 1, run.stderr
    assert "< " not in signet("inspect", "--json", name).stdout
