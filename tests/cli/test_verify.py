"""signet verify"""

import hashlib
import hmac
import json
import subprocess

import pytest
from conftest import SECRET, SIGNET, answers, clean_environment, encode_part, ok, refused, signet


@pytest.fixture
def verify(keys):
    def run(*arguments, **options):
        return signet("verify", "--key", keys["ES256"].with_suffix(".pub.jwk"), *arguments, **options)
    return run


def codes(answer):
    return [(failure["error"], failure["claim"]) for failure in answer["failures"]]


def test_a_good_token_is_shown_with_its_header_and_claims(verify, token):
    run = verify("--json", token("--sub", "user-42"))
    [answer] = answers(run)
    assert run.returncode == 0 and run.stderr == ""
    assert set(answer) == {"valid", "header", "claims"} and answer["valid"] is True
    assert answer["header"]["alg"] == "ES256" and answer["claims"]["sub"] == "user-42"


def test_a_bad_token_is_named_by_the_library_s_own_code(verify, token):
    run = verify("--json", token(expiry="-1s"))
    [answer] = answers(run)
    assert run.returncode == 1
    assert set(answer) == {"valid", "error", "failures", "detail"}
    assert answer["valid"] is False and answer["error"] == "token_expired" and codes(answer) == [("token_expired", "exp")]


def test_all_failed_claims_are_reported_together(verify, token):
    bad = token("--iss", "b", "--aud", "b", "--nbf", "1h", expiry="-1h")
    [answer] = answers(verify("--json", "--iss", "a", "--aud", "a", "--sub", "s", bad))
    assert sorted(code for code, _ in codes(answer)) == [
        "audience_mismatch", "claim_missing", "issuer_mismatch", "token_expired", "token_not_yet_valid"]


def test_a_bad_signature_is_reported_alone_and_shows_nothing(verify, token):
    head, claims, signature = token("--sub", "user-42", expiry="-1h").split(".")
    run = verify("--json", "--iss", "a", f"{head}.{claims}.{'A' * len(signature)}")
    [answer] = answers(run)
    assert run.returncode == 1 and answer["error"] == "bad_signature" and answer["failures"] == []
    assert "user-42" not in run.stdout + run.stderr


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "NONE"}, {"alg": "HS256"}, {"alg": "ES384"}, {"alg": "es256"}])
def test_the_token_never_chooses_the_algorithm(verify, header):
    [answer] = answers(verify("--json", f"{encode_part(header)}.{encode_part({'exp': 4102444800})}.AAAA"))
    assert answer["error"] == "algorithm_not_allowed"


def test_expectations_are_any_of_or_all_of(verify, token):
    two = token("--iss", "b", "--aud", "x", "--aud", "y")
    assert verify("--iss", "a", "--iss", "b", "--aud", "q", "--aud", "x", two).returncode == 0
    assert verify("--aud", "x", "--aud", "y", "--all-aud", two).returncode == 0
    assert verify("--aud", "x", "--aud", "z", "--all-aud", two).returncode == 1
    assert verify("--iss", "a", two).returncode == 1
    assert verify("--iss", "b", token()).returncode == 1  # an expectation makes the claim required (case 39)
    assert verify("--sub", "s", token("--sub", "s")).returncode == 0
    assert verify("--sub", "s", token("--sub", "t")).returncode == 1


@pytest.mark.parametrize("arguments", [
    ["--iss", ""], ["--aud", ""], ["--sub", ""], ["--iss", "a", "--any-iss"], ["--aud", "a", "--any-aud"], ["--all-aud"],
    ["--typ", "a", "--any-typ"], ["--leeway", "11m"], ["--leeway", "x"], ["--leeway", "-1s"], ["--max-age", "x"], ["--at", "5"],
    ["--require", ""],
])
def test_an_expectation_that_checks_nothing_is_wrong_use(verify, token, arguments):
    run = verify(*arguments, token())
    assert run.returncode == 2 and run.stdout == "" and run.stderr.startswith("signet: "), run


