"""The feed of revocations: every cause, seen by clients that are not ours, on one node and on several."""

import base64
import contextlib
import http.client
import itertools
import json
import signal
import socket
import subprocess
import threading
import time
import zlib

import pytest
from conftest import ROOMY, claims_of, eventually, metric, nodes_of, refresh

PASSWORD = "correct horse battery staple 42"


class Stream:
    """Reads events as the HTML standard says, in a thread."""

    def __init__(self, client, last_event_id=None, query=""):
        self.connection = http.client.HTTPConnection(client.host, client.port, timeout=60)
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        self.connection.request("GET", "/revocations/stream" + query, headers=headers)
        self.socket = self.connection.sock  # the connection forgets it, for the answer is its last
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.events = []  # (type, data, id)
        self.ended = None  # "clean" or the exception
        self.last_event_id = last_event_id
        if self.status == 200:
            self.thread = threading.Thread(target=self._read, daemon=True)
            self.thread.start()

    def _read(self):
        kind, data, event_id = "message", None, None
        try:
            while line := self.response.readline():
                line = line.decode().rstrip("\n")
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    data = json.loads(value)
                elif name == "id":
                    event_id = value
                elif line == "" and data is not None:
                    self.last_event_id = event_id or self.last_event_id
                    self.events.append((kind, data, event_id))
                    kind, data, event_id = "message", None, None
            self.ended = "clean"
        except Exception as failure:  # noqa: BLE001 (the test looks at it)
            self.ended = failure

    def of(self, kind):
        return [data for each, data, _ in list(self.events) if each == kind]

    @property
    def revocations(self):
        return self.of("revocation")

    def alive(self):
        """A heartbeat that was sent after this call began."""
        count = len(self.of("heartbeat"))
        return eventually(lambda: len(self.of("heartbeat")) > count + 1)

    def hears(self, kind, key=None):
        return eventually(lambda: any(r["kind"] == kind and key in (None, r["key"]) for r in self.revocations))

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def session_of(pair):
    return claims_of(pair["access_token"])["sid"]


def subject_of(pair):
    return claims_of(pair["access_token"])["sub"]


def in_order(revocations):
    return all(r["after"] < r["seq"] for r in revocations) and all(
        later["after"] == earlier["seq"] for earlier, later in itertools.pairwise(revocations)
    )


def test_every_cause_appears_on_the_stream(server, client, username, run_signet):
    client.sign_up(username)
    stream = Stream(client)
    assert stream.response.getheader("Content-Type") == "text/event-stream"
    assert stream.response.getheader("Cache-Control") == "no-store"
    assert stream.alive()

    this = client.log_in(username)
    assert client.post("/logout", token=this["access_token"]).status == 204
    assert stream.hears("session", session_of(this))

    stays, goes = client.log_in(username), client.log_in(username)
    assert client.post("/logout?scope=others", token=stays["access_token"]).status == 204
    assert stream.hears("session", session_of(goes))
    assert client.post("/logout?scope=all", token=stays["access_token"]).status == 204
    assert stream.hears("session", session_of(stays))
    assert stream.hears("subject", subject_of(stays))

    by_token = client.log_in(username)
    assert client.form("/revoke", {"token": by_token["access_token"]}).status == 200
    assert stream.hears("token", claims_of(by_token["access_token"])["jti"])
    assert client.form("/revoke", {"token": by_token["refresh_token"]}).status == 200
    assert stream.hears("session", session_of(by_token))

    ended, kept = client.log_in(username), client.log_in(username)
    listed = client.delete(f"/sessions/{session_of(ended)}", kept["access_token"])
    assert listed.status == 204
    assert stream.hears("session", session_of(ended))
    other = client.log_in(username)
    changed = client.post("/password", {"current_password": PASSWORD, "new_password": PASSWORD + " changed"},
                          token=kept["access_token"])
    assert changed.status in (200, 204), changed
    assert stream.hears("session", session_of(other))

    disabled = client.log_in(username, PASSWORD + " changed")
    done = run_signet("users", "disable", username, "--data", server.data)
    assert done.returncode == 0, done.stderr
    assert stream.hears("session", session_of(disabled)), "by another process"

    boss = "boss-of-" + username
    made = run_signet("users", "add", boss, "--scope", "admin:write", "--password-stdin", "--data", server.data,
                      stdin=PASSWORD + "\n")
    assert made.returncode == 0, made.stderr
    for who, delete in ((username + "-1", lambda user: client.delete("/admin/users/" + user, client.log_in(boss)["access_token"]).status == 204),
                        (username + "-2", lambda user: run_signet("users", "delete", username + "-2", "--data", server.data).returncode == 0)):
        client.sign_up(who)
        deleted = client.log_in(who)
        assert delete(subject_of(deleted))
        assert stream.hears("session", session_of(deleted)) and stream.hears("subject", subject_of(deleted)), who
        assert eventually(lambda: client.get("/profile", deleted["access_token"]).status == 401)
    assert in_order(stream.revocations)
    for event, data, event_id in stream.events:
        if event == "revocation":
            assert event_id.endswith(f":{data['seq']}")
            assert set(data) == {"seq", "after", "kind", "key", "cutoff", "expires_at"}
    stream.close()


