// RFC 7515 section 5.2, in its order: the message's form, its headers, then keys and signatures.

#include <algorithm>

#include "src/jose/algorithms.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/joined_header.hpp"
#include "src/jose/serialization.hpp"
#include "src/jws/policy.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/header.hpp"

namespace signet {
namespace jws {
namespace {

using jose::JoinedHeader;
using jose::Place;

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{what}});
}
std::unexpected<Error> critical(std::string_view what) {
  return std::unexpected(Error{ErrorCode::critical_header, std::string{what}});
}

// What the headers of one signature say.
struct Terms {
  std::string algorithm;
  bool is_algorithm_protected;
  std::optional<std::string> key_id;
  bool is_encoded;  // `b64`, RFC 7797 section 3
};

// Protected, or nowhere (section 4.1.11).
std::expected<void, Error> check_crit(const JoinedHeader& header, const Policy& policy) {
  const auto crit = header.find("crit");
  if (!crit) return {};
  if (crit->place != Place::protected_header) return critical("crit outside the protected header");
  return jwt::check_critical(crit->value, *header.protected_part(), policy.understood);
}

// `b64`: protected, and critical when it is false (RFC 7797 sections 3 and 6; case 14).
std::expected<bool, Error> read_encoding(const JoinedHeader& header) {
  const auto b64 = header.find("b64");
  if (!b64) return true;
  if (b64->place != Place::protected_header) return critical("b64 outside the protected header");
  const auto is_encoded = b64->value.boolean();
  if (!is_encoded) return malformed("header: b64");
  const auto crit = header.find("crit");
  const auto names = crit ? crit->value.strings() : std::nullopt;
  if (!*is_encoded && (!names || std::ranges::find(*names, "b64") == names->end())) {
    return critical("b64 is false and not in crit");
  }
  return *is_encoded;
}

std::expected<Terms, Error> read_terms(const Message::Signature& signature, const Policy& policy) {
  const auto header = JoinedHeader::of({signature.protected_header, {}, signature.header}, policy.limits);
  if (!header) return std::unexpected(header.error());
  const auto alg = header->find("alg");
  auto algorithm = alg ? alg->value.string() : std::nullopt;
  if (!algorithm) return malformed("header: alg");
  if (header->find("enc") || header->find("zip")) return malformed("header: enc and zip belong to encryption");
  if (auto good = check_crit(*header, policy); !good) return std::unexpected(std::move(good).error());
  const auto encoded = read_encoding(*header);
  if (!encoded) return std::unexpected(encoded.error());
  auto key_id = header->text("kid");
  if (!key_id) return std::unexpected(std::move(key_id).error());
  return Terms{*std::move(algorithm), alg->place == Place::protected_header, std::move(*key_id), *encoded};
}

std::expected<std::vector<Terms>, Error> read_all_terms(const Message& message, const Policy& policy) {
  std::vector<Terms> all;
  for (const Message::Signature& one : message.signatures) {
    auto terms = read_terms(one, policy);
    if (!terms) return std::unexpected(std::move(terms).error());
    all.push_back(std::move(*terms));
    if (all.back().is_encoded != all.front().is_encoded) return malformed("b64 differs between signatures");
  }
  return all;
}

// --- the payload

