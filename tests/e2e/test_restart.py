"""Restarts, one node after the other, under clients that keep their connections: not one request fails."""

import contextlib
import http.client
import os
import socket
import subprocess
import threading

import pytest
from balancer import Balanced
from conftest import READY, ROOMY, SIGNET, Client, eventually, start_server
from test_balancer import requests_answered

# Whoever holds the sockets (systemd, say) starts the server with them as descriptors 3 and 4, and names its process.
ACTIVATE = 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$0" "$@"'


class Load:
    """Clients that ask without a pause, keep their connections as long as they may, and count what fails."""

    def __init__(self, client, token, count=4):
        self.client, self.token = client, token
        self.answered, self.failed = 0, []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        connection = None
        while not self.stopping.is_set():
            try:
                connection = connection or http.client.HTTPConnection(self.client.host, self.client.port, timeout=60)
                connection.request("GET", "/profile", headers={"Authorization": f"Bearer {self.token}"})
                answer = connection.getresponse()
                answer.read()
                with self.lock:
                    self.answered += 1
                    if answer.status != 200:
                        self.failed.append(answer.status)
                if answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as failure:
                with self.lock:
                    self.failed.append(repr(failure))
                connection = None
        with contextlib.suppress(AttributeError):
            connection.close()

    def goes_on(self):
        """Whether requests are answered that began after this call."""
        before = self.answered
        return eventually(lambda: self.answered > before + 2 * len(self.threads), 60)

    def end(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert self.failed == [] and self.answered > 0


@pytest.fixture
def sockets():
    """A pair that listens for as long as the test runs: descriptors 3 and 4 of who is started with them."""
    held = [socket.create_server(("127.0.0.1", 0), backlog=256) for _ in range(2)]
    yield held
    for each in held:
        each.close()


@pytest.fixture
def activated(sockets, directory):
    """Starts servers as systemd does."""
    running = []
    (directory / "roomy.toml").write_text(ROOMY + '[http]\ndrain_delay = "1s"\n')

    def hand_over():  # in the child: 3 and 4 are free or are overwritten
        first, second = (os.dup(each.fileno()) for each in sockets)
        first, second = os.dup2(first, 100), os.dup2(second, 101)
        os.dup2(first, 3)
        os.dup2(second, 4)

    def start():
        env = {k: v for k, v in os.environ.items() if not k.startswith("SIGNET_")}
        process = subprocess.Popen(["sh", "-c", ACTIVATE, SIGNET, "serve", "--data", directory / "data", "--config",
                                    directory / "roomy.toml"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   text=True, preexec_fn=hand_over, pass_fds=(3, 4))
        running.append(process)
        line = process.stdout.readline()
        match = READY.search(line)
        assert match, line
        assert [int(match.group(3)), int(match.group(5))] == [each.getsockname()[1] for each in sockets]
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.mark.parametrize("order", ["the new one first", "the old one first"])
def test_a_server_is_replaced_on_its_port_and_no_request_fails(activated, sockets, order):
    client = Client(*sockets[0].getsockname())
    process = activated()
    client.sign_up("someone")
    load = Load(client, client.log_in("someone")["access_token"])
    for _ in range(2):
        assert load.goes_on()
        if order == "the new one first":
            after = activated()
            process.terminate()
            assert process.wait(60) == 0
        else:  # connections wait in the socket until there is somebody again
            process.terminate()
            assert process.wait(60) == 0
            after = activated()
        process = after
    assert load.goes_on()
    load.end()


def test_readiness_goes_first(launch, directory):
    (directory / "delay.toml").write_text('[http]\ndrain_delay = "10m"\n')
    server = launch("--config", str(directory / "delay.toml"))
    server.client.sign_up("someone")
    token = server.client.log_in("someone")["access_token"]
    server.process.terminate()
    assert eventually(lambda: server.monitor.get("/readyz").status == 503)
    assert server.monitor.get("/readyz").json["reasons"] == ["draining"]
    assert eventually(lambda: server.client.get("/profile", token).header("Connection") == "close")
    assert server.client.get("/profile", token).status == 200, "and everything goes on"
    server.process.terminate()  # a second one is the end at once
    assert server.process.wait(60) == 128 + 15


@pytest.mark.parametrize("kind", ["haproxy", "nginx"])
def test_nodes_behind_a_balancer_are_restarted_one_by_one_and_no_request_fails(kind, directory):
    balanced = Balanced(kind, directory, ROOMY, http='drain_delay = "3s"\n')
    try:
        balanced.client.sign_up("someone")
        load = Load(balanced.client, balanced.client.log_in("someone")["access_token"])
        for number in range(2):
            assert load.goes_on()
            assert balanced.nodes[number].stop() == 0
            balanced.start(number)
            assert eventually(lambda n=number: requests_answered(balanced.nodes[n]) > 0, 60), "the balancer knows it again"
        load.end()
    finally:
        balanced.stop()


@pytest.mark.parametrize("value, says", [("x", "LISTEN_FDS"), ("3", "LISTEN_FDS"), ("2", "socket")])
def test_sockets_that_are_none_are_refused(directory, value, says):
    command = ["sh", "-c", f"LISTEN_PID=$$ LISTEN_FDS={value} exec \"$0\" \"$@\" 3</dev/null 4</dev/null", SIGNET, "serve",
               "--data", directory / "data"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and says in run.stderr


def test_sockets_of_another_process_are_left_alone(directory):
    server = start_server(directory / "data", environment={"LISTEN_PID": "1", "LISTEN_FDS": "2"})
    assert server.stop() == 0