def test_a_spent_refresh_token_ends_the_session_on_the_stream(launch, directory):
    (directory / "no-grace.toml").write_text(ROOMY + '[refresh]\ngrace = "0s"\n')
    server = launch("--config", str(directory / "no-grace.toml"))
    client = server.client
    client.sign_up("someone")
    stream = Stream(client)
    pair = client.log_in("someone")
    assert refresh(server, pair["refresh_token"]).status == 200
    assert refresh(server, pair["refresh_token"]).status == 400
    assert stream.hears("session", session_of(pair))
    stream.close()


def test_a_revoked_signing_key_is_on_the_stream(launch, run_signet):
    server = launch()
    kid = server.client.get("/.well-known/jwks.json").json["keys"][0]["kid"]
    stream = Stream(server.client)
    assert stream.alive()
    done = run_signet("keys", "revoke", "--data", server.data, "--", kid)
    assert done.returncode == 0, done.stderr
    assert stream.hears("key", kid)
    stream.close()


def test_the_snapshot_verifies_with_a_library_that_is_not_ours(server, client, username):
    jwt = pytest.importorskip("jwt")
    client.sign_up(username)
    pair = client.log_in(username)
    assert client.post("/logout", token=pair["access_token"]).status == 204
    metadata = client.get("/.well-known/oauth-authorization-server").json
    assert metadata["signet_revocation_stream"].endswith("/revocations/stream")
    path = metadata["signet_revocation_snapshot"].removeprefix(metadata["issuer"])
    keys = jwt.PyJWKSet.from_dict(client.get("/.well-known/jwks.json").json)

    node = nodes_of(server)[0].client  # each signs its own

    def snapshot():
        answer = node.get(path)
        assert (answer.status, answer.header("Content-Type")) == (200, "application/jwt")
        text = answer.body.decode()
        header = jwt.get_unverified_header(text)
        assert header["typ"] == "revocations+jwt"
        return jwt.decode(text, keys[header["kid"]].key, algorithms=["ES256"], issuer=metadata["issuer"]), answer

    assert eventually(lambda: session_of(pair) in [r["key"] for r in snapshot()[0]["revocations"]])
    claims, answer = snapshot()
    assert node.get(path, headers={"If-None-Match": answer.header("ETag")}).status == 304
    stream = Stream(client, query=f"?from={claims['epoch']}:{claims['seq']}")
    other = client.log_in(username)
    assert client.post("/logout", token=other["access_token"]).status == 204
    assert stream.hears("session", session_of(other))
    assert session_of(pair) not in [r["key"] for r in stream.revocations]
    stream.close()


