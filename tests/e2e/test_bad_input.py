"""Whatever arrives, the answer is an HTTP error from the documented list, and the next request is served."""

import json
import re
import socket
from pathlib import Path

import pytest
import yaml

OPENAPI = yaml.safe_load((Path(__file__).parents[2] / "docs/openapi.yaml").read_text())
JSON_ENDPOINTS = {
    "/signup": {"username": "somebody", "password": "correct horse battery staple 42"},
    "/login": {"username": "somebody", "password": "correct horse battery staple 42"},
    "/refresh": {"refresh_token": "sgr_x"},
}
FORM_ENDPOINTS = ["/introspect", "/revoke"]
EVERY_ROUTE = [(method.upper(), path) for path, item in OPENAPI["paths"].items() for method in item
               if method in ("get", "post", "put", "delete", "patch")]


def error_codes():
    return set(OPENAPI["components"]["schemas"]["Error"]["properties"]["error"]["enum"])


def check_error(answer, *statuses):
    assert answer.status in statuses, (answer.status, answer.body[:200])
    if answer.body:
        value = answer.json
        assert value["error"] in error_codes(), value
        assert isinstance(value["error_description"], str)


BAD_BODIES = {
    "nothing": b"",
    "not json": b"hello",
    "cut off": b'{"username": "somebody"',
    "an array": b"[]",
    "null": b"null",
    "a string": b'"username"',
    "no members": b"{}",
    "numbers for strings": b'{"username": 1, "password": 2, "refresh_token": 3}',
    "nulls": b'{"username": null, "password": null, "refresh_token": null}',
    "lists": b'{"username": ["a"], "password": {"a": 1}, "refresh_token": []}',
    "a member twice": b'{"username": "a", "username": "b", "password": "correct horse 42", "refresh_token": "a", "refresh_token": "b"}',
    "bytes after the end": b'{"username": "somebody", "password": "correct horse 42", "refresh_token": "x"} x',
    "invalid utf-8": b'{"username": "\xff\xfe", "password": "\xc0\xaf", "refresh_token": "\xed\xa0\x80"}',
    "a byte order mark": b'\xef\xbb\xbf{"username": "somebody", "password": "correct horse 42", "refresh_token": "x"}',
    "utf-16": '{"username": "somebody"}'.encode("utf-16"),
    "deep": b'{"username":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "nul": b'{"username": "a\\u0000b", "password": "correct\\u0000horse battery 42", "refresh_token": "a\\u0000b"}',
    "lone surrogate": b'{"username": "\\ud800", "password": "\\udfff", "refresh_token": "\\ud800"}',
    "empty strings": b'{"username": "", "password": "", "refresh_token": ""}',
}


@pytest.mark.parametrize("path", JSON_ENDPOINTS)
@pytest.mark.parametrize("what", BAD_BODIES)
def test_bad_json_is_refused(client, path, what):
    answer = client.request("POST", path, BAD_BODIES[what], {"Content-Type": "application/json"})
    check_error(answer, 400, 401, 422)


@pytest.mark.parametrize("what", BAD_BODIES)
def test_bad_json_for_a_password_change_is_refused(client, what, username):
    client.sign_up(username)
    token = client.log_in(username)["access_token"]
    answer = client.request("POST", "/password", BAD_BODIES[what],
                            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})
    check_error(answer, 400, 422)


@pytest.mark.parametrize("path", JSON_ENDPOINTS)
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense",
                                          "application/json-patch+json", "multipart/form-data; boundary=x"])
def test_an_unknown_content_type_is_refused(client, path, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.request("POST", path, json.dumps(JSON_ENDPOINTS[path]).encode(), headers)
    check_error(answer, 415)


@pytest.mark.parametrize("path", FORM_ENDPOINTS)
def test_forms_want_the_form_content_type_and_each_field_once(client, path):
    bad_type = client.request("POST", path, b'{"token":"x"}', {"Content-Type": "application/json"})
    check_error(bad_type, 401, 415)
    for body in (b"", b"token", b"token=a&token=b", b"%zz=1", b"token=%ff%fe", b"&&&=", b"other=1"):
        answer = client.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status in (200, 400, 401), (body, answer.status)


@pytest.mark.parametrize("method,path", EVERY_ROUTE)
def test_a_huge_body_is_refused_everywhere(client, method, path):
    path = re.sub(r"\{.*?\}", "x", path)
    answer = client.request(method, path, b"x" * (1 << 20), {"Content-Type": "application/json"})
    check_error(answer, 413)


@pytest.mark.parametrize("method,path", EVERY_ROUTE)
def test_other_methods_say_which_are_allowed(client, method, path):
    path = re.sub(r"\{.*?\}", "x", path)
    answer = client.request("PUT", path)
    check_error(answer, 405)
    assert method in answer.header("Allow")


@pytest.mark.parametrize("path", ["/", "/nothing", "/profile/", "//profile", "/profile/../login", "/%70rofile", "/sessions/",
                                  "/sessions/a/b", "/profile%00", "/LOGIN", "/.well-known/"])
def test_unknown_paths_are_not_found(client, path):
    check_error(client.request("GET", path), 404)


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Bearer  x", "Bearer a b", "Bearer a,b", "Bearer é", "Bearer \x7f",
                                           "bearer", "Bearer =", "Bearer ="])
