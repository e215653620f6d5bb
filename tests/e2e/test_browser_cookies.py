"""The cookie form of login, with what a browser sends and what another site could make it send."""

import http.cookies


def cookies_of(answer):
    jar = http.cookies.SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie") or []:
        jar.load(line)
    return jar


def log_in_with_cookies(server, client, username):
    client.sign_up(username)
    answer = client.post("/login", {"username": username, "password": "correct horse battery staple 42", "cookies": True},
                         headers={"Origin": server.url})
    assert answer.status == 200, answer.body
    return answer


def cookie_header(jar):
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def test_cookies_are_host_bound_and_out_of_reach_of_scripts(server, client, username):
    answer = log_in_with_cookies(server, client, username)
    assert "access_token" not in answer.json and "refresh_token" not in answer.json
    jar = cookies_of(answer)
    assert any(name.startswith("__Host-") for name in jar)
    for morsel in jar.values():
        assert morsel["httponly"] and morsel["secure"] and morsel["samesite"] in ("Lax", "Strict")
        assert not morsel["domain"]


def test_a_cookie_opens_the_profile_and_refreshes(server, client, username):
    jar = cookies_of(log_in_with_cookies(server, client, username))
    assert client.get("/profile", headers={"Cookie": cookie_header(jar)}).status == 200
    refreshed = client.post("/refresh", {}, headers={"Cookie": cookie_header(jar), "Origin": server.url})
    assert refreshed.status == 200, refreshed.body
    assert cookie_header(cookies_of(refreshed)) != cookie_header(jar)


def test_another_site_cannot_act_in_the_users_name(server, client, username):
    jar = cookies_of(log_in_with_cookies(server, client, username))
    for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = client.post("/logout", headers={"Cookie": cookie_header(jar), **origin})
        assert answer.status in (401, 403), origin
        refresh = client.post("/refresh", {}, headers={"Cookie": cookie_header(jar), **origin})
        assert refresh.status in (400, 401, 403), origin
    assert client.get("/profile", headers={"Cookie": cookie_header(jar)}).status == 200


def test_logout_takes_the_cookies_back(server, client, username):
    jar = cookies_of(log_in_with_cookies(server, client, username))
    answer = client.post("/logout", headers={"Cookie": cookie_header(jar), "Origin": server.url})
    assert answer.status == 204
    assert all(morsel["max-age"] == "0" for morsel in cookies_of(answer).values()) and cookies_of(answer)
    assert client.get("/profile", headers={"Cookie": cookie_header(jar)}).status == 401


def test_a_cookie_and_a_header_together_are_one_too_many(server, client, username):
    jar = cookies_of(log_in_with_cookies(server, client, username))
    token = client.log_in(username)["access_token"]
    answer = client.get("/profile", token, headers={"Cookie": cookie_header(jar)})
    assert answer.status == 400 and answer.json["error"] == "invalid_request"
