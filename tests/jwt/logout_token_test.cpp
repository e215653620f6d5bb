// OpenID Connect Back-Channel Logout 1.0 section 2.6, rule by rule.

#include "signet/logout_token.hpp"

#include "tests/jwt/tokens.hpp"

namespace signet::test {
namespace {

constexpr std::string_view event = R"("events":{"http://schemas.openid.net/event/backchannel-logout":{}})";

LogoutVerifier verifier(const SigningKey& key = hmac_key()) {
  auto keys = std::make_shared<KeySet>(KeySet::of({key.verifying_key()}).value());
  return LogoutVerifier::with(std::move(keys), "https://auth.example", "shop", clock_at(noon)).value();
}

std::string token(std::string_view claims, std::string_view typ = "logout+jwt") {
  return compact(json::Object{}.set("alg", "HS256").set("typ", typ).text(), claims, hmac_key());
}

// With one claim given another value, or none.
std::string claims_but(std::string_view name, std::string_view json) {
  std::vector<std::pair<std::string_view, std::string_view>> claims{
      {"iss", R"("https://auth.example")"},
      {"aud", R"("shop")"},
      {"iat", "1799999990"},
      {"exp", "1800000100"},
      {"jti", R"("1")"},
      {"sub", R"("alice")"},
      {"sid", R"("s1")"},
      {"events", R"({"http://schemas.openid.net/event/backchannel-logout":{}})"}};
  json::Object object;
  bool known = false;
  for (const auto& [claim, value] : claims) {
    known |= claim == name;
    const auto said = claim == name ? json : value;
    if (!said.empty()) object.set_raw(claim, said);
  }
  if (!known) object.set_raw(name, json);
  return object.text();
}

std::string reason(const std::expected<LogoutToken, Error>& verified) {
  if (verified) return "ok";
  const auto named = failures(verified.error());
  return named.empty() ? std::string{to_string(verified.error().code())} : named;
}

TEST(LogoutToken, says_who_is_logged_out_of_what) {
  const auto both = verifier().verify(token(claims_but("aud", R"(["other","shop"])")));
  ASSERT_EQ(reason(both), "ok");
  EXPECT_EQ(both->subject, "alice");
  EXPECT_EQ(both->session, "s1");
  EXPECT_EQ(both->id, "1");
  EXPECT_EQ(both->issued_at, Time{1'799'999'990s});
  EXPECT_EQ(both->expires_at, Time{1'800'000'100s});
  const auto all = verifier().verify(token(claims_but("sid", "")));
  ASSERT_EQ(reason(all), "ok");
  EXPECT_FALSE(all->session);
  const auto session = verifier().verify(token(claims_but("sub", "")));
  ASSERT_EQ(reason(session), "ok");
  EXPECT_FALSE(session->subject);
  EXPECT_EQ(session->session, "s1");
}

TEST(LogoutToken, is_refused_for_each_rule_it_breaks) {
  struct Case {
    std::string_view claim, json, reason;
  };
  constexpr std::string_view name = "http://schemas.openid.net/event/backchannel-logout";
  const auto events = [&](std::string_view value) { return json::Object{}.set_raw(name, value).text(); };
  const std::string null_event = events("null"), list_event = events("[]"), true_event = events("true");
  for (const auto& [claim, json, expected] : std::initializer_list<Case>{
           {"iss", R"("https://other.example")", "issuer_mismatch iss"},
           {"iss", "", "claim_missing iss"},
           {"aud", R"("till")", "audience_mismatch aud"},
           {"aud", "", "claim_missing aud"},
           {"iat", "", "claim_missing iat"},
           {"iat", "1800000001", "token_issued_in_future iat"},
           {"exp", "", "claim_missing exp"},
           {"exp", "1800000000", "token_expired exp"},
           {"jti", "", "claim_missing jti"},
           {"jti", R"("")", "claim_rejected jti"},
           {"jti", "1", "claim_malformed jti"},
           {"sub", R"("")", "claim_rejected sub"},
           {"sub", "7", "claim_malformed sub"},
           {"sid", R"("")", "claim_rejected sid"},
           {"events", "", "claim_rejected events"},
           {"events", "{}", "claim_rejected events"},
           {"events", R"(["http://schemas.openid.net/event/backchannel-logout"])", "claim_rejected events"},
           {"events", R"("http://schemas.openid.net/event/backchannel-logout")", "claim_rejected events"},
           {"events", null_event, "claim_rejected events"},
           {"events", list_event, "claim_rejected events"},
           {"events", true_event, "claim_rejected events"},
           {"nonce", R"("n")", "claim_rejected nonce"},
           {"nonce", "null", "claim_rejected nonce"},
       }) {
    EXPECT_EQ(reason(verifier().verify(token(claims_but(claim, json)))), expected) << claim << " " << json;
  }
  const std::string nobody =
      R"({"iss":"https://auth.example","aud":"shop","iat":1799999990,"exp":1800000100,"jti":"1",)" +
      std::string{event} + "}";
  EXPECT_EQ(reason(verifier().verify(token(nobody))), "claim_rejected sub or sid");
}

TEST(LogoutToken, other_events_beside_its_own_do_no_harm) {
  const auto events = R"({"http://schemas.openid.net/event/backchannel-logout":{"more":1},"urn:example:other":{}})";
  EXPECT_EQ(reason(verifier().verify(token(claims_but("events", events)))), "ok");
}

// case 45: neither is another kind of token taken for one, nor the other way round.
TEST(LogoutToken, is_told_from_every_other_kind_by_its_type) {
  const auto claims = claims_but("sid", R"("s1")");
  for (const char* typ : {"JWT", "at+jwt", "dpop+jwt", "logout"})
    EXPECT_EQ(reason(verifier().verify(token(claims, typ))), "type_mismatch") << typ;
  EXPECT_EQ(reason(verifier().verify(token(claims, "application/logout+jwt"))), "ok");
  EXPECT_EQ(reason(verifier().verify(compact(header_for(hmac_key()), claims, hmac_key()))), "type_mismatch");
  auto access = Verifier::builder();
  access.key(hmac_key().verifying_key()).issuer("https://auth.example").audience("shop").clock(clock_at(noon));
  EXPECT_EQ(verify(access, token(claims)), "type_mismatch");
  EXPECT_EQ(verify(access.type("at+jwt"), token(claims)), "type_mismatch");
}

TEST(LogoutToken, needs_a_good_signature_by_a_key_of_the_issuer) {
  const auto claims = claims_but("sid", R"("s1")");
  EXPECT_EQ(reason(verifier(hmac_key(Algorithm::HS256, 'x')).verify(token(claims))), "bad_signature");
  const auto none = jose::base64url_encode(std::string_view{R"({"alg":"none","typ":"logout+jwt"})"}) + "." +
                    jose::base64url_encode(claims) + ".";
  EXPECT_NE(reason(verifier().verify(none)), "ok");
}

TEST(LogoutVerifier, is_not_made_without_keys_issuer_and_client) {
  const auto keys = std::make_shared<KeySet>(KeySet::of({hmac_key().verifying_key()}).value());
  EXPECT_EQ(outcome(LogoutVerifier::with(nullptr, "https://auth.example", "shop")), "invalid_configuration");
  EXPECT_EQ(outcome(LogoutVerifier::with(keys, "", "shop")), "invalid_configuration");
  EXPECT_EQ(outcome(LogoutVerifier::with(keys, "https://auth.example", "")), "invalid_configuration");
  EXPECT_EQ(outcome(LogoutVerifier::with(keys, "https://auth.example", "shop")), "ok");
}

}  // namespace
}  // namespace signet::test
