"""Two nodes over one PostgreSQL database behind a load balancer, as packaging/ configures it."""

import atexit
import base64
import functools
import itertools
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from cluster import Cluster, NotInstalled
from conftest import Client, eventually, free_port, metric, start_server

PACKAGING = Path(__file__).parents[2] / "packaging"
NGINX = """
daemon off;
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {configuration}
}}
"""


def program(name):
    found = shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if not found:
        pytest.skip(f"{name} is not installed; scripts/setup does that")
    return found


def addressed(name, port, nodes):
    """The configuration of packaging/, with these addresses instead of its own."""
    text = (PACKAGING / name).read_text()
    for index, node in enumerate(nodes):
        own = f"192.0.2.1{index + 1}:8080"
        assert own in text
        check = f" port {node.monitor.port}" if name == "haproxy.cfg" else ""
        text = text.replace(own, f"127.0.0.1:{node.client.port}{check}")
    return re.sub(r"(bind|listen) :?8080", rf"\1 127.0.0.1:{port}", text)


def start_balancer(kind, folder, port, nodes):
    if kind == "haproxy":
        (folder / "haproxy.cfg").write_text(addressed("haproxy.cfg", port, nodes))
        command = [program("haproxy"), "-db", "-f", folder / "haproxy.cfg"]
    else:
        text = NGINX.format(folder=folder, configuration=addressed("nginx.conf", port, nodes))
        (folder / "nginx.conf").write_text(text)
        command = [program("nginx"), "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=open(folder / "balancer.log", "ab"))


# Under SIGNET_E2E_BALANCER every test that talks to a login server talks to two nodes behind a balancer, except these.
# A file, or a test of a file, and what makes one process of it.
ONE_PROCESS = {
    "test_operations.py": "starts, stops, configures and looks into the folder of one process",
    "test_tls.py": "the TLS of one process; here the balancer would do it",
    "test_restart.py": "replaces a process on its port; its test behind balancers starts them itself",
    "test_readme.py": "the README's server",
    "test_api_keys.py::test_keys_outlive_a_restart": "starts a process again on its SQLite file",
    "test_bad_input.py::test_head_is_get_without_its_body": "pipelined, which a balancer ends when the client has closed its half",
    "test_bad_input.py::test_smuggling_forms_are_refused_and_the_connection_ends": "bytes that a balancer answers itself",
    "test_bad_input.py::test_pipelined_requests_are_answered_in_order_and_garbage_ends_it": "the connection is the balancer's",
    "test_bad_input.py::test_a_client_that_says_nothing_holds_nobody_up": "the connection is the balancer's",
    "test_bad_input.py::test_long_request_lines_and_headers_are_refused": "a balancer answers them itself",
    "test_bad_input.py::test_methods_that_are_not_offered_leave_the_connection_in_order": "the connection is the balancer's",
    "test_deliveries.py::test_a_killed_server_loses_nothing": "starts a process again on its SQLite file",
    "test_deliveries.py::test_the_server_ends_while_a_receiver_sleeps": "how one process ends",
    "test_deliveries.py::test_https_is_checked_and_a_private_authority_can_be_named": "two servers that know nothing of each other",
    "test_dpop.py::test_a_client_of_npms_dpop_is_bound_to_its_key": "a proof that comes again is known where it came first",
    "test_dpop.py::test_a_client_of_npms_dpop_brings_the_nonce_that_it_is_asked_for": "a proof that comes again is known where it came first",
    "test_overload.py::test_a_full_password_queue_answers_503_and_the_rest_goes_on": "the queue of one process",
    "test_revocation.py::test_draining_ends_streams_cleanly_and_they_go_on_elsewhere": "how one process ends",
    "test_revocation_reach.py::test_a_server_that_is_silent_makes_a_service_do_what_its_policy_says": "stops one process",
    "test_revocation_reach.py::test_no_revocation_is_lost_when_the_server_is_killed_and_started_again": "kills one process",
    "test_server_sessions.py::test_sessions_outlive_a_restart_and_a_change_of_mode": "starts a process again on its SQLite file",
    "test_signing_keys.py::test_a_revoked_key_stays_revoked_after_a_restart": "starts a process again on its SQLite file",
    "test_signing_keys.py::test_a_file_that_cannot_be_the_master_key_changes_nothing": "the master key in one process's folder",
    "test_signing_keys.py::test_a_running_server_takes_over_a_new_master_key": "the master key in one process's folder",
    "test_signing_keys.py::test_commands_that_cannot_open_the_keys_change_nothing": "the master key in one process's folder",
    "test_signing_keys.py::test_a_lost_master_key_is_said_and_its_keys_can_be_replaced": "the master key in one process's folder",
    "test_signing_keys.py::test_a_shared_secret_takes_over_and_no_token_of_before_is_lost": "starts a process again on its SQLite file",
    "test_signing_keys.py::test_another_issuer_on_the_same_data_is_warned_of": "starts a process again on its SQLite file",
    "test_signing_keys.py::test_the_master_key_is_replaced_and_nobody_is_signed_out": "the master key in one process's folder",
}
SERVERS = {"server", "client", "launch"}  # the fixtures that are balanced
OWN_NODES = {"cluster", "node", "balanced"}  # and those of tests that start several nodes anyway


def why_alone(item):
    """Why a test is not run behind the balancer; None: it is."""
    name = item.nodeid.split("[")[0].rsplit("/", 1)[-1]
    fixtures = set(item.fixturenames)
    if fixtures & OWN_NODES:
        return "has nodes of its own over PostgreSQL"
    if not fixtures & SERVERS:
        return "talks to no server"
    return ONE_PROCESS.get(name.split("::")[0]) or ONE_PROCESS.get(name)


@functools.cache
def shared_cluster():
    """One for all tests of a run; each pair of nodes has a database of its own there."""
    try:
        cluster = Cluster("--no-fsync")
    except NotInstalled as missing:
        pytest.skip(str(missing))
    atexit.register(cluster.end)
    return cluster


class Psql:
    """One connection, for what is asked often."""

    def __init__(self, cluster, database):
        self.process = subprocess.Popen(["psql", "-h", cluster.folder, "-p", cluster.port, "-U", "signet", "-d", database, "-qtA"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.one_at_a_time = threading.Lock()

    def number(self, question):
        with self.one_at_a_time:
            self.process.stdin.write(question + ";\n")
            self.process.stdin.flush()
            return int(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


class BalancedClient(Client):
    """What one node revokes the others enforce within 250 ms. Tests of one server do not know that, so each change waits
    until all nodes have read the revocation log to its end."""

    REVOKE_NOTHING = ("/signup", "/login", "/introspect", "/verify")
    agree = staticmethod(lambda: None)

    def request(self, method, path, *arguments, **more):
        answer = super().request(method, path, *arguments, **more)
        if path.split("?")[0] not in self.REVOKE_NOTHING and method not in ("GET", "HEAD"):
            self.agree()
        return answer


class Balanced:
    """Two nodes behind a balancer; looks like conftest.Server. `arguments`: the nodes'; a configuration among them is given
    to both, with the balancer as their proxy."""

    numbers = itertools.count(1)

    def __init__(self, kind, folder, configuration, *arguments, http="", environment=None):
        program(kind)
        self.cluster = shared_cluster()
        number = next(self.numbers)
        database = f"pair{number}"
        self.run_psql("postgres", f"CREATE DATABASE {database}")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {"SIGNET_DATABASE_URL": self.cluster.url.removesuffix("/postgres") + f"/{database}",
                            "SIGNET_MASTER_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="),
                            **(environment or {})}
        self.folder = folder / f"balanced{number}"
        self.folder.mkdir()
        self.configuration = self.folder / "balanced.toml"
        proxies = f'[http]\ntrusted_proxies = ["127.0.0.1"]\n{http}'
        text = configuration.replace("[http]\n", proxies) if "[http]\n" in configuration else configuration + "\n" + proxies
        self.configuration.write_text(text)
        self.arguments = ["--config", str(self.configuration), *arguments]
        if "--issuer" not in arguments:
            self.arguments += ["--issuer", self.url]
        self.data = self.folder / "data"
        self.nodes = [None, None]
        for node in range(2):
            self.start(node)
        self.monitor = self.nodes[0].monitor
        self.psql = Psql(self.cluster, database)
        self.process = start_balancer(kind, self.folder, port, self.nodes)
        self.client = BalancedClient("127.0.0.1", port)
        self.client.agree = self.agree
        assert eventually(self.answers, 60), (self.folder / "balancer.log").read_text()

    def run_psql(self, database, command):
        subprocess.run(["psql", "-h", self.cluster.folder, "-p", self.cluster.port, "-U", "signet", "-d", database, "-qc", command],
                       check=True, capture_output=True)

    def start(self, number):
        """Again, where it was before, if it was."""
        was = self.nodes[number]
        where = {"listen": f"127.0.0.1:{was.client.port}", "monitor": f"127.0.0.1:{was.monitor.port}"} if was else {}
        self.nodes[number] = start_server(self.data.with_name(f"node{number}"), *self.arguments, environment=self.environment,
                                          **where)

    def answers(self):
        try:
            return self.client.get("/.well-known/jwks.json").status == 200
        except OSError:
            return False

    def agree(self):
        newest = self.psql.number("SELECT coalesce(max(seq), 0) FROM signet.revocations")
        for node in self.nodes:
            assert eventually(lambda n=node: read(n) >= newest, 60)

    def log_text(self):
        return "".join(node.log_text() for node in self.nodes)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        codes = [node.stop() for node in self.nodes]
        self.psql.end()
        return max(codes)


def read(node):
    """How far that node has read the log."""
    return metric(node, "signet_revocation_seq")