def test_the_instant_can_be_chosen_and_the_limit_is_exact(verify, token):
    made = token("--iat", "@1700000000", "--nbf", "@1700000000", expiry="@1700000900")
    assert verify("--at", "@1700000000", made).returncode == 0
    assert verify("--at", "@1700000899", made).returncode == 0
    assert verify("--at", "@1700000900", made).returncode == 1
    assert verify("--at", "@1700000900", "--leeway", "1s", made).returncode == 0
    assert verify("--at", "@1699999999", made).returncode == 1
    assert verify("--at", "2023-11-14T22:20:00Z", made).returncode == 0
    assert verify("--at", "@1700000600", "--max-age", "10m", made).returncode == 1
    assert verify("--at", "@1700000599", "--max-age", "600", made).returncode == 0


def test_a_missing_expiry_is_refused_unless_allowed(verify, token):
    endless = token(expiry=None)
    [answer] = answers(verify("--json", endless))
    assert codes(answer) == [("claim_missing", "exp")]
    assert verify("--allow-missing-exp", endless).returncode == 0


def test_claims_can_be_required(verify, token):
    assert verify("--require", "role", token("--claim", "role=a")).returncode == 0
    [answer] = answers(verify("--json", "--require", "role", "--require-nbf", token()))
    assert sorted(codes(answer)) == [("claim_missing", "nbf"), ("claim_missing", "role")]


@pytest.mark.parametrize("typ,arguments,status", [
    ("JWT", [], 0), (None, [], 0), ("at+jwt", [], 0), ("application/at+jwt", [], 0), ("logout+jwt", [], 1),
    ("logout+jwt", ["--any-typ"], 0), ("logout+jwt", ["--typ", "logout+jwt"], 0), ("JWT", ["--typ", "at+jwt"], 1),
])
def test_the_kind_of_token_is_checked(verify, token, typ, arguments, status):
    made = token(*(["--typ", typ] if typ else ["--no-typ"]))
    run = verify("--json", *arguments, made)
    assert run.returncode == status
    assert answers(run)[0].get("error") == (None if status == 0 else "type_mismatch")


def test_ten_thousand_tokens_are_answered_line_by_line(verify, token):
    good, bad = token("--sub", "good"), token(expiry="-1h")
    lines = [good if i % 100 else bad for i in range(10_000)]
    run = verify("--json", stdin="\n".join(lines) + "\n")
    assert run.returncode == 1
    said = [answer["valid"] for answer in answers(run)]
    assert said == [bool(i % 100) for i in range(10_000)]
    assert verify(stdin="".join(line + "\n" for line in lines if line == good)).returncode == 0


def test_lines_may_end_in_crlf_and_the_last_may_end_in_nothing(verify, token):
    good = token()
    run = verify("--json", stdin=f"{good}\r\n{good}\n{good}")
    assert run.returncode == 0 and len(answers(run)) == 3
    assert answers(verify("--json", stdin=f"{good}\r\r\n"))[0]["error"] == "token_malformed"
    assert answers(verify("--json", stdin=f" {good}\n"))[0]["error"] == "token_malformed"
    assert verify("-", stdin=good).returncode == 0


def test_an_empty_line_is_a_token_that_is_not_valid(verify, token):
    run = verify("--json", stdin=f"\n{token()}\n\n")
    assert run.returncode == 1
    assert [a.get("error") for a in answers(run)] == ["token_malformed", None, "token_malformed"]


def test_no_token_at_all_is_wrong_use(verify):
    run = verify(stdin="")
    assert run.returncode == 2 and "no token" in run.stderr


def test_garbage_is_answered_and_the_next_token_still_read(verify, token):
    good = token().encode()
    garbage = [bytes(range(256)).replace(b"\n", b""), b"\0" * 50, good.replace(b".", b"\0"), good + b"\0", b"\xff\xfe", b"." * 16000,
               b"a.b.c", "tökén".encode(), b"\x1b[2J\x07"]
    run = verify("--json", stdin=b"\n".join([*garbage, good]) + b"\n", text=False)
    said = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 1 and len(said) == len(garbage) + 1
    assert all(answer["error"] == "token_malformed" for answer in said[:-1]) and said[-1]["valid"]
    plain = verify(stdin=b"\n".join([*garbage, good]) + b"\n", text=False)
    assert not any(byte < 32 and byte != 10 for byte in plain.stdout + plain.stderr)


