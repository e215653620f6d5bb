"""Back-channel logout and webhooks: what a relying party and a webhook hear, and what happens when they do not listen."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import re
import signal
import ssl
import threading
import time
from urllib.parse import parse_qs

import jwt
import pytest
from conftest import claims_of, eventually, free_port, make_certificate

PASSWORD = "correct horse battery staple 42"
SECRET = base64.b64encode(bytes(range(32))).decode()
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.server
        with receiver.lock:
            receiver.heard.append((self.path, dict(self.headers.items()), body))
            answer = receiver.answer
        if answer == "slow":
            receiver.closing.wait(30)
            self.close_connection = True
            return
        self.send_response(answer)
        if answer == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Receiver(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0, tls=None):
        super().__init__(("127.0.0.1", port), Handler)
        self.lock, self.heard, self.answer, self.closing = threading.Lock(), [], 200, threading.Event()
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_):
        pass  # a sender that was killed

    def close(self):
        self.closing.set()
        self.shutdown()
        self.server_close()

    def bodies(self, path="/hook"):
        with self.lock:
            return [body for where, _, body in self.heard if where == path]

    def events(self):
        return [json.loads(body) for body in self.bodies()]

    def kinds(self):
        return [event["type"] for event in self.events()]

    def tokens(self, path="/logout"):
        return [parse_qs(body.decode(), strict_parsing=True)["logout_token"][0] for body in self.bodies(path)]


@pytest.fixture
def receiver():
    started = Receiver()
    yield started
    started.close()


QUICK = """
[deliveries]
attempts = 100
time = "2s"
first_pause = "50ms"
longest_pause = "200ms"
"""


def configured(directory, receiver_url, more="", deliveries=QUICK):
    secret = directory / "webhook.secret"
    secret.write_text(f"whsec_{SECRET}\n")
    secret.chmod(0o600)
    file = directory / "signet.toml"
    file.write_text(f"""
[[backchannel_logout]]
client_id = "shop"
uri = "{receiver_url}/logout?tenant=1"

[[webhooks]]
name = "siem"
url = "{receiver_url}/hook"
secret_file = "{secret}"
{more}
{deliveries}
""")
    return "--config", str(file)


def logouts(receiver, client, at_least):
    """Who was logged out of what, each token checked by a library that is not ours."""
    path = "/logout?tenant=1"
    assert eventually(lambda: len(receiver.tokens(path)) >= at_least, 30), receiver.heard
    issuer = client.get("/.well-known/oauth-authorization-server").json["issuer"]
    keys = jwt.PyJWKSet.from_dict(client.get("/.well-known/jwks.json").json)
    ended = []
    for token in receiver.tokens(path):
        header = jwt.get_unverified_header(token)
        assert header["typ"] == "logout+jwt"
        key = next(key.key for key in keys.keys if key.key_id == header["kid"])
        claims = jwt.decode(token, key, algorithms=["ES256"], audience="shop", issuer=issuer,
                            options={"require": ["iss", "aud", "iat", "exp", "jti", "events", "sub"]})
        assert claims["events"] == {LOGOUT: {}} and "nonce" not in claims
        assert 0 < claims["exp"] - claims["iat"] <= 120
        ended.append((claims["sub"], claims.get("sid")))
    return ended


def verified(headers, body):
    """After the specification of Standard Webhooks, not our code."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(base64.b64decode(SECRET), signed, hashlib.sha256).digest()).decode()
    return expected in headers["webhook-signature"].split(" ") and abs(time.time() - int(headers["webhook-timestamp"])) < 300


def sid(session):
    return claims_of(session["access_token"])["sid"]


