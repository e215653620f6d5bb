"""Sign up, log in, use the token, refresh it, log out: what a person's client does all day."""

import concurrent.futures

from conftest import claims_of, eventually, header_of


def test_a_person_signs_up_logs_in_and_reads_her_profile(server, client, username):
    account = client.sign_up(username)
    assert account["username"] == username
    pair = client.log_in(username)
    assert pair["token_type"] == "Bearer"
    assert 0 < pair["expires_in"] <= 900
    profile = client.get("/profile", pair["access_token"])
    assert profile.status == 200
    assert profile.json["sub"] == account["id"]


def test_the_access_token_follows_rfc_9068(server, client, username):
    account = client.sign_up(username)
    token = client.log_in(username)["access_token"]
    header, claims = header_of(token), claims_of(token)
    assert header["typ"] == "at+jwt" and header["alg"] == "ES256" and header["kid"]
    assert claims["iss"] == server.url and claims["sub"] == account["id"]
    for name in ("aud", "exp", "iat", "jti", "client_id", "scope", "sid", "auth_time"):
        assert name in claims, name
    assert 300 <= claims["exp"] - claims["iat"] <= 900


def test_tokens_must_not_be_cached(client, username):
    client.sign_up(username)
    answer = client.post("/login", {"username": username, "password": "correct horse battery staple 42"})
    assert "no-store" in answer.header("Cache-Control")


def test_profile_without_a_token_gets_a_challenge_without_an_error_code(client):
    answer = client.get("/profile")
    assert answer.status == 401
    challenge = answer.header("WWW-Authenticate")
    assert challenge.startswith("Bearer") and "error" not in challenge


def test_profile_with_a_bad_token_says_invalid_token_and_no_more(client, username):
    client.sign_up(username)
    token = client.log_in(username)["access_token"]
    broken = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    answers = [client.get("/profile", t) for t in (broken, "x.y.z", token + "A")]
    assert {a.status for a in answers} == {401}
    assert len({a.header("WWW-Authenticate") for a in answers}) == 1
    assert 'error="invalid_token"' in answers[0].header("WWW-Authenticate")


def test_a_taken_username_is_a_conflict_whatever_its_case(client, username):
    client.sign_up(username)
    answer = client.post("/signup", {"username": username.upper(), "password": "another good pass phrase 77"})
    assert answer.status == 409 and answer.json["error"] == "username_taken"


def test_a_weak_password_is_refused_with_a_reason(client, username):
    for weak in ("short", "password123", username + "1"):
        answer = client.post("/signup", {"username": username, "password": weak})
        assert answer.status == 422 and answer.json["error"] == "weak_password", weak
        assert len(answer.json["error_description"]) > 10


def test_an_unknown_user_and_a_wrong_password_look_the_same(client, username):
    client.sign_up(username)
    wrong = client.post("/login", {"username": username, "password": "not her password 9"})
    unknown = client.post("/login", {"username": "nobody-" + username, "password": "not her password 9"})
    assert wrong.status == unknown.status == 401
    assert wrong.json == unknown.json and wrong.json["error"] == "invalid_credentials"


def test_a_refresh_gives_a_new_pair_and_the_old_one_again_within_the_grace(client, username):
    client.sign_up(username)
    first = client.log_in(username)
    second = client.post("/refresh", {"refresh_token": first["refresh_token"]})
    assert second.status == 200
    again = client.post("/refresh", {"refresh_token": first["refresh_token"]})
    assert again.status == 200
    assert again.json["refresh_token"] == second.json["refresh_token"] != first["refresh_token"]
    assert client.get("/profile", again.json["access_token"]).status == 200