std::expected<std::string, Error> decode_payload(std::string_view text) {
  const auto bytes = jose::base64url_decode(text);
  if (!bytes) return malformed("the payload is not base64url");
  return std::string{reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// --- keys

std::unexpected<Error> miss(ErrorCode code, const Terms& terms, std::string_view why = {}) {
  std::string detail{why};
  detail += "alg " + jwt::quoted_for_log(terms.algorithm);
  if (terms.key_id) detail += ", kid " + jwt::quoted_for_log(*terms.key_id);
  return std::unexpected(Error{code, std::move(detail)});
}

bool is_of(const VerifyingKey& key, Algorithm algorithm) { return jose::is_name_of(algorithm, key.algorithm()); }

// The one key of that algorithm that the header does not rule out.
std::expected<VerifyingKey, Error> choose(const std::vector<VerifyingKey>& keys, const Terms& terms,
                                          Algorithm algorithm) {
  const VerifyingKey* found = nullptr;
  bool is_known = false;
  for (const VerifyingKey& key : keys) {
    if (!is_of(key, algorithm)) continue;
    is_known = true;
    if (terms.key_id && !key.key_id().empty() && *terms.key_id != key.key_id()) continue;
    if (found != nullptr) return miss(ErrorCode::key_not_found, terms, "more than one key fits: ");
    found = &key;
  }
  if (!is_known) return miss(ErrorCode::algorithm_not_allowed, terms, "no key is for it: ");
  if (found == nullptr) return miss(ErrorCode::key_not_found, terms);
  return *found;
}

std::expected<VerifiedData::Held, Error> choose_key(const Policy& policy, const Terms& terms, std::size_t index) {
  if (!terms.is_algorithm_protected && !policy.unprotected_algorithms) {  // case 5
    return miss(ErrorCode::algorithm_not_allowed, terms, "alg outside the protected header: ");
  }
  const auto algorithm = algorithm_from_name(terms.algorithm);
  if (!algorithm) return miss(ErrorCode::algorithm_not_allowed, terms);
  if (const auto* keys = std::get_if<std::vector<VerifyingKey>>(&policy.keys)) {
    auto key = choose(*keys, terms, *algorithm);
    if (!key) return std::unexpected(std::move(key).error());
    return VerifiedData::Held{index, std::move(*key), *algorithm};
  }
  const auto& source = *std::get_if<std::shared_ptr<const KeySource>>(&policy.keys);
  auto key = source->find({.algorithm = terms.algorithm, .key_id = terms.key_id});
  if (!key) return miss(key.error().code(), terms);
  if (!is_of(*key, *algorithm)) return miss(ErrorCode::algorithm_not_allowed, terms);
  return VerifiedData::Held{index, std::move(*key), *algorithm};
}

// --- all together

// What could not be checked says more than a bad signature, that more than a missing key, and that more than an
// algorithm that no key has.
int weight(ErrorCode code) {
  switch (code) {
    case ErrorCode::internal:
      return 3;
    case ErrorCode::bad_signature:
      return 2;
    case ErrorCode::key_not_found:
      return 1;
    default:
      return 0;
  }
}

std::expected<VerifiedData::Held, Error> check_signature(const Message::Signature& signature, const Terms& terms,
                                                         std::size_t index, std::string_view payload,
                                                         const Policy& policy) {
  auto held = choose_key(policy, terms, index);
  if (!held) return held;
  switch (held->key.check(signing_input(signature, payload), signature.signature)) {
    case SignatureCheck::good:
      return held;
    case SignatureCheck::bad:
      return std::unexpected(Error{ErrorCode::bad_signature});
    case SignatureCheck::failed:
      break;
  }
  return std::unexpected(Error{ErrorCode::internal, "OpenSSL could not check the signature"});
}

std::expected<void, Error> check_signatures(VerifiedData& data, const std::vector<Terms>& all, std::string_view payload,
                                            const Policy& policy) {
  std::optional<Error> failure;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto held = check_signature(data.message.signatures[i], all[i], i, payload, policy);
    if (held) {
      data.held.push_back(std::move(*held));
      continue;
    }
    if (!policy.any_signature) return std::unexpected(std::move(held).error());
    if (!failure || weight(held.error().code()) > weight(failure->code())) failure = std::move(held).error();
  }
  if (data.held.empty()) return std::unexpected(*std::move(failure));
  return {};
}

using Verified = std::expected<std::unique_ptr<const VerifiedData>, Error>;

// `detached` is the payload that came from elsewhere; null: the message has it.
Verified verify(bool is_compact, std::string_view text, const std::string_view* detached, const Policy& policy) {
  auto message = is_compact ? read_compact(text, policy.limits) : read_json(text, policy.limits);
  if (!message) return std::unexpected(std::move(message).error());
  // From here on the message does not move: headers look into it.
  auto data = std::make_unique<VerifiedData>(VerifiedData{.message = std::move(*message), .limits = policy.limits});
  std::optional<std::string>& own = data->message.payload;
  if (detached != nullptr) {
    if (is_compact ? !own->empty() : own.has_value()) return malformed("the payload is not detached");
    if (detached->size() > policy.limits.token_bytes) {
      return std::unexpected(Error{ErrorCode::token_too_large, "the payload"});
    }
  } else if (!own) {
    return malformed("no payload");
  }

  const auto all = read_all_terms(data->message, policy);
  if (!all) return std::unexpected(all.error());
  const bool is_encoded = all->front().is_encoded;
  if (detached != nullptr) {
    data->payload = *detached;
    own = is_encoded ? jose::base64url_encode(*detached) : data->payload;
  } else if (is_encoded) {
    auto decoded = decode_payload(*own);
    if (!decoded) return std::unexpected(std::move(decoded).error());
    data->payload = std::move(*decoded);
  } else {
    if (is_compact && !fits_compact(*own)) return malformed("an unencoded payload that compact cannot carry");
    data->payload = *own;
  }
  if (auto good = check_signatures(*data, *all, *own, policy); !good) return std::unexpected(std::move(good).error());
  return data;
}

}  // namespace
}  // namespace jws

