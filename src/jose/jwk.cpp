#include "src/jose/jwk.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "src/crypto/digest.hpp"
#include "src/jose/base64url.hpp"

namespace signet::jose {
namespace {

using crypto::Bytes;
using crypto::KeyParts;
using crypto::SecretBytes;
using crypto::SecretText;

constexpr std::array<std::string_view, 5> key_type_names{"oct", "RSA", "EC", "OKP", "AKP"};

std::string_view name_of(KeyType type) { return key_type_names[static_cast<std::size_t>(type)]; }

std::unexpected<Error> malformed(std::string_view member, std::string_view why) {
  return std::unexpected(
      Error{ErrorCode::key_malformed, "the JWK's \"" + std::string{member} + "\" " + std::string{why}});
}

// A string member: absent is nothing, another type or null is an error (case 32).
std::expected<std::optional<std::string>, Error> string_member(json::View jwk, std::string_view name) {
  const auto value = jwk.find(name);
  if (!value) return std::optional<std::string>{};
  auto text = value->string();
  if (!text) return malformed(name, "is not a string");
  return text;
}

std::expected<std::string, Error> required_string(json::View jwk, std::string_view name) {
  auto text = string_member(jwk, name);
  if (!text) return std::unexpected(std::move(text).error());
  std::optional<std::string>& present = *text;
  if (!present) return malformed(name, "is missing");
  return *std::move(present);
}

// --- numbers

enum class Form : std::uint8_t {
  integer,  // Base64urlUInt: as few bytes as hold it (RFC 7518 section 2)
  octets,   // of a size that the curve gives (RFC 7518 section 6.2.1.2)
};

template <class Container>
std::expected<Container, Error> number_member(json::View jwk, std::string_view name, Form form, std::size_t size = 0) {
  const auto value = jwk.find(name);
  if (!value) return malformed(name, "is missing");
  // Without a copy where that is possible: it may be a secret.
  std::string copy;
  auto text = value->plain_string();
  if (!text) {
    auto resolved = value->string();
    if (!resolved) return malformed(name, "is not a string");
    copy = std::move(*resolved);
    text = copy;
  }
  Container bytes(base64url_decoded_size(text->size()));
  const bool decoded = base64url_decode_into(*text, bytes.data());
  crypto::cleanse(copy);
  if (!decoded) return malformed(name, "is not base64url");
  if (bytes.empty()) return malformed(name, "is empty");
  if (form == Form::integer && bytes.front() == std::byte{0}) return malformed(name, "has leading zero bytes");
  if (form == Form::octets && size != 0 && bytes.size() != size) return malformed(name, "has not the curve's size");
  return bytes;
}

// Reads one member into its place; remembers the first error.
class Reader {
 public:
  explicit Reader(json::View jwk) : jwk_{jwk} {}

  template <class Container>
  Reader& read(std::string_view name, Container& place, Form form, std::size_t size = 0) {
    if (error_) return *this;
    auto bytes = number_member<Container>(jwk_, name, form, size);
    if (bytes) {
      place = std::move(*bytes);
    } else {
      error_ = std::move(bytes).error();
    }
    return *this;
  }

  // What was read, when all of it could be.
  [[nodiscard]] std::expected<KeyParts, Error> finish(KeyParts parts) {
    if (error_) return std::unexpected(*std::move(error_));
    return parts;
  }

