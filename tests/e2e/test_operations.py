"""What an operator does: start, stop, kill, watch, misconfigure."""

import concurrent.futures
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import ROOMY, SIGNET, claims_of, eventually, make_certificate, start_server


def test_one_line_says_when_it_is_ready_and_where(launch):
    server = launch()
    assert re.fullmatch(r"signet \d+\.\d+\.\d+ is ready on http://127\.0\.0\.1:\d+ \(monitor on http://127\.0\.0\.1:\d+\)\n",
                        server.ready_line)
    assert server.stop() == 0
    assert server.process.stdout.read() == ""


def test_flags_and_environment_mean_the_same_and_flags_win(directory):
    env = {k: v for k, v in os.environ.items() if not k.startswith("SIGNET_")}
    env.update(SIGNET_LISTEN="127.0.0.1:0", SIGNET_MONITOR_LISTEN="127.0.0.1:0", SIGNET_DATA=str(directory / "from-environment"),
               SIGNET_ISSUER="https://from.environment.example")
    process = subprocess.Popen([SIGNET, "serve", "--issuer", "https://from.flags.example"], env=env, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(re.search(r"ready on http://127\.0\.0\.1:(\d+)", process.stdout.readline()).group(1))
        from conftest import Client

        metadata = Client("127.0.0.1", port).get("/.well-known/oauth-authorization-server").json
        assert metadata["issuer"] == "https://from.flags.example"
        assert (directory / "from-environment").is_dir()
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_what_it_keeps_is_private_to_its_user_and_holds_no_plain_key(launch, directory):
    server = launch()
    server.client.sign_up("someone")
    server.client.log_in("someone")
    for path in (directory / "data").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    everything = b"".join(path.read_bytes() for path in (directory / "data").rglob("*") if path.is_file())
    assert b'"d":' not in everything and b"PRIVATE KEY" not in everything
    assert b"correct horse" not in everything and b"$argon2id$" in everything


def test_health_readiness_and_metrics_answer_on_the_second_listener_only(launch):
    server = launch()
    assert server.monitor.get("/healthz").status == 200
    assert server.monitor.get("/readyz").status == 200
    server.client.sign_up("someone")
    server.client.log_in("someone")
    metrics = server.monitor.get("/metrics")
    assert metrics.status == 200 and metrics.header("Content-Type").startswith("text/plain")
    text = metrics.body.decode()
    assert "# TYPE" in text and "signet_" in text
    for line in text.splitlines():
        assert line.startswith("#") or re.fullmatch(r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? [0-9eE.+-]+|.* (NaN|[+-]Inf)', line), line
    for path in ("/healthz", "/readyz", "/metrics"):
        assert server.client.get(path).status == 404


def test_everything_answered_survives_a_sigkill(launch, directory):
    server = launch(data=directory / "data")
    answered, refreshed, lock = [], {}, threading.Lock()
    stop = threading.Event()

    def storm(worker):
        number = 0
        while not stop.is_set():
            name = f"storm-{worker}-{number}"
            number += 1
            try:
                server.client.sign_up(name)
                with lock:
                    answered.append(name)
                pair = server.client.log_in(name)
                for _ in range(5):
                    pair = server.client.post("/refresh", {"refresh_token": pair["refresh_token"]}).json
                    with lock:
                        refreshed[name] = pair["refresh_token"]
            except (OSError, AssertionError, KeyError, ValueError):
                if stop.is_set():
                    return
        return

    config = directory / "roomy.toml"
    from conftest import ROOMY

    config.write_text(ROOMY)
    server.stop()
    server = launch("--config", str(config), data=directory / "data")
    threads = [threading.Thread(target=storm, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: len(answered) >= 6, within=60)
    stop.set()
    server.process.kill()
    server.process.wait()
    for thread in threads:
        thread.join(30)

    server = launch("--config", str(config), data=directory / "data")
    for name in answered:
        assert server.client.post("/signup", {"username": name, "password": "correct horse battery staple 42"}).status == 409, name
    for name, token in refreshed.items():
        assert server.client.post("/refresh", {"refresh_token": token}).status == 200, name


def test_tokens_and_revocations_outlive_a_restart(launch, directory):
    first = launch("--issuer", "https://auth.example", data=directory / "data")
    first.client.sign_up("someone")
    alive, revoked = first.client.log_in("someone"), first.client.log_in("someone")
    assert first.client.post("/logout", token=revoked["access_token"]).status == 204
    first.process.kill()
    first.process.wait()
    second = launch("--issuer", "https://auth.example", data=directory / "data")
    assert second.client.get("/profile", alive["access_token"]).status == 200
    assert second.client.get("/profile", revoked["access_token"]).status == 401
    assert second.client.post("/refresh", {"refresh_token": alive["refresh_token"]}).status == 200
    assert second.client.post("/refresh", {"refresh_token": revoked["refresh_token"]}).status == 400


def test_a_stop_answers_what_has_begun(launch):
    server = launch()
    server.client.sign_up("someone")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        logins = [pool.submit(server.client.post, "/login", {"username": "someone", "password": "correct horse battery staple 42"})
                  for _ in range(4)]
        # Hashing takes long enough that these are still running when the signal comes.
        assert eventually(lambda: any(login.running() or login.done() for login in logins))
        import time

        time.sleep(0.02)
        assert server.stop(signal.SIGTERM) == 0
        statuses = []
        for login in logins:
            try:
                statuses.append(login.result().status)
            except ConnectionRefusedError:
                pass  # had not connected before the listener closed
    assert all(status in (200, 503) for status in statuses)


def test_bad_configuration_is_named_all_at_once_and_nothing_starts(directory, run_signet):
    config = directory / "signet.toml"
    config.write_text('listen = 5\nunknown_key = "x"\n[token]\nlifetime = "never"\n')
    for arguments in (("serve", "--check-config"), ("serve",)):
        run = run_signet(*arguments, "--config", config, "--data", directory / "data")
        assert run.returncode in (1, 2) and run.stdout == ""
        for word in ("signet.toml", "listen", "unknown_key", "lifetime"):
            assert word in run.stderr, run.stderr
    assert not (directory / "data").exists()


def test_a_good_configuration_passes_the_check(directory, run_signet):
    config = directory / "signet.toml"
    config.write_text('issuer = "https://auth.example"\n')
    run = run_signet("serve", "--check-config", "--config", config, "--data", directory / "data")
    assert run.returncode == 0, run.stderr
    assert not (directory / "data").exists()


def test_the_check_reads_the_master_key_and_the_tls_files(directory, run_signet):
    def checked(environment=None, config=""):
        (directory / "signet.toml").write_text(config)
        return run_signet("serve", "--check-config", "--config", directory / "signet.toml", "--data", directory / "data", environment=environment)

    bad = checked({"SIGNET_MASTER_KEY": "too short"})
    assert bad.returncode == 1 and "SIGNET_MASTER_KEY" in bad.stderr and "too short" not in bad.stderr and bad.stdout == ""
    certificate, key = make_certificate(directory, "one")
    _, other = make_certificate(directory, "other")
    tls = '[tls]\ncertificate = "{}"\nkey = "{}"\n'
    assert checked(config=tls.format(certificate, key)).returncode == 0
    for pair, word in (((certificate, directory / "absent.pem"), "absent.pem"), ((certificate, other), "mismatch")):
        run = checked(config=tls.format(*pair))
        assert run.returncode == 1 and word in run.stderr, run.stderr
    key.chmod(0o666)
    assert "written by others" in checked(config=tls.format(certificate, key)).stderr
    misspelt = checked({"SIGNET_ISSUR": "https://auth.example"})
    assert misspelt.returncode == 0 and "SIGNET_ISSUR" in misspelt.stderr
    assert not (directory / "data").exists()


def test_a_misspelt_variable_is_named_in_the_log(launch):
    server = launch(environment={"SIGNET_ISSUR": "https://auth.example"})
    assert server.stop() == 0 and "SIGNET_ISSUR" in server.log_text()


def test_an_address_in_use_names_the_flag(launch, run_signet, directory):
    server = launch()
    for flag, other in (("--listen", "--monitor-listen"), ("--monitor-listen", "--listen")):
        run = run_signet("serve", flag, f"127.0.0.1:{server.client.port}", other, "127.0.0.1:0", "--data", directory / "other")
        assert run.returncode == 1 and "in use" in run.stderr and f"({flag} " in run.stderr
        assert not (directory / "other").exists(), "nothing is made, nor migrated, by one server too many"


def test_a_copy_of_a_running_server_has_every_answered_change_and_no_gap(launch, run_signet, directory):
    (directory / "roomy.toml").write_text(ROOMY)
    server = launch("--config", str(directory / "roomy.toml"))
    made, enough = [], threading.Event()

    def sign_up_on_and_on():
        while not enough.is_set():
            server.client.sign_up(f"user{len(made):04}")
            made.append(len(made))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        writer = pool.submit(sign_up_on_and_on)
        try:
            for number in range(3):
                assert eventually(lambda: len(made) > 3 * number, within=60)
                answered = len(made)
                copy = directory / f"copy{number}.db"
                run = run_signet("backup", copy, "--data", server.data)
                assert run.returncode == 0, run.stderr
                restored = directory / f"restored{number}"
                restored.mkdir(0o700)
                shutil.copy(copy, restored / "signet.db")
                users = run_signet("users", "list", "--json", "--data", restored).stdout.splitlines()
                assert [json.loads(user)["username"] for user in users] == [f"user{n:04}" for n in range(len(users))]
                assert len(users) >= answered
        finally:
            enough.set()
        writer.result()
    restored = directory / "restored2"
    assert server.stop() == 0
    shutil.copy(server.data / "master.key", restored / "master.key")
    again = launch("--config", str(directory / "roomy.toml"), data=restored)
    assert again.client.log_in("user0000")["access_token"], "with its master key, the copy is a server"


def test_the_unit_of_systemd_is_valid(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    unit = (Path(__file__).parents[2] / "packaging/signet.service").read_text()
    assert re.search(r"^ExecStart=/usr/local/bin/signet serve$", unit, re.M)
    unit = re.sub(r"(?m)^Documentation=.*\n", "", unit).replace("/usr/local/bin/signet", "/bin/true")
    (tmp_path / "signet.service").write_text(unit)
    verified = subprocess.run(["systemd-analyze", "verify", tmp_path / "signet.service"], capture_output=True, text=True)
    assert verified.returncode == 0 and verified.stderr == ""


def test_the_example_configuration_is_valid(run_signet, directory):
    example = Path(__file__).parents[2] / "packaging/signet.example.toml"
    run = run_signet("serve", "--check-config", "--config", example, "--data", directory / "data")
    assert run.returncode == 0, run.stderr
    # With every commented setting switched on, it still is.
    everything = re.sub(r"(?m)^#\s?(\[|[a-z_0-9]+ =)", r"\1", example.read_text())
    assert everything != example.read_text()


@pytest.mark.parametrize("arguments", [("--listen", "nonsense"), ("--listen", "127.0.0.1:99999"), ("--issuer", "not a url"),
                                       ("--no-such-flag",), ("--config", "/no/such/file.toml"), ("extra",)])
def test_wrong_flags_are_refused_in_one_clear_line(run_signet, directory, arguments):
    run = run_signet("serve", "--data", directory / "data", *arguments)
    assert run.returncode in (1, 2)
    assert arguments[-1] in run.stderr or arguments[0] in run.stderr
    assert run.stdout == ""


def test_a_taken_port_is_said_clearly(launch, run_signet, directory):
    server = launch()
    run = run_signet("serve", "--listen", f"127.0.0.1:{server.client.port}", "--monitor-listen", "127.0.0.1:0", "--data",
                     directory / "other")
    assert run.returncode == 1 and str(server.client.port) in run.stderr


def test_a_secret_that_is_too_short_stops_the_start_and_is_not_printed(run_signet, directory):
    run = run_signet("serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", directory / "data",
                     environment={"SIGNET_SECRET": "too-short-a-secret"})
    assert run.returncode in (1, 2) and "SIGNET_SECRET" in run.stderr
    assert "too-short-a-secret" not in run.stderr + run.stdout


def test_every_log_line_is_json_with_a_request_id_and_no_secret(launch):
    server = launch()
    client = server.client
    client.sign_up("someone")
    pair = client.log_in("someone")
    client.get("/profile", pair["access_token"])
    client.get("/profile?secret-in-query=1", pair["access_token"])
    client.post("/login", {"username": "someone\nfake log line", "password": "wrong pass phrase 1"})
    client.post("/refresh", {"refresh_token": pair["refresh_token"]})
    client.post("/logout", token=pair["access_token"])
    server.stop()
    lines = [json.loads(line) for line in server.log_text().splitlines()]
    assert lines and all("ts" in line and "level" in line and "msg" in line for line in lines)
    assert sum("request_id" in line for line in lines) >= 6
    text = server.log_text()
    for secret in ("correct horse", "wrong pass phrase", "secret-in-query", pair["access_token"], pair["refresh_token"],
                   pair["access_token"].split(".")[2]):
        assert secret not in text
    assert claims_of(pair["access_token"])["sub"] in text  # the audit event names the account


def test_sighup_takes_over_what_it_may_and_names_the_rest(launch, directory):
    config = directory / "signet.toml"
    config.write_text('[signup]\nopen = true\n[refresh]\ngrace = "5s"\n[log]\nlevel = "info"\n')
    server = launch("--config", str(config))
    server.client.sign_up("someone")
    token = server.client.log_in("someone")["access_token"]

    def hang_up(text):
        config.write_text(text)
        lines = len(server.log)
        server.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: any("reloaded" in line for line in server.log[lines:]))
        return [json.loads(line) for line in server.log[lines:]]

    lines = hang_up('[signup]\nopen = false\n[refresh]\ngrace = "6s"\n[http]\nconnections = 50\n')
    assert {line["setting"] for line in lines if "setting" in line} == {"refresh.grace", "http.connections"}
    closed = server.client.post("/signup", {"username": "late", "password": "correct horse battery staple 42"})
    assert closed.status == 403 and closed.json["error"] == "signup_closed"

    lines = hang_up('[signup]\nopen = "perhaps"\n')
    assert any("signup.open" in line.get("detail", "") for line in lines), lines
    assert server.client.get("/profile", token).status == 200

    lines = hang_up('[signup]\nopen = true\n[refresh]\ngrace = "5s"\n[log]\nlevel = "debug"\n')
    assert not any("setting" in line for line in lines)
    server.client.sign_up("late")


def test_users_and_sessions_are_managed_without_the_servers_shared_secret(launch, directory, run_signet):
    config = directory / "signet.toml"
    config.write_text('[token]\nalgorithm = "HS256"\n')
    server = launch("--config", str(config), environment={"SIGNET_SECRET": "0123456789abcdef0123456789abcdef"})
    server.client.sign_up("someone")
    server.client.log_in("someone")
    where = ("--config", config, "--data", directory / "data")
    for arguments in (("users", "list"), ("sessions", "list", "someone")):
        run = run_signet(*arguments, *where)
        assert run.returncode == 0, run.stderr
        assert run.stdout.strip()
    run = run_signet("users", "add", "another", "--password-stdin", *where, stdin="correct horse battery staple 42\n")
    assert run.returncode == 0, run.stderr
    assert server.client.log_in("another")
    run = run_signet("keys", "list", *where)
    assert run.returncode == 0 and run.stdout == "" and "shared secret" in run.stderr


def test_two_servers_on_one_folder_do_not_disagree(launch, directory):
    first = launch("--issuer", "https://auth.example", data=directory / "data")
    second = launch("--issuer", "https://auth.example", data=directory / "data")
    first.client.sign_up("someone")
    pair = second.client.log_in("someone")
    assert first.client.get("/profile", pair["access_token"]).status == 200
    assert first.client.post("/logout", token=pair["access_token"]).status == 204
    assert eventually(lambda: second.client.get("/profile", pair["access_token"]).status == 401)


def test_a_newer_database_is_left_alone(launch, directory, run_signet):
    import sqlite3

    server = launch(data=directory / "data")
    server.stop()
    [database] = [p for p in (directory / "data").iterdir() if p.suffix in (".db", ".sqlite", ".sqlite3")]
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    run = run_signet("serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", directory / "data")
    assert run.returncode == 1 and "newer" in run.stderr
