#include "signet/claim_hash.hpp"

#include <array>
#include <optional>
#include <span>

#include "src/crypto/digest.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jose/base64url.hpp"

namespace signet {
namespace {

constexpr std::size_t shake_bytes = 114;

std::expected<std::string, Error> left_half(Algorithm algorithm, std::string_view text) {
  if (text.empty()) return std::unexpected(Error{ErrorCode::invalid_configuration, "nothing to hash"});
  const auto& row = jose::row(algorithm);
  if (row.curve == jose::Curve::ed448) {
    std::array<std::byte, shake_bytes> hash;
    if (!crypto::shake256(text, hash)) return std::unexpected(Error{ErrorCode::internal, "OpenSSL does not hash"});
    return jose::base64url_encode(std::span{hash}.first(hash.size() / 2));
  }
  const auto digest = row.curve == jose::Curve::ed25519 ? jose::Digest::sha512 : row.digest;
  if (digest == jose::Digest::none) {
    return std::unexpected(Error{ErrorCode::key_unsupported, "no hash goes with " + std::string{row.name}});
  }
  std::array<std::byte, 64> room;
  const auto hash = crypto::digest(digest, text, room);
  if (!hash) return std::unexpected(Error{ErrorCode::internal, "OpenSSL does not hash"});
  return jose::base64url_encode(hash->first(hash->size() / 2));
}

std::expected<void, Error> check(const VerifiedToken& id_token, std::string_view claim, std::string_view text) {
  const auto fails = [&](ErrorCode code) {
    return std::unexpected(Error{std::vector{Failure{code, std::string{claim}}}});
  };
  const auto wanted = left_half(id_token.algorithm(), text);
  if (!wanted) return std::unexpected(wanted.error());
  const auto said = id_token.claim<std::string>(claim);
  if (!said) return fails(id_token.has(claim) ? ErrorCode::claim_malformed : ErrorCode::claim_missing);
  if (*said != *wanted) return fails(ErrorCode::claim_rejected);  // neither is a secret
  return {};
}

}  // namespace

std::expected<std::string, Error> access_token_hash(Algorithm algorithm, std::string_view access_token) {
  return left_half(algorithm, access_token);
}
std::expected<std::string, Error> code_hash(Algorithm algorithm, std::string_view code) {
  return left_half(algorithm, code);
}
std::expected<void, Error> check_access_token_hash(const VerifiedToken& id_token, std::string_view access_token) {
  return check(id_token, "at_hash", access_token);
}
std::expected<void, Error> check_code_hash(const VerifiedToken& id_token, std::string_view code) {
  return check(id_token, "c_hash", code);
}

}  // namespace signet