 private:
  json::View jwk_;
  std::optional<Error> error_;
};

std::expected<KeyParts, Error> read_rsa(json::View jwk, const JwkAttributes& attributes) {
  KeyParts parts;
  Reader reader{jwk};
  reader.read("n", parts.n, Form::integer).read("e", parts.e, Form::integer);
  if (attributes.is_private) {
    if (jwk.find("oth")) {
      return std::unexpected(Error{ErrorCode::key_unsupported, "an RSA key of more than two primes"});
    }
    reader.read("d", parts.d, Form::integer);
    // All or none of them (RFC 7518 section 6.3.2).
    constexpr std::array<std::string_view, 5> primes{"p", "q", "dp", "dq", "qi"};
    if (std::ranges::any_of(primes, [&](std::string_view name) { return jwk.find(name).has_value(); })) {
      reader.read("p", parts.p, Form::integer)
          .read("q", parts.q, Form::integer)
          .read("dp", parts.dp, Form::integer)
          .read("dq", parts.dq, Form::integer)
          .read("qi", parts.qi, Form::integer);
    }
  }
  return reader.finish(std::move(parts));
}

std::expected<KeyParts, Error> read_curve_point(json::View jwk, const JwkAttributes& attributes) {
  const std::size_t size = facts(attributes.curve).field_bytes;
  KeyParts parts;
  Reader reader{jwk};
  reader.read("x", parts.x, Form::octets, size);
  if (attributes.key_type == KeyType::ec) reader.read("y", parts.y, Form::octets, size);
  if (attributes.is_private) reader.read("d", parts.d, Form::octets, size);
  return reader.finish(std::move(parts));
}

std::expected<KeyParts, Error> read_seeded(json::View jwk, const JwkAttributes& attributes) {
  KeyParts parts;
  Reader reader{jwk};
  reader.read("pub", parts.x, Form::octets, facts(attributes.curve).field_bytes);
  if (attributes.is_private) reader.read("priv", parts.d, Form::octets, seed_bytes);
  return reader.finish(std::move(parts));
}

// Whether the key is private by one of the members of its type.
bool has_private_half(json::View jwk, KeyType key_type) {
  if (key_type == KeyType::oct) return false;
  return jwk.find(key_type == KeyType::akp ? "priv" : "d").has_value();
}

// --- text

void append(SecretText& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

template <class Text>
void append_number(Text& out, std::string_view name, std::span<const std::byte> bytes);

template <>
void append_number(std::string& out, std::string_view name, std::span<const std::byte> bytes) {
  out.append(",\"").append(name).append("\":\"").append(base64url_encode(bytes)).append("\"");
}

template <>
void append_number(SecretText& out, std::string_view name, std::span<const std::byte> bytes) {
  std::string encoded = base64url_encode(bytes);
  append(out, ",\"");
  append(out, name);
  append(out, "\":\"");
  append(out, encoded);
  append(out, "\"");
  crypto::cleanse(encoded);
}

// {"kty":...,"kid":...,"use":...,"alg":... without the closing brace.
std::string attributes_text(const JwkLabel& label) {
  std::string text = "{\"kty\":\"" + std::string{name_of(label.key_type)} + '"';
  if (!label.key_id.empty()) {
    text += ",\"kid\":";
    json::append_string(text, label.key_id);
  }
  text.append(",\"use\":\"").append(label.use).append("\",\"alg\":\"").append(label.algorithm).append("\"");
  if (label.curve != Curve::none && label.key_type != KeyType::akp)
    text += ",\"crv\":\"" + std::string{facts(label.curve).name} + '"';
  return text;
}

// A member's name; of AKP, its other name.
template <class Container>
struct NumberMember {
  std::string_view name;
  Container KeyParts::* place;
  std::string_view name_of_akp = {};

  [[nodiscard]] std::string_view name_for(KeyType key_type) const {
    return key_type == KeyType::akp && !name_of_akp.empty() ? name_of_akp : name;
  }
};

// In the order of the registry.
constexpr std::array<NumberMember<Bytes>, 4> public_members{
    {{"x", &KeyParts::x, "pub"}, {"y", &KeyParts::y}, {"n", &KeyParts::n}, {"e", &KeyParts::e}}};
constexpr std::array<NumberMember<SecretBytes>, 7> private_members{{{"d", &KeyParts::d, "priv"},
                                                                    {"p", &KeyParts::p},
                                                                    {"q", &KeyParts::q},
                                                                    {"dp", &KeyParts::dp},
                                                                    {"dq", &KeyParts::dq},
                                                                    {"qi", &KeyParts::qi},
                                                                    {"k", &KeyParts::k}}};

template <class Text, class Members>
void append_numbers(Text& text, const JwkLabel& label, const KeyParts& parts, const Members& members) {
  for (const auto& member : members) {
    if (const auto& bytes = parts.*member.place; !bytes.empty()) {
      append_number(text, member.name_for(label.key_type), bytes);
    }
  }
}

}  // namespace

std::expected<JwkAttributes, Error> read_attributes(json::View jwk, const Limits& limits, CurveUse purpose) {
  if (jwk.kind() != json::Kind::object) {
    return std::unexpected(Error{ErrorCode::key_malformed, "a JWK is a JSON object"});
  }
  const auto unsupported = [](std::string_view member) {
    return std::unexpected(
        Error{ErrorCode::key_unsupported, "the JWK's \"" + std::string{member} + "\" is none that Signet offers"});
  };
  JwkAttributes attributes;

  const auto kty = required_string(jwk, "kty");
  if (!kty) return std::unexpected(kty.error());
  const auto type = std::ranges::find(key_type_names, std::string_view{*kty});
  if (type == key_type_names.end()) return unsupported("kty");
  attributes.key_type = static_cast<KeyType>(type - key_type_names.begin());

  if (attributes.key_type == KeyType::ec || attributes.key_type == KeyType::okp) {
    const auto crv = required_string(jwk, "crv");
    if (!crv) return std::unexpected(crv.error());
    const auto curve = std::ranges::find(curves, std::string_view{*crv}, &CurveFacts::name);
    if (curve == curves.end() || curve->key_type != attributes.key_type) return unsupported("crv");
    if (curve->use != CurveUse::both && curve->use != purpose) return unsupported("crv");
    attributes.curve = curve->curve;
  }

  auto key_id = string_member(jwk, "kid");
  if (!key_id) return std::unexpected(std::move(key_id).error());
  attributes.key_id = std::move(*key_id).value_or(std::string{});
  if (attributes.key_id.size() > limits.key_id_bytes) return malformed("kid", "is too long");

  auto algorithm = string_member(jwk, "alg");
  if (!algorithm) return std::unexpected(std::move(algorithm).error());
  attributes.algorithm = std::move(*algorithm);

  if (attributes.key_type == KeyType::akp) {
    // RFC 9964 section 3: `alg` is required, and says what `crv` says of others.
    if (!attributes.algorithm) return malformed("alg", "is missing");
    const auto parameters = std::ranges::find(curves, std::string_view{*attributes.algorithm}, &CurveFacts::name);
    if (parameters == curves.end() || parameters->key_type != KeyType::akp) return unsupported("alg");
    if (purpose == CurveUse::agreement) return unsupported("kty");
    if (!crypto::is_offered(KeyType::akp, parameters->curve)) {
      return std::unexpected(Error{ErrorCode::key_unsupported, "ML-DSA needs OpenSSL 3.5"});
    }
    attributes.curve = parameters->curve;
  }

  auto use = string_member(jwk, "use");
  if (!use) return std::unexpected(std::move(use).error());
  attributes.use = std::move(*use);

  if (const auto operations = jwk.find("key_ops")) {
    attributes.operations = operations->strings();
    if (!attributes.operations) return malformed("key_ops", "is not an array of strings");
    auto sorted = *attributes.operations;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) {
      return malformed("key_ops", "names an operation twice");  // RFC 7517 section 4.3
    }
  }
  attributes.is_private = has_private_half(jwk, attributes.key_type);
  return attributes;
}

std::expected<void, Error> check_purpose(const JwkAttributes& jwk, std::string_view operation) {
  const auto mismatch = [](std::string_view why) {
    return std::unexpected(Error{ErrorCode::key_mismatch, std::string{why}});
  };
  if (jwk.use && *jwk.use != "sig") return mismatch("the JWK's \"use\" is not for signatures");
  if (!jwk.operations) return {};
  if (std::ranges::find(*jwk.operations, operation) == jwk.operations->end()) {
    return mismatch("the JWK's \"key_ops\" lacks \"" + std::string{operation} + '"');
  }
  // Both may stand together only when they agree (RFC 7517 section 4.3).
  const auto foreign = [](const std::string& other) { return other != "sign" && other != "verify"; };
  if (jwk.use && std::ranges::any_of(*jwk.operations, foreign)) {
    return mismatch("the JWK's \"use\" and \"key_ops\" contradict each other");
  }
  return {};
}

std::expected<Algorithm, Error> resolve_algorithm(const JwkAttributes& jwk, std::optional<Algorithm> wanted) {
  const auto mismatch = [](std::string_view why) {
    return std::unexpected(Error{ErrorCode::key_mismatch, std::string{why}});
  };
  // RFC 8037 section 3.1 knows one name for both curves.
  const auto meant = [&](std::optional<Algorithm> named) {
    return named == Algorithm::EdDSA && jwk.curve == Curve::ed448 ? Algorithm::Ed448 : named;
  };
  wanted = meant(wanted);
  std::optional<Algorithm> chosen = wanted;
  if (jwk.algorithm) {
    chosen = meant(algorithm_from_name(*jwk.algorithm));
    if (!chosen) return mismatch("the JWK's \"alg\" is no signature algorithm");
    if (wanted && *wanted != *chosen) return mismatch("the JWK's \"alg\" is not the algorithm asked for");
  }
  if (!chosen) {
    const auto by_curve = std::ranges::find(signature_algorithms, jwk.curve, &SignatureAlgorithm::curve);
    if (jwk.curve == Curve::none || by_curve == signature_algorithms.end()) {
      return mismatch("the JWK names no algorithm, and its type allows several");  // case 3
    }
    chosen = by_curve->algorithm;
  }
  const SignatureAlgorithm& fitting = row(*chosen);
  if (fitting.key_type != jwk.key_type || fitting.curve != jwk.curve) {
    return mismatch("the JWK's type or curve is not that of its algorithm");
  }
  return *chosen;
}

std::expected<KeyParts, Error> read_parts(json::View jwk, const JwkAttributes& attributes) {
  switch (attributes.key_type) {
    case KeyType::rsa:
      return read_rsa(jwk, attributes);
    case KeyType::ec:
    case KeyType::okp:
      return read_curve_point(jwk, attributes);
    case KeyType::akp:
      return read_seeded(jwk, attributes);
    case KeyType::oct:
      break;
  }
  KeyParts parts;
  // The empty key is refused as any short one is (case 35).
  if (const auto k = jwk.find("k"); k && k->plain_string() == "") return parts;
  Reader reader{jwk};
  reader.read("k", parts.k, Form::octets);
  return reader.finish(std::move(parts));
}

std::string write_public_jwk(const JwkLabel& label, const KeyParts& parts) {
  std::string text = attributes_text(label);
  append_numbers(text, label, parts, public_members);
  text += label.certificates;
  return text + '}';
}

Secret write_private_jwk(const JwkLabel& label, const KeyParts& parts) {
  SecretText text;
  append(text, attributes_text(label));
  append_numbers(text, label, parts, public_members);
  append_numbers(text, label, parts, private_members);
  append(text, label.certificates);
  append(text, "}");
  return Secret::from_text({text.data(), text.size()});
}

std::string thumbprint(KeyType key_type, Curve curve, const KeyParts& parts) {
  // RFC 7638 sections 3.2 and 3.3, RFC 8037 section 2, RFC 9964 section 6: the required members alone, in the order of
  // their names.
  const bool is_akp = key_type == KeyType::akp;
  SecretText text;
  if (curve != Curve::none) {
    append(text, is_akp ? ",\"alg\":\"" : ",\"crv\":\"");
    append(text, facts(curve).name);
    append(text, "\"");
  }
  if (!parts.e.empty()) append_number(text, "e", parts.e);
  if (!parts.k.empty()) append_number(text, "k", parts.k);
  append(text, ",\"kty\":\"");
  append(text, name_of(key_type));
  append(text, "\"");
  if (!parts.n.empty()) append_number(text, "n", parts.n);
  if (!parts.x.empty()) append_number(text, is_akp ? "pub" : "x", parts.x);
  if (!parts.y.empty()) append_number(text, "y", parts.y);
  append(text, "}");
  text.front() = '{';
  return base64url_encode(crypto::sha256(std::as_bytes(std::span{text})));
}

JwkLabel label_of(const crypto::KeyMaterial& material, std::string_view key_id, std::string_view certificates) {
  const SignatureAlgorithm& algorithm = material.algorithm();
  return {algorithm.key_type, algorithm.curve, "sig", algorithm.name, key_id, certificates};
}

std::string thumbprint(const crypto::KeyMaterial& material) {
  const SignatureAlgorithm& algorithm = material.algorithm();
  const bool is_octets = algorithm.key_type == KeyType::oct;
  return thumbprint(algorithm.key_type, algorithm.curve,
                    is_octets ? material.private_parts().value() : material.public_parts());
}

}  // namespace signet::jose
