// What a verification says when OpenSSL finds no memory, at each of the places where it asks for some. A binary of its
// own, for it gives OpenSSL an allocator that can run dry.

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <cstdlib>
#include <map>

#include "signet/http/guard.hpp"
#include "src/jose/algorithms.hpp"
#include "tests/jose/support.hpp"
#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

constexpr std::size_t plenty = ~std::size_t{0};
std::size_t allocations_left = plenty;

bool one_more() { return allocations_left == plenty || (allocations_left != 0 && allocations_left-- != 0); }
void* allocate(std::size_t size, const char*, int) { return one_more() ? std::malloc(size) : nullptr; }
void* reallocate(void* block, std::size_t size, const char*, int) {
  return one_more() ? std::realloc(block, size) : nullptr;
}
void release(void* block, const char*, int) { std::free(block); }

// OpenSSL takes it only before its own first allocation.
const bool installed = CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;

struct Outcomes {
  std::size_t internal = 0;
  std::string last;
};

// One verification after the other, each with one allocation more than the one before, until one has enough.
Outcomes starve(const Verifier& verifier, std::string_view token, std::string_view never) {
  Outcomes seen;
  for (std::size_t budget = 0; budget < 1000; ++budget) {
    allocations_left = budget;
    const auto verified = verifier.verify(token);
    const bool starved = allocations_left == 0;
    allocations_left = plenty;
    seen.last = test::outcome(verified);
    EXPECT_NE(seen.last, never) << "with " << budget << " allocations";
    if (seen.last == "internal") ++seen.internal;
    if (!starved) return seen;
  }
  ADD_FAILURE() << "never had enough";
  return seen;
}

// One an algorithm: RSA takes its time.
const SigningKey& key_of(Algorithm algorithm) {
  static std::map<Algorithm, SigningKey> keys;
  const auto found = keys.find(algorithm);
  if (found != keys.end()) return found->second;
  return keys.emplace(algorithm, SigningKey::generate(algorithm, 2048).value()).first->second;
}

class WithoutMemory : public testing::TestWithParam<Algorithm> {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(installed); }
  const SigningKey& key = key_of(GetParam());
  const std::string good = test::token_of("{}", key);
  const std::string bad = good.substr(0, good.rfind('.')) + signature_of(test::token_of(R"({"a":1})", key));

 private:
  static std::string signature_of(const std::string& token) { return token.substr(token.rfind('.')); }
};

TEST_P(WithoutMemory, a_good_signature_never_looks_bad) {
  const auto verifier = test::lenient(key).build().value();
  ASSERT_EQ(test::outcome(verifier.verify(good)), "ok");
  EXPECT_EQ(starve(verifier, good, "bad_signature").last, "ok");
  // It makes its contexts again after a failure.
  EXPECT_EQ(test::outcome(verifier.verify(good)), "ok");
}

TEST_P(WithoutMemory, a_bad_signature_never_looks_good) {
  const auto verifier = test::lenient(key).build().value();
  EXPECT_EQ(starve(verifier, bad, "ok").last, "bad_signature");
}

TEST_P(WithoutMemory, errors_that_others_left_change_nothing_and_stay) {
  const auto verifier = test::lenient(key).build().value();
  ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
  EXPECT_EQ(test::outcome(verifier.verify(good)), "ok");
  EXPECT_EQ(test::outcome(verifier.verify(bad)), "bad_signature");
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), ERR_R_MALLOC_FAILURE);
  ERR_clear_error();
}

INSTANTIATE_TEST_SUITE_P(Algorithms, WithoutMemory, testing::ValuesIn(test::available_algorithms()),
                         [](const auto& algorithm) { return test::test_name(algorithm.param); });

TEST(OpenSslFailure, is_seen_and_answered_with_503) {
  ASSERT_TRUE(installed);
  const auto& key = key_of(Algorithm::RS256);
  const auto verifier = test::lenient(key).build().value();
  const http::Guard guard{verifier};
  const auto token = test::token_of("{}", key);
  EXPECT_GT(starve(verifier, token, "bad_signature").internal, 0U);

  const std::string authorization = "Bearer " + token;
  const std::string_view line = authorization;
  allocations_left = 0;
  const auto who = guard.check({.method = "GET", .authorization = {&line, 1}, .cookie = {}, .origin = {}});
  allocations_left = plenty;
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().status, 503);
  EXPECT_EQ(who.error().www_authenticate, "");
  EXPECT_EQ(who.error().body, R"({"error":"temporarily_unavailable","error_description":)"
                              R"("The access token could not be checked. Try again"})");
  EXPECT_EQ(who.error().reason.value().code(), ErrorCode::internal);
}

}  // namespace
}  // namespace signet
