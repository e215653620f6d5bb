"""PyJWT (Debian: python3-jwt): see README.md."""

import base64
import json
import statistics
import sys
import time

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key


def measure(work, seconds):
    """Nanoseconds of processor time of one `work()`."""
    times, slices, end = 1, [], None
    while end is None or time.process_time() < end:
        begin = time.process_time_ns()
        for _ in range(times):
            work()
        took = time.process_time_ns() - begin
        if end is None and took < 20_000_000:
            times *= 2
        else:
            end = end or time.process_time() + seconds
            slices.append(took / times)
    return statistics.median(slices)


def main():
    seconds = float(sys.argv[1])
    for line in sys.stdin:
        case = json.loads(line)
        algorithm, token = case["algorithm"], case["token"]
        if algorithm == "HS256":
            public = private = base64.urlsafe_b64decode(case["secret"] + "==")
        else:
            public = load_pem_public_key(case["public_pem"].encode())
            private = load_pem_private_key(case["private_pem"].encode(), None)

        def verify(token=token, key=public, algorithms=(algorithm,)):
            return jwt.decode(token, key, algorithms=algorithms, issuer="https://auth.example", audience="api")

        claims = verify()
        for name, work in (("verify", verify), ("sign", lambda: jwt.encode(claims, private, algorithm))):
            print(json.dumps({"peer": f"PyJWT {jwt.__version__}", "name": f"{name} {algorithm}", "ns": measure(work, seconds)}), flush=True)


main()
