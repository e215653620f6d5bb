#include "src/jose/certificates.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "src/crypto/digest.hpp"
#include "src/jose/base64.hpp"
#include "src/jose/base64url.hpp"

namespace signet::jose {
namespace {

using crypto::Bytes;

std::unexpected<Error> malformed(std::string_view member, std::string_view why) {
  return std::unexpected(
      Error{ErrorCode::key_malformed, "the JWK's \"" + std::string{member} + "\" " + std::string{why}});
}

// The chain's first certificate, when there is a chain.
std::expected<std::optional<crypto::SecretBytes>, Error> read_chain(json::View jwk, const JwkAttributes& attributes,
                                                                    const crypto::KeyParts& parts, std::string& out) {
  const auto chain = jwk.find("x5c");
  std::optional<crypto::SecretBytes> first;
  if (!chain) return first;
  if (chain->kind() != json::Kind::array) return malformed("x5c", "is not an array");
  out += ",\"x5c\":[";
  for (const json::View element : chain->elements()) {
    const auto text = element.string();  // '/' may be escaped
    auto der = text ? base64_decode(*text) : std::nullopt;
    if (!der) return malformed("x5c", "holds something else than base64");
    if (!crypto::is_certificate(*der)) return malformed("x5c", "holds something else than certificates");
    if (first) out += ',';
    out.append("\"").append(*text).append("\"");
    if (!first) first = std::move(der);
  }
  out += ']';
  if (!first) return malformed("x5c", "is empty");
  const auto own = crypto::certificate_parts(attributes.key_type, attributes.curve, *first);
  if (!own || own->n != parts.n || own->e != parts.e || own->x != parts.x || own->y != parts.y) {
    return malformed("x5c", "is for another key");
  }
  return first;
}

// The digest in hexadecimal digits, which some identity providers have put there instead.
bool is_hexadecimal_of(std::span<const std::byte> text, std::span<const std::byte> digest) {
  constexpr std::string_view upper = "0123456789ABCDEF", lower = "0123456789abcdef";
  if (text.size() != 2 * digest.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto value = std::to_integer<std::size_t>(digest[i / 2]) >> (i % 2 == 0 ? 4 : 0) & 15;
    const auto character = static_cast<char>(text[i]);
    if (character != upper[value] && character != lower[value]) return false;
  }
  return true;
}

// Without the certificate, only the size can be looked at.
std::expected<void, Error> read_thumbprint(json::View jwk, std::string_view name, std::size_t size,
                                           const std::optional<Bytes>& digest, std::string& out) {
  const auto value = jwk.find(name);
  if (!value) return {};
  const auto text = value->string();
  const auto bytes = text ? base64url_decode(*text) : std::nullopt;
  if (!bytes || (bytes->size() != size && bytes->size() != 2 * size)) return malformed(name, "is not a thumbprint");
  if (digest && !std::ranges::equal(*bytes, *digest) && !is_hexadecimal_of(*bytes, *digest)) {
    return malformed(name, "is the thumbprint of another certificate");
  }
  out.append(",\"").append(name).append("\":\"").append(*text).append("\"");
  return {};
}

}  // namespace

std::expected<std::string, Error> read_certificates(json::View jwk, const JwkAttributes& attributes,
                                                    const crypto::KeyParts& parts) {
  std::string out;
  const auto first = read_chain(jwk, attributes, parts, out);
  if (!first) return std::unexpected(first.error());
  std::optional<Bytes> sha1, sha256;
  if (*first) {
    const auto short_digest = crypto::sha1(**first);
    const auto long_digest = crypto::sha256(**first);
    sha1.emplace(short_digest.begin(), short_digest.end());
    sha256.emplace(long_digest.begin(), long_digest.end());
  }
  if (auto good = read_thumbprint(jwk, "x5t", 20, sha1, out); !good) return std::unexpected(std::move(good).error());
  if (auto good = read_thumbprint(jwk, "x5t#S256", 32, sha256, out); !good) {
    return std::unexpected(std::move(good).error());
  }
  return out;
}

}  // namespace signet::jose
