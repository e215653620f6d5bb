// Sessions that are bound to a key (RFC 9449).

#include "signet/dpop.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "server/api/dpop_policy.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

// A client that has a key, and proves it.
struct Client {
  std::string proof(const World& world, std::string_view method, std::string_view path,
                    std::string_view access = {}) const {
    const std::string url = std::string{World::issuer} + std::string{path};
    return make_dpop_proof(key, {method, url, access}, nonce, *world.clock).value();
  }
  Answer post(World& world, std::string_view path, std::string_view json) const {
    return world.call("POST", path, {{"Content-Type", "application/json"}, {"DPoP", proof(world, "POST", path)}}, json);
  }
  Answer get(World& world, std::string_view path, std::string_view access) const {
    return world.call("GET", path,
                      {{"Authorization", "DPoP " + std::string{access}}, {"DPoP", proof(world, "GET", path, access)}});
  }

  SigningKey key = SigningKey::generate(Algorithm::ES256).value();
  std::string nonce = {};
};

std::string login_form() { return json::Object{}.set("username", "ada").set("password", good_password).text(); }
std::string refresh_form(std::string_view token) { return json::Object{}.set("refresh_token", token).text(); }

std::string cnf_of(const World& world, std::string_view access) {
  const auto token = world.services.verifier.verify(access);
  const auto cnf = token ? token->claim<json::View>("cnf") : std::nullopt;
  return cnf ? std::string{cnf->text()} : "";
}

struct BoundWorld : World {
  BoundWorld() {
    sign_up("ada");
    auto answer = client.post(*this, "/login", login_form());
    EXPECT_EQ(answer.status(), 200) << answer.response.body;
    EXPECT_EQ(answer.text("token_type"), "DPoP");
    pair = {answer.text("access_token"), answer.text("refresh_token")};
  }
  Client client;
  Pair pair;
};

TEST(BoundSession, gives_tokens_that_name_the_key_and_need_it) {
  BoundWorld world;
  EXPECT_EQ(cnf_of(world, world.pair.access), R"({"jkt":")" + world.client.key.thumbprint() + "\"}");
  EXPECT_EQ(world.client.get(world, "/profile", world.pair.access).status(), 200);
  EXPECT_EQ(world.client.get(world, "/sessions", world.pair.access).status(), 200);

  const auto stolen = world.get("/profile", world.pair.access);
  EXPECT_EQ(stolen.status(), 401);
  EXPECT_EQ(stolen.error(), "invalid_token");
  EXPECT_EQ(Client{}.get(world, "/profile", world.pair.access).status(), 401) << "a thief's own key";
  const auto without = world.call("GET", "/profile", {{"Authorization", "DPoP " + world.pair.access}});
  EXPECT_EQ(without.status(), 401);
  EXPECT_EQ(without.error(), "invalid_dpop_proof");
}

TEST(BoundSession, is_refreshed_by_its_key_alone_and_outlives_attempts_without) {
  BoundWorld world;
  for (const auto& answer : {world.post("/refresh", refresh_form(world.pair.refresh)),
                             Client{}.post(world, "/refresh", refresh_form(world.pair.refresh))}) {
    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.error(), "invalid_grant");
  }
  const auto answer = world.client.post(world, "/refresh", refresh_form(world.pair.refresh));
  ASSERT_EQ(answer.status(), 200) << answer.response.body;
  EXPECT_EQ(answer.text("token_type"), "DPoP");
  EXPECT_EQ(cnf_of(world, answer.text("access_token")), cnf_of(world, world.pair.access));
  EXPECT_EQ(world.client.get(world, "/profile", answer.text("access_token")).status(), 200);
}

TEST(BoundSession, is_not_lost_with_an_answer) {  // REVOCATION.md: the sender-bound row of the refresh table
  BoundWorld world;
  const auto lost = world.client.post(world, "/refresh", refresh_form(world.pair.refresh));
  ASSERT_EQ(lost.status(), 200);
  world.clock->advance(std::chrono::minutes{10});
  const auto again = world.client.post(world, "/refresh", refresh_form(world.pair.refresh));
  EXPECT_EQ(again.status(), 200) << again.response.body;
  EXPECT_EQ(again.text("refresh_token"), lost.text("refresh_token"));
}

