"""The tokens on which Signet is compared with other libraries: named ones, each with one thing wrong (or unusual), and random
ones. Everything is signed; keys are made anew in each run."""

import base64
import itertools
import json
import random
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ISSUER, AUDIENCE = "https://issuer.example", "api"
PAST, FUTURE = 1700000000, 4102444800
SECRET = b"a shared secret of at least thirty-two bytes, as HS256 asks"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data):
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A signing key of one algorithm; `jwk` and `pem` are what its verifiers get."""

    def __init__(self, alg):
        self.alg = alg
        self.private = {"HS256": lambda: None, "RS256": lambda: rsa.generate_private_key(65537, 2048),
                        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate}[alg]()
        if alg == "HS256":
            self.jwk, self.pem = {"kty": "oct", "k": b64(SECRET), "alg": alg}, SECRET
            return
        public = self.private.public_key()
        self.pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        if alg == "RS256":
            numbers = public.public_numbers()
            self.jwk = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), "alg": alg}
        elif alg == "ES256":
            numbers = public.public_numbers()
            self.jwk = {"kty": "EC", "crv": "P-256", "x": number(numbers.x, 32), "y": number(numbers.y, 32), "alg": alg}
        else:
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(raw), "alg": alg}

    def sign(self, text):
        data = text.encode()
        if self.alg == "HS256":
            return mac(SECRET, data)
        if self.alg == "RS256":
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if self.alg == "ES256":
            r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.private.sign(data)

    def token(self, header, claims):
        """Header and claims as objects, or as the very text or bytes."""
        parts = [part if isinstance(part, (str, bytes)) else json.dumps(part) for part in (header, claims)]
        signing_input = ".".join(map(b64, parts))
        return f"{signing_input}.{b64(self.sign(signing_input))}"


def mac(secret, data):
    state = hmac.HMAC(secret, hashes.SHA256())
    state.update(data)
    return state.finalize()


@dataclass
class Case:
    what: str  # as docs/strictness.md says it
    tokens: list


def good_claims(**changed):
    return {"iss": ISSUER, "sub": "user-42", "aud": AUDIENCE, "iat": PAST, "exp": FUTURE, **changed}


def without(name):
    return {key: value for key, value in good_claims().items() if key != name}


def with_text(name, text):
    """The claims with a member whose value is this very text, which need not be JSON."""
    others = json.dumps(without(name))[1:]
    return f'{{"{name}":{text},{others}'


def claim_cases(sign):
    times = {"a text": f'"{FUTURE}"', "null": "null", "true": "true", "a list": f"[{FUTURE}]", "an object": "{}", "negative": "-1",
             "beyond the year 9999": "253402300800", "beyond 64 bits": "18446744073709551616000", "1e300": "1e300", "1e400": "1e400",
             "NaN": "NaN", "written with a leading zero": f"0{FUTURE}", "written with a plus": f"+{FUTURE}"}
    for name in ("exp", "nbf", "iat"):
        for what, text in times.items():
            yield f"`{name}`: {what}", [sign(with_text(name, text))]
    texts = {"a number": "5", "null": "null", "true": "true", "a list": '["x"]', "an object": "{}"}
    for name in ("sub", "jti"):
        for what, text in texts.items():
            yield f"`{name}`: {what}", [sign(with_text(name, text))]
    for what, text in {"null": "null", "a number": "5", "a list that holds it": f'["{ISSUER}"]', "with a slash more": f'"{ISSUER}/"',
                       "in other letters": f'"{ISSUER.upper()}"', "the beginning of it": f'"{ISSUER[:-1]}"', "empty": '""'}.items():
        yield f"`iss`: {what}", [sign(with_text("iss", text))]
    for what, text in {"null": "null", "a number": "5", "an empty list": "[]", "another": '"other"', "an object": '{"api":1}',
                       "in other letters": '"API"', "a list with a number beside it": f'["{AUDIENCE}",5]',
                       "a list with null beside it": f'["{AUDIENCE}",null]', "a list in a list": f'[["{AUDIENCE}"]]',
                       "a text that it is part of": f'"{AUDIENCE}-2"'}.items():
        yield f"`aud`: {what}", [sign(with_text("aud", text))]
    for name in ("iss", "aud", "exp"):
        yield f"no `{name}`", [sign(without(name))]
    yield "`exp` in the past", [sign(good_claims(exp=PAST))]
    yield "`nbf` in the future", [sign(good_claims(nbf=FUTURE))]
    yield "`iat` in the future", [sign(good_claims(iat=FUTURE - 1))]
    for what, name in {"`ISS` for `iss`": "ISS", "`iſs` for `iss`": "iſs", "`exp` with a NUL behind": "exp\\u0000"}.items():
        standard = "iss" if "s" in name.lower() and "x" not in name else "exp"
        value = json.dumps(good_claims()[standard])
        yield what, [sign(f'{{"{name}":{value},{json.dumps(without(standard))[1:]}')]


def json_cases(sign):
    good = json.dumps(good_claims())
    yield "a claim given twice: `exp` in the past, then in the future", [sign(with_text("exp", str(PAST))[:-1] + f',"exp":{FUTURE}}}')]
    yield "a claim given twice: another `iss`, then the right one", [sign(f'{{"iss":"https://evil.example",{good[1:]}')]
    yield "a claim given twice, once with an escape in its name", [sign(f'{{"s\\u0075b":"root",{good[1:]}')]
    yield "a member of a claim given twice", [sign(with_text("role", '{"admin":false,"admin":true}'))]
    yield "bytes after the claims", [sign(good + tail) for tail in ("x", "{}", ",", "\0", "]")]
    yield "a byte order mark", [sign(b"\xef\xbb\xbf" + good.encode())]
    yield "claims in UTF-16", [sign(good.encode("utf-16-le")), sign(good.encode("utf-16"))]
    yield "claims in UTF-32", [sign(good.encode("utf-32-le")), sign(good.encode("utf-32"))]
    yield "invalid UTF-8 in a claim", [sign(good[:-1].encode() + b',"name":"' + bad + b'"}')
                                       for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80")]
    yield "half a surrogate pair in an escape", [sign(with_text("name", '"\\ud800"'))]
    yield "a control character in a text", [sign(with_text("name", '"a\tb"'))]
    yield "an unknown escape", [sign(with_text("name", '"\\x41"'))]
    yield "a comma too many", [sign(good[:-1] + ",}"), sign(with_text("list", "[1,]"))]
    yield "a comment", [sign(good[:-1] + "/* so */}")]
    yield "names or texts in single quotes", [sign(good.replace('"', "'"))]
    yield "a number JSON does not know", [sign(with_text("n", text)) for text in ("NaN", "Infinity", "-Infinity", "0x10", "01", ".5", "5.", "+5")]
    yield "a number no double holds", [sign(with_text("n", text)) for text in ("1e400", "-1e400")]
    yield "lists 1,000 deep", [sign(with_text("deep", "[" * 1000 + "]" * 1000))]
    yield "lists 20 deep", [sign(with_text("deep", "[" * 20 + "]" * 20))]
    for what, text in {"null": "null", "a list": "[]", "a text": '"text"', "a number": "5", "nothing": "", "spaces": "  "}.items():
        yield f"claims that are {what}", [sign(text)]


def header_cases(key):
    def sign(header, claims=None):
        return key.token(header, claims or good_claims())

    def text(member):
        return f'{{"alg":"{key.alg}",{member}}}'

    yield "`crit` names an extension nobody knows", [sign(text('"crit":["exp2"],"exp2":1'))]
    yield "`crit` names an extension that is absent", [sign(text('"crit":["absent"]'))]
    yield "`crit` is empty", [sign(text('"crit":[]'))]
    yield "`crit` is no list", [sign(text(f'"crit":{value}')) for value in ("null", '"b64"', "{}", "5")]
    yield "`crit` names `alg`", [sign(text('"crit":["alg"]'))]
    yield "`b64` false, in `crit`", [sign(text('"crit":["b64"],"b64":false'))]
    yield "`b64` false, not in `crit`", [sign(text('"b64":false'))]
    yield "`zip`, which is for encryption", [sign(text('"zip":"DEF"'))]
    yield "`alg` in small letters", [sign({"alg": key.alg.lower()})]
    yield "`alg` none, with the key's signature", [sign({"alg": name}) for name in ("none", "None", "NONE", "nOnE")]
    yield "`alg` none, no signature", [sign({"alg": name}).rsplit(".", 1)[0] + "." for name in ("none", "None", "NONE")]
    yield "`alg` empty, null, a number or a list", [sign(f'{{"alg":{value}}}') for value in ('""', "null", "5", f'["{key.alg}"]')]
    yield "no `alg`", [sign({"typ": "JWT"})]
    yield "`alg` of another hash", [sign({"alg": key.alg.replace("256", "512") if "256" in key.alg else "Ed448"})]
    yield "`alg` given twice", [sign(f'{{"alg":"none",{text("")[1:-2]}}}'), sign(f'{{"alg":"{key.alg}","alg":"{key.alg}"}}')]
    yield "another header member given twice", [sign(text('"kid":"a","kid":"b"'))]
    yield "`typ` of another kind of token", [sign(text(f'"typ":"{typ}"')) for typ in ("dpop+jwt", "secevent+jwt", "logout+jwt", "JOSE")]
    yield "`typ` that is no text", [sign(text(f'"typ":{value}')) for value in ("5", "null", '["JWT"]')]
    yield "`kid` that is no text", [sign(text(f'"kid":{value}')) for value in ("5", "null", '["a"]', "{}")]
    yield "`cty` that is no text", [sign(text(f'"cty":{value}')) for value in ("5", "null")]
    yield "bytes after the header", [sign(text('"a":1') + tail) for tail in ("x", "{}", "\0")]
    yield "a byte order mark before the header", [sign(b"\xef\xbb\xbf" + text('"a":1').encode())]
    yield "invalid UTF-8 in the header", [sign(b'{"alg":"%s","kid":"\xff"}' % key.alg.encode())]
    yield "a header of more than 4 KiB", [sign({"alg": key.alg, "kid": "k" * 5000})]
    yield "a header that is a list", [sign(f'["{key.alg}"]')]


def signature_cases(key):
    good = key.token({"alg": key.alg}, good_claims())
    signing_input, signature = good.rsplit(".", 1)
    raw = base64.urlsafe_b64decode(signature + "==")

    def signed(data):
        return f"{signing_input}.{b64(data)}"

    yield "no signature", [signing_input + ".", signing_input]
    yield "a signature cut short", [signed(raw[:-1]), signed(raw[: len(raw) // 2]), signed(raw[:1])]
    yield "a signature with a byte more", [signed(raw + b"\0"), signed(b"\0" + raw)]
    yield "a changed signature", [signed(bytes([raw[0] ^ 1]) + raw[1:]), signed(raw[:-1] + bytes([raw[-1] ^ 1]))]
    yield "a signature of zeros", [signed(bytes(len(raw)))]
    yield "another token's signature", [f"{signing_input}.{key.token({'alg': key.alg}, {}).rsplit('.', 1)[1]}"]
    if key.alg == "ES256":
        r, s = raw[:32], raw[32:]
        order = P256_ORDER.to_bytes(32, "big")
        yield "ECDSA in DER", [signed(encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big")))]
        yield "ECDSA with r or s of 0 or the order", [signed(x + y) for x, y in ((bytes(32), s), (r, bytes(32)), (order, s), (r, order))]
    if key.alg == "RS256":
        confused = b64('{"alg":"HS256"}') + "." + b64(json.dumps(good_claims()))
        yield "HS256 with the public key's PEM for a secret", [f"{confused}.{b64(mac(key.pem, confused.encode()))}"]


def encoding_cases(key):
    # The same forms in each run: a signature in which there is something to write in the other alphabet.
    tries = (key.token({"alg": key.alg}, good_claims(note="????>>>>", n=n)).split(".") for n in itertools.count())
    header, claims, signature = next(parts for parts in tries if "-" in parts[2] or "_" in parts[2])
    forms = {
        "padding with `=`": lambda part: part + "=" * (-len(part) % 4) if len(part) % 4 else None,
        "padding where there is none to have": lambda part: part + "=",
        "the standard alphabet": lambda part: part.replace("-", "+").replace("_", "/") if "-" in part or "_" in part else None,
        "a space inside": lambda part: part[:4] + " " + part[4:],
        "a CR inside": lambda part: part[:4] + "\r" + part[4:],
        "characters of no alphabet": lambda part: part[:4] + "!" + part[4:],
        "a dot too many": lambda part: part + ".",
    }

    def resigned(parts):
        return f"{parts[0]}.{parts[1]}.{b64(key.sign('.'.join(parts[:2])))}"

    for what, change in forms.items():
        tokens = []
        for at in range(3):
            parts = [header, claims, signature]
            changed = change(parts[at])
            if changed is None:
                continue
            parts[at] = changed
            tokens += [".".join(parts)] + ([resigned(parts)] if at < 2 else [])
        yield f"base64url: {what}", tokens
    yield "base64url: bits set behind the last byte", [f"{header}.{claims}.{last_bits(signature)}",
                                                       resigned([header, with_bits(key), ""])]
    yield "a space or a tab around the token", [f" {header}.{claims}.{signature}", f"{header}.{claims}.{signature} ",
                                                f"{header}.{claims}.{signature}\t"]
    yield "an empty header or empty claims", [f".{claims}.{signature}", f"{header}..{signature}", resigned(["", claims]),
                                              resigned([header, ""])]
    flattened = json.dumps({"protected": header, "payload": claims, "signature": signature})
    yield "the JSON serialization", [flattened]
    yield "more than 16 KiB", [key.token({"alg": key.alg}, good_claims(note="x" * 20000))]


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def last_bits(part):
    assert len(part) % 4 in (2, 3)
    return part[:-1] + ALPHABET[ALPHABET.index(part[-1]) | 1]


def with_bits(key):
    for filler in ("", "x", "xx"):
        part = b64(json.dumps(good_claims(note=filler)))
        if len(part) % 4:
            return last_bits(part)
    raise AssertionError("one of three lengths has bits to spare")


def good_cases(key):
    def sign(header, claims):
        return key.token({"alg": key.alg, **header}, claims)

    yield "a good token", [sign({}, good_claims()), sign({"typ": "JWT"}, good_claims(nbf=PAST, jti="1"))]
    yield "a list of audiences", [sign({}, good_claims(aud=["other", AUDIENCE]))]
    yield "fractions of a second", [sign({}, good_claims(exp=FUTURE + 0.5, iat=PAST + 0.25, nbf=PAST + 0.75))]
    yield "times written with an exponent", [sign({}, with_text("exp", "4.1024448e9"))]
    yield "spaces between the members", [sign({}, json.dumps(good_claims(), indent=2))]
    yield "escapes in names and texts", [sign({}, with_text("n\\u0061me", '"\\u00e9\\ud83d\\ude00\\n"'))]
    yield "a NUL in a text", [sign({}, with_text("name", '"a\\u0000b"'))]
    yield "header members that decide nothing", [sign({"jku": "https://evil.example", "x5u": "https://evil.example", "cty": "x",
                                                      "x5t": "x", "jwk": {"kty": "oct"}, "x5c": ["x"]}, good_claims())]
    yield "numbers beyond 64 bits in claims of one's own", [sign({}, with_text("n", "123456789012345678901234567890"))]


def named_cases(key):
    sources = [good_cases(key), header_cases(key), signature_cases(key), encoding_cases(key)]
    if key.alg == "HS256":  # what claims are does not depend on the key
        def sign(claims):
            return key.token({"alg": key.alg}, claims)

        sources += [claim_cases(sign), json_cases(sign)]
    return [Case(what, tokens) for source in sources for what, tokens in source]


def random_claims(key, count, seed):
    """Signed tokens whose claims have one to three values drawn from what may confuse."""
    values = [None, True, False, 0, -1, 1, PAST, FUTURE, FUTURE + 0.5, 253402300799, 253402300800, 1e300, "", "x", ISSUER, AUDIENCE, str(FUTURE),
              [], {}, [AUDIENCE], [AUDIENCE, "x"], [AUDIENCE, 1], [None], [ISSUER], {"a": 1}, "é", "\u0000"]
    random_ = random.Random(seed)
    for _ in range(count):
        claims = good_claims()
        for name in random_.sample(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "own"], random_.randint(1, 3)):
            claims[name] = random_.choice(values)
        members = list(claims.items())
        random_.shuffle(members)
        yield key.token({"alg": key.alg}, dict(members))


def originals(key):
    return [key.token({"alg": key.alg, "typ": "JWT"}, good_claims()), key.token({"alg": key.alg}, good_claims(nbf=PAST, role="admin"))]


def mutated(key, count, seed):
    """Good tokens with one to three small changes."""
    random_ = random.Random(seed)
    likely = ALPHABET + "..=+/ "
    good = originals(key)
    for _ in range(count):
        text = random_.choice(good)
        for _ in range(random_.randint(1, 3)):
            at, length = random_.randrange(len(text) + 1), random_.randint(1, 20)
            text = random_.choice([
                lambda: text[:at] + random_.choice(likely) + text[at + 1:],
                lambda: text[:at] + random_.choice(likely) + text[at:],
                lambda: text[:at] + text[at + length:],
                lambda: text[:at],
                lambda: text[:at] + text[at:at + length] + text[at:],
                lambda: text[:at] + text[at:at + length][::-1] + text[at + length:],
                lambda: text[:-1] + random_.choice(ALPHABET),
            ])() or "."
        yield text
