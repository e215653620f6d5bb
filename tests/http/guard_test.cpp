#include "signet/http/guard.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "signet/revocations.hpp"
#include "tests/http/support.hpp"

namespace signet::http {
namespace {

using Lines = std::vector<std::string>;

struct Request {
  std::string method = "GET";
  Lines authorization = {};
  Lines cookie = {};
  Lines origin = {};
  Lines dpop = {};
  std::string target = "/orders?page=2";
};

std::expected<Principal, Challenge> check(const Guard& guard, const Request& request,
                                          const std::vector<std::string_view>& scopes = {}) {
  const auto views = [](const Lines& lines) { return std::vector<std::string_view>{lines.begin(), lines.end()}; };
  const auto authorization = views(request.authorization);
  const auto cookie = views(request.cookie);
  const auto origin = views(request.origin);
  const auto proofs = views(request.dpop);
  return guard.check({request.method, authorization, cookie, origin, proofs, request.target}, scopes);
}

Guard cookie_guard() {
  Guard guard = test::guard();
  EXPECT_TRUE(guard.cookie("__Host-token", {"https://app.example", "https://admin.example"}));
  return guard;
}

struct Case {
  const char* form;
  Lines authorization;
  int status;
  std::string_view challenge;
};

TEST(Guard, answers_every_form_of_the_header_as_rfc_6750_says) {
  const auto good = test::token();
  const std::string_view pass;
  const Case cases[] = {
      {"no header", {}, 401, test::no_credentials},
      {"the form of the standard", {"Bearer " + good}, 200, pass},
      {"the scheme in lower case", {"bearer " + good}, 200, pass},
      {"the scheme in capitals", {"BEARER " + good}, 200, pass},
      {"white space around the value, which is not part of it", {" \tBearer " + good + " \t"}, 200, pass},
      {"Basic", {"Basic dXNlcjpwYXNz"}, 401, test::no_credentials},
      {"Digest", {"Digest username=\"a\", realm=\"b\""}, 401, test::no_credentials},
      {"DPoP is another scheme", {"DPoP " + good}, 401, test::no_credentials},
      {"a scheme that begins like Bearer", {"BearerX " + good}, 401, test::no_credentials},
      {"a scheme that Bearer begins like", {"Bear " + good}, 401, test::no_credentials},
      {"the token without a scheme", {good}, 401, test::no_credentials},
      {"an empty line", {""}, 401, test::no_credentials},
      {"spaces alone", {"   "}, 401, test::no_credentials},
      {"no token", {"Bearer"}, 400, test::invalid_request},
      {"no token, a space", {"Bearer "}, 400, test::invalid_request},
      {"no token, many spaces", {"Bearer     "}, 400, test::invalid_request},
      {"two spaces", {"Bearer  " + good}, 400, test::invalid_request},
      {"a tab for the space", {"Bearer\t" + good}, 400, test::invalid_request},
      {"a space and a tab", {"Bearer \t" + good}, 400, test::invalid_request},
      {"two tokens", {"Bearer " + good + " " + good}, 400, test::invalid_request},
      {"two tokens and a comma", {"Bearer " + good + "," + good}, 400, test::invalid_request},
      {"two credentials in one line", {"Bearer " + good + ", Basic dXNlcg=="}, 400, test::invalid_request},
      {"a parameter", {"Bearer token=" + good}, 400, test::invalid_request},
      {"quotes", {"Bearer \"" + good + "\""}, 400, test::invalid_request},
      {"a colon", {"Bearer: " + good}, 401, test::no_credentials},
      {"a line end inside", {"Bearer " + good + "\r\nX: y"}, 400, test::invalid_request},
      {"a NUL", {"Bearer " + good + std::string(1, '\0')}, 400, test::invalid_request},
      {"a letter that is not ASCII", {"Bearer t\xC3\xB6ken"}, 400, test::invalid_request},
      {"padding alone", {"Bearer ==="}, 400, test::invalid_request},
      {"padding in the middle", {"Bearer a=b"}, 400, test::invalid_request},
      {"two lines with the same token", {"Bearer " + good, "Bearer " + good}, 400, test::invalid_request},
      {"two lines, one of them Basic", {"Basic dXNlcjpwYXNz", "Bearer " + good}, 400, test::invalid_request},
      {"two lines, one of them empty", {"Bearer " + good, ""}, 400, test::invalid_request},
      {"case 8: a padded token", {"Bearer " + good + "="}, 401, test::invalid_token},
      {"b64token, but no JWT", {"Bearer abc"}, 401, test::invalid_token},
      {"dots alone", {"Bearer .."}, 401, test::invalid_token},
      {"case 8: the other alphabet", {"Bearer a+b/c~d.e.f"}, 401, test::invalid_token},
      {"case 28: a hundred thousand dots", {"Bearer " + std::string(100000, '.')}, 401, test::invalid_token},
      {"case 28: a megabyte", {"Bearer " + std::string(1U << 20, 'a')}, 401, test::invalid_token},
  };
  const auto guard = test::guard();
  for (const auto& [form, authorization, status, challenge] : cases) {
    const auto who = check(guard, {.authorization = authorization});
    if (status == 200) {
      ASSERT_TRUE(who) << form << ": " << who.error().www_authenticate;
      EXPECT_EQ(who->subject(), "user-42") << form;
      continue;
    }
    ASSERT_FALSE(who) << form;
    EXPECT_EQ(who.error().status, status) << form;
    EXPECT_EQ(who.error().www_authenticate, challenge) << form;
  }
}

TEST(Guard, without_credentials_gives_neither_an_error_code_nor_a_body) {
  const auto who = check(test::guard(), {});
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().body, "");
  EXPECT_FALSE(who.error().reason);
}

TEST(Guard, says_the_same_of_every_bad_token_and_tells_the_log_the_reason) {
  using std::chrono::minutes;
  const auto good = test::token();
  const auto other =
      SigningKey::hmac(Algorithm::HS256, Secret::from_text("another secret of more than 32 bytes!")).value();
  const auto access = Signer{test::key()}.type("at+jwt").sign(test::claims()).value();
  const std::pair<std::string, ErrorCode> tokens[] = {
      {test::token(test::claims().expires_at(test::now)), ErrorCode::token_expired},
      {test::token(test::claims().not_before(test::now + minutes{1})), ErrorCode::token_not_yet_valid},
      {test::token(test::claims().issuer("https://evil.example")), ErrorCode::issuer_mismatch},
      {test::token(test::claims().audience("another")), ErrorCode::audience_mismatch},
      {test::token(test::claims(), other), ErrorCode::bad_signature},
      {good.substr(0, good.rfind('.') + 1), ErrorCode::bad_signature},
      {access, ErrorCode::type_mismatch},
      {"garbage", ErrorCode::token_malformed},
  };
  for (const auto& [token, code] : tokens) {
    const auto who = check(test::guard(), {.authorization = {"Bearer " + token}});
    ASSERT_FALSE(who) << to_string(code);
    EXPECT_EQ(who.error().status, 401);
    EXPECT_EQ(who.error().www_authenticate, test::invalid_token) << to_string(code);
    EXPECT_EQ(who.error().body, test::invalid_token_body) << to_string(code);
    ASSERT_TRUE(who.error().reason);
    EXPECT_TRUE(who.error().reason->is(code)) << to_string(code) << ": " << who.error().reason->detail();
  }
}

TEST(Guard, does_not_call_a_token_bad_that_it_could_not_check) {
  const auto who = check(test::guard_without_keys(), {.authorization = {"Bearer " + test::token()}});
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().status, 503);
  EXPECT_EQ(who.error().www_authenticate, "");
  EXPECT_EQ(who.error().body, R"({"error":"temporarily_unavailable","error_description":)"
                              R"("The access token could not be checked. Try again"})");
  EXPECT_EQ(who.error().reason->code(), ErrorCode::keys_unavailable);
  EXPECT_EQ(who.error().retry_after, std::chrono::seconds{1});
}