std::expected<VerifiedJws, Error> JwsVerifier::run(bool is_compact, std::string_view text,
                                                   const std::string_view* detached) const noexcept try {
  auto data = jws::verify(is_compact, text, detached, *policy_);
  if (!data) return std::unexpected(std::move(data).error());
  return VerifiedJws{std::move(*data)};
} catch (...) {  // memory
  return std::unexpected(Error{ErrorCode::internal});
}

std::expected<VerifiedJws, Error> JwsVerifier::verify(std::string_view compact) const noexcept {
  return run(true, compact, nullptr);
}

std::expected<VerifiedJws, Error> JwsVerifier::verify_json(std::string_view json) const noexcept {
  return run(false, json, nullptr);
}

std::expected<VerifiedJws, Error> JwsVerifier::verify_detached(std::string_view compact,
                                                               std::string_view payload) const noexcept {
  return run(true, compact, &payload);
}

std::expected<VerifiedJws, Error> JwsVerifier::verify_json_detached(std::string_view json,
                                                                    std::string_view payload) const noexcept {
  return run(false, json, &payload);
}

JwsVerifierBuilder JwsVerifier::builder() { return {}; }

// --- VerifiedJws

VerifiedJws::VerifiedJws(std::unique_ptr<const jws::VerifiedData> data) noexcept : data_{std::move(data)} {}
VerifiedJws::VerifiedJws(VerifiedJws&&) noexcept = default;
VerifiedJws& VerifiedJws::operator=(VerifiedJws&&) noexcept = default;
VerifiedJws::~VerifiedJws() = default;

std::string_view VerifiedJws::payload() const noexcept { return data_->payload; }

std::vector<VerifiedSignature> VerifiedJws::signatures() const {
  std::vector<VerifiedSignature> all;
  for (std::size_t i = 0; i < data_->held.size(); ++i) all.push_back(VerifiedSignature{*data_, i});
  return all;
}

VerifiedSignature VerifiedJws::signature() const noexcept { return {*data_, 0}; }

std::size_t VerifiedSignature::index() const noexcept { return data_->held[at_].index; }
Algorithm VerifiedSignature::algorithm() const noexcept { return data_->held[at_].algorithm; }
const VerifyingKey& VerifiedSignature::key() const noexcept { return data_->held[at_].key; }

std::optional<std::string> VerifiedSignature::type() const { return jose::text_in(header(), "typ"); }
std::optional<std::string> VerifiedSignature::content_type() const { return jose::text_in(header(), "cty"); }

std::optional<json::View> VerifiedSignature::header() const noexcept {
  return jose::object_in(data_->message.signatures[index()].protected_header, data_->limits);
}
std::optional<json::View> VerifiedSignature::unprotected_header() const noexcept {
  return jose::object_in(data_->message.signatures[index()].header, data_->limits);
}

}  // namespace signet
