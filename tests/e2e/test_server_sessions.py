"""Sessions that the server remembers: one opaque token or cookie, looked up at each request."""

import re
import signal

import pytest
from conftest import ROOMY, eventually

PASSWORD = "correct horse battery staple 42"
TOKEN = r"sgs_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}"
BETTER = "a brand new pass phrase 5"
SERVER_MODE = '[sessions]\nmode = "server"\n'


@pytest.fixture
def server(launch, directory):
    (directory / "server.toml").write_text(SERVER_MODE + ROOMY)
    return launch("--config", str(directory / "server.toml"))


def token_of(client, name="alice"):
    answer = client.log_in(name)
    assert "refresh_token" not in answer and re.fullmatch(TOKEN, answer["access_token"]), answer
    return answer["access_token"]


def status(client, token):
    return client.get("/profile", token).status


def test_a_session_lives_from_login_to_logout_and_leaves_no_secret_behind(server):
    client = server.client
    account = client.sign_up("alice")["id"]
    token, other = token_of(client), token_of(client)
    profile = client.get("/profile", token)
    assert profile.status == 200 and profile.json["sub"] == account
    verified = client.get("/verify", token)
    assert verified.status == 200 and verified.header("X-Auth-Session") == profile.json["sid"]
    assert len(client.get("/sessions", token).json["sessions"]) == 2

    changed = client.post("/password", {"current_password": PASSWORD, "new_password": BETTER}, token)
    assert changed.status == 200
    assert status(client, token) == status(client, other) == 401
    token = changed.json["access_token"]
    assert status(client, token) == 200
    assert client.post("/logout", token=token).status == 204
    assert status(client, token) == 401

    last = client.post("/login", {"username": "alice", "password": BETTER}).json["access_token"]
    assert client.form("/revoke", {"token": last}).status == 200 and status(client, last) == 401
    assert server.stop() == 0
    kept = server.log_text().encode() + b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())
    for one in (token, other, last):
        assert one.encode() not in kept and one.split("_")[2].encode() not in kept


def test_sessions_outlive_a_restart_and_a_change_of_mode(server, launch, directory):
    server.client.sign_up("alice")
    token = token_of(server.client)
    assert server.stop() == 0
    again = launch(data=server.data)
    assert status(again.client, token) == 200
    pair = again.client.log_in("alice")
    assert pair["refresh_token"].startswith("sgr_")
    assert again.client.post("/refresh", {"refresh_token": pair["refresh_token"]}).status == 200

    config = directory / "changing.toml"
    config.write_text(ROOMY)
    live = launch("--config", str(config), data=directory / "live")
    live.client.sign_up("alice")
    config.write_text(SERVER_MODE + ROOMY)
    live.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: live.client.log_in("alice")["access_token"].startswith("sgs_"))


def test_the_command_line_ends_it_beside_the_server(server, run_signet):
    client, data = server.client, server.data
    client.sign_up("alice")
    token = token_of(client)
    sid = client.get("/profile", token).json["sid"]
    assert sid in run_signet("sessions", "list", "alice", "--data", data).stdout
    assert run_signet("sessions", "revoke", sid, "--data", data).returncode == 0
    assert status(client, token) == 401
    for command in ("disable", "delete"):
        client.sign_up(command)
        token = token_of(client, command)
        assert run_signet("users", command, command, "--data", data).returncode == 0
        assert status(client, token) == 401


def test_a_browser_keeps_one_cookie_and_gives_it_to_no_other_site(server):
    client = server.client
    client.sign_up("alice")
    page = {"Origin": server.url}
    login = client.post("/login", {"username": "alice", "password": PASSWORD, "cookies": True}, headers=page)
    assert login.status == 200 and "access_token" not in login.json
    mine, gone = login.headers.get_all("Set-Cookie")
    name, token = mine.split(";")[0].split("=")
    assert name == "__Host-signet" and re.fullmatch(TOKEN, token) and "HttpOnly" in mine and "Secure" in mine
    assert gone.startswith("__Host-signet-refresh=;") and "Max-Age=0" in gone
    cookie = {"Cookie": f"__Host-signet={token}"}
    assert client.get("/profile", headers=cookie).status == 200
    assert client.post("/logout", headers={**cookie, "Origin": "https://evil.example"}).status == 403
    assert client.post("/logout", headers=cookie).status == 403
    again = client.post("/login", {"username": "alice", "password": PASSWORD, "cookies": True}, headers={**page, **cookie})
    assert again.status == 200 and client.get("/profile", headers=cookie).status == 401
    cookie = {"Cookie": again.headers.get_all("Set-Cookie")[0].split(";")[0]}
    assert client.post("/logout", headers={**cookie, **page}).status == 204
    assert client.get("/profile", headers=cookie).status == 401


def test_every_node_knows_of_every_end_at_once(node, cluster, directory):
    (directory / "roomy.toml").write_text(SERVER_MODE + ROOMY)
    one = node()
    two = node()
    one.client.sign_up("alice")
    for end in (lambda token: two.client.post("/logout", token=token),
                lambda token: two.client.post("/logout?scope=all", token=token),
                lambda token: two.client.form("/revoke", {"token": token}),
                lambda token: two.client.delete("/sessions/" + two.client.get("/profile", token).json["sid"], token)):
        token = token_of(one.client)
        assert status(one.client, token) == status(two.client, token) == 200
        assert end(token).status in (200, 204)
        assert status(one.client, token) == status(two.client, token) == 401  # no waiting: the lookup is the truth

    token = token_of(one.client)
    cluster.do("stop")
    for server in (one, two):
        answer = server.client.get("/profile", token)
        assert answer.status == 503 and answer.header("Retry-After")
        assert server.client.get("/profile", token[:-1]).status == 401
        assert server.client.get("/.well-known/jwks.json").status == 200
    cluster.do("start")
    for server in (one, two):
        assert eventually(lambda: status(server.client, token) == 200)
        assert server.stop() == 0