TEST(Guard, refuses_a_revoked_token_from_the_moment_it_is_revoked) {
  const auto revocations = std::make_shared<Revocations>();
  const Guard guard{Verifier::builder()
                        .key(test::key().verifying_key())
                        .issuer("https://auth.example")
                        .audience("api")
                        .clock(std::make_shared<const ManualClock>(test::now))
                        .revocations(revocations)
                        .build()
                        .value()};
  const Request request{.authorization = {"Bearer " + test::token(test::claims().set("sid", "session-1"))}};
  EXPECT_TRUE(check(guard, request));
  revocations->add({RevocationKind::session, "session-1", test::now, test::now + std::chrono::hours{1}});
  const auto who = check(guard, request);
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().www_authenticate, test::invalid_token);
  EXPECT_EQ(who.error().reason->code(), ErrorCode::token_revoked);
}

TEST(Guard, asks_for_every_scope_that_is_needed) {
  const auto guard = test::guard();
  const Request request{.authorization = {"Bearer " + test::token()}};
  EXPECT_TRUE(check(guard, request, {"read"}));
  EXPECT_TRUE(check(guard, request, {"write", "read"}));
  for (const std::string_view missing : {"admin", "rea", "READ", "read write", "", "ite"}) {
    const auto who = check(guard, request, {"read", missing});
    ASSERT_FALSE(who) << missing;
    EXPECT_EQ(who.error().status, 403) << missing;
  }
  const auto who = check(guard, request, {"read", "admin"});
  EXPECT_EQ(who.error().www_authenticate,
            R"(Bearer error="insufficient_scope", error_description="The access token lacks a scope that this needs", )"
            R"(scope="read admin")");
  EXPECT_EQ(who.error().body,
            R"({"error":"insufficient_scope","error_description":"The access token lacks a scope that this needs"})");
}

