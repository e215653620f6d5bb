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


def test_a_page_of_another_origin_signs_in_where_it_is_named(launch, directory):
    """What a browser asks and looks at (CORS), for a page that holds its tokens itself."""
    (directory / "pages.toml").write_text('[http]\ncors_origins = ["https://app.example"]\n')
    client = launch("--config", str(directory / "pages.toml")).client
    client.sign_up("alice")
    page, stranger = {"Origin": "https://app.example"}, {"Origin": "https://evil.example"}
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = "Access-Control-Allow-Origin"

    preflight = client.request("OPTIONS", "/login", headers={**page, **asking})
    assert preflight.status == 204 and preflight.body == b"" and preflight.header(allowed) == page["Origin"]
    assert "POST" in preflight.header("Access-Control-Allow-Methods")
    assert "content-type" in preflight.header("Access-Control-Allow-Headers").lower()
    assert client.request("OPTIONS", "/login", headers={**stranger, **asking}).header(allowed) is None
    assert client.request("OPTIONS", "/admin/users", headers={**page, **asking}).status == 405

    login = client.post("/login", {"username": "alice", "password": "correct horse battery staple 42"}, headers=page)
    assert login.status == 200 and login.header(allowed) == page["Origin"] and login.header("Vary") == "Origin"
    profile = client.get("/profile", login.json["access_token"], headers=page)
    assert profile.status == 200 and profile.header(allowed) == page["Origin"], "from memory"
    assert client.get("/profile", "nonsense", headers=page).header(allowed) == page["Origin"], "it may read why not"
    assert client.get("/profile", login.json["access_token"], headers=stranger).header(allowed) is None
    assert client.get("/.well-known/jwks.json", headers=stranger).header(allowed) == "*"
    for answer in (preflight, login, profile):
        assert answer.header("Access-Control-Allow-Credentials") is None