def test_a_line_of_a_megabyte_and_more_is_refused_in_little_memory(verify, keys, token):
    run = verify("--json", stdin="x" * 1_000_000 + "\n" + token() + "\n")
    assert [a.get("error") for a in answers(run)] == ["token_too_large", None]
    # 400 MB on one line, in an address space of 256 MB.
    feed = subprocess.Popen(["head", "-c", "400000000", "/dev/zero"], stdout=subprocess.PIPE)
    limited = subprocess.run(["bash", "-c", 'ulimit -v 262144; exec "$@"', "-", SIGNET, "verify", "--json", "--key", str(keys["ES256"])],
                             stdin=feed.stdout, capture_output=True, text=True, env=clean_environment(), timeout=120)
    feed.stdout.close()
    feed.wait()
    if "AddressSanitizer" in limited.stderr or "ThreadSanitizer" in limited.stderr:
        pytest.skip("a sanitizer needs more address space than this test gives")
    assert limited.returncode == 1 and json.loads(limited.stdout)["error"] == "token_too_large"


def test_white_space_in_the_claims_keeps_to_one_line():
    claims = b'{\n "exp" : 4102444800 ,\r\n "a": "x  y" }'
    signed = encode_part({"alg": "HS256"}) + "." + encode_part(claims)
    mac = encode_part(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest())
    run = signet("verify", "--secret-env", "S", "--alg", "HS256", "--json", f"{signed}.{mac}", env={"S": SECRET})
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("\n") == 1 and answers(run)[0]["claims"] == {"exp": 4102444800, "a": "x  y"}


def test_plain_output_is_one_stable_line_a_token_and_says_what_was_not_checked(verify, token):
    good = token("--iss", "i", "--aud", "a", "--no-jti")
    run = verify(stdin=f"{good}\n{token(expiry='-1h')}\nx\n")
    lines = run.stdout.splitlines()
    assert lines[0].startswith('valid {"') and lines[1].startswith("invalid token_expired (exp)")
    assert lines[2].startswith("invalid token_malformed")
    assert "\x1b" not in run.stdout + run.stderr
    assert run.stderr == "not checked: the issuer (--iss), the audience (--aud)\n"
    assert verify("--iss", "i", "--aud", "a", good).stderr == ""
    assert verify(token(expiry="-1h")).stderr == ""
    assert verify("--any-iss", "--any-aud", good).stderr == ""
    assert verify("--iss", "i", good).stderr == "not checked: the audience (--aud)\n"


def test_the_key_comes_in_every_form(keys, token, tmp_path):
    public = keys["ES256"].with_suffix(".pub.jwk")
    good = token()
    (tmp_path / "set.json").write_text(ok("jwks", keys["ES256"]))
    for form in (["--key", public], ["--key", keys["ES256"]], ["--jwk", public], ["--jwks", tmp_path / "set.json"]):
        assert signet("verify", *form, good).returncode == 0, form
    assert signet("verify", "--jwk", "-", good, stdin=public.read_text()).returncode == 0
    pem = tmp_path / "k.pem"
    pem.write_text(ok("keygen", "RS256", "--bits", "2048", "--pem", "--public-out", tmp_path / "p.pem"))
    rs = ok("sign", "--key", pem, "--alg", "RS256", "--exp", "1m").strip()
    assert signet("verify", "--key", tmp_path / "p.pem", "--alg", "RS256", rs).returncode == 0
    assert "--alg" in refused("verify", "--key", tmp_path / "p.pem", rs)
    assert signet("verify", "--key", tmp_path / "p.pem", "--alg", "PS256", rs).returncode == 1
    assert "--key" in refused("verify", "--jwk", tmp_path / "p.pem", rs)
    hs = ok("sign", "--secret-env", "S", "--alg", "HS384", "--exp", "1m", env={"S": SECRET}).strip()
    assert signet("verify", "--secret-env", "S", "--alg", "HS384", hs, env={"S": SECRET}).returncode == 0
    assert signet("verify", "--secret-env", "S", "--alg", "HS256", hs, env={"S": SECRET}).returncode == 1
    assert signet("verify", "--secret-env", "S", "--alg", "HS384", hs, env={"S": SECRET + "x"}).returncode == 1