TEST(Guard, looks_at_the_token_before_its_scopes) {
  const auto who = check(test::guard(),
                         {.authorization = {"Bearer " + test::token(test::claims().expires_at(test::now))}}, {"admin"});
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().status, 401);
}

TEST(Guard, names_its_realm_in_every_answer_and_drops_what_would_break_out_of_it) {
  auto guard = test::guard();
  guard.realm("the \"api\"\\\r\nX-Evil: 1");
  const std::string realm = R"(Bearer realm="the apiX-Evil: 1")";
  EXPECT_EQ(check(guard, {}).error().www_authenticate, realm);
  for (const auto& line : {"Bearer", "Bearer garbage"}) {
    EXPECT_TRUE(check(guard, {.authorization = {line}}).error().www_authenticate.starts_with(realm + ", error="))
        << line;
  }
}

TEST(Guard, drops_what_would_break_out_of_the_scope_it_names) {
  const auto who = check(test::guard(), {.authorization = {"Bearer " + test::token()}}, {"a\"b\r\nc"});
  ASSERT_FALSE(who);
  EXPECT_TRUE(who.error().www_authenticate.ends_with(R"(scope="abc")")) << who.error().www_authenticate;
}

TEST(Guard, looks_at_no_cookie_unless_told_to) {
  EXPECT_EQ(check(test::guard(), {.cookie = {"__Host-token=" + test::token()}}).error().www_authenticate,
            test::no_credentials);
}

TEST(GuardCookie, carries_the_token_for_reading) {
  const auto guard = cookie_guard();
  const auto token = test::token();
  for (const Lines& lines : {Lines{"__Host-token=" + token}, Lines{"a=b; __Host-token=" + token + "; c=d"},
                             Lines{"a=b;__Host-token=" + token}, Lines{"a=b", "__Host-token=" + token},
                             Lines{"__Host-tokens=x; X__Host-token=y; __Host-token=" + token}}) {
    for (const auto method : {"GET", "HEAD", "OPTIONS"}) {
      const auto who = check(guard, {.method = method, .cookie = lines});
      ASSERT_TRUE(who) << lines.front() << ": " << who.error().www_authenticate;
      EXPECT_EQ(who->subject(), "user-42");
    }
  }
}

TEST(GuardCookie, of_another_name_is_none) {
  const auto token = test::token();
  for (const auto& line : Lines{"token=" + token, "__host-token=" + token, "__HOST-TOKEN=" + token, "__Host-token",
                                "=" + token, "__Host-token2=" + token, std::string{}, std::string{";;;"}}) {
    const auto who = check(cookie_guard(), {.cookie = {line}});
    ASSERT_FALSE(who) << line;
    EXPECT_EQ(who.error().www_authenticate, test::no_credentials) << line;
  }
}

