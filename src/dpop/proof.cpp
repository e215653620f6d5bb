#include "src/dpop/proof.hpp"

#include <algorithm>

#include "signet/dpop.hpp"
#include "signet/json.hpp"
#include "src/crypto/digest.hpp"
#include "src/dpop/target_uri.hpp"
#include "src/jose/base64url.hpp"

namespace signet {
namespace dpop {

std::string token_hash(std::string_view access_token) {
  return jose::base64url_encode(crypto::sha256(std::as_bytes(std::span{access_token})));
}

bool is_method(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.contains(c);
  });
}

namespace {

// The members that make the key, and no others: `kid`, `use` and, but for AKP (RFC 9964), `alg` say nothing here.
std::string bare_jwk(const std::string& jwk) {
  json::Object bare;
  const auto full = json::parse(jwk).value();
  for (const std::string_view name : {"kty", "crv", "x", "y", "n", "e", "pub"}) {
    if (const auto value = full.find(name)) bare.set_raw(name, value->text());
  }
  if (full.find("pub")) bare.set_raw("alg", full.find("alg")->text());
  return bare.text();
}

bool is_nonce(std::string_view text) noexcept {  // section 8.1
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace
}  // namespace dpop

std::expected<std::string, Error> make_dpop_proof(const SigningKey& key, const DpopTarget& target,
                                                  std::string_view nonce, const Clock& clock) {
  const auto refused = [](ErrorCode code, const char* why) { return std::unexpected(Error{code, why}); };
  if (is_symmetric(key.algorithm())) return refused(ErrorCode::key_mismatch, "a shared secret proves no possession");
  if (!dpop::is_method(target.method)) return refused(ErrorCode::invalid_configuration, "not an HTTP method");
  const auto url = dpop::normalised_target(target.url);
  if (!url) return refused(ErrorCode::invalid_configuration, "not an absolute URL, http or https, without a user");
  if (!dpop::is_nonce(nonce)) return refused(ErrorCode::invalid_configuration, "not a DPoP nonce");
  const auto jwk = key.verifying_key().to_jwk();
  if (!jwk) return std::unexpected(jwk.error());

  json::Object header;
  header.set("typ", dpop::proof_type).set("alg", name(key.algorithm())).set_raw("jwk", dpop::bare_jwk(*jwk));
  json::Object claims;
  claims.set("jti", jose::base64url_encode(Secret::random(16).reveal()))
      .set("htm", target.method)
      .set("htu", *url)
      .set("iat", std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count());
  if (!target.access_token.empty()) claims.set("ath", dpop::token_hash(target.access_token));
  if (!nonce.empty()) claims.set("nonce", nonce);

  std::string proof = jose::base64url_encode(header.text()) + '.' + jose::base64url_encode(claims.text());
  const auto signature = key.sign(proof);
  if (!signature) return std::unexpected(signature.error());
  return proof + '.' + jose::base64url_encode(*signature);
}

}  // namespace signet
