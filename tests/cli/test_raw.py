"""signet sign --payload, signet verify --raw"""

import json
import os
from pathlib import Path

import pytest
from conftest import SECRET, answers, encode_part, header_of, ok, refused, signet
from jwt.algorithms import get_default_algorithms

PAYLOAD = b"attack at dawn \x00\xff"


@pytest.fixture
def sign(keys):
    """A compact JWS by one of the keys, over any bytes; PyJWT's primitives sign it."""
    def make(alg="ES256", payload=PAYLOAD, **header):
        jwk = json.loads(keys[alg].read_text())
        head = encode_part({"alg": alg, "kid": jwk["kid"], **header})
        signing_input = f"{head}.{encode_part(payload)}"
        algorithm = get_default_algorithms()[alg]
        return f"{signing_input}.{encode_part(algorithm.sign(signing_input.encode(), algorithm.from_jwk(json.dumps(jwk))))}"
    return make


def flattened(compact):
    protected, payload, signature = compact.split(".")
    return json.dumps({"payload": payload, "protected": protected, "signature": signature})


def general(*compact):
    entries = [{"protected": one.split(".")[0], "signature": one.split(".")[2]} for one in compact]
    return json.dumps({"payload": compact[0].split(".")[1], "signatures": entries})


def public(keys, alg="ES256"):
    return keys[alg] if alg == "HS256" else keys[alg].with_suffix(".pub.jwk")


@pytest.mark.parametrize("alg", ["HS256", "RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"])
def test_compact_and_json_of_any_payload_are_verified_line_by_line(keys, sign, alg):
    message = sign(alg)
    run = signet("verify", "--raw", "--jwk", public(keys, alg), "--json", stdin=f"{message}\n{flattened(message)}\n{general(message)}\n")
    assert run.returncode == 0 and run.stderr == ""
    compact, *in_json = answers(run)
    assert compact == {"valid": True, "header": header_of(message), "payload": encode_part(PAYLOAD)}
    for answer in in_json:
        assert answer["valid"] and answer["header"] == header_of(message) and answer["payload"] == encode_part(PAYLOAD)
        [signature] = answer["signatures"]
        assert signature == {"index": 0, "alg": alg, "kid": header_of(message)["kid"], "header": header_of(message)}


def test_a_message_is_an_argument_too_and_plain_output_is_one_line(keys, sign):
    assert ok("verify", "--raw", "--jwk", public(keys), sign()) == f"valid {encode_part(PAYLOAD)}\n"
    run = signet("verify", "--raw", "--jwk", public(keys), sign()[:-4] + "AAAA")
    assert run.returncode == 1 and run.stdout.startswith("invalid bad_signature")


def test_each_line_gets_its_answer(keys, sign):
    good = sign()
    lines = [good, "", "nonsense", "{", good[:-4] + "AAAA", sign("ES384"), sign("HS256"), good + "=", "x" * 20000,
             f"{encode_part({'alg': 'none'})}.{encode_part(PAYLOAD)}."]
    run = signet("verify", "--raw", "--jwk", public(keys), "--json", stdin="\n".join(lines) + "\n")
    assert run.returncode == 1
    assert [answer.get("error") for answer in answers(run)] == [
        None, "token_malformed", "token_malformed", "token_malformed", "bad_signature", "algorithm_not_allowed",
        "algorithm_not_allowed", "token_malformed", "token_too_large", "algorithm_not_allowed"]


def test_a_key_set_chooses_by_kid(keys, sign, tmp_path):
    (tmp_path / "set").write_text(ok("jwks", keys["ES256"], keys["EdDSA"]))
    run = signet("verify", "--raw", "--jwks", tmp_path / "set", "--json", stdin=f"{sign()}\n{sign('EdDSA')}\n{sign('ES384')}\n")
    assert run.returncode == 1
    assert [answer.get("error") for answer in answers(run)] == [None, None, "key_not_found"]