TEST(GuardCookie, twice_or_badly_formed_is_an_invalid_request) {
  const auto token = test::token();
  const auto one = "__Host-token=" + token;
  for (const Lines& lines : {Lines{one + "; " + one}, Lines{one, one}, Lines{"__Host-token=x; " + one},
                             Lines{"__Host-token="}, Lines{"__Host-token=\"" + token + "\""},
                             Lines{"__Host-token=" + token + " x"}, Lines{"__Host-token=; " + one}}) {
    const auto who = check(cookie_guard(), {.cookie = lines});
    ASSERT_FALSE(who) << lines.front();
    EXPECT_EQ(who.error().status, 400) << lines.front();
    EXPECT_EQ(who.error().www_authenticate, test::invalid_request) << lines.front();
  }
}

TEST(GuardCookie, beside_an_authorization_line_is_an_invalid_request) {
  const auto token = test::token();
  for (const auto& line : {"Bearer " + token, std::string{"Bearer garbage"}, std::string{"Basic dXNlcjpwYXNz"}}) {
    const auto who = check(cookie_guard(), {.authorization = {line}, .cookie = {"__Host-token=" + token}});
    ASSERT_FALSE(who) << line;
    EXPECT_EQ(who.error().www_authenticate, test::invalid_request) << line;
  }
  EXPECT_TRUE(check(cookie_guard(), {.authorization = {"Bearer " + token}, .cookie = {"theme=dark"}}));
}

TEST(GuardCookie, changes_something_only_from_an_allowed_origin) {
  const auto guard = cookie_guard();
  const Lines cookie{"__Host-token=" + test::token()};
  const Lines refused[] = {{},
                           {""},
                           {"null"},
                           {"https://evil.example"},
                           {"http://app.example"},
                           {"https://app.example:8443"},
                           {"https://app.example/"},
                           {"https://app.example.evil.example"},
                           {"https://APP.example"},
                           {"https://app.example", "https://evil.example"},
                           {"https://app.example https://evil.example"},
                           {"https://app.example", "https://app.example"}};
  for (const auto method : {"POST", "PUT", "PATCH", "DELETE", "get", "TRACE", ""}) {
    for (const auto origin : {"https://app.example", "https://admin.example"}) {
      EXPECT_TRUE(check(guard, {.method = method, .cookie = cookie, .origin = {origin}})) << method << ' ' << origin;
    }
    for (const auto& origin : refused) {
      const auto who = check(guard, {.method = method, .cookie = cookie, .origin = origin});
      ASSERT_FALSE(who) << method << ' ' << (origin.empty() ? "none" : origin.front());
      EXPECT_EQ(who.error().status, 403);
      EXPECT_TRUE(json::parse(who.error().body));
    }
  }
  // The header needs no origin: another site cannot set it.
  EXPECT_TRUE(check(guard, {.method = "POST", .authorization = {"Bearer " + test::token()}}));
}

TEST(GuardCookie, is_refused_as_a_setting_without_the_prefix_or_the_origins) {
  auto guard = test::guard();
  for (const auto name :
       {"", "token", "__Secure-token", "__host-token", "__Host-", "__Host-a b", "__Host-a=b", "__Host-a;b"}) {
    const auto set = guard.cookie(name, {"https://app.example"});
    ASSERT_FALSE(set) << name;
    EXPECT_EQ(set.error().code(), ErrorCode::invalid_configuration);
  }
  for (const std::vector<std::string>& origins : {std::vector<std::string>{},
                                                  {""},
                                                  {"*"},
                                                  {"app.example"},
                                                  {"https://app.example/"},
                                                  {"https://app.example", ""}}) {
    EXPECT_FALSE(guard.cookie("__Host-token", origins)) << (origins.empty() ? "none" : origins.front());
  }
  EXPECT_EQ(check(guard, {.cookie = {"__Host-token=" + test::token()}}).error().www_authenticate, test::no_credentials)
      << "a setting that was refused must leave no trace";
}