def test_a_malformed_bearer_header_is_a_bad_request(client, authorization):
    for path in ("/profile", "/verify", "/sessions"):
        answer = client.get(path, headers={"Authorization": authorization.encode("latin-1")})
        assert answer.status == 400, path
        if answer.body:
            assert answer.json["error"] == "invalid_request"


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwdw==", "Digest x", "Negotiate abc"])
def test_another_scheme_counts_as_no_credentials(client, authorization):
    answer = client.get("/profile", headers={"Authorization": authorization})
    assert answer.status == 401 and "error" not in answer.header("WWW-Authenticate")


TOKENS = ["", ".", "..", "...", "a.b.c", "a" * 5000, "e30.e30.", "." * 10000, "eyJhbGciOiJub25lIn0.e30.",
          "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"]


@pytest.mark.parametrize("token", TOKENS)
def test_no_made_up_token_opens_anything(client, token):
    for path in ("/profile", "/verify", "/sessions"):
        assert client.get(path, token).status in (400, 401), path


SMUGGLING = {
    "length and chunked": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello",
    "signed length": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
    "negative length": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello",
    "hexadecimal length": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello",
    "overflowing length": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551621\r\n\r\nhello",
    "chunked spelled otherwise": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip, chunked": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "space before the colon": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
    "folded line": b"GET /profile HTTP/1.1\r\nHost: x\r\nX-A: b\r\n  c\r\n\r\n",
    "bare line feeds": b"GET /profile HTTP/1.1\nHost: x\n\n",
    "bare carriage return": b"GET /profile HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n",
    "nul in a value": b"GET /profile HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "no host": b"GET /profile HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /profile HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no name": b"GET /profile HTTP/1.1\r\nHost: x\r\n: value\r\n\r\n",
    "no version": b"GET /profile\r\nHost: x\r\n\r\n",
    "version 9": b"GET /profile HTTP/9.9\r\nHost: x\r\n\r\n",
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "bad chunk size": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "huge chunk size": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("what", SMUGGLING)
def test_smuggling_forms_are_refused_and_the_connection_ends(client, what):
    hidden = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n"
    received = client.raw(SMUGGLING[what] + hidden)
    assert b'"keys"' not in received, "the hidden request was answered"
    if received:
        status = int(received.split(b" ", 2)[1])
        assert status in (400, 413, 431, 501, 505), received[:100]
        assert len(re.findall(rb"HTTP/1\.1 \d{3} ", received)) == 1


def test_pipelined_requests_are_answered_in_order_and_garbage_ends_it(client):
    request = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n"
    received = client.raw(request * 3 + b"garbage garbage garbage\r\n\r\n" + request)
    statuses = re.findall(rb"HTTP/1\.1 (\d+)", received)
    assert statuses == [b"200", b"200", b"200", b"400"]


@pytest.mark.parametrize("path", [path for method, path in EVERY_ROUTE if method == "GET" and path != "/revocations/stream"])
def test_head_is_get_without_its_body(client, path):
    path = re.sub(r"\{.*?\}", "x", path)
    head, last = (f"{method} {path} HTTP/1.1\r\nHost: x\r\n".encode() for method in ("HEAD", "GET"))
    received = client.raw(head + b"\r\n" + head + b"\r\n" + last + b"Connection: close\r\n\r\n")
    first, second, whole, body = received.split(b"\r\n\r\n", 3)
    once = re.compile(rb"(Date|X-Request-Id|Connection|ETag): [^\r]*(\r\n)?", re.IGNORECASE)
    assert once.sub(b"", first).strip() == once.sub(b"", second).strip() == once.sub(b"", whole).strip()
    assert int(re.search(rb"(?i)Content-Length: (\d+)", first).group(1)) == len(body)


@pytest.mark.parametrize("method,status", [("OPTIONS", 405), ("PUT", 405), ("TRACE", 501), ("get", 501), ("NONSENSE", 501)])
def test_methods_that_are_not_offered_leave_the_connection_in_order(client, method, status):
    received = client.raw(f"{method} /profile HTTP/1.1\r\nHost: x\r\n\r\nGET /profile HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [str(status).encode(), b"401"]
    assert (b"Allow: GET, HEAD" in received) == (status == 405)


def test_long_request_lines_and_headers_are_refused(client):
    long_line = client.raw(b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n").split(b"\r\n")[0]
    assert re.search(rb" (414|431) ", long_line)
    long_header = client.raw(b"GET /profile HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 40000 + b"\r\n\r\n").split(b"\r\n")[0]
    assert b" 431 " in long_header
    many = client.raw(b"GET /profile HTTP/1.1\r\nHost: x\r\n" + b"X-A: a\r\n" * 500 + b"\r\n").split(b"\r\n")[0]
    assert b" 431 " in many


def test_a_client_that_says_nothing_holds_nobody_up(client):
    idle = [socket.create_connection((client.host, client.port)) for _ in range(200)]
    for connection in idle[:100]:
        connection.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Le")
    assert client.get("/profile").status == 401
    for connection in idle:
        connection.close()


def test_the_server_is_as_well_as_before(server, client):
    assert server.monitor.get("/readyz").status == 200
    client.sign_up("after-all-that")
    assert client.get("/profile", client.log_in("after-all-that")["access_token"]).status == 200
    log = server.log_text()
    assert "correct horse" not in log and "Bearer ey" not in log and "sgr_" not in log