def test_a_secret_comes_from_the_environment():
    algorithm = get_default_algorithms()["HS256"]
    head = f"{encode_part({'alg': 'HS256'})}.{encode_part(PAYLOAD)}"
    message = f"{head}.{encode_part(algorithm.sign(head.encode(), SECRET.encode()))}"
    ok("verify", "--raw", "--secret-env", "S", "--alg", "HS256", message, env={"S": SECRET})
    assert signet("verify", "--raw", "--secret-env", "S", "--alg", "HS256", message, env={"S": SECRET + "x"}).returncode == 1


def test_of_several_signatures_any_or_all_must_hold(keys, sign, tmp_path):
    (tmp_path / "set").write_text(ok("jwks", keys["ES256"], keys["EdDSA"]))
    message = general(sign("EdDSA"), sign("ES256"))
    [answer] = answers(signet("verify", "--raw", "--jwk", public(keys), "--json", message))
    assert [one["index"] for one in answer["signatures"]] == [1] and answer["header"]["alg"] == "ES256"
    assert signet("verify", "--raw", "--all-signatures", "--jwk", public(keys), message).returncode == 1
    [answer] = answers(signet("verify", "--raw", "--all-signatures", "--jwks", tmp_path / "set", "--json", message))
    assert [one["alg"] for one in answer["signatures"]] == ["EdDSA", "ES256"]


def test_a_detached_payload_comes_from_a_file(keys, sign, tmp_path):
    (tmp_path / "payload").write_bytes(PAYLOAD)
    head, _, signature = sign().split(".")
    in_json = json.dumps({"protected": head, "signature": signature})
    run = signet("verify", "--raw", "--payload", tmp_path / "payload", "--jwk", public(keys), "--json",
                 stdin=f"{head}..{signature}\n{in_json}\n{sign()}\n")
    assert run.returncode == 1
    assert [answer.get("payload") for answer in answers(run)] == [encode_part(PAYLOAD), encode_part(PAYLOAD), None]
    (tmp_path / "other").write_bytes(b"other")
    assert signet("verify", "--raw", "--payload", tmp_path / "other", "--jwk", public(keys), f"{head}..{signature}").returncode == 1


def test_alg_outside_the_protected_header_is_asked_for(keys, sign):
    head, payload, signature = sign().split(".")
    algorithm = get_default_algorithms()["ES256"]
    unprotected = encode_part(algorithm.sign(f".{payload}".encode(), algorithm.from_jwk(keys["ES256"].read_text())))
    message = json.dumps({"payload": payload, "header": {"alg": "ES256"}, "signature": unprotected})
    [answer] = answers(signet("verify", "--raw", "--jwk", public(keys), "--json", message))
    assert answer["error"] == "algorithm_not_allowed"
    [answer] = answers(signet("verify", "--raw", "--allow-unprotected-alg", "--jwk", public(keys), "--json", message))
    assert answer["valid"] and answer["header"] == {} and answer["signatures"][0]["unprotected"] == {"alg": "ES256"}


@pytest.mark.parametrize("arguments", [["--iss", "a"], ["--any-aud"], ["--typ", "JWT"], ["--leeway", "1s"], ["--at", "now"],
                                       ["--require", "x"], ["--allow-missing-exp"], ["--payload", "-"], ["--payload", "/no/such/file"]])
def test_what_asks_for_claims_is_wrong_use(keys, arguments):
    refused("verify", "--raw", "--jwk", public(keys), *arguments, stdin="x\n")


def test_raw_options_go_with_raw_and_messages_must_come(keys, token):
    assert "--raw" in refused("verify", "--key", public(keys), "--all-signatures", token())
    refused("verify", "--raw", "--jwk", public(keys))
    refused("verify", "--raw", stdin="x\n")


# --- signet sign --payload

@pytest.fixture
def note(tmp_path):
    (tmp_path / "note").write_bytes(PAYLOAD)
    return tmp_path / "note"


