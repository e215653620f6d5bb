#pragma once
// What the tests of keys share: base64url bytes, a compact splitter, and other people's vectors.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/json.hpp"
#include "signet/key.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jose/base64url.hpp"

namespace signet::test {

inline std::vector<std::byte> from_base64url(std::string_view text) {
  auto bytes = jose::base64url_decode(text);
  if (!bytes) throw std::invalid_argument{"a test's base64url is wrong: " + std::string{text}};
  return *bytes;
}

inline std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
  }
  return out;
}

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

// The parts of a compact JWS; nothing when it has not three, or one is not base64url.
struct Compact {
  std::string_view signing_input;
  std::string header;
  std::vector<std::byte> signature;
};

inline std::optional<Compact> split(std::string_view token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const auto payload = token.substr(first + 1, last - first - 1);
  const auto header = jose::base64url_decode(token.substr(0, first));
  const auto signature = jose::base64url_decode(token.substr(last + 1));
  if (!header || !signature || !jose::base64url_decode(payload)) return std::nullopt;
  return Compact{token.substr(0, last), {reinterpret_cast<const char*>(header->data()), header->size()}, *signature};
}

// Whether the token is signed by the key, under the key's algorithm.
inline bool verifies(const VerifyingKey& key, std::string_view token) {
  const auto parts = split(token);
  if (!parts) return false;
  const auto header = json::parse(parts->header);
  if (!header) return false;
  const auto alg = header->find("alg");
  if (!alg || alg->string() != name(key.algorithm())) return false;
  const auto outcome = key.check(parts->signing_input, parts->signature);
  EXPECT_NE(outcome, SignatureCheck::failed) << "a bad signature must not pass for a failure of OpenSSL";
  return outcome == SignatureCheck::good;
}

inline ErrorCode code_of(const auto& result) {
  if (result) throw std::logic_error{"expected an error"};
  return result.error().code();
}

// Those that this OpenSSL has, and what a test's name calls them.
inline std::vector<Algorithm> available_algorithms() {
  std::vector<Algorithm> all;
  for (const auto& row : jose::signature_algorithms) {
    if (is_available(row.algorithm)) all.push_back(row.algorithm);
  }
  return all;
}
inline std::string test_name(Algorithm algorithm) {
  std::string text{name(algorithm)};
  std::ranges::replace(text, '-', '_');
  return text;
}

// A file below the folder that a variable of the environment names; nothing when that is not set.
inline std::optional<std::string> vectors(std::string_view file, const char* variable = "SIGNET_VECTORS") {
  const char* root = std::getenv(variable);
  if (root == nullptr) return std::nullopt;
  std::ifstream in{std::string{root} + '/' + std::string{file}, std::ios::binary};
  if (!in) throw std::runtime_error{std::string{variable} + " is set, but has no " + std::string{file}};
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

inline Limits vector_limits() {
  Limits limits;
  limits.json_members = 1'000'000;
  limits.json_depth = 64;
  return limits;
}

}  // namespace signet::test

#define SIGNET_VECTORS_OR_SKIP(variable, file)         \
  const auto variable = ::signet::test::vectors(file); \
  if (!variable) GTEST_SKIP() << "SIGNET_VECTORS is not set: it names the folder with " << (file)
