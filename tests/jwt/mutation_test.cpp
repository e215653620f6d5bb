// case 49: every input ends in a token or in one of our errors. And no change to a token, however small, goes unseen: what is
// still accepted must be the original's very bytes.

#include <gtest/gtest.h>

#include <random>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

class Mutations {
 public:
  explicit Mutations(unsigned seed) : random_{seed} {}

  std::string of(std::string text) {
    for (auto changes = 1 + below(3); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_); }

  char any_character() {
    constexpr std::string_view likely = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_..==+/ \n";
    return below(8) == 0 ? static_cast<char>(below(256)) : likely[below(likely.size())];
  }

  void change(std::string& text) {
    if (text.empty()) {
      text += any_character();
      return;
    }
    const auto at = below(text.size());
    const auto length = 1 + below(std::min<std::size_t>(text.size() - at, 20));
    switch (below(7)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1U << below(8)));
        break;
      case 1:
        text[at] = any_character();
        break;
      case 2:
        text.insert(at, 1, any_character());
        break;
      case 3:
        text.erase(at, length);
        break;
      case 4:
        text.resize(at);
        break;
      case 5:
        text.insert(at, text.substr(at, length));
        break;
      case 6:
        std::swap(text[at], text[below(text.size())]);
        break;
    }
  }

  std::mt19937 random_;
};

void every_mutation_is_refused_or_none(const SigningKey& key, unsigned seed, int count) {
  const auto original = Signer{key}
                            .header("tenant", "north")
                            .sign(Claims{}
                                      .issuer("https://auth.example")
                                      .audience(std::vector<std::string>{"api", "web"})
                                      .subject("user-\"42\"")
                                      .expires_at(test::noon + std::chrono::hours{1})
                                      .set("deep", json::Object{}.set("a", std::vector<std::string>{"b", "c"})))
                            .value();
  const auto verifier = test::strict(key).build().value();
  ASSERT_TRUE(verifier.verify(original));

  Mutations mutations{seed};
  int accepted = 0;
  for (int i = 0; i < count; ++i) {
    const auto mutated = mutations.of(original);
    if (const auto verified = verifier.verify(mutated)) {
      ++accepted;
      EXPECT_EQ(mutated, original);
    } else {
      EXPECT_TRUE(verified.error().failures().empty()) << mutated;  // claims of a changed token were never looked at
      EXPECT_NE(verified.error().code(), ErrorCode::internal) << mutated;
    }
    static_cast<void>(danger::read_unverified(mutated));
  }
  EXPECT_LT(accepted, count / 20);  // changes that undo each other are rare; most must be real
}

TEST(Mutation, no_changed_hs256_token_is_accepted) { every_mutation_is_refused_or_none(test::hmac_key(), 1, 20'000); }

TEST(Mutation, no_changed_es256_token_is_accepted) {
  every_mutation_is_refused_or_none(SigningKey::generate(Algorithm::ES256).value(), 2, 3'000);
}

TEST(Mutation, no_changed_eddsa_token_is_accepted) {
  every_mutation_is_refused_or_none(SigningKey::generate(Algorithm::EdDSA).value(), 3, 2'000);
}

TEST(Mutation, no_changed_rs256_token_is_accepted) {
  every_mutation_is_refused_or_none(SigningKey::generate(Algorithm::RS256, 2048).value(), 4, 3'000);
}

// Headers and claims that are changed before they are signed: whatever they say, the answer is an error or a whole
// token.
TEST(Mutation, signed_nonsense_ends_in_an_error_or_a_whole_token) {
  const auto key = test::hmac_key();
  const auto verifier = test::lenient(key).build().value();
  Mutations mutations{5};
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto header =
        i % 2 == 0 ? mutations.of(R"({"alg":"HS256","typ":"JWT","kid":"k","x":[1,"a"]})") : R"({"alg":"HS256"})";
    const auto claims =
        mutations.of(R"({"iss":"i","aud":["a","b"],"exp":1900000000,"s":"\u00e9\n","o":{"a":[true,null,-1.5e3]}})");
    const auto verified = verifier.verify(test::compact(header, claims, key));
    if (!verified) continue;
    ++accepted;
    for (const auto& member : verified->claims().members()) {
      ASSERT_TRUE(verified->has(member.name));
      EXPECT_EQ(verified->claim<std::string>(member.name), member.value.string());
    }
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace signet
