"""Two nodes over one PostgreSQL database behind a load balancer, as packaging/ configures it."""

import base64
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cluster import Cluster, NotInstalled
from conftest import Client, eventually, free_port, start_server

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
    """Looks like conftest.Server."""

    def __init__(self, kind, folder, configuration, http="[http]\n"):
        program(kind)
        try:
            self.cluster = Cluster("--no-fsync")
        except NotInstalled as missing:
            pytest.skip(str(missing))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {"SIGNET_DATABASE_URL": self.cluster.url,
                            "SIGNET_MASTER_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")}
        self.configuration = folder / "balanced.toml"
        self.configuration.write_text(configuration + http + 'trusted_proxies = ["127.0.0.1"]\n')
        self.data = folder / "data"
        self.nodes = [None, None]
        for number in range(2):
            self.start(number)
        self.monitor = self.nodes[0].monitor
        self.process = start_balancer(kind, folder, port, self.nodes)
        self.client = BalancedClient("127.0.0.1", port)
        self.client.agree = self.agree
        assert eventually(self.answers, 60), (folder / "balancer.log").read_text()

    def start(self, number):
        """Again, where it was before, if it was."""
        was = self.nodes[number]
        where = {"listen": f"127.0.0.1:{was.client.port}", "monitor": f"127.0.0.1:{was.monitor.port}"} if was else {}
        self.nodes[number] = start_server(self.data.with_name(f"node{number}"), "--config", str(self.configuration), "--issuer",
                                          self.url, environment=self.environment, **where)

    def answers(self):
        try:
            return self.client.get("/.well-known/jwks.json").status == 200
        except OSError:
            return False

    def newest(self):
        done = subprocess.run(["psql", "-h", self.cluster.folder, "-p", self.cluster.port, "-U", "signet", "-d", "postgres", "-tAc",
                               "SELECT coalesce(max(seq), 0) FROM signet.revocations"], capture_output=True, text=True, check=True)
        return int(done.stdout)

    def agree(self):
        newest = self.newest()
        for node in self.nodes:
            assert eventually(lambda n=node: read(n) >= newest, 60)

    def log_text(self):
        return "".join(node.log_text() for node in self.nodes)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        codes = [node.stop() for node in self.nodes]
        self.cluster.end()
        return max(codes)


def read(node):
    """How far that node has read the log."""
    return int(re.search(r"^signet_revocation_seq (\d+)", node.monitor.get("/metrics").body.decode(), re.MULTILINE).group(1))
