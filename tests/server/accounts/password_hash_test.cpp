#include "server/accounts/password_hash.hpp"

#include <gtest/gtest.h>

namespace signet::server {
namespace {

constexpr HashParameters cheap{.memory_kib = 7 * 1024, .passes = 5};

Argon2id hasher_with(HashParameters parameters) {
  auto hasher = Argon2id::with(parameters);
  if (!hasher) throw std::runtime_error{hasher.error().detail()};
  return std::move(*hasher);
}

// From the tests of the reference implementation (P-H-C/phc-winner-argon2, src/test.c): salt "somesalt".
TEST(PasswordHash, verifies_the_vectors_of_the_reference_implementation) {
  struct Row {
    const char *password, *phc;
    bool same;
  };
  const Row rows[] = {
      {"password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", true},
      {"password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", true},
      {"password", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg", true},
      {"differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94",
       true},
      {"differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
       false},
      {"passwore", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", false},
  };
  const auto hasher = hasher_with(cheap);
  for (const auto& row : rows) {
    const auto verified = hasher.verify(row.phc, Secret::from_text(row.password));
    ASSERT_TRUE(verified) << row.phc << ": " << verified.error().detail();
    EXPECT_EQ(*verified, row.same) << row.phc;
  }
}

TEST(PasswordHash, is_a_phc_string_of_the_current_costs_with_a_salt_of_its_own) {
  const auto hasher = hasher_with(cheap);
  const auto password = Secret::from_text("correct horse battery staple");
  const auto one = hasher.hash(password), two = hasher.hash(password);
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(one->starts_with("$argon2id$v=19$m=7168,t=5,p=1$")) << *one;
  EXPECT_NE(*one, *two);
  EXPECT_TRUE(hasher.verify(*one, password).value());
  EXPECT_FALSE(hasher.verify(*one, Secret::from_text("correct horse battery stapl")).value());
  EXPECT_FALSE(hasher.verify(*one, Secret::from_text("")).value());
}

TEST(PasswordHash, defaults_are_owasps) {
  const auto hasher = hasher_with({});
  EXPECT_TRUE(hasher.hash(Secret::from_text("x")).value().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST(PasswordHash, must_be_renewed_when_the_costs_rose_and_only_then) {
  const auto hasher = hasher_with({.memory_kib = 19 * 1024, .passes = 3});
  const auto renewed = [&](const char* costs) {
    return hasher.needs_rehash("$argon2id$v=19$" + std::string{costs} + "$c29tZXNhbHQ$nf65EOgLrQMR");
  };
  EXPECT_FALSE(renewed("m=19456,t=3,p=1"));
  EXPECT_FALSE(renewed("m=65536,t=3,p=1"));
  EXPECT_FALSE(renewed("m=19456,t=4,p=1"));
  EXPECT_TRUE(renewed("m=19455,t=3,p=1"));
  EXPECT_TRUE(renewed("m=65536,t=2,p=1"));
  EXPECT_TRUE(renewed("m=65536,t=4,p=2"));
  EXPECT_TRUE(hasher.needs_rehash("$2b$12$abcdefghijklmnopqrstuv"));
  EXPECT_TRUE(hasher.needs_rehash(""));
}

TEST(PasswordHash, of_larger_costs_still_verifies) {
  const auto large = hasher_with({.memory_kib = 32 * 1024, .passes = 3});
  const auto small = hasher_with(cheap);
  const auto password = Secret::from_text("correct horse battery staple");
  const auto hash = large.hash(password);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(small.verify(*hash, password).value());
}

TEST(PasswordHash, of_absurd_costs_is_refused_before_any_memory_is_taken) {
  const auto hasher = hasher_with(cheap);
  for (const char* costs : {"m=1048577,t=2,p=1", "m=4294967295,t=2,p=1", "m=4294967296,t=2,p=1", "m=19456,t=17,p=1",
                            "m=19456,t=2,p=17", "m=19456,t=4294967295,p=1"}) {
    const auto verified =
        hasher.verify("$argon2id$v=19$" + std::string{costs} + "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu",
                      Secret::from_text("password"));
    ASSERT_FALSE(verified) << costs;
    EXPECT_EQ(verified.error().code(), ErrorCode::key_malformed) << costs;
  }
}

TEST(PasswordHash, of_less_cost_is_followed_by_the_work_that_it_lacks) {
  struct Row {
    HashParameters done, whole;
    std::optional<HashParameters> missing;
  };
  const Row rows[] = {
      {{19456, 2}, {19456, 2}, std::nullopt},
      {{19456, 2}, {19456, 3}, HashParameters{6485, 3}},  // one pass more
      {{19456, 2}, {65536, 2}, HashParameters{46080, 2}},
      {{65536, 1}, {19456, 4}, HashParameters{3072, 4}},
      {{65536, 3}, {19456, 2}, std::nullopt},
      {{256, 2}, {7168, 5}, HashParameters{7065, 5}},
      {{7167, 5}, {7168, 5}, std::nullopt},  // less than Argon2 can do
  };
  for (const auto& row : rows) EXPECT_EQ(missing_work(row.done, row.whole), row.missing) << row.done.memory_kib;
}

TEST(PasswordHash, is_measured_by_the_dearest_one_seen_so_that_time_tells_no_account_from_nobody) {
  const auto password = Secret::from_text("correct horse battery staple");
  auto now = hasher_with(cheap);
  const auto of_cost = [](HashParameters costs) {
    return hasher_with(costs).hash(Secret::from_text("correct horse battery staple")).value();
  };
  EXPECT_EQ(now.yardstick(), cheap);
  now.verify_nothing(password);
  EXPECT_TRUE(now.verify(of_cost(cheap), password).value());
  EXPECT_EQ(now.yardstick(), cheap);

  const HashParameters dearer{.memory_kib = 14 * 1024, .passes = 5};
  EXPECT_FALSE(now.verify(of_cost(dearer), Secret::from_text("another")).value());
  EXPECT_EQ(now.yardstick(), dearer) << "the costs were lowered, the account has its old hash";
  EXPECT_TRUE(now.verify(of_cost(cheap), password).value());
  EXPECT_EQ(now.yardstick(), dearer) << "and it stays so";

  EXPECT_TRUE(now.verify(of_cost({.memory_kib = 24 * 1024, .passes = 2}), password).value());
  EXPECT_EQ(now.yardstick(), dearer) << "more memory, less work";
  EXPECT_TRUE(now.verify(of_cost({.memory_kib = 40 * 1024, .passes = 4}), password).value());
  EXPECT_EQ(now.yardstick(), dearer) << "one that is dear beyond measure slows down nobody else";

  const Argon2id moved{std::move(now)};
  EXPECT_EQ(moved.yardstick(), dearer);
}

TEST(PasswordHash, that_is_not_one_is_an_error_and_not_a_wrong_password) {
  const auto hasher = hasher_with(cheap);
  for (const char* text :
       {"", "x", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65", "$argon2id$v=16$m=256,t=2,p=1$c29t$nf65",
        "$argon2id$v=19$m=256,t=2$c29t$nf65", "$argon2id$v=19$m=256,t=2,p=1$c29t", "$argon2id$v=19$m=,t=2,p=1$a$b",
        "$argon2id$v=19$m=-1,t=2,p=1$a$b", "$argon2id$v=19$m=256,t=2,p=1$$nf65", "$argon2id$v=19$m=256,t=2,p=1$c29t$",
        "$argon2id$v=19$m=256,t=2,p=1$c29t$nf65$more", "$argon2id$v=19$m=256,t=2,p=1$c29t$nf 5",
        "$argon2id$v=19$m=256 ,t=2,p=1$c29t$nf65", "$argon2id$v=19$m=0256,t=2,p=1$c29t$nf65",
        "$argon2id$v=19$m=256,t=02,p=1$c29t$nf65", "$argon2id$v=19$m=256,t=2,p=00$c29t$nf65"}) {
    EXPECT_FALSE(hash_costs(text)) << text;
    const auto verified = hasher.verify(text, Secret::from_text("password"));
    ASSERT_FALSE(verified) << text;
    EXPECT_EQ(verified.error().code(), ErrorCode::key_malformed) << text;
  }
}

TEST(PasswordHash, costs_below_owasps_weakest_or_above_the_cap_are_refused) {
  for (const HashParameters good : {HashParameters{47104, 1}, HashParameters{19456, 2}, HashParameters{12288, 3},
                                    HashParameters{9216, 4}, HashParameters{7168, 5}}) {
    EXPECT_TRUE(Argon2id::with(good)) << good.memory_kib;
  }
  for (const HashParameters bad : {HashParameters{0, 0}, HashParameters{7167, 16}, HashParameters{19456, 1},
                                   HashParameters{7168, 4}, HashParameters{1048577, 1}, HashParameters{19456, 17}}) {
    const auto hasher = Argon2id::with(bad);
    ASSERT_FALSE(hasher) << bad.memory_kib << " " << bad.passes;
    EXPECT_EQ(hasher.error().code(), ErrorCode::invalid_configuration);
  }
}

}  // namespace
}  // namespace signet::server