TEST(Guard, serves_many_threads_at_once) {
  const auto guard = cookie_guard();
  const Request good{.authorization = {"Bearer " + test::token()}};
  const Request bad{.authorization = {"Bearer " + test::token(test::claims().expires_at(test::now))}};
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        if (!check(guard, good, {"read"})) ++wrong;
        if (check(guard, bad)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
}

static_assert(noexcept(std::declval<const Guard&>().check(std::declval<const Credentials&>())));

TEST(Principal, keeps_its_token_when_it_moves) {
  auto who = check(test::guard(), {.authorization = {"Bearer " + test::token()}});
  ASSERT_TRUE(who);
  const Principal moved = std::move(*who);
  EXPECT_EQ(moved.subject(), "user-42");
  EXPECT_TRUE(moved.has_scope("write"));
  EXPECT_FALSE(moved.has_scope("admin"));
  EXPECT_EQ(moved.token().issuer(), "https://auth.example");
}

// --- tokens that are bound to a key (RFC 9449)

struct Bound {
  Bound() {
    EXPECT_TRUE(guard.dpop(verifier, "https://api.example/"));
    token = test::token(test::claims().set_json("cnf", R"({"jkt":")" + key.thumbprint() + "\"}"));
  }
  [[nodiscard]] std::string proof(const SigningKey& by, std::string_view method = "GET",
                                  std::string_view url = "https://api.example/orders") const {
    return make_dpop_proof(by, {method, url, token}, verifier.nonce(), ManualClock{test::now}).value();
  }
  [[nodiscard]] Request request() const { return {.authorization = {"DPoP " + token}, .dpop = {proof(key)}}; }

  SigningKey key = SigningKey::generate(Algorithm::ES256).value();
  DpopVerifier verifier = DpopVerifier::of({.algorithms = {Algorithm::ES256, Algorithm::EdDSA}},
                                           std::make_shared<const ManualClock>(test::now))
                              .value();
  Guard guard = test::guard();
  std::string token;
};

constexpr std::string_view invalid_bound_token =
    R"(DPoP error="invalid_token", error_description="The access token is invalid, expired or revoked", algs="ES256 EdDSA", Bearer)";
constexpr std::string_view invalid_proof =
    R"(DPoP error="invalid_dpop_proof", error_description="The DPoP proof is not one for this request", algs="ES256 EdDSA", Bearer)";

TEST(GuardedByDpop, a_bound_token_passes_with_a_proof_by_its_key) {
  const Bound bound;
  const auto who = check(bound.guard, bound.request(), {"read"});
  ASSERT_TRUE(who) << who.error().www_authenticate;
  EXPECT_EQ(who->subject(), "user-42");
  auto request = bound.request();
  request.authorization = {"dpop " + bound.token};
  EXPECT_TRUE(check(bound.guard, request));
}

TEST(GuardedByDpop, nothing_less_than_that_passes) {
  const Bound bound;
  const auto other = SigningKey::generate(Algorithm::ES256).value();
  const auto expect = [&](const char* what, const Request& request, int status, std::string_view challenge) {
    const auto who = check(bound.guard, request);
    ASSERT_FALSE(who) << what;
    EXPECT_EQ(who.error().status, status) << what;
    EXPECT_EQ(who.error().www_authenticate, challenge) << what;
  };
  const Lines authorization{"DPoP " + bound.token};
  expect("no proof", {.authorization = authorization}, 401, invalid_proof);
  expect("two proofs", {.authorization = authorization, .dpop = {bound.proof(bound.key), bound.proof(bound.key)}}, 401,
         invalid_proof);
  expect("another method", {.authorization = authorization, .dpop = {bound.proof(bound.key, "POST")}}, 401,
         invalid_proof);
  expect("another path",
         {.authorization = authorization, .dpop = {bound.proof(bound.key, "GET", "https://api.example/other")}}, 401,
         invalid_proof);
  expect("another host",
         {.authorization = authorization, .dpop = {bound.proof(bound.key, "GET", "https://evil.example/orders")}}, 401,
         invalid_proof);
  expect("case 9: a proof by another key", {.authorization = authorization, .dpop = {bound.proof(other)}}, 401,
         invalid_bound_token);
  auto again = bound.request();
  EXPECT_TRUE(check(bound.guard, again));
  expect("a proof that was used", again, 401, invalid_proof);
  auto nowhere = bound.request();
  nowhere.target = "https://api.example/orders";
  expect("a request without a path", nowhere, 401, invalid_bound_token);
  expect(
      "two spaces", {.authorization = {"DPoP  " + bound.token}, .dpop = {bound.proof(bound.key)}}, 400,
      R"(DPoP error="invalid_request", error_description="The request must carry exactly one well-formed access token", algs="ES256 EdDSA", Bearer)");
  expect("nothing at all", {}, 401, R"(Bearer, DPoP algs="ES256 EdDSA")");
}

