#include "signet/nested.hpp"

#include <new>

#include "src/jwe/plan.hpp"
#include "src/jwt/header.hpp"

namespace signet {
namespace {

// Claims that the outer header repeats, for whoever routes by them, are those inside (RFC 7519 section 5.3).
std::vector<Failure> contradictions(const Decrypted& outer, const VerifiedToken& token) {
  std::vector<Failure> failures;
  for (const std::string_view name : {"iss", "sub", "aud"}) {
    const auto outside = outer.header()->find(name);
    if (!outside) continue;
    const auto inside = token.claims().find(name);
    const bool is_same = inside && outside->kind() == inside->kind() && outside->string() == inside->string() &&
                         outside->strings() == inside->strings();
    if (!is_same) failures.push_back({ErrorCode::claim_rejected, std::string{name}});
  }
  return failures;
}

}  // namespace

std::expected<std::string, Error> sign_and_encrypt(const Signer& signer, const Encrypter& encrypter,
                                                   const Claims& claims) {
  const std::string& own = encrypter.plan_->content_type;
  if (!own.empty() && !jwt::is_type(own, "jwt")) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "the content type of a nested token is JWT"});
  }
  const auto token = signer.sign(claims);
  if (!token) return std::unexpected(token.error());
  return Encrypter{encrypter}.content_type("JWT").encrypt(*token);
}

std::expected<VerifiedToken, Error> decrypt_and_verify(const Decrypter& decrypter, const Verifier& verifier,
                                                       std::string_view compact) noexcept try {
  const auto outer = decrypter.decrypt(compact);
  if (!outer) return std::unexpected(outer.error());
  if (!jwt::is_type(outer->content_type().value_or(""), "jwt")) {
    return std::unexpected(Error{ErrorCode::type_mismatch, "cty is not JWT"});
  }
  auto token = verifier.verify(outer->plaintext());
  if (!token) return token;
  if (auto failures = contradictions(*outer, *token); !failures.empty()) {
    return std::unexpected(Error{std::move(failures)});
  }
  return token;
} catch (...) {  // memory
  return std::unexpected(Error{ErrorCode::internal});
}

}  // namespace signet
