"""Two nodes behind HAProxy and nginx: what the tests of one server, which run against these as well, do not look at."""

import re
import signal

import pytest
from balancer import Balanced
from conftest import ROOMY, Client, claims_of, eventually
from test_revocation import Stream, session_of


@pytest.fixture(params=["haproxy", "nginx"])
def balanced(request, directory):
    made = Balanced(request.param, directory, ROOMY)
    yield made
    made.stop()


def requests_answered(node):
    counts = re.findall(r"^signet_requests_total\{.*\} (\d+)", node.monitor.get("/metrics").body.decode(), re.MULTILINE)
    return sum(map(int, counts))


def test_any_node_answers_and_knows_who_asks(balanced):
    client = Client(balanced.client.host, balanced.client.port)
    client.source = ("127.0.0.2", 0)
    client.sign_up("someone")
    pairs = [client.log_in("someone") for _ in range(4)]
    before = [requests_answered(node) for node in balanced.nodes]
    for pair in pairs * 5:
        assert client.get("/profile", pair["access_token"]).status == 200
    assert all(requests_answered(node) > count for node, count in zip(balanced.nodes, before)), "no node is left out"
    addresses = {session["address"] for session in client.get("/sessions", pairs[0]["access_token"]).json["sessions"]}
    assert addresses == {"127.0.0.2"}
    forged = client.get("/profile", pairs[0]["access_token"], headers={"X-Forwarded-For": "203.0.113.9"})
    assert forged.status == 200
    assert eventually(lambda: balanced.log_text().count('"client":"127.0.0.2"') > 20)
    assert "203.0.113.9" not in balanced.log_text()

    # An API key is known to every node within a second.
    key = client.post("/api-keys", {"name": "script"}, token=pairs[0]["access_token"])
    assert key.status == 201, key
    for node in balanced.nodes:
        assert eventually(lambda n=node: n.client.get("/profile", key.json["api_key"]).status == 200)


def test_streams_come_through_at_once_and_go_on_at_another_node(balanced):
    balanced.client.sign_up("someone")
    pairs = [balanced.client.log_in("someone") for _ in range(2)]
    streams = [Stream(balanced.client) for _ in range(4)]
    for stream in streams:
        assert stream.alive()
    assert balanced.client.post("/logout", token=pairs[0]["access_token"]).status == 204
    for stream in streams:
        assert stream.hears("session", session_of(pairs[0]))
    balanced.nodes[0].stop(signal.SIGKILL)
    assert eventually(lambda: any(stream.ended is not None for stream in streams))
    # Each of them, for one may hear of its node's end only now.
    heard = [stream.alive() for stream in streams]
    assert any(heard) and all(alive or stream.ended is not None for alive, stream in zip(heard, streams, strict=True))

    def resumed(old):
        again = Stream(balanced.client, old.last_event_id)
        return again if again.status == 200 and again.alive() else None

    for old in streams:
        if old.ended is not None:
            new = None
            for _ in range(100):
                if new := resumed(old):
                    break
            assert new and not new.of("reset")
            new.close()
    # What the node that is left says is what all hear.
    left = balanced.nodes[1].client
    assert left.post("/logout", token=pairs[1]["access_token"]).status == 204
    assert left.get("/profile", pairs[1]["access_token"]).status == 401
    assert claims_of(pairs[1]["access_token"])["iss"] == balanced.url
