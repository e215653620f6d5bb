"""signet users, signet sessions: on a data directory, with and without a server on it."""

import http.client
import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest
from conftest import SIGNET, answers, clean_environment, ok, refused, signet

PASSWORD = "correct horse battery staple 42"


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def add(name, data, *arguments, password=PASSWORD):
    return signet("users", "add", name, "--data", data, "--create", "--password-stdin", *arguments, stdin=password + "\n")


def test_users_are_added_and_listed_before_the_server_ever_ran(data):
    run = add("alice", data, "--scope", "profile admin")
    assert run.returncode == 0, run.stderr
    assert re.fullmatch(r"added alice [\w-]{22}\n", run.stdout)
    assert add("bob", data).returncode == 0
    run = signet("users", "list", "--json", "--data", data)
    alice, bob = answers(run)
    assert alice["username"] == "alice" and alice["scope"] == "profile admin" and alice["disabled"] is False
    assert set(alice) == {"id", "username", "scope", "disabled", "must_change_password", "created_at"} and bob["scope"] == "profile"
    plain = ok("users", "list", "--data", data).splitlines()
    assert [line.split("\t")[:2] for line in plain] == [["alice", "enabled"], ["bob", "enabled"]]
    assert "argon2" not in run.stdout.lower()


def test_more_users_than_a_page_are_all_listed(data):
    import sqlite3
    assert add("user000", data).returncode == 0
    [database] = data.glob("*.db")
    with sqlite3.connect(database) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(accounts)")]
        [row] = connection.execute("SELECT * FROM accounts")
        key, name = columns.index("id"), columns.index("username")
        for number in range(1, 250):
            copy = list(row)
            copy[key], copy[name] = os.urandom(16), f"user{number:03}"
            connection.execute(f"INSERT INTO accounts VALUES ({','.join('?' * len(copy))})", copy)
    assert [a["username"] for a in answers(signet("users", "list", "--json", "--data", data))] == [f"user{n:03}" for n in range(250)]


def test_a_name_is_taken_once_however_it_is_written(data):
    assert add("alice", data).returncode == 0
    for name in ("alice", "ALICE", "Ａlice"):
        run = add(name, data)
        assert run.returncode == 1 and run.stdout == "" and "already" in run.stderr


def test_what_the_rules_refuse_is_said_without_the_password(data):
    run = add("alice", data, password="password1")
    assert run.returncode == 1 and "password refused" in run.stderr and "password1" not in run.stderr
    assert add("a b", data).returncode == 1
    assert add("", data).returncode == 2
    assert add("alice", data, "--scope", 'a"b').returncode == 2


def test_the_password_comes_from_a_file_or_a_terminal(data, tmp_path):
    (tmp_path / "pw").write_text(PASSWORD + "\n")
    ok("users", "add", "alice", "--data", data, "--create", "--password-file", tmp_path / "pw")
    (tmp_path / "empty").write_text("")
    refused("users", "add", "bob", "--data", data, "--password-file", tmp_path / "empty")
    refused("users", "add", "bob", "--data", data, "--password-stdin", stdin="")
    refused("users", "add", "bob", "--data", data, "--password-stdin", "--password-file", tmp_path / "pw")