def test_a_refresh_token_used_twice_over_ends_the_session(client, username):
    client.sign_up(username)
    pair = client.log_in(username)
    stolen = pair["refresh_token"]
    second = client.post("/refresh", {"refresh_token": stolen}).json
    third = client.post("/refresh", {"refresh_token": second["refresh_token"]}).json
    reuse = client.post("/refresh", {"refresh_token": stolen})
    assert reuse.status == 400 and reuse.json["error"] == "invalid_grant"
    assert client.post("/refresh", {"refresh_token": third["refresh_token"]}).status == 400
    assert client.get("/profile", third["access_token"]).status == 401
    assert client.get("/profile", pair["access_token"]).status == 401


def test_fifty_tabs_refreshing_at_once_all_stay_signed_in(client, username):
    client.sign_up(username)
    token = client.log_in(username)["refresh_token"]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: client.post("/refresh", {"refresh_token": token}), range(50)))
    assert {a.status for a in answers} == {200}
    assert len({a.json["refresh_token"] for a in answers}) == 1


def test_logout_ends_this_session_and_leaves_the_others(client, username):
    client.sign_up(username)
    here, there = client.log_in(username), client.log_in(username)
    assert client.post("/logout", token=here["access_token"]).status == 204
    assert client.get("/profile", here["access_token"]).status == 401
    assert client.post("/refresh", {"refresh_token": here["refresh_token"]}).status == 400
    assert client.get("/profile", there["access_token"]).status == 200
    assert client.post("/refresh", {"refresh_token": there["refresh_token"]}).status == 200


def test_logout_of_the_others_leaves_this_one(client, username):
    client.sign_up(username)
    here, there = client.log_in(username), client.log_in(username)
    assert client.post("/logout?scope=others", token=here["access_token"]).status == 204
    assert client.get("/profile", here["access_token"]).status == 200
    assert client.get("/profile", there["access_token"]).status == 401
    assert client.post("/refresh", {"refresh_token": there["refresh_token"]}).status == 400


def test_logout_everywhere_ends_all_and_a_new_login_at_once_works(client, username):
    client.sign_up(username)
    for _ in range(5):
        here, there = client.log_in(username), client.log_in(username)
        assert client.post("/logout?scope=all", token=here["access_token"]).status == 204
        assert client.get("/profile", here["access_token"]).status == 401
        assert client.get("/profile", there["access_token"]).status == 401
        new = client.log_in(username)
        assert client.get("/profile", new["access_token"]).status == 200


def test_sessions_are_listed_and_one_can_be_ended(client, username):
    client.sign_up(username)
    here, there = client.log_in(username), client.log_in(username)
    listed = client.get("/sessions", here["access_token"]).json["sessions"]
    assert len(listed) == 2
    sid = claims_of(there["access_token"])["sid"]
    assert sid in [s["id"] for s in listed]
    assert [s["id"] for s in listed if s.get("current")] == [claims_of(here["access_token"])["sid"]]
    assert client.delete(f"/sessions/{sid}", here["access_token"]).status == 204
    assert client.get("/profile", there["access_token"]).status == 401
    assert client.delete(f"/sessions/{sid}", here["access_token"]).status == 404


def test_nobody_ends_or_sees_the_sessions_of_another(client, username):
    client.sign_up(username)
    client.sign_up("other-" + username)
    mine, theirs = client.log_in(username), client.log_in("other-" + username)
    sid = claims_of(theirs["access_token"])["sid"]
    assert client.delete(f"/sessions/{sid}", mine["access_token"]).status == 404
    assert client.get("/profile", theirs["access_token"]).status == 200
    assert sid not in client.get("/sessions", mine["access_token"]).body.decode()


def test_a_password_change_ends_every_other_session(client, username):
    client.sign_up(username)
    here, there = client.log_in(username), client.log_in(username)
    wrong = client.post("/password", {"current_password": "nope nope nope", "new_password": "a brand new pass phrase 5"},
                        token=here["access_token"])
    assert wrong.status in (400, 401, 403)
    changed = client.post("/password", {"current_password": "correct horse battery staple 42",
                                        "new_password": "a brand new pass phrase 5"}, token=here["access_token"])
    assert changed.status in (200, 204)
    assert client.get("/profile", there["access_token"]).status == 401
    assert client.post("/refresh", {"refresh_token": there["refresh_token"]}).status == 400
    assert client.post("/login", {"username": username, "password": "correct horse battery staple 42"}).status == 401
    assert client.log_in(username, "a brand new pass phrase 5")