TEST(BoundSession, ends_when_the_answer_that_is_said_to_be_lost_was_used) {
  for (const bool at_a_service : {false, true}) {
    BoundWorld world;
    const auto service = world.log_in_with_scope("gateway", "introspect").access;
    const auto use = [&](const std::string& access) {
      if (!at_a_service) {
        EXPECT_EQ(world.client.get(world, "/profile", access).status(), 200);
        return;
      }
      const auto answer = world.form("/introspect", "token=" + access, {{"Authorization", "Bearer " + service}});
      EXPECT_EQ(answer.json("active"), "true");
    };
    world.clock->advance(std::chrono::minutes{1});
    const auto answer = world.client.post(world, "/refresh", refresh_form(world.pair.refresh));
    ASSERT_EQ(answer.status(), 200);
    world.clock->advance(std::chrono::minutes{2});
    use(world.pair.access);  // of before: says nothing
    EXPECT_EQ(world.client.post(world, "/refresh", refresh_form(world.pair.refresh)).status(), 200);
    use(answer.text("access_token"));
    EXPECT_EQ(world.client.post(world, "/refresh", refresh_form(world.pair.refresh)).error(), "invalid_grant");
    EXPECT_EQ(world.client.get(world, "/profile", answer.text("access_token")).status(), 401) << "it has ended";
  }
}

TEST(BoundSession, is_not_opened_by_a_proof_that_does_not_hold) {
  World world;
  world.sign_up("ada");
  const Client client;
  const auto with = [&](const std::vector<std::string>& proofs, const std::string& path, const std::string& body) {
    HeaderList headers{{"Content-Type", "application/json"}};
    for (const auto& proof : proofs) headers.emplace_back("DPoP", proof);
    return world.call("POST", path, headers, body);
  };
  const auto used = client.proof(world, "POST", "/login");
  EXPECT_EQ(with({used}, "/login", login_form()).status(), 200);
  for (const auto& proofs : std::vector<std::vector<std::string>>{
           {""},
           {"no proof"},
           {used},
           {client.proof(world, "GET", "/login")},
           {client.proof(world, "POST", "/refresh")},
           {client.proof(world, "POST", "/login"), client.proof(world, "POST", "/login")}}) {
    const auto answer = with(proofs, "/login", login_form());
    EXPECT_EQ(answer.status(), 400) << proofs.front();
    EXPECT_EQ(answer.error(), "invalid_dpop_proof") << proofs.front();
  }
  const auto unbound = world.log_in("ada");
  EXPECT_EQ(with({"no proof"}, "/refresh", refresh_form(unbound.refresh)).error(), "invalid_dpop_proof");
  EXPECT_EQ(world.post("/refresh", refresh_form(unbound.refresh)).status(), 200) << "the token was not spent";
}

TEST(BoundSession, is_not_for_cookies) {
  World world;
  world.sign_up("ada");
  const auto answer =
      world.call("POST", "/login",
                 {{"Content-Type", "application/json"},
                  {"Origin", std::string{World::origin}},
                  {"DPoP", Client{}.proof(world, "POST", "/login")}},
                 json::Object{}.set("username", "ada").set("password", good_password).set("cookies", true).text());
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "invalid_request");
}

TEST(BoundSession, is_not_one_that_the_server_keeps) {
  World world;
  world.sign_up("ada");
  auto settings = *world.settings.now();
  settings.session_mode = SessionMode::server;
  world.settings.set(settings);
  const auto answer = Client{}.post(world, "/login", login_form());
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "invalid_request");
}

TEST(BoundSession, ends_by_logout_with_a_proof) {
  BoundWorld world;
  const auto answer = world.call("POST", "/logout",
                                 {{"Authorization", "DPoP " + world.pair.access},
                                  {"DPoP", world.client.proof(world, "POST", "/logout", world.pair.access)}});
  EXPECT_EQ(answer.status(), 204);
  EXPECT_EQ(world.client.get(world, "/profile", world.pair.access).status(), 401);
}

