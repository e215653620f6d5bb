#include "signet/certificate_binding.hpp"

#include "src/crypto/digest.hpp"
#include "src/crypto/key_material.hpp"
#include "src/jose/base64.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/pem.hpp"

namespace signet {
namespace {

std::unexpected<Error> not_a_certificate() {
  return std::unexpected(Error{ErrorCode::key_malformed, "not one X.509 certificate"});
}

}  // namespace

std::expected<std::string, Error> certificate_thumbprint(std::span<const std::byte> certificate) {
  if (!crypto::is_certificate(certificate)) return not_a_certificate();
  return jose::base64url_encode(crypto::sha256(certificate));
}

std::expected<std::string, Error> certificate_thumbprint(std::string_view certificate) {
  const auto read = jose::read_pem(certificate);
  if (!read || read->encoding != crypto::Encoding::certificate) return not_a_certificate();
  return certificate_thumbprint(std::span<const std::byte>{read->bytes});
}

namespace http {

std::optional<std::vector<std::byte>> client_certificate(std::span<const std::string_view> client_cert) {
  if (client_cert.size() != 1) return std::nullopt;
  const auto line = client_cert.front();
  // A byte sequence (RFC 8941 section 3.3.5).
  if (line.size() < 2 || !line.starts_with(':') || !line.ends_with(':')) return std::nullopt;
  const auto der = jose::base64_decode(line.substr(1, line.size() - 2));
  if (!der || !crypto::is_certificate(*der)) return std::nullopt;
  return std::vector<std::byte>{der->begin(), der->end()};
}

}  // namespace http
}  // namespace signet