def test_every_way_to_end_a_session_reaches_the_relying_party(launch, directory, receiver, run_signet):
    server = launch(*configured(directory, receiver.url))
    client = server.client
    client.sign_up("alice")
    first = client.log_in("alice")
    alice = claims_of(first["access_token"])["sub"]

    def ended(at_least):
        return logouts(receiver, client, at_least)

    assert client.post("/logout", token=first["access_token"]).status == 204
    assert ended(1) == [(alice, sid(first))]

    kept, other = client.log_in("alice"), client.log_in("alice")
    assert client.post("/logout?scope=others", token=kept["access_token"]).status == 204
    assert ended(2)[1:] == [(alice, sid(other))]
    assert client.post("/logout?scope=all", token=kept["access_token"]).status == 204
    assert ended(3)[2:] == [(alice, None)], "all of them: no sid (section 2.4)"

    kept, other = client.log_in("alice"), client.log_in("alice")
    changed = client.post("/password", {"current_password": PASSWORD, "new_password": "another horse battery staple 43"},
                          token=kept["access_token"])
    assert changed.status == 204, changed
    assert ended(4)[3:] == [(alice, sid(other))]

    revoked = client.log_in("alice", "another horse battery staple 43")
    assert client.form("/revoke", {"token": revoked["refresh_token"]}).status == 200
    assert ended(5)[4:] == [(alice, sid(revoked))], "RFC 7009"

    spent = client.log_in("alice", "another horse battery staple 43")
    latest = spent
    for _ in range(2):
        latest = client.post("/refresh", {"refresh_token": latest["refresh_token"]}).json
    assert client.post("/refresh", {"refresh_token": spent["refresh_token"]}).status == 400
    assert ended(6)[5:] == [(alice, sid(spent))], "a refresh token used twice"

    assert run_signet("sessions", "revoke", "--user", "alice", "--all", "--data", server.data).returncode == 0
    assert ended(7)[6:] == [(alice, None)], "the command line"
    for what, count in (("disable", 8), ("delete", 9)):
        run = run_signet("users", what, "alice", "--data", server.data)
        assert run.returncode == 0, run.stderr
        assert ended(count)[count - 1:] == [(alice, None)], what
    ids = [claims_of(token)["jti"] for token in receiver.tokens("/logout?tenant=1")]
    assert len(set(ids)) == len(ids) == 9
    metadata = client.get("/.well-known/oauth-authorization-server").json
    assert metadata["backchannel_logout_supported"] is True and metadata["backchannel_logout_session_supported"] is True


def test_security_events_reach_the_webhook_signed(launch, directory, receiver):
    client = launch(*configured(directory, receiver.url)).client
    client.sign_up("alice")
    session = client.log_in("alice")
    client.post("/login", {"username": "alice", "password": "wrong"})
    assert eventually(lambda: {"signup", "login", "login_failed"} <= set(receiver.kinds()), 30)
    for path, headers, body in list(receiver.heard):
        assert path == "/hook" and headers["Content-Type"] == "application/json"
        assert verified(headers, body)
        assert not verified(headers, body + b" ")
    login = next(event for event in receiver.events() if event["type"] == "login")
    assert login["data"]["session"] == sid(session) and login["data"]["address"] == "127.0.0.1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", login["timestamp"])
    assert "signing_key_created" in receiver.kinds(), "from the very first one on"


def test_a_webhook_hears_what_it_asked_for_and_no_more(launch, directory, receiver):
    client = launch(*configured(directory, receiver.url, 'events = ["logout"]')).client
    client.sign_up("alice")
    client.post("/logout", token=client.log_in("alice")["access_token"])
    client.sign_up("bob")
    client.post("/logout", token=client.log_in("bob")["access_token"])
    assert eventually(lambda: len(receiver.kinds()) == 2, 30)
    assert receiver.kinds() == ["logout", "logout"]


@pytest.mark.parametrize("how", ["down", 500, 404, 302, "slow"])
def test_what_a_receiver_missed_comes_once_it_listens_again(launch, directory, how):
    port = free_port()
    first = None if how == "down" else Receiver(port)
    if first:
        first.answer = how
    server = launch(*configured(directory, f"http://127.0.0.1:{port}"))
    client = server.client
    client.sign_up("alice")
    began = time.monotonic()
    client.post("/logout", token=client.log_in("alice")["access_token"])
    if how == "slow":
        assert time.monotonic() - began < 25, "nobody waits for a receiver"
    assert eventually(lambda: "a delivery failed" in server.log_text(), 30)
    metrics = server.monitor.get("/metrics").body.decode()
    assert re.search(r'signet_deliveries_total\{receiver="webhook:siem",outcome="failed"\} [1-9]', metrics)
    assert eventually(lambda: re.search(r'signet_deliveries_waiting\{receiver="logout:shop"\} 1\n',
                                        server.monitor.get("/metrics").body.decode()), 30)
    failed = []
    if first:
        failed = list(first.heard)
        assert all(path != "/elsewhere" for path, _, _ in failed), "redirects are not followed"
        first.close()
    second = Receiver(port)
    try:
        assert eventually(lambda: {"signup", "login", "logout"} <= set(second.kinds()), 60)
        assert len(logouts(second, client, 1)) == 1
        before = {json.loads(body)["data"]["seq"]: headers["webhook-id"] for path, headers, body in failed if path == "/hook"}
        for path, headers, body in second.heard:
            if path == "/hook":
                assert verified(headers, body)
                assert before.get(json.loads(body)["data"]["seq"], headers["webhook-id"]) == headers["webhook-id"]
        assert eventually(lambda: 'signet_deliveries_waiting{receiver="webhook:siem"} 0\n'
                          in server.monitor.get("/metrics").body.decode(), 30)
    finally:
        second.close()


