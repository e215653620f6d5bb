#include "signet/dpop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "signet/signet.hpp"
#include "src/dpop/replays.hpp"
#include "src/dpop/target_uri.hpp"
#include "src/jose/base64url.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using dpop::normalised_target;

constexpr std::string_view url = "https://api.example/orders";
constexpr std::string_view access_token = "an.access.token";

const SigningKey& key() {
  static const SigningKey key = SigningKey::generate(Algorithm::ES256).value();
  return key;
}

// A server, its clock, and what reaches it.
struct World {
  explicit World(DpopPolicy policy = {}) : verifier{DpopVerifier::of(std::move(policy), clock).value()} {}

  std::expected<DpopProof, Error> check(std::string_view proof, const DpopTarget& target = {"GET", url}) const {
    return verifier.check({&proof, 1}, target);
  }
  [[nodiscard]] ErrorCode code(std::string_view proof, const DpopTarget& target = {"GET", url}) const {
    const auto checked = check(proof, target);
    return checked ? throw std::logic_error{"the proof held"} : checked.error().code();
  }
  [[nodiscard]] std::string proof(const DpopTarget& target = {"GET", url}, std::string_view nonce = {}) const {
    return make_dpop_proof(key(), target, nonce, *clock).value();
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>(Time{1'800'000'000s});
  DpopVerifier verifier;
};

std::string jwk_of(const SigningKey& made) { return made.verifying_key().to_jwk().value(); }

// A proof with anything in it, signed by `signer`.
std::string forged(const std::string& header, const std::string& claims, const SigningKey& signer = key()) {
  const auto input = jose::base64url_encode(header) + '.' + jose::base64url_encode(claims);
  return input + '.' + jose::base64url_encode(signer.sign(input).value());
}
std::string header_with(const std::string& jwk, std::string_view typ = "dpop+jwt", std::string_view alg = "ES256") {
  return json::Object{}.set("typ", typ).set("alg", alg).set_raw("jwk", jwk).text();
}
std::string good_header() { return header_with(jwk_of(key())); }
json::Object good_claims(std::string_view jti) {
  return json::Object{}.set("jti", jti).set("htm", "GET").set("htu", url).set("iat", 1'800'000'000);
}

TEST(DpopProof, holds_for_the_request_it_was_made_for_and_names_its_key) {
  const World world;
  for (const auto algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA,
                               Algorithm::Ed25519, Algorithm::Ed448, Algorithm::PS256, Algorithm::RS256}) {
    const auto own = SigningKey::generate(algorithm, 2048).value().with_key_id("a name that says nothing");
    const DpopTarget target{"POST", url, access_token};
    const auto proof = make_dpop_proof(own, target, {}, *world.clock).value();
    const auto checked = world.check(proof, target);
    ASSERT_TRUE(checked) << name(algorithm) << ": " << checked.error().detail();
    EXPECT_EQ(checked->thumbprint(), own.thumbprint());
    EXPECT_EQ(proof.find(jose::base64url_encode("kid")), std::string::npos);
  }
  EXPECT_EQ(world.verifier.algorithms(), "ES256 ES384 ES512 EdDSA Ed25519 Ed448 PS256 RS256");
}

// RFC 9449 sections 4.1, 6.1 and 7.1.
TEST(DpopProof, of_the_standards_examples_hold) {
  constexpr std::string_view header =
      "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
      "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
  const auto at_token_endpoint =
      std::string{header} +
      ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwi"
      "aWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
  const auto at_resource =
      std::string{header} +
      ".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0"
      "ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9."
      "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
  constexpr std::string_view their_token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
  constexpr std::string_view thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

  const World world;
  world.clock->set(Time{1562262620s});
  EXPECT_EQ(world.check(at_token_endpoint, {"POST", "https://server.example.com/token"}).value().thumbprint(),
            thumbprint);
  const DpopTarget resource{"GET", "https://resource.example.org/protectedresource", their_token};
  EXPECT_EQ(world.check(at_resource, resource).value().thumbprint(), thumbprint);
}

TEST(DpopProof, holds_for_no_other_request) {
  const World world;
  const DpopTarget target{"GET", url, access_token};
  EXPECT_EQ(world.code(world.proof(target), {"POST", url, access_token}), ErrorCode::proof_invalid);
  EXPECT_EQ(world.code(world.proof(target), {"get", url, access_token}), ErrorCode::proof_invalid);
  EXPECT_EQ(world.code(world.proof(target), {"GET", "https://api.example/order", access_token}),
            ErrorCode::proof_invalid);
  EXPECT_EQ(world.code(world.proof(target), {"GET", "http://api.example/orders", access_token}),
            ErrorCode::proof_invalid);
  EXPECT_EQ(world.code(world.proof(target), {"GET", "https://api.example:8443/orders", access_token}),
            ErrorCode::proof_invalid);
  EXPECT_EQ(world.code(world.proof(target), {"GET", url, "another.access.token"}), ErrorCode::proof_invalid);
  EXPECT_EQ(world.code(world.proof(), {"GET", url, access_token}), ErrorCode::proof_invalid) << "without ath";
  EXPECT_TRUE(world.check(world.proof({"GET", "https://API.example:443/orders?page=2#end", access_token}),
                          {"GET", "https://api.example/orders?page=3", access_token}));
}

TEST(DpopProof, is_taken_once) {
  const World world;
  const auto proof = world.proof();
  EXPECT_TRUE(world.check(proof));
  EXPECT_EQ(world.check(proof).error().detail(), "the proof has been used before");
  const DpopVerifier copy = world.verifier;
  const std::string_view line = proof;
  EXPECT_FALSE(copy.check({&line, 1}, {"GET", url}));
  // The same jti of another key is another proof: nobody uses up somebody else's.
  const auto other = SigningKey::generate(Algorithm::ES256).value();
  EXPECT_TRUE(world.check(forged(good_header(), good_claims("one").text())));
  EXPECT_TRUE(world.check(forged(header_with(jwk_of(other)), good_claims("one").text(), other)));
  EXPECT_FALSE(world.check(forged(good_header(), good_claims("one").set("x", 1).text())));
}

TEST(DpopProof, that_does_not_hold_is_not_used_up) {
  const World world;
  const auto proof = world.proof();
  EXPECT_FALSE(world.check(proof, {"POST", url}));
  EXPECT_TRUE(world.check(proof));
}

TEST(DpopProof, is_not_taken_twice_through_its_whole_window) {
  const World world;
  world.clock->advance(-5s);  // this server's clock is behind the client's, as far as is allowed
  const auto early = make_dpop_proof(key(), {"GET", url}, {}, ManualClock{Time{1'800'000'000s}}).value();
  EXPECT_TRUE(world.check(early));
  for (int second = 0; second < 69; ++second) {
    world.clock->advance(1s);
    EXPECT_EQ(world.check(early).error().detail(), "the proof has been used before") << second;
  }
  world.clock->advance(1s);
  EXPECT_EQ(world.code(early), ErrorCode::proof_invalid) << "too old by now";
}

TEST(DpopProof, is_taken_within_its_window_alone) {
  for (const auto& [behind, taken] : {std::pair{-6s, false}, {-5s, true}, {0s, true}, {64s, true}, {65s, false}}) {
    const World world;
    const auto proof = world.proof();
    world.clock->advance(behind);
    EXPECT_EQ(world.check(proof).has_value(), taken) << behind.count();
  }
}

TEST(DpopProof, is_taken_once_by_many_threads) {
  const World world;
  const auto proof = world.proof();
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) threads.emplace_back([&] { taken += world.check(proof).has_value(); });
  }
  EXPECT_EQ(taken, 1);
}

TEST(DpopProof, comes_in_one_header_line) {
  const World world;
  const auto one = world.proof(), two = world.proof();
  EXPECT_FALSE(world.verifier.check({}, {"GET", url}));
  const std::array<std::string_view, 2> lines{one, two};
  EXPECT_FALSE(world.verifier.check(lines, {"GET", url}));
  EXPECT_FALSE(world.check(""));
  EXPECT_FALSE(world.check(one + ", " + two));
  EXPECT_TRUE(world.check(one));
}

TEST(DpopProof, is_what_the_standard_says_and_nothing_else) {  // RFC 9449 section 4.3
  const World world;
  const auto claims = [](std::string_view jti) { return good_claims(jti).text(); };
  EXPECT_TRUE(world.check(forged(good_header(), claims("good"))));

  const auto full = key().to_private_jwk().value();
  const std::string private_jwk{full.reveal_text()};
  const auto rsa = SigningKey::generate(Algorithm::RS256, 2048).value();
  const auto rsa_jwk = jwk_of(rsa);
  const auto modulus = json::parse(rsa_jwk)->find("n");
  const auto rsa_with_prime = jwk_of(rsa).substr(0, jwk_of(rsa).size() - 1) + R"(,"p":"AQAB"})";
  const auto hmac = SigningKey::generate(Algorithm::HS256).value();
  const auto other = SigningKey::generate(Algorithm::ES256).value();
  const std::pair<const char*, std::string> bad[] = {
      {"another type", forged(header_with(jwk_of(key()), "JWT"), claims("a"))},
      {"no type", forged(json::Object{}.set("alg", "ES256").set_raw("jwk", jwk_of(key())).text(), claims("b"))},
      {"a private key (case 9)", forged(header_with(private_jwk), claims("c"))},
      {"a public RSA key with a prime", forged(header_with(rsa_with_prime, "dpop+jwt", "RS256"), claims("d"), rsa)},
      {"a shared secret (case 2)",
       forged(header_with(std::string{hmac.to_private_jwk().value().reveal_text()}, "dpop+jwt", "HS256"), claims("e"),
              hmac)},
      {"none (case 1)", jose::base64url_encode(header_with(jwk_of(key()), "dpop+jwt", "none")) + '.' +
                            jose::base64url_encode(claims("f")) + '.'},
      {"an algorithm that is not the key's", forged(header_with(jwk_of(key()), "dpop+jwt", "ES384"), claims("g"))},
      {"no key", forged(R"({"typ":"dpop+jwt","alg":"ES256"})", claims("h"))},
      {"a key that is text", forged(R"({"typ":"dpop+jwt","alg":"ES256","jwk":"k"})", claims("i"))},
      {"a point off the curve (case 20)",
       forged(header_with(R"({"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",)"
                          R"("y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})"),
              claims("j"))},
      {"an RSA key of more than 4096 bits",
       forged(
           header_with(R"({"kty":"RSA","e":"AQAB","n":"gAAA)" + std::string(679, 'A') + R"(E"})", "dpop+jwt", "RS256"),
           claims("t"), rsa)},
      {"an RSA exponent of more than 32 bits",
       forged(
           header_with(R"({"kty":"RSA","e":"AQAAAAE","n":)" + std::string{modulus->text()} + "}", "dpop+jwt", "RS256"),
           claims("u"), rsa)},
      {"another key's signature", forged(good_header(), claims("k"), other)},
      {"an unknown critical header (case 13)", forged(json::Object{}
                                                          .set("typ", "dpop+jwt")
                                                          .set("alg", "ES256")
                                                          .set_raw("jwk", jwk_of(key()))
                                                          .set("crit", std::vector<std::string>{"x"})
                                                          .set("x", 1)
                                                          .text(),
                                                      claims("l"))},
      {"a member twice (case 30)",
       forged(good_header(),
              R"({"jti":"m","htm":"POST","htm":"GET","htu":"https://api.example/orders","iat":1800000000})")},
      {"no jti", forged(good_header(), R"({"htm":"GET","htu":"https://api.example/orders","iat":1800000000})")},
      {"an empty jti", forged(good_header(), claims(""))},
      {"a jti of 257 bytes", forged(good_header(), claims(std::string(257, 'j')))},
      {"a jti that is a number",
       forged(good_header(), R"({"jti":1,"htm":"GET","htu":"https://api.example/orders","iat":1800000000})")},
      {"no htm", forged(good_header(), R"({"jti":"n","htu":"https://api.example/orders","iat":1800000000})")},
      {"no htu", forged(good_header(), R"({"jti":"o","htm":"GET","iat":1800000000})")},
      {"no iat", forged(good_header(), R"({"jti":"p","htm":"GET","htu":"https://api.example/orders"})")},
      {"iat as text",
       forged(good_header(), R"({"jti":"q","htm":"GET","htu":"https://api.example/orders","iat":"1800000000"})")},
      {"expired by its own word", forged(good_header(), good_claims("r").set("exp", 1'799'999'990).text())},
      {"not valid yet by its own word", forged(good_header(), good_claims("s").set("nbf", 1'800'000'060).text())},
      {"JSON serialization (case 17)", R"({"protected":"e30","payload":"e30","signature":""})"},
      {"more than a token may weigh (case 28)", std::string(20'000, 'a')},
  };
  for (const auto& [what, proof] : bad) {
    const auto checked = world.check(proof);
    ASSERT_FALSE(checked) << what;
    EXPECT_EQ(checked.error().code(), ErrorCode::proof_invalid) << what << ": " << checked.error().detail();
  }
}

TEST(DpopProof, by_a_key_that_has_certificates_beside_it_is_taken_without_a_look_at_them) {
  const World world;
  const auto jwk = jwk_of(key()).substr(0, jwk_of(key()).size() - 1) + R"(,"kid":7,"x5c":["no certificate"],"x5t":1})";
  const auto checked = world.check(forged(header_with(jwk), good_claims("a").text()));
  ASSERT_TRUE(checked) << checked.error().detail();
  EXPECT_EQ(checked->thumbprint(), key().thumbprint());
}

TEST(DpopProof, by_an_ed448_key_may_say_eddsa) {  // RFC 8037 section 3.1
  const World world;
  const auto own = SigningKey::generate(Algorithm::Ed448).value();
  const auto full = jwk_of(own);
  const auto x = json::parse(full)->find("x")->text();
  const auto jwk = json::Object{}.set("kty", "OKP").set("crv", "Ed448").set_raw("x", x).text();
  const auto checked = world.check(forged(header_with(jwk, "dpop+jwt", "EdDSA"), good_claims("a").text(), own));
  ASSERT_TRUE(checked) << checked.error().detail();
  EXPECT_EQ(checked->thumbprint(), own.thumbprint());
}

TEST(DpopProof, says_nothing_of_its_claims_when_its_signature_does_not_hold) {  // cases 41 and 50
  const World world;
  const auto other = SigningKey::generate(Algorithm::ES256).value();
  for (const std::string claims : {R"({"jti":"a","htm":"POST","iat":1})", R"({"a":1,"a":1})", "{"}) {
    const auto checked = world.check(forged(good_header(), claims, other));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().detail(), "the proof: bad_signature") << claims;
  }
}

TEST(DpopProof, is_signed_under_an_algorithm_of_the_policy) {
  DpopPolicy policy;
  policy.algorithms = {Algorithm::ES384};
  const World world{policy};
  EXPECT_FALSE(world.check(world.proof()));
  const auto own = SigningKey::generate(Algorithm::ES384).value();
  EXPECT_TRUE(world.check(make_dpop_proof(own, {"GET", url}, {}, *world.clock).value()));
}

// --- nonces (section 8)

World nonce_world() {
  DpopPolicy policy;
  policy.nonce_keys = {
      SigningKey::hmac(Algorithm::HS256, Secret::from_text("what servers share to make nonces")).value()};
  return World{policy};
}

TEST(DpopNonce, is_wanted_where_the_policy_says_so) {
  const World world = nonce_world();
  EXPECT_EQ(world.code(world.proof()), ErrorCode::proof_nonce_missing);
  EXPECT_EQ(world.code(world.proof({"GET", url}, "guessed")), ErrorCode::proof_nonce_missing);
  EXPECT_TRUE(world.check(world.proof({"GET", url}, world.verifier.nonce())));
  EXPECT_EQ(World{}.verifier.nonce(), "");
}

TEST(DpopNonce, is_not_asked_for_where_the_proof_is_wrong_anyway) {
  const World world = nonce_world();
  EXPECT_EQ(world.code(world.proof(), {"POST", url}), ErrorCode::proof_invalid);
}

TEST(DpopNonce, rotates_and_the_one_before_is_taken_still) {
  const World world = nonce_world();
  const auto first = world.verifier.nonce();
  world.clock->advance(300s);
  EXPECT_NE(world.verifier.nonce(), first);
  EXPECT_TRUE(world.check(world.proof({"GET", url}, first)));
  world.clock->advance(300s);
  EXPECT_EQ(world.code(world.proof({"GET", url}, first)), ErrorCode::proof_nonce_missing);
}

TEST(DpopNonce, of_one_server_is_taken_by_another_with_the_same_key_alone) {
  const World one = nonce_world(), two = nonce_world();
  EXPECT_TRUE(two.check(two.proof({"GET", url}, one.verifier.nonce())));
  DpopPolicy policy;
  policy.nonce_keys = {SigningKey::generate(Algorithm::HS256).value()};
  const World stranger{policy};
  EXPECT_EQ(stranger.code(stranger.proof({"GET", url}, one.verifier.nonce())), ErrorCode::proof_nonce_missing);
}

TEST(DpopNonce, of_any_of_the_keys_is_taken_and_the_first_makes_them) {
  const auto first = SigningKey::generate(Algorithm::HS256).value(),
             second = SigningKey::generate(Algorithm::HS256).value();
  const auto world_of = [](std::vector<SigningKey> keys) {
    DpopPolicy policy;
    policy.nonce_keys = std::move(keys);
    return World{policy};
  };
  const World one = world_of({first}), two = world_of({second}), both = world_of({second, first});
  EXPECT_EQ(both.verifier.nonce(), two.verifier.nonce());
  EXPECT_TRUE(both.check(both.proof({"GET", url}, one.verifier.nonce())));
  EXPECT_EQ(one.code(one.proof({"GET", url}, both.verifier.nonce())), ErrorCode::proof_nonce_missing);
}

TEST(DpopNonce, is_made_and_taken_under_other_keys_by_every_copy_once_they_are_changed) {
  const auto first = SigningKey::generate(Algorithm::HS256).value(),
             second = SigningKey::generate(Algorithm::HS256).value();
  DpopPolicy policy;
  policy.nonce_keys = {first};
  World world{policy};
  auto copy = world.verifier;
  const auto before = world.verifier.nonce();
  ASSERT_TRUE(copy.change_nonce_keys({second, first}));
  EXPECT_NE(world.verifier.nonce(), before);
  EXPECT_TRUE(world.check(world.proof({"GET", url}, before)));
  EXPECT_TRUE(world.check(world.proof({"GET", url}, world.verifier.nonce())));
  ASSERT_TRUE(copy.change_nonce_keys({second}));
  EXPECT_EQ(world.code(world.proof({"GET", url}, before)), ErrorCode::proof_nonce_missing);

  EXPECT_FALSE(copy.change_nonce_keys({})) << "a proof would need none any more";
  EXPECT_FALSE(copy.change_nonce_keys({SigningKey::generate(Algorithm::ES256).value()}));
  EXPECT_TRUE(world.check(world.proof({"GET", url}, world.verifier.nonce()))) << "and it goes on";
  EXPECT_EQ(World{}.verifier.change_nonce_keys({second}).error().code(), ErrorCode::invalid_configuration);
}

TEST(DpopNonce, with_any_character_changed_is_none) {
  const World world = nonce_world();
  const auto nonce = world.verifier.nonce();
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto changed = nonce;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(world.code(world.proof({"GET", url}, changed)), ErrorCode::proof_nonce_missing) << i;
  }
}

// --- what is refused before anything is made

TEST(DpopVerifier, has_a_policy_within_bounds) {
  const auto refused = [](auto change) {
    DpopPolicy policy;
    change(policy);
    const auto made = DpopVerifier::of(policy);
    return !made && made.error().code() == ErrorCode::invalid_configuration;
  };
  EXPECT_FALSE(refused([](DpopPolicy&) {}));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.algorithms.clear(); }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.algorithms.push_back(Algorithm::HS256); }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.maximum_age = 0s; }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.maximum_age = 601s; }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.leeway = -1s; }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.leeway = 61s; }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.remembered = 0; }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.nonce_lifetime = 9s; }));
  EXPECT_TRUE(refused([](DpopPolicy& policy) { policy.nonce_keys = {key()}; }));
  EXPECT_FALSE(DpopVerifier::of({}, nullptr));
}

TEST(DpopVerifier, that_remembers_all_it_may_takes_no_more_proofs_until_it_can_forget) {
  DpopPolicy policy;
  policy.remembered = 16;  // one a shard
  const World world{policy};
  int taken = 0, full = 0;
  for (int i = 0; i < 100; ++i) {
    const auto checked = world.check(world.proof());
    taken += checked.has_value();
    full += !checked && checked.error().code() == ErrorCode::internal;
  }
  EXPECT_LE(taken, 16);
  EXPECT_EQ(taken + full, 100);
  world.clock->advance(140s);
  EXPECT_TRUE(world.check(world.proof()));
}

TEST(Replays, forget_what_cannot_come_again) {
  dpop::Replays replays{70s, 1000};
  const Time start{1'800'000'000s};
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(replays.remember("k", std::to_string(i), start), dpop::Replays::Answer::first);
  EXPECT_EQ(replays.size(), 100U);
  // The clock is set back: nothing is forgotten.
  EXPECT_EQ(replays.remember("k", "0", start - 1h), dpop::Replays::Answer::seen);
  for (int i = 0; i < 1000 && replays.size() > 50; ++i) (void)replays.remember("k", std::to_string(i), start + 210s);
  EXPECT_EQ(replays.remember("k", "new", start + 210s), dpop::Replays::Answer::first);
}

TEST(MakeDpopProof, refuses_what_no_server_could_take) {
  const auto code = [](const SigningKey& own, const DpopTarget& target, std::string_view nonce = {}) {
    return make_dpop_proof(own, target, nonce).error().code();
  };
  EXPECT_EQ(code(SigningKey::generate(Algorithm::HS256).value(), {"GET", url}), ErrorCode::key_mismatch);
  EXPECT_EQ(code(key(), {"", url}), ErrorCode::invalid_configuration);
  EXPECT_EQ(code(key(), {"GET /", url}), ErrorCode::invalid_configuration);
  EXPECT_EQ(code(key(), {"GET", "/orders"}), ErrorCode::invalid_configuration);
  EXPECT_EQ(code(key(), {"GET", "ftp://api.example/"}), ErrorCode::invalid_configuration);
  EXPECT_EQ(code(key(), {"GET", url}, "a nonce with spaces"), ErrorCode::invalid_configuration);
}

// --- URLs (RFC 3986 sections 6.2.2 and 6.2.3)

TEST(NormalisedTarget, is_one_for_all_ways_to_write_a_url) {
  for (const std::string_view same :
       {"https://api.example/a/b", "HTTPS://API.Example/a/b", "https://api.example:443/a/b", "https://api.example:/a/b",
        "https://api.example/%61/%62", "https://api.example/./a/./b", "https://api.example/x/../a/b",
        "https://api.example/../a/b", "https://api.example/a/b?query=1", "https://api.example/a/b#fragment",
        "https://api.example/a/b?x=/../y#/..", "https://%61pi.example/a/b", "https://api.example:0443/a/b"}) {
    EXPECT_EQ(normalised_target(same), "https://api.example/a/b") << same;
  }
  const std::pair<std::string_view, std::string_view> others[] = {
      {"http://api.example", "http://api.example/"},
      {"http://api.example:80?a", "http://api.example/"},
      {"http://api.example:443/", "http://api.example:443/"},
      {"https://api.example/a%2fb%7e", "https://api.example/a%2Fb~"},
      {"https://api.example/A", "https://api.example/A"},
      {"https://api.example/a/..", "https://api.example/"},
      {"https://api.example/a/b/..", "https://api.example/a/"},
      {"https://api.example/a/.", "https://api.example/a/"},
      {"https://api.example//a", "https://api.example//a"},
      {"https://api.example/.../a", "https://api.example/.../a"},
      {"https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"},
      {"https://[::1]", "https://[::1]/"},
      {"http://127.0.0.1:8080/login", "http://127.0.0.1:8080/login"},
      {"https://api.example/a;b=c,d@e:f!$&'()*+=", "https://api.example/a;b=c,d@e:f!$&'()*+="},
  };
  for (const auto& [written, normal] : others) EXPECT_EQ(normalised_target(written), normal) << written;
}

TEST(NormalisedTarget, of_a_normalised_url_is_itself) {
  for (const std::string_view any :
       {"http://a/%2e%2e/b", "https://a/b/%2E/c", "https://a/%25%32%65", "https://a//..//b"}) {
    const auto once = normalised_target(any);
    ASSERT_TRUE(once) << any;
    EXPECT_EQ(normalised_target(*once), once) << any;
  }
}

TEST(NormalisedTarget, is_none_of_what_is_no_url_of_a_service) {
  for (const std::string_view bad : {"",
                                     "/a",
                                     "api.example/a",
                                     "https:/api.example",
                                     "https://",
                                     "https:///a",
                                     "ftp://api.example/",
                                     "https://:443/",
                                     "https://user@api.example/",
                                     "https://user:word@api.example/",
                                     "https://api.example:0/",
                                     "https://api.example:65536/",
                                     "https://api.example:44a/",
                                     "https://api.example:-1/",
                                     "https://api.example:+1/",
                                     "https://api.example/%",
                                     "https://api.example/%4",
                                     "https://api.example/%zz",
                                     "https://api.example/a b",
                                     "https://api.example/\"",
                                     "https://api.example/\\",
                                     "https://api.example/\xC3\xA4",
                                     "https://[::1/",
                                     "https://[]/",
                                     "https://[xyz]/",
                                     "https://a[::1]/",
                                     "https://api.example/a?b c",
                                     " https://api.example/",
                                     "https://api.example/a\n",
                                     "https://api.example\\@evil.example/"}) {
    EXPECT_FALSE(normalised_target(bad)) << bad;
  }
  EXPECT_FALSE(normalised_target(std::string_view{"https://api.example/\0", 21}));
}

}  // namespace
}  // namespace signet