@pytest.mark.parametrize("form", ["compact", "flattened", "general"])
def test_what_sign_writes_verify_reads_in_every_form(keys, note, form):
    message = ok("sign", "--key", keys["ES256"], "--payload", note, "--form", form, "--cty", "text/plain", "--header", "x=1")
    assert message.count("\n") == 1
    [answer] = answers(signet("verify", "--raw", "--jwk", public(keys), "--json", stdin=message))
    assert answer["payload"] == encode_part(PAYLOAD)
    kid = json.loads(keys["ES256"].read_text())["kid"]
    assert answer["header"] == {"alg": "ES256", "kid": kid, "cty": "text/plain", "x": "1"}


def test_several_keys_make_a_general_message(keys, note, tmp_path):
    message = ok("sign", "--key", keys["ES256"], "--also-key", keys["EdDSA"], "--payload", note, "--typ", "note")
    (tmp_path / "set").write_text(ok("jwks", keys["ES256"], keys["EdDSA"]))
    [answer] = answers(signet("verify", "--raw", "--all-signatures", "--jwks", tmp_path / "set", "--json", stdin=message))
    assert [(one["alg"], one["header"]["typ"]) for one in answer["signatures"]] == [("ES256", "note"), ("EdDSA", "note")]
    refused("sign", "--key", keys["ES256"], "--also-key", keys["EdDSA"], "--payload", note, "--form", "compact")


def test_a_payload_is_detached_or_unencoded(keys, tmp_path):
    (tmp_path / "text").write_text("plain text")
    sign = ["sign", "--key", keys["ES256"], "--payload", tmp_path / "text"]
    detached = ok(*sign, "--detached")
    assert ".." in detached
    ok("verify", "--raw", "--jwk", public(keys), "--payload", tmp_path / "text", stdin=detached)
    unencoded = ok(*sign, "--unencoded")
    assert ".plain text." in unencoded and header_of(unencoded)["crit"] == ["b64"]
    ok("verify", "--raw", "--jwk", public(keys), stdin=unencoded)
    assert json.loads(ok(*sign, "--unencoded", "--form", "flattened"))["payload"] == "plain text"
    (tmp_path / "text").write_bytes(b"a.b")
    assert "detach" in refused(*sign, "--unencoded")


@pytest.mark.parametrize("arguments", [["--exp", "1h"], ["--sub", "x"], ["--claim", "a=b"], ["--no-exp"], ["--form", "xml"],
                                       ["--header", "alg=none"], ["--header", "x"], ["--also-key", "/no/such/file"]])
def test_a_payload_takes_no_claims_and_no_other_form(keys, note, arguments):
    refused("sign", "--key", keys["ES256"], "--payload", note, *arguments)


def test_what_is_for_payloads_needs_one(keys):
    for arguments in (["--form", "compact"], ["--detached"], ["--unencoded"], ["--cty", "x"], ["--also-key", "x"]):
        assert "--payload" in refused("sign", "--key", keys["ES256"], "--exp", "1m", *arguments)
    refused("sign", "--key", "-", "--payload", "-", stdin=keys["ES256"].read_text())


def test_wycheproof_s_messages_are_valid_or_not_as_they_should(tmp_path):
    if "SIGNET_VECTORS" not in os.environ:
        pytest.skip("SIGNET_VECTORS is not set: it names the folder with wycheproof/json_web_signature_test.json")
    vectors = Path(os.environ["SIGNET_VECTORS"]) / "wycheproof"
    quirks = json.loads((vectors / "quirks.json").read_text())["json_web_signature_test.json"]
    wrong = []
    for number, group in enumerate(json.loads((vectors / "json_web_signature_test.json").read_text())["testGroups"]):
        jwk = tmp_path / f"{number}.jwk"
        jwk.write_text(json.dumps(group.get("public") or group["private"]))
        messages = [test["jws"] for test in group["tests"]]
        run = signet("verify", "--raw", "--jwk", jwk, "--json", stdin="\n".join(messages) + "\n")
        valid = [answer["valid"] for answer in answers(run)] if run.returncode != 2 else [False] * len(messages)
        for test, accepted in zip(group["tests"], valid, strict=True):
            label = quirks.get(str(test["tcId"]), {}).get("expect_strict", test["result"])
            if accepted != (label == "valid"):
                wrong.append((test["tcId"], test["comment"], accepted))
    assert wrong == []