def test_a_killed_server_loses_nothing(launch, directory, receiver):
    receiver.answer = "slow"
    options = *configured(directory, receiver.url), "--issuer", "https://auth.example"
    server = launch(*options)
    server.client.sign_up("alice")
    for _ in range(5):
        assert server.client.post("/logout", token=server.client.log_in("alice")["access_token"]).status == 204
    assert eventually(lambda: receiver.heard, 30)
    server.stop(signal.SIGKILL)
    receiver.closing.set()
    receiver.answer = 200
    again = launch(*options)
    assert eventually(lambda: receiver.kinds().count("logout") >= 5, 60), receiver.kinds()
    seqs = {event["data"]["seq"] for event in receiver.events() if event["type"] == "logout"}
    assert len(seqs) == 5
    sids = {session for _, session in logouts(receiver, again.client, 5)}
    assert len(sids) == 5


def test_what_nobody_takes_is_given_up_loudly(launch, directory, receiver):
    receiver.answer = 500
    few = '[deliveries]\nattempts = 2\nfirst_pause = "10ms"\nlongest_pause = "10ms"\n'
    server = launch(*configured(directory, receiver.url, 'events = ["signup"]', few))
    server.client.sign_up("alice")
    assert eventually(lambda: "a delivery was given up" in server.log_text(), 30)
    line = next(json.loads(line) for line in server.log_text().splitlines() if "given up" in line)
    assert line["level"] == "error" and line["receiver"] == "webhook:siem" and line["attempt"] == 2
    assert line["detail"] == "the receiver answered 500"
    assert eventually(lambda: 'receiver="webhook:siem",outcome="given_up"} 1' in server.monitor.get("/metrics").body.decode(), 30)
    assert len(receiver.bodies()) == 2
    assert SECRET not in server.log_text()


def test_the_server_ends_while_a_receiver_sleeps(launch, directory, receiver):
    receiver.answer = "slow"
    server = launch(*configured(directory, receiver.url, deliveries='[deliveries]\ntime = "30s"\n'))
    server.client.sign_up("alice")
    assert eventually(lambda: receiver.heard, 30)
    assert server.stop(timeout=25) == 0, "it does not wait for the receiver"


def test_https_is_checked_and_a_private_authority_can_be_named(launch, directory):
    certificate, key = make_certificate(directory)
    receiver = Receiver(tls=(certificate, key))
    try:
        stranger = launch(*configured(directory, receiver.url), data=directory / "one")
        stranger.client.sign_up("alice")
        assert eventually(lambda: "a delivery failed" in stranger.log_text(), 30)
        assert not receiver.heard
        trusting = launch(*configured(directory, receiver.url, f'ca_file = "{certificate}"'), data=directory / "two")
        trusting.client.sign_up("alice")
        assert eventually(lambda: "signup" in receiver.kinds(), 30)
    finally:
        receiver.close()


def test_of_two_nodes_one_tells(launch, cluster, directory, receiver):
    options = configured(directory, receiver.url, 'events = ["logout"]')
    environment = {"SIGNET_DATABASE_URL": cluster.url,
                   "SIGNET_MASTER_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")}
    nodes = [launch(*options, "--issuer", "https://auth.example", data=directory / name, environment=environment)
             for name in ("one", "two")]
    nodes[0].client.sign_up("alice")
    for i in range(12):
        one = nodes[i % 2].client
        assert one.post("/logout", token=one.log_in("alice")["access_token"]).status == 204
    assert eventually(lambda: len(receiver.kinds()) >= 12, 60)
    for each in nodes:
        assert eventually(lambda: 'waiting{receiver="webhook:siem"} 0\n' in each.monitor.get("/metrics").body.decode(), 30)
    assert len(receiver.kinds()) == 12, "each once, as long as nothing fails"


def test_the_secret_may_come_from_the_environment(launch, directory, receiver):
    file = directory / "signet.toml"
    file.write_text(f'[[webhooks]]\nname = "siem"\nurl = "{receiver.url}/hook"\n{QUICK}')
    server = launch("--config", str(file), environment={"SIGNET_WEBHOOK_SECRET": f"whsec_{SECRET}"})
    server.client.sign_up("alice")
    assert eventually(lambda: "signup" in receiver.kinds(), 30)
    assert all(verified(headers, body) for _, headers, body in receiver.heard)
