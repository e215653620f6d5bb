"""A C++ service with a RemoteIssuer behind the real server: who logs out there is out here."""

import os
import re
import signal
import subprocess

import pytest
from conftest import SIGNET, Client, eventually

SERVICE = os.environ.get("SIGNET_REVOCABLE_SERVICE")
pytestmark = pytest.mark.skipif(not SERVICE, reason="SIGNET_REVOCABLE_SERVICE is not set: the examples were not built")


@pytest.fixture
def serve_behind():
    """Starts services of an issuer."""
    running = []

    def start(issuer, policy="deny"):
        process = subprocess.Popen([SERVICE, issuer, "0", policy], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        running.append(process)
        port = re.search(r"http://127.0.0.1:(\d+)", process.stdout.readline()).group(1)
        return Client("127.0.0.1", int(port))

    yield start
    for process in running:
        process.kill()
        process.wait()


def hello(service, token):
    return service.get("/hello", token).status


def is_ready(service):
    return service.get("/readyz").status == 200


def test_a_logout_at_the_server_is_a_401_at_every_service(launch, serve_behind):
    server = launch()
    server.client.sign_up("ada")
    services = [serve_behind(server.url) for _ in range(3)]
    for service in services:
        assert eventually(lambda s=service: is_ready(s), 60)
    leaves, stays = (server.client.log_in("ada")["access_token"] for _ in range(2))
    for service in services:
        assert hello(service, leaves) == 200 and hello(service, stays) == 200
    assert server.client.post("/logout", token=leaves).status == 204
    for service in services:
        assert eventually(lambda s=service: hello(s, leaves) == 401, 60)
        assert hello(service, stays) == 200

    metrics = services[0].get("/metrics").body.decode()
    assert f'signet_revocation_seq{{issuer="{server.url}"}}' in metrics
    assert re.search(r'^signet_revocation_apply_seconds_count\{.*\} [1-9]', metrics, re.M), metrics

    # What was revoked before a service began is in its snapshot.
    late = serve_behind(server.url)
    assert eventually(lambda: is_ready(late), 60)
    assert hello(late, leaves) == 401 and hello(late, stays) == 200


def test_a_service_can_go_by_the_status_lists_alone(launch, serve_behind):
    server = launch()
    server.client.sign_up("ada")
    leaves, stays = (server.client.log_in("ada")["access_token"] for _ in range(2))
    assert server.client.post("/logout", token=leaves).status == 204
    service = serve_behind(server.url, "status-lists")
    assert eventually(lambda: is_ready(service), 60)
    assert hello(service, leaves) == 401
    assert hello(service, stays) == 200


def test_a_server_that_is_silent_makes_a_service_do_what_its_policy_says(launch, serve_behind):
    server = launch()
    server.client.sign_up("ada")
    strict, trusting = serve_behind(server.url), serve_behind(server.url, "allow")
    for service in (strict, trusting):
        assert eventually(lambda s=service: is_ready(s), 60)
    token = server.client.log_in("ada")["access_token"]
    server.process.send_signal(signal.SIGSTOP)
    try:
        assert eventually(lambda: hello(strict, token) == 503, 60)
        answer = strict.get("/hello", token)
        assert answer.header("Retry-After") == "1" and answer.header("WWW-Authenticate") is None
        assert answer.json["error"] == "temporarily_unavailable"
        assert hello(trusting, token) == 200
        assert hello(strict, token[:-8] + "AAAAAAAA") == 401  # a bad token stays a bad token
    finally:
        server.process.send_signal(signal.SIGCONT)
    assert eventually(lambda: hello(strict, token) == 200, 60)


@pytest.fixture
def start_again():
    """Starts a server that is gone once more, where it was."""
    running = []

    def start(server):
        process = subprocess.Popen(
            [SIGNET, "serve", "--listen", server.url.removeprefix("http://"), "--monitor-listen", "127.0.0.1:0",
             "--data", str(server.data)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        running.append(process)
        assert server.url in process.stdout.readline()

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_no_revocation_is_lost_when_the_server_is_killed_and_started_again(launch, serve_behind, start_again):
    server = launch()
    server.client.sign_up("ada")
    service = serve_behind(server.url, "allow")
    assert eventually(lambda: is_ready(service), 60)
    tokens = [server.client.log_in("ada")["access_token"] for _ in range(4)]
    for token in tokens[:3]:
        assert server.client.post("/logout", token=token).status == 204
    server.stop(signal.SIGKILL)
    start_again(server)
    for token in tokens[:3]:
        assert eventually(lambda t=token: hello(service, t) == 401, 60)
    assert hello(service, tokens[3]) == 200