def at_a_terminal(arguments, lines):
    """Types `lines` as questions come; returns the status and everything that was shown."""
    pid, master = pty.fork()
    if pid == 0:
        os.execve(SIGNET, [SIGNET, *map(str, arguments)], clean_environment({"TERM": "dumb"}))
    shown = b""
    waiting = list(lines)
    while select.select([master], [], [], 60)[0]:
        try:
            more = os.read(master, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more
        if waiting and shown.rstrip().endswith(b":"):
            os.write(master, waiting.pop(0).encode())
    _, status = os.waitpid(pid, 0)
    os.close(master)
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_the_terminal_does_not_show_what_is_typed(data):
    status, shown = at_a_terminal(["users", "add", "alice", "--data", data, "--create"], [PASSWORD + "\n", PASSWORD + "\n"])
    assert status == 0 and "added alice" in shown and "horse" not in shown
    status, shown = at_a_terminal(["users", "add", "bob", "--data", data], [PASSWORD + "\n", "another phrase\n"])
    assert status == 2 and "differ" in shown and "horse" not in shown and "another" not in shown
    status, shown = at_a_terminal(["users", "add", "bob", "--data", data], ["half a pass\x03\n"])
    assert status == 2 and "half" not in shown
    assert [a["username"] for a in answers(signet("users", "list", "--json", "--data", data))] == ["alice"]


def test_without_a_terminal_it_says_how_else(data):
    run = subprocess.run(["setsid", "--wait", SIGNET, "users", "add", "alice", "--create", "--data", str(data)], stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, env=clean_environment())
    assert run.returncode == 2 and "--password-stdin" in run.stderr


def test_disabling_and_enabling_show_in_the_list(data):
    add("alice", data)
    assert ok("users", "disable", "alice", "--data", data) == "disabled alice\n"
    assert answers(signet("users", "list", "--json", "--data", data))[0]["disabled"] is True
    ok("users", "disable", "alice", "--data", data)
    assert ok("users", "enable", "ALICE", "--data", data) == "enabled alice\n"
    assert answers(signet("users", "list", "--json", "--data", data))[0]["disabled"] is False
    for command in ("disable", "enable"):
        run = signet("users", command, "nobody", "--data", data)
        assert run.returncode == 1 and "no such user" in run.stderr


def test_a_directory_without_a_server_s_data_is_not_made_up(data):
    for command in (["users", "list"], ["users", "disable", "a"], ["users", "enable", "a"], ["sessions", "list", "a"],
                    ["sessions", "revoke", "a" * 22], ["sessions", "revoke", "--user", "a", "--all"]):
        assert "--data" in refused(*command, "--data", data)
    assert not data.exists()


def test_the_environment_names_the_directory_too(data):
    assert signet("users", "add", "alice", "--create", "--password-stdin", stdin=PASSWORD + "\n", env={"SIGNET_DATA": str(data)}).returncode == 0
    assert ok("users", "list", env={"SIGNET_DATA": str(data)}).startswith("alice\t")


def test_which_sessions_must_be_said(data):
    add("alice", data)
    for arguments in ([], ["--user", "alice"], ["--all"], ["a" * 22, "--user", "alice", "--all"], ["a" * 22, "--all"], ["short"]):
        refused("sessions", "revoke", "--data", data, *arguments)
    run = signet("sessions", "revoke", "a" * 21 + "A", "--data", data)
    assert run.returncode == 1 and "no such session" in run.stderr
    for arguments in (["-" + "a" * 20 + "A", "--data", data], ["--data", data, "--", "-" + "a" * 20 + "A"]):  # ids may begin with a dash
        run = signet("sessions", "revoke", *arguments)
        assert run.returncode == 1 and "no such session" in run.stderr, run.stderr
    assert signet("sessions", "list", "nobody", "--data", data).returncode == 1
    assert ok("sessions", "list", "alice", "--data", data) == ""


class Server:
    def __init__(self, data):
        self.process = subprocess.Popen([SIGNET, "serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", str(data)],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean_environment())
        line = self.process.stdout.readline()
        match = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert match, line
        self.port = int(match.group(1))

    def call(self, method, path, body=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = "Bearer " + token
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, json.loads(text) if text else None

    def log_in(self, name):
        status, pair = self.call("POST", "/login", {"username": name, "password": PASSWORD})
        assert status == 200, pair
        return pair

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status


@pytest.fixture
def server(data):
    started = Server(data)
    yield started
    assert started.stop() == 0


def dies(server, token, within=10.0):
    end = time.monotonic() + within
    while time.monotonic() < end:
        if server.call("GET", "/profile", token=token)[0] == 401:
            return True
        time.sleep(0.02)
    return False


def test_a_running_server_follows_what_the_command_does(server, data):
    assert add("alice", data).returncode == 0
    here, there = server.log_in("alice"), server.log_in("alice")
    for pair in (here, there):
        assert server.call("GET", "/profile", token=pair["access_token"])[0] == 200

    listed = answers(signet("sessions", "list", "alice", "--json", "--data", data))
    assert len(listed) == 2
    assert set(listed[0]) == {"id", "created_at", "last_used_at", "expires_at", "address", "user_agent"}
    assert ok("sessions", "list", "alice", "--data", data).count("\n") == 2

    assert ok("sessions", "revoke", listed[0]["id"], "--data", data) == f"revoked {listed[0]['id']}\n"
    assert dies(server, here["access_token"])
    assert server.call("GET", "/profile", token=there["access_token"])[0] == 200
    assert signet("sessions", "revoke", listed[0]["id"], "--data", data).returncode == 1

    assert ok("sessions", "revoke", "--user", "alice", "--all", "--data", data) == "revoked 1 session\n"
    assert dies(server, there["access_token"])
    assert server.call("POST", "/refresh", {"refresh_token": there["refresh_token"]})[0] == 400


def test_a_disabled_user_is_out_at_once_and_back_when_enabled(server, data):
    add("alice", data)
    pair = server.log_in("alice")
    ok("users", "disable", "alice", "--data", data)
    assert dies(server, pair["access_token"])
    assert server.call("POST", "/login", {"username": "alice", "password": PASSWORD})[0] == 401
    ok("users", "enable", "alice", "--data", data)
    assert server.call("GET", "/profile", token=server.log_in("alice")["access_token"])[0] == 200


def test_the_server_s_token_verifies_from_its_key_address(server, data):
    add("alice", data)
    token = server.log_in("alice")["access_token"]
    run = signet("verify", "--jwks", f"http://127.0.0.1:{server.port}/.well-known/jwks.json", "--aud", "api", "--json", token)
    assert run.returncode == 0, run.stdout + run.stderr
    assert answers(run)[0]["header"]["typ"] == "at+jwt"


def test_data_that_is_not_there_is_made_only_when_that_is_asked_for(tmp_path):
    data = tmp_path / "mistyped"
    for command in (["users", "add", "bob", "--password-stdin"], ["keys", "import", "--key", tmp_path / "k.jwk"]):
        ok("keygen", "ES256", "--out", tmp_path / "k.jwk") if not (tmp_path / "k.jwk").exists() else None
        run = signet(*command, "--data", data, stdin=PASSWORD + "\n")
        assert run.returncode == 2 and "--data" in run.stderr and "SIGNET_DATABASE_URL" in run.stderr
        assert not data.exists()
    ok("keys", "import", "--key", tmp_path / "k.jwk", "--now", "--create", "--data", data)
    ok("users", "add", "bob", "--password-stdin", "--data", data, stdin=PASSWORD + "\n")
