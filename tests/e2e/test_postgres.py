"""Several servers on one PostgreSQL database, and what they do while it is away."""

import concurrent.futures
import threading
from pathlib import Path

from conftest import eventually, refresh

PASSWORD = "correct horse battery staple 42"


def test_any_node_answers_any_client_and_enforces_what_another_revoked(node):
    one, two = node(), node()
    one.client.sign_up("someone")
    assert two.client.post("/signup", {"username": "someone", "password": PASSWORD}).status == 409
    pair = one.client.log_in("someone")
    assert one.client.get("/.well-known/jwks.json").body == two.client.get("/.well-known/jwks.json").body
    assert two.client.get("/profile", pair["access_token"]).status == 200
    rotated = refresh(two, pair["refresh_token"])
    assert rotated.status == 200
    assert two.client.post("/logout", token=pair["access_token"]).status == 204
    assert two.client.get("/profile", pair["access_token"]).status == 401
    assert eventually(lambda: one.client.get("/profile", pair["access_token"]).status == 401)
    assert refresh(one, rotated.json["refresh_token"]).status == 400
    for server in (one, two):
        assert not list(server.data.glob("*.db")), "nothing of it belongs in a file"
        assert server.stop() == 0


def test_nodes_that_start_together_agree_on_one_signing_key(node):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        servers = [future.result() for future in [pool.submit(node) for _ in range(4)]]
    sets = {server.client.get("/.well-known/jwks.json").body for server in servers}
    assert len(sets) == 1
    assert len(servers[0].client.get("/.well-known/jwks.json").json["keys"]) == 1


def test_of_fifty_refreshes_with_one_token_at_two_nodes_one_rotates(node):
    servers = [node(), node()]
    servers[0].client.sign_up("someone")
    pair = servers[0].client.log_in("someone")
    together = threading.Barrier(50)

    def present(number):
        together.wait()
        return refresh(servers[number % 2], pair["refresh_token"])

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(present, range(50)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1


def test_without_the_database_tokens_are_still_verified_and_all_heals_by_itself(node, cluster):
    one, two = node(), node()
    one.client.sign_up("someone")
    pair = one.client.log_in("someone")
    for away, back in (("stop", "start"), ("kill", "start"), ("pause", "resume")):
        cluster.do(away)
        for server in (one, two):
            answer = server.client.post("/login", {"username": "someone", "password": PASSWORD})
            assert answer.status == 503 and answer.header("Retry-After"), away
            assert refresh(server, pair["refresh_token"]).status == 503
            assert server.client.get("/profile", pair["access_token"]).status == 200
            assert server.client.get("/verify", pair["access_token"]).status == 200
            assert server.client.get("/.well-known/jwks.json").status == 200
            assert server.monitor.get("/healthz").status == 200
            assert eventually(lambda: server.monitor.get("/readyz").status == 503)
        cluster.do(back)
        for server in (one, two):
            assert eventually(lambda: server.monitor.get("/readyz").status == 200, within=30)
            again = server.client.log_in("someone")
            assert refresh(server, again["refresh_token"]).status == 200
    answer = refresh(one, pair["refresh_token"])
    assert answer.status == 200, "a refresh that was answered 503 spent nothing"
    assert one.client.post("/logout", token=pair["access_token"]).status == 204
    assert eventually(lambda: two.client.get("/profile", pair["access_token"]).status == 401)


def test_the_databases_password_is_in_no_log_and_not_in_the_process(node, cluster):
    server = node()
    server.client.sign_up("someone")
    cluster.do("stop")
    assert server.client.post("/login", {"username": "someone", "password": PASSWORD}).status == 503
    for file in ("environ", "cmdline"):
        assert cluster.password.encode() not in Path(f"/proc/{server.process.pid}/{file}").read_bytes()
    server.stop()
    assert "PostgreSQL" in server.log_text()
    assert cluster.password not in server.log_text()


def test_a_database_that_cannot_be_used_stops_the_start_and_shows_no_password(run_signet, cluster, directory):
    for url in (cluster.url.replace(cluster.password, "very-secret-value"),
                "postgresql://signet:very-secret-value@127.0.0.1:1/none", "mysql://signet:very-secret-value@x/y"):
        run = run_signet("serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", directory / "data",
                         environment={"SIGNET_DATABASE_URL": url})
        assert run.returncode in (1, 2) and "SIGNET_DATABASE_URL" in run.stderr, run.stderr
        assert "very-secret-value" not in run.stderr + run.stdout


def test_a_node_with_another_master_key_does_not_start(node, run_signet, cluster, directory):
    node()
    run = run_signet("serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", directory / "other",
                     environment={"SIGNET_DATABASE_URL": cluster.url})
    assert run.returncode == 1 and "master key" in run.stderr


def test_the_command_line_works_on_the_same_database(node, run_signet, cluster, directory):
    server = node()
    file = directory / "url"
    file.write_text(cluster.url + "\n")
    file.chmod(0o600)
    environment = {"SIGNET_DATABASE_URL_FILE": str(file)}
    added = run_signet("users", "add", "made-by-hand", "--password-stdin", stdin=PASSWORD + "\n", environment=environment)
    assert added.returncode == 0, added.stderr
    assert server.client.log_in("made-by-hand")["access_token"]
    listed = run_signet("users", "list", environment=environment)
    assert "made-by-hand" in listed.stdout