TEST(GuardedByDpop, a_bound_token_is_no_bearer_token) {  // section 7.2
  Bound bound;
  auto request = bound.request();
  request.authorization = {"Bearer " + bound.token};
  const auto who = check(bound.guard, request);
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().www_authenticate, std::string{test::invalid_token} + R"(, DPoP algs="ES256 EdDSA")");
  EXPECT_EQ(who.error().reason->code(), ErrorCode::proof_invalid);
  // Nor is it one for a guard that knows nothing of proofs, and whatever `cnf` says.
  for (const std::string_view cnf : {R"({"jkt":"x"})", R"({"x5t#S256":"x"})", R"({})", R"("text")", "null"}) {
    const auto token = test::token(test::claims().set_json("cnf", std::string{cnf}));
    const auto plain = check(test::guard(), {.authorization = {"Bearer " + token}});
    ASSERT_FALSE(plain) << cnf;
    EXPECT_EQ(plain.error().www_authenticate, test::invalid_token) << cnf;
  }
  ASSERT_TRUE(bound.guard.cookie("__Host-token", {"https://app.example"}));
  EXPECT_FALSE(check(bound.guard, {.cookie = {"__Host-token=" + bound.token}, .dpop = {bound.proof(bound.key)}}));
}

TEST(GuardedByDpop, a_token_that_is_not_bound_to_one_key_by_its_thumbprint_needs_the_other_scheme) {
  const Bound bound;
  for (const std::string& cnf :
       {std::string{}, std::string{"{}"}, std::string{R"({"jkt":1})"}, std::string{"null"},
        std::string{R"({"jkt":""})"}, R"({"jkt":")" + bound.key.thumbprint() + R"(","x5t#S256":"x"})"}) {
    const auto token = test::token(cnf.empty() ? test::claims() : test::claims().set_json("cnf", std::string{cnf}));
    const auto proof =
        make_dpop_proof(bound.key, {"GET", "https://api.example/orders", token}, {}, ManualClock{test::now}).value();
    const auto who = check(bound.guard, {.authorization = {"DPoP " + token}, .dpop = {proof}});
    ASSERT_FALSE(who) << cnf;
    EXPECT_EQ(who.error().www_authenticate, invalid_bound_token) << cnf;
  }
  EXPECT_TRUE(check(bound.guard, {.authorization = {"Bearer " + test::token()}}));
}

TEST(GuardedByDpop, says_which_nonce_is_wanted) {  // section 9
  Bound bound;
  DpopPolicy policy;
  policy.nonce_keys = {SigningKey::generate(Algorithm::HS256).value()};
  const auto with_nonces = DpopVerifier::of(policy, std::make_shared<const ManualClock>(test::now)).value();
  ASSERT_TRUE(bound.guard.dpop(with_nonces, "https://api.example"));
  const auto who = check(bound.guard, bound.request());
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().status, 401);
  EXPECT_TRUE(who.error().www_authenticate.starts_with(R"(DPoP error="use_dpop_nonce")"))
      << who.error().www_authenticate;
  EXPECT_EQ(who.error().dpop_nonce, with_nonces.nonce());
  bound.verifier = with_nonces;
  EXPECT_TRUE(check(bound.guard, bound.request()));
}

TEST(GuardedByDpop, is_behind_the_path_that_it_is_told) {
  Bound bound;
  ASSERT_TRUE(bound.guard.dpop(bound.verifier, "https://example/api/"));
  EXPECT_TRUE(check(bound.guard, {.authorization = {"DPoP " + bound.token},
                                  .dpop = {bound.proof(bound.key, "GET", "https://example/api/orders")}}));
  for (const auto bad : {"", "/api", "api.example", "https://api.example?x", "https://user@api.example"}) {
    EXPECT_EQ(test::guard().dpop(bound.verifier, bad).error().code(), ErrorCode::invalid_configuration) << bad;
  }
}

}  // namespace
}  // namespace signet::http