TEST(BoundSession, changes_its_password) {
  BoundWorld world;
  const auto change = [&](std::string_view current, std::string_view next, const std::string& proof) {
    return world.call(
        "POST", "/password",
        {{"Authorization", "DPoP " + world.pair.access}, {"Content-Type", "application/json"}, {"DPoP", proof}},
        json::Object{}.set("current_password", current).set("new_password", next).text());
  };
  const auto proof = [&] { return world.client.proof(world, "POST", "/password", world.pair.access); };
  const auto used = proof();
  EXPECT_EQ(change(good_password, "a brand new pass phrase 5", used).status(), 204);
  EXPECT_EQ(change("a brand new pass phrase 5", good_password, used).status(), 401) << "a proof is good once";
  EXPECT_EQ(change(good_password, "yet another pass phrase 6", proof()).status(), 403) << "the old password";
  EXPECT_EQ(world.client.get(world, "/profile", world.pair.access).status(), 200);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(change("a brand new pass phrase 5", "password1", proof()).status(), 422);
  EXPECT_EQ(change("a brand new pass phrase 5", "password1", proof()).status(), 429) << "as without a proof";
}

TEST(BoundSession, has_no_proof_remembered_without_a_refresh_token) {
  BoundWorld world;
  const auto proof = world.client.proof(world, "POST", "/refresh");
  const auto send = [&](std::string_view token) {
    return world.call("POST", "/refresh", {{"Content-Type", "application/json"}, {"DPoP", proof}}, refresh_form(token));
  };
  EXPECT_EQ(send("no token").error(), "invalid_grant");
  EXPECT_EQ(send(world.pair.refresh).status(), 200) << "the proof is as good as new";
  EXPECT_EQ(send(world.pair.refresh).error(), "invalid_dpop_proof");
}

TEST(BoundSession, is_what_introspection_says) {  // section 6.2
  BoundWorld world;
  const auto resource_server = world.log_in_with_scope("gateway", "introspect");
  const std::string cnf = R"({"jkt":")" + world.client.key.thumbprint() + "\"}";
  for (const auto& token : {world.pair.access, world.pair.refresh}) {
    const auto answer =
        world.form("/introspect", "token=" + token, {{"Authorization", "Bearer " + resource_server.access}});
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.json("active"), "true");
    EXPECT_EQ(answer.json("cnf"), cnf);
    EXPECT_EQ(answer.text("token_type"), token == world.pair.access ? "DPoP" : "");
  }
}

TEST(BoundSession, is_offered_in_the_metadata) {  // section 5.1
  World world;
  EXPECT_EQ(world.get("/.well-known/oauth-authorization-server").json("dpop_signing_alg_values_supported"),
            R"(["ES256","ES384","ES512","EdDSA","Ed25519","Ed448","PS256","RS256"])");
}

// --- nonces (RFC 9449 sections 8 and 9)

// A node that asks for nonces, under this master key or another.
void ask_for_nonces(World& world, const MasterKey& master) {
  auto proofs = DpopVerifier::of(dpop_policy({.nonces = true}, master), world.clock).value();
  ASSERT_TRUE(world.services.guard.dpop(proofs, World::issuer));
  world.services.dpop = std::move(proofs);
}

TEST(Nonces, are_asked_for_and_then_the_session_is_bound) {
  World world;
  world.sign_up("ada");
  ask_for_nonces(world, *world.master.now());
  Client client;
  const auto first = client.post(world, "/login", login_form());
  EXPECT_EQ(first.status(), 400);
  EXPECT_EQ(first.error(), "use_dpop_nonce");
  EXPECT_EQ(first.header("Cache-Control"), "no-store");
  EXPECT_EQ(world.refusals, std::vector{ErrorCode::proof_nonce_missing});
  EXPECT_EQ(world.hasher.work, 0) << "no password is looked at for it";

  client.nonce = first.header("DPoP-Nonce");
  ASSERT_FALSE(client.nonce.empty());
  const auto login = client.post(world, "/login", login_form());
  ASSERT_EQ(login.status(), 200) << login.response.body;
  EXPECT_EQ(login.text("token_type"), "DPoP");

  world.clock->advance(std::chrono::minutes{5});
  const auto refreshed = client.post(world, "/refresh", refresh_form(login.text("refresh_token")));
  ASSERT_EQ(refreshed.status(), 200) << refreshed.response.body;
  EXPECT_NE(refreshed.header("DPoP-Nonce"), client.nonce) << "the next one comes along";
  client.nonce = refreshed.header("DPoP-Nonce");
  EXPECT_EQ(client.get(world, "/profile", refreshed.text("access_token")).status(), 200);
}

