"""A flood of logins: some are turned away at once, and everything else stays as it was."""

import concurrent.futures
import threading

from conftest import ROOMY

SMALL_QUEUE = ROOMY + """
[lanes.password]
threads = 1
queue = 4
"""


def small_server(launch, directory):
    (directory / "small.toml").write_text(SMALL_QUEUE)
    return launch("--config", str(directory / "small.toml"))


def test_a_full_password_queue_answers_503_and_the_rest_goes_on(launch, directory):
    server = small_server(launch, directory)
    server.client.sign_up("someone")
    pair = server.client.log_in("someone")
    statuses, flooding = [], threading.Event()

    def log_in(_):
        answer = server.client.post("/login", {"username": "someone", "password": "correct horse battery staple 42"})
        if answer.status == 503:
            assert int(answer.header("Retry-After")) >= 1 and answer.json["error"] == "temporarily_unavailable"
            flooding.set()
        return answer.status

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        logins = [pool.submit(log_in, n) for n in range(200)]
        assert flooding.wait(60)
        token = pair["refresh_token"]
        for _ in range(20):
            assert server.client.get("/profile", pair["access_token"]).status == 200
            assert server.client.get("/.well-known/jwks.json").status == 200
            assert server.monitor.get("/healthz").status == 200
            refreshed = server.client.post("/refresh", {"refresh_token": token})
            assert refreshed.status == 200
            token = refreshed.json["refresh_token"]
        statuses = [login.result() for login in logins]
    assert set(statuses) == {200, 503}


def test_too_many_guesses_at_one_account_are_slowed_down_not_locked(launch, directory):
    server = launch()
    server.client.sign_up("victim")
    server.client.sign_up("bystander")
    last = None
    for _ in range(60):
        last = server.client.post("/login", {"username": "victim", "password": "a guess that is wrong"})
        if last.status == 429:
            break
        assert last.status == 401
    assert last.status == 429 and last.json["error"] == "too_many_requests" and int(last.header("Retry-After")) >= 1
    text = server.monitor.get("/metrics").body.decode()
    assert "signet_" in text


def test_one_address_cannot_guess_at_many_accounts(launch, directory):
    server = launch()
    statuses = [server.client.post("/login", {"username": f"nobody{n}", "password": "a guess that is wrong"}).status
                for n in range(150)]
    assert 401 in statuses and 429 in statuses