def read_status(client, jwt, keys, metadata, token):
    """What a verifier of the IETF Token Status List finds out about an access token, with code that is not ours."""
    place = claims_of(token)["status"]["status_list"]
    assert set(place) == {"idx", "uri"}
    answer = client.get(place["uri"].removeprefix(metadata["issuer"]), headers={"Accept": "application/statuslist+jwt"})
    assert (answer.status, answer.header("Content-Type")) == (200, "application/statuslist+jwt")
    text = answer.body.decode()
    header = jwt.get_unverified_header(text)
    assert header["typ"] == "statuslist+jwt"
    claims = jwt.decode(text, keys[header["kid"]].key, algorithms=["ES256"], options={"require": ["sub", "iat", "exp", "ttl"]})
    assert claims["sub"] == place["uri"]
    assert claims["status_list"]["bits"] == 1
    packed = claims["status_list"]["lst"]
    octets = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert place["idx"] < len(octets) * 8
    return octets[place["idx"] // 8] >> (place["idx"] % 8) & 1


def test_status_lists_are_read_by_what_is_not_ours(node):
    jwt = pytest.importorskip("jwt")
    one, two = node(), node()
    one.client.sign_up("someone")
    metadata = one.client.get("/.well-known/oauth-authorization-server").json
    keys = jwt.PyJWKSet.from_dict(one.client.get("/.well-known/jwks.json").json)
    pairs = [server.client.log_in("someone") for server in (one, two) for _ in range(3)]
    places = {tuple(claims_of(pair["access_token"])["status"]["status_list"].values()) for pair in pairs}
    assert len(places) == len(pairs), "no two sessions have one place"

    def status(server, pair):
        return read_status(server.client, jwt, keys, metadata, pair["access_token"])

    assert [status(two, pair) for pair in pairs] == [0] * 6
    gone, stays = pairs[::2], pairs[1::2]
    for pair in gone:
        assert one.client.post("/logout", token=pair["access_token"]).status == 204
    for server in (one, two):
        for pair in gone:
            assert eventually(lambda: status(server, pair) == 1)
        assert [status(server, pair) for pair in stays] == [0] * 3
    lists = two.client.get(metadata["status_list_aggregation_endpoint"].removeprefix(metadata["issuer"])).json
    assert {uri for _, uri in places} <= set(lists["status_lists"])
    refreshed = refresh(two, stays[0]["refresh_token"]).json
    assert claims_of(refreshed["access_token"])["status"] == claims_of(stays[0]["access_token"])["status"]

    # From nothing but the log, a node that starts knows the bits.
    three = node()
    assert [status(three, pair) for pair in pairs] == [1, 0] * 3


def test_garbage_is_refused_and_a_foreign_position_reset(client):
    for garbage in ("x", "1", "0123456789abcdef", "0123456789abcdef:-1", "0123456789abcdef:1%0d%0aX:y", "%ff", "a" * 5000):
        assert client.get(f"/revocations/stream?from={garbage}").status == 400, garbage
    answer = client.get("/revocations/stream?from=0123456789abcdef:1")
    assert answer.status == 200
    assert answer.body.startswith(b"event: reset\ndata: {")


def test_curl_reads_the_stream(server):
    with subprocess.Popen(["curl", "-sN", server.url + "/revocations/stream"], stdout=subprocess.PIPE, text=True) as curl:
        assert [curl.stdout.readline() for _ in range(2)][0] == "event: begin\n"
        curl.kill()


def test_two_hundred_streams_hear_the_same_and_the_server_stays_quick(server, client, username):
    client.sign_up(username)
    streams = [Stream(client) for _ in range(200)]
    assert all(stream.status == 200 for stream in streams)
    pair = client.log_in(username)
    assert client.post("/logout", token=pair["access_token"]).status == 204
    for stream in streams:
        assert stream.hears("session", session_of(pair))
    assert metric(server, "signet_revocation_streams") >= 200
    assert metric(server, "signet_revocation_apply_seconds_count") > 0
    for stream in streams:
        stream.close()
    assert eventually(lambda: metric(server, "signet_revocation_streams") == 0)


def test_draining_ends_streams_cleanly_and_they_go_on_elsewhere(launch):
    first = launch()
    first.client.sign_up("someone")
    pair, later = first.client.log_in("someone"), first.client.log_in("someone")
    stream = Stream(first.client)
    assert first.client.post("/logout", token=pair["access_token"]).status == 204
    assert stream.hears("session", session_of(pair))
    began = time.monotonic()
    assert first.stop() == 0
    assert time.monotonic() - began < 15, "streams keep nobody waiting"
    assert eventually(lambda: stream.ended is not None)
    assert stream.ended == "clean", "the last chunk came"

    second = launch(data=first.data)
    assert second.client.post("/logout", token=later["access_token"]).status in (204, 401)
    resumed = Stream(second.client, stream.last_event_id)
    assert resumed.alive()
    assert not resumed.of("reset")
    assert session_of(pair) not in [r["key"] for r in resumed.revocations]
    resumed.close()


def test_nodes_tell_of_each_others_revocations(node):
    one, two = node(), node()
    one.client.sign_up("someone")
    streams = [Stream(one.client), Stream(two.client)]
    pairs = [server.client.log_in("someone") for server in (one, two) for _ in range(5)]
    for pair, server in zip(pairs, [two, one] * 5):
        assert server.client.post("/logout", token=pair["access_token"]).status == 204
    for stream in streams:
        for pair in pairs:
            assert stream.hears("session", session_of(pair))
        assert in_order(stream.revocations)
    assert streams[0].revocations == streams[1].revocations
    for stream in streams:
        stream.close()


def test_what_was_revoked_while_a_node_was_dead_is_told_when_the_client_comes_again(node):
    one, two = node(), node()
    one.client.sign_up("someone")
    stream = Stream(one.client)
    pairs = [two.client.log_in("someone") for _ in range(6)]
    assert two.client.post("/logout", token=pairs[0]["access_token"]).status == 204
    assert stream.hears("session", session_of(pairs[0]))
    # Some are answered by the node that dies, some afterwards by the other.
    for pair in pairs[1:3]:
        assert one.client.post("/logout", token=pair["access_token"]).status == 204
    one.process.send_signal(signal.SIGKILL)
    one.process.wait()
    assert eventually(lambda: stream.ended is not None)
    for pair in pairs[3:]:
        assert two.client.post("/logout", token=pair["access_token"]).status == 204
    resumed = Stream(two.client, stream.last_event_id)
    for pair in pairs[3:]:
        assert resumed.hears("session", session_of(pair))
    heard = [r["key"] for r in stream.revocations + resumed.revocations if r["kind"] == "session"]
    assert sorted(heard) == sorted(session_of(pair) for pair in pairs), "each once"
    resumed.close()


def test_numbers_that_postgresql_loses_in_a_crash_are_no_revocations_that_are_missing(node, cluster):
    server = node()
    server.client.sign_up("someone")
    pairs = [server.client.log_in("someone") for _ in range(2)]
    stream = Stream(server.client)
    assert server.client.post("/logout", token=pairs[0]["access_token"]).status == 204
    assert stream.hears("session", session_of(pairs[0]))
    cluster.do("kill")
    cluster.do("start")
    assert eventually(lambda: server.monitor.get("/readyz").status == 200, within=30)
    assert server.client.post("/logout", token=pairs[1]["access_token"]).status == 204
    assert stream.hears("session", session_of(pairs[1]))
    before, after = stream.revocations
    assert after["seq"] > before["seq"] + 1, "a sequence is logged ahead of its use"
    assert in_order(stream.revocations)
    stream.close()


def test_a_node_that_cannot_read_the_log_sends_no_heartbeat(node, cluster):
    server = node()
    stream = Stream(server.client)
    assert stream.alive()
    cluster.do("stop")
    assert eventually(lambda: server.monitor.get("/readyz").status == 503, 30)
    count = len(stream.of("heartbeat"))
    assert eventually(lambda: server.client.get("/revocations/snapshot").status == 503, 30)
    assert len(stream.of("heartbeat")) == count
    assert stream.ended is None
    cluster.do("start")
    assert stream.alive(), "and goes on when it can again"
    stream.close()
