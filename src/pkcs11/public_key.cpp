#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "signet/json.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jose/base64url.hpp"
#include "src/pkcs11/session.hpp"

namespace signet {
namespace {

using Bytes = std::vector<std::byte>;

constexpr CK_ULONG longest_attribute = 4096;  // four times the modulus of the largest RSA key

std::unexpected<Error> mismatch(Algorithm algorithm, const Pkcs11Uri& uri) {
  return std::unexpected(
      Error{ErrorCode::key_mismatch, "the key at " + uri.text() + " is not one for " + std::string{name(algorithm)}});
}

// Nothing: the token does not tell.
std::optional<Bytes> read_attribute(CK_FUNCTION_LIST& call, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                                    CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  if (call.C_GetAttributeValue(session, key, &attribute, 1) != CKR_OK) return std::nullopt;
  if (attribute.ulValueLen == 0 || attribute.ulValueLen > longest_attribute) return std::nullopt;
  Bytes value(attribute.ulValueLen);
  attribute.pValue = value.data();
  if (call.C_GetAttributeValue(session, key, &attribute, 1) != CKR_OK || attribute.ulValueLen > value.size())
    return std::nullopt;
  value.resize(attribute.ulValueLen);
  return value;
}

CK_KEY_TYPE key_type_of(jose::KeyType type) {
  switch (type) {
    case jose::KeyType::rsa:
      return CKK_RSA;
    case jose::KeyType::ec:
      return CKK_EC;
    default:
      return CKK_EC_EDWARDS;
  }
}

// CKA_EC_POINT is the point in an OCTET STRING of DER; some tokens leave that away. Nothing: neither.
std::optional<std::span<const std::byte>> point_of(std::span<const std::byte> value, std::size_t size) {
  if (value.size() == size) return value;
  const std::size_t head = size < 128 ? 2 : 3;
  if (value.size() != head + size || value[0] != std::byte{0x04}) return std::nullopt;
  if (head == 3 && value[1] != std::byte{0x81}) return std::nullopt;
  if (std::to_integer<std::size_t>(value[head - 1]) != size) return std::nullopt;
  return value.subspan(head);
}

// RFC 7518 section 6.3.1: no leading zero bytes, which CK big integers may have.
std::string number(std::span<const std::byte> big_endian) {
  const auto first = std::ranges::find_if(big_endian, [](std::byte byte) { return byte != std::byte{0}; });
  return jose::base64url_encode(big_endian.subspan(first - big_endian.begin()));
}

}  // namespace

std::expected<VerifyingKey, Error> read_public_key(CK_FUNCTION_LIST& call, CK_SESSION_HANDLE session,
                                                   Algorithm algorithm, const Pkcs11Uri& uri) {
  const auto key = find_key(call, session, CKO_PUBLIC_KEY, uri);
  if (!key) return std::unexpected(key.error());
  const auto& row = jose::row(algorithm);
  CK_KEY_TYPE type = 0;
  CK_ATTRIBUTE asked{CKA_KEY_TYPE, &type, sizeof type};
  if (const CK_RV answer = call.C_GetAttributeValue(session, *key, &asked, 1); answer != CKR_OK)
    return pkcs11_failed("the token does not tell what key it has", answer);
  if (type != key_type_of(row.key_type)) return mismatch(algorithm, uri);

  json::Object jwk;
  if (type == CKK_RSA) {
    const auto modulus = read_attribute(call, session, *key, CKA_MODULUS);
    const auto exponent = read_attribute(call, session, *key, CKA_PUBLIC_EXPONENT);
    if (!modulus || !exponent) return mismatch(algorithm, uri);
    jwk.set("kty", "RSA").set("n", number(*modulus)).set("e", number(*exponent));
  } else {
    const auto& curve = jose::facts(row.curve);
    const bool is_ec = type == CKK_EC;
    const auto value = read_attribute(call, session, *key, CKA_EC_POINT);
    const auto point = value ? point_of(*value, is_ec ? 1 + 2 * curve.field_bytes : curve.field_bytes) : std::nullopt;
    if (!point || (is_ec && point->front() != std::byte{0x04})) return mismatch(algorithm, uri);
    const auto x = is_ec ? point->subspan(1, curve.field_bytes) : *point;
    jwk.set("kty", is_ec ? "EC" : "OKP").set("crv", curve.name).set("x", jose::base64url_encode(x));
    if (is_ec) jwk.set("y", jose::base64url_encode(point->last(curve.field_bytes)));
  }
  return VerifyingKey::from_jwk(algorithm, jwk.text());
}

}  // namespace signet