def test_a_certificate_verifies_what_its_key_signed(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=test", "-keyout", tmp_path / "k.pem", "-out", tmp_path / "c.pem"], check=True, capture_output=True)
    made = ok("sign", "--key", tmp_path / "k.pem", "--exp", "1m").strip()
    assert signet("verify", "--key", tmp_path / "c.pem", made).returncode == 0


def test_a_public_key_never_becomes_a_secret(keys, tmp_path):
    pem = ok("keygen", "RS256", "--bits", "2048", "--pem", "--public-out", tmp_path / "p.pem")
    assert pem
    error = refused("verify", "--secret-env", "S", "--alg", "HS256", "x", env={"S": (tmp_path / "p.pem").read_text()})
    assert "BEGIN" not in error
    refused("verify", "--key", tmp_path / "p.pem", "--alg", "HS256", "x")


@pytest.mark.parametrize("arguments", [
    [], ["--key", "/no/such/file"], ["--jwks", "/no/such/file"], ["--key", "/dev/null"], ["--key", "/"], ["--alg", "HS256"],
    ["--jwks", "ftp://example.org/jwks"], ["--jwks", "http://example.org/jwks"], ["--cacert", "/etc/passwd", "--jwks", "/etc/passwd"],
])
def test_keys_that_cannot_be_had_are_wrong_use(arguments):
    refused("verify", *arguments, "a.b.c")


def test_only_one_source_of_keys_is_taken(keys):
    assert "exactly one" in refused("verify", "--key", keys["ES256"], "--jwk", keys["ES256"], "x")
    assert "standard input" in refused("verify", "--key", "-", stdin=keys["ES256"].read_text())
    assert "standard input" in refused("verify", "--jwks", "-", "-", stdin="{}")


def test_an_answer_comes_before_the_next_token_is_asked_for(keys, token):
    process = subprocess.Popen([SIGNET, "verify", "--json", "--key", str(keys["ES256"])], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, env=clean_environment())
    for _ in range(3):
        process.stdin.write(token() + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["valid"] is True
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    process.stdout.close()


def test_a_reader_that_leaves_early_ends_it_quietly(keys, token, tmp_path):
    (tmp_path / "tokens").write_text((token() + "\n") * 20_000)
    script = f'"$SIGNET" verify --json --key "{keys["ES256"]}" < tokens 2>err | head -n 1; echo "${{PIPESTATUS[0]}}"; cat err'
    run = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=clean_environment({"SIGNET": SIGNET}), capture_output=True, text=True)
    lines = run.stdout.splitlines()
    assert json.loads(lines[0])["valid"] is True and lines[1] == "0" and len(lines) == 2


def test_a_file_in_the_place_of_a_token_is_pointed_out(verify, token, tmp_path):
    name = tmp_path / "token.txt"
    name.write_text(token())
    run = verify(name)
    assert run.returncode == 1 and f"< {name}" in run.stderr
    assert verify("--json", name).stderr == ""


def test_one_key_in_the_place_of_a_set_is_pointed_out(tmp_path):
    ok("keygen", "ES256", "--out", tmp_path / "k.jwk")
    assert "--jwk" in refused("verify", "--jwks", tmp_path / "k.jwk", "a.b.c").replace("--jwks", "")


def test_a_key_in_the_form_of_openssh_is_pointed_out(tmp_path):
    (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
    assert "ssh-keygen -p -m PKCS8" in refused("sign", "--key", tmp_path / "id", "--exp", "5m")
    assert "ssh-keygen -p -m PKCS8" in refused("verify", "--key", tmp_path / "id", "a.b.c")