def test_introspection_and_revocation_agree(server, client, username, run_signet):
    client.sign_up(username)
    pair = client.log_in(username)
    assert client.form("/introspect", {"token": pair["access_token"]}).status == 401
    assert client.form("/revoke", {"token": pair["refresh_token"]}).status == 200
    assert client.get("/profile", pair["access_token"]).status == 401
    assert client.post("/refresh", {"refresh_token": pair["refresh_token"]}).status == 400
    assert client.form("/revoke", {"token": "no such token"}).status == 200


def test_an_introspecting_service_sees_what_is_alive(server, client, username, run_signet):
    client.sign_up(username)
    pair = client.log_in(username)
    added = run_signet("users", "add", "gateway-" + username, "--scope", "introspect", "--data", server.data,
                       "--password-stdin", stdin="gateway pass phrase of note 8\n")
    assert added.returncode == 0, added.stderr
    service = client.log_in("gateway-" + username, "gateway pass phrase of note 8")["access_token"]
    bearer = {"Authorization": f"Bearer {service}"}
    alive = client.form("/introspect", {"token": pair["access_token"]}, bearer).json
    assert alive["active"] is True and alive["sub"] == claims_of(pair["access_token"])["sub"]
    assert client.form("/introspect", {"token": pair["refresh_token"]}, bearer).json["active"] is True
    client.post("/logout", token=pair["access_token"])
    assert client.form("/introspect", {"token": pair["access_token"]}, bearer).json == {"active": False}
    assert client.form("/introspect", {"token": pair["refresh_token"]}, bearer).json == {"active": False}
    # A person's own token does not open introspection.
    person = client.log_in(username)["access_token"]
    refused = client.form("/introspect", {"token": person}, {"Authorization": f"Bearer {person}"})
    assert refused.status == 403 and 'error="insufficient_scope"' in refused.header("WWW-Authenticate")


def test_metadata_points_at_endpoints_that_exist(server, client):
    metadata = client.get("/.well-known/oauth-authorization-server").json
    assert metadata["issuer"] == server.url
    for name, value in metadata.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert value.startswith(server.url + "/"), name
            path = value[len(server.url):]
            assert client.request("GET", path).status != 404, name


def test_jwks_has_public_keys_only_and_a_working_etag(client):
    answer = client.get("/.well-known/jwks.json")
    assert answer.status == 200 and answer.header("Cache-Control") == "public, max-age=300"
    keys = answer.json["keys"]
    assert keys and all("d" not in key and key["kid"] and key["alg"] == "ES256" for key in keys)
    again = client.get("/.well-known/jwks.json", headers={"If-None-Match": answer.header("ETag")})
    assert again.status == 304 and again.body == b""
    other = client.get("/.well-known/jwks.json", headers={"If-None-Match": '"something-else"'})
    assert other.status == 200


def test_a_revocation_from_the_command_line_reaches_the_running_server(server, client, username, run_signet):
    client.sign_up(username)
    pair = client.log_in(username)
    disabled = run_signet("users", "disable", username, "--data", server.data)
    assert disabled.returncode == 0, disabled.stderr
    assert eventually(lambda: client.get("/profile", pair["access_token"]).status == 401)
    assert client.post("/refresh", {"refresh_token": pair["refresh_token"]}).status == 400
    assert client.post("/login", {"username": username, "password": "correct horse battery staple 42"}).status == 401
    assert run_signet("users", "enable", username, "--data", server.data).returncode == 0
    assert client.get("/profile", client.log_in(username)["access_token"]).status == 200
