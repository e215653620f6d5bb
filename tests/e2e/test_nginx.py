"""nginx asks /verify before it lets anybody through to a plain backend."""

import http.server
import shutil
import subprocess
import threading

import pytest
from conftest import Client, eventually, free_port

pytestmark = pytest.mark.skipif(not (shutil.which("nginx") or shutil.which("/usr/sbin/nginx")), reason="nginx is not installed")

CONFIGURATION = """
daemon off;
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      auth_request /_verify;
      auth_request_set $subject $upstream_http_x_auth_subject;
      auth_request_set $challenge $upstream_http_www_authenticate;
      proxy_set_header X-Auth-Subject $subject;
      proxy_pass http://127.0.0.1:{backend};
    }}
    location /admin {{
      auth_request /_verify_admin;
      proxy_pass http://127.0.0.1:{backend};
    }}
    location = /_verify {{
      internal;
      proxy_pass http://127.0.0.1:{signet}/verify;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }}
    location = /_verify_admin {{
      internal;
      proxy_pass http://127.0.0.1:{signet}/verify?scope=admin;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }}
  }}
}}
"""


class Backend(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"hello {self.headers.get('X-Auth-Subject')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def gateway(server, directory):
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    port = free_port()
    (directory / "nginx.conf").write_text(CONFIGURATION.format(
        folder=directory, port=port, backend=backend.server_address[1], signet=server.client.port))
    nginx = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(directory), "-c", str(directory / "nginx.conf"),
                              "-e", str(directory / "error.log")])
    gate = Client("127.0.0.1", port)

    def up():
        try:
            return gate.get("/").status in (200, 401)
        except ConnectionRefusedError:
            return False

    assert eventually(up)
    yield gate
    nginx.terminate()
    nginx.wait(10)
    backend.shutdown()
    backend.server_close()


def test_only_a_good_token_reaches_the_backend(client, gateway, username):
    account = client.sign_up(username)
    pair = client.log_in(username)
    assert gateway.get("/").status == 401
    assert gateway.get("/", "not.a.token").status == 401
    passed = gateway.get("/", pair["access_token"])
    assert passed.status == 200 and passed.body == f"hello {account['id']}".encode()
    # What the client says of itself does not count.
    spoofed = gateway.get("/", pair["access_token"], headers={"X-Auth-Subject": "admin"})
    assert spoofed.body == f"hello {account['id']}".encode()
    assert gateway.request("POST", "/", b"x=1", {"Authorization": "Bearer " + pair["access_token"]}).status == 200
    assert client.post("/logout", token=pair["access_token"]).status == 204
    assert gateway.get("/", pair["access_token"]).status == 401


def test_a_missing_scope_is_forbidden(server, client, gateway, username, run_signet):
    client.sign_up(username)
    token = client.log_in(username)["access_token"]
    assert gateway.get("/admin", token).status == 403
    added = run_signet("users", "add", "admin-" + username, "--scope", "profile admin", "--data", server.data, "--password-stdin",
                       stdin="a pass phrase for admins 12\n")
    assert added.returncode == 0, added.stderr
    admin = client.log_in("admin-" + username, "a pass phrase for admins 12")["access_token"]
    assert gateway.get("/admin", admin).status == 200


def test_verify_answers_identity_headers(client, username):
    account = client.sign_up(username)
    token = client.log_in(username)["access_token"]
    answer = client.get("/verify", token)
    assert answer.status == 200 and answer.header("X-Auth-Subject") == account["id"]
    assert client.request("HEAD", "/verify", headers={"Authorization": "Bearer " + token}).status == 200
    missing = client.get("/verify?scope=admin", token)
    assert missing.status == 403 and 'scope="admin"' in missing.header("WWW-Authenticate")