TEST(Nonces, are_asked_for_behind_an_access_token_too) {
  BoundWorld world;
  ask_for_nonces(world, *world.master.now());
  const auto first = world.client.get(world, "/profile", world.pair.access);
  EXPECT_EQ(first.status(), 401);
  EXPECT_EQ(first.error(), "use_dpop_nonce");
  EXPECT_TRUE(first.header("WWW-Authenticate").starts_with(R"(DPoP error="use_dpop_nonce")"));
  world.client.nonce = first.header("DPoP-Nonce");
  EXPECT_EQ(world.client.get(world, "/profile", world.pair.access).status(), 200);

  const auto bad = Client{}.get(world, "/sessions", "no.token.atall");
  EXPECT_EQ(bad.status(), 401);
  EXPECT_EQ(bad.header("DPoP-Nonce"), "") << "no nonce would help";
}

TEST(Nonces, that_are_missing_cost_no_refresh_token) {
  BoundWorld world;
  ask_for_nonces(world, *world.master.now());
  const auto first = world.client.post(world, "/refresh", refresh_form(world.pair.refresh));
  EXPECT_EQ(first.status(), 400);
  EXPECT_EQ(first.error(), "use_dpop_nonce");
  world.client.nonce = first.header("DPoP-Nonce");
  EXPECT_EQ(world.client.post(world, "/refresh", refresh_form(world.pair.refresh)).status(), 200);
}

TEST(Nonces, of_any_node_with_the_master_key_are_taken_and_no_others) {
  BoundWorld world;
  ask_for_nonces(world, *world.master.now());
  const auto nonce_by = [&](const MasterKey& master) {
    return DpopVerifier::of(dpop_policy({.nonces = true}, master), world.clock).value().nonce();
  };
  const auto status_with = [&](const std::string& nonce) {
    world.client.nonce = nonce;
    return world.client.get(world, "/profile", world.pair.access).status();
  };
  EXPECT_EQ(status_with(nonce_by(*world.master.now())), 200);
  EXPECT_EQ(status_with(nonce_by(MasterKey::random())), 401);
  EXPECT_EQ(status_with("guessed"), 401);
  const auto fresh = nonce_by(*world.master.now());
  world.clock->advance(std::chrono::minutes{10});
  EXPECT_EQ(status_with(fresh), 401) << "too old";
}

TEST(Nonces, are_taken_by_every_node_while_the_master_key_is_being_replaced) {
  const std::string old_key(43, 'A'), new_key = std::string(42, 'B') + "A";
  const auto before = MasterKey::from_text(old_key + "\n" + new_key, "test").value();
  const auto after = MasterKey::from_text(new_key + "\n" + old_key, "test").value();
  for (const auto& [here, there] : {std::pair{&before, &after}, std::pair{&after, &before}}) {
    World world;
    world.sign_up("ada");
    ask_for_nonces(world, *here);
    Client client;
    client.nonce = DpopVerifier::of(dpop_policy({.nonces = true}, *there), world.clock).value().nonce();
    EXPECT_EQ(client.post(world, "/login", login_form()).status(), 200);
  }
}

TEST(Nonces, are_for_proofs_alone) {
  World world;
  world.sign_up("ada");
  ask_for_nonces(world, *world.master.now());
  const auto answer = world.post("/login", login_form());
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.text("token_type"), "Bearer");
  EXPECT_EQ(answer.header("DPoP-Nonce"), "");
  EXPECT_EQ(world.get("/profile", answer.text("access_token")).status(), 200);
}

TEST(Nonces, are_not_there_unless_they_are_switched_on) {
  BoundWorld world;
  EXPECT_EQ(world.client.post(world, "/refresh", refresh_form(world.pair.refresh)).header("DPoP-Nonce"), "");
  EXPECT_EQ(world.get("/profile").header("DPoP-Nonce"), "");
}

TEST(UnboundSession, stays_as_it_was) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  EXPECT_EQ(cnf_of(world, pair.access), "");
  EXPECT_EQ(world.get("/profile", pair.access).status(), 200);
  EXPECT_EQ(Client{}.get(world, "/profile", pair.access).status(), 401) << "no key is named";
}

}  // namespace
}  // namespace signet::server::api
