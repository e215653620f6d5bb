"""signet verify --jwks URL"""

import http.server
import socket
import ssl
import subprocess
import threading

import pytest
from conftest import answers, ok, refused, signet


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        status, headers, body = self.server.pages.get(self.path, (404, {}, b"no"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *_):
        pass


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that hangs up is what some of these tests want


@pytest.fixture
def serve(keys):
    running = []
    document = ok("jwks", keys["ES256"]).encode()

    def start(pages=None, tls=None, host="127.0.0.1"):
        server = QuietServer((host, 0), Handler)
        server.asked = []
        server.pages = {"/jwks.json": (200, {"Content-Type": "application/jwk-set+json"}, document), **(pages or {})}
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        running.append(server)
        server.url = f"{'https' if tls else 'http'}://{'localhost' if tls else host}:{server.server_port}"
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def test_keys_come_from_this_machine_over_http(serve, token):
    run = signet("verify", "--jwks", serve().url + "/jwks.json", "--json", token())
    assert run.returncode == 0 and answers(run)[0]["valid"] is True


def test_one_fetch_serves_all_the_tokens(serve, token):
    server = serve()
    run = signet("verify", "--jwks", server.url + "/jwks.json", "--json", stdin=(token() + "\n") * 50)
    assert run.returncode == 0 and len(answers(run)) == 50 and server.asked == ["/jwks.json"]


def certificate(folder, name="localhost"):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
                   check=True, capture_output=True)
    return folder / "tls.crt", folder / "tls.key"


def test_the_certificate_is_checked_and_cacert_says_whom_to_trust(serve, token, tmp_path):
    tls = certificate(tmp_path)
    url = serve(tls=tls).url + "/jwks.json"
    assert signet("verify", "--jwks", url, "--cacert", tls[0], token()).returncode == 0
    assert "certificate" in refused("verify", "--jwks", url, token()).lower()


def test_a_certificate_for_another_name_is_refused(serve, token, tmp_path):
    tls = certificate(tmp_path, "elsewhere.example")
    refused("verify", "--jwks", serve(tls=tls).url + "/jwks.json", "--cacert", tls[0], token())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(serve, token, status):
    server = serve({"/moved": (status, {"Location": "/jwks.json"}, b"")})
    assert "redirects are not followed" in refused("verify", "--jwks", server.url + "/moved", token())
    assert server.asked == ["/moved"]


def test_only_a_200_counts(serve, token):
    server = serve({"/error": (500, {}, b'{"keys":[]}'), "/created": (201, {}, b'{"keys":[]}')})
    assert "500" in refused("verify", "--jwks", server.url + "/error", token())
    assert "201" in refused("verify", "--jwks", server.url + "/created", token())
    assert "404" in refused("verify", "--jwks", server.url + "/nowhere", token())


def test_an_endless_answer_is_cut(serve, token):
    server = serve({"/huge": (200, {}, b" " * 4_000_000)})
    assert "524288" in refused("verify", "--jwks", server.url + "/huge", token())


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"keys":{}}', b'{"keys":[', b"\xff\xfe"])
def test_what_is_no_key_set_is_refused(serve, token, body):
    refused("verify", "--jwks", serve({"/bad": (200, {}, body)}).url + "/bad", token())


@pytest.mark.parametrize("url", ["http://example.org/jwks.json", "http://127.0.0.1.example.org/", "http://localhost.example.org/",
                                 "http://[::2]/", "http://10.0.0.1/", "http://user:pw@127.0.0.1/", "https://user@localhost/",
                                 "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "https://", "://", "http://127.1@example.org/"])
def test_addresses_that_cannot_be_trusted_are_refused(url):
    error = refused("verify", "--jwks", url, "a.b.c")
    assert "--jwks" in error and "pw" not in error


def test_nobody_listening_is_said(token):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "cannot fetch" in refused("verify", "--jwks", f"http://127.0.0.1:{port}/", token())


def test_a_proxy_is_not_asked_for_this_machine(serve, token):
    environment = {"http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"}
    assert signet("verify", "--jwks", serve().url + "/jwks.json", token(), env=environment).returncode == 0
