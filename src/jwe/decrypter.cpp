// RFC 7516 section 5.2, in its order: headers, then keys, then content.

#include <algorithm>
#include <new>

#include "src/crypto/content_cipher.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/joined_header.hpp"
#include "src/jose/serialization.hpp"
#include "src/jwe/deflate.hpp"
#include "src/jwe/policy.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/header.hpp"

namespace signet {
namespace jwe {
namespace {

using jose::JoinedHeader;
using jose::Place;

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{"header: "}.append(what)});
}
std::unexpected<Error> not_allowed(std::string detail) {
  return std::unexpected(Error{ErrorCode::algorithm_not_allowed, std::move(detail)});
}

// A recipient whose key is at hand, and all that is needed to try it.
struct Attempt {
  std::size_t recipient;
  KeyHandle key;
  const ContentEncryptionAlgorithm* content;
  KeyParameters parameters;
};

// `alg` and `enc` are texts from where they may stand (case 5).
std::expected<std::string, Error> algorithm_name(const JoinedHeader& header, std::string_view name, bool may_be_own,
                                                 const Policy& policy) {
  const auto member = header.find(name);
  auto text = member ? member->value.string() : std::nullopt;
  if (!text) return malformed(name);
  const bool is_placed = member->place == Place::protected_header || (may_be_own && member->place == Place::own_header);
  if (!is_placed && !policy.unprotected_algorithms) {
    return not_allowed(std::string{name} + " outside the protected header");
  }
  return *std::move(text);
}

// `crit` and `zip`: protected, or nowhere (sections 4.1.3 and 4.1.13). Whether the content is compressed.
std::expected<bool, Error> read_protected_members(const JoinedHeader& header, const Policy& policy) {
  if (const auto crit = header.find("crit")) {
    if (crit->place != Place::protected_header) {
      return std::unexpected(Error{ErrorCode::critical_header, "crit outside the protected header"});
    }
    if (auto good = jwt::check_critical(crit->value, *header.protected_part(), policy.understood); !good) {
      return std::unexpected(std::move(good).error());
    }
  }
  const auto zip = header.find("zip");
  if (!zip) return false;
  if (zip->place != Place::protected_header || zip->value.string() != "DEF") return malformed("zip");
  if (policy.most_inflated == 0) return not_allowed("zip");
  return true;
}

// The one key of that algorithm that the header does not rule out.
std::expected<KeyHandle, Error> choose_key(const Policy& policy, KeyManagement algorithm, const JoinedHeader& header,
                                           jose::Curve curve) {
  const auto key_id = header.text("kid");
  if (!key_id) return std::unexpected(key_id.error());
  const std::optional<std::string>& wanted = *key_id;
  const auto detail = [&] {
    return "alg " + std::string{name(algorithm)} + ", kid " + jwt::quoted_for_log(wanted.value_or(""));
  };
  KeyHandle found;
  bool is_known = false;
  for (const KeyHandle& key : policy.keys) {
    if (key->algorithm.algorithm != algorithm) continue;
    is_known = true;
    if (wanted && !key->key_id.empty() && *wanted != key->key_id) continue;
    if (key->exchange && curve != jose::Curve::none && key->exchange->curve() != curve) continue;
    if (found) return std::unexpected(Error{ErrorCode::key_not_found, "more than one key fits: " + detail()});
    found = key;
  }
  if (!is_known) return not_allowed("no key is for it: " + detail());
  if (!found) return std::unexpected(Error{ErrorCode::key_not_found, detail()});
  return found;
}

std::expected<Attempt, Error> prepare(const Message& message, std::size_t recipient, const JoinedHeader& header,
                                      const Policy& policy) {
  const bool is_one_of_several = message.recipients.size() > 1;
  const auto enc = algorithm_name(header, "enc", false, policy);
  if (!enc) return std::unexpected(enc.error());
  const auto content = content_encryption_from_name(*enc);
  if (!content || std::ranges::count(policy.allowed, *content) == 0) {
    return not_allowed("enc " + jwt::quoted_for_log(*enc));
  }
  const auto alg = algorithm_name(header, "alg", is_one_of_several, policy);
  if (!alg) return std::unexpected(alg.error());
  const auto algorithm = key_management_from_name(*alg);
  if (!algorithm) return not_allowed("alg " + jwt::quoted_for_log(*alg));
  if (determines_key(row(*algorithm).mode) &&
      (is_one_of_several || !message.recipients[recipient].encrypted_key.empty())) {
    return malformed("dir and ECDH-ES have one recipient and no encrypted key");  // case 25
  }
  auto parameters = read_parameters(row(*algorithm), header);
  if (!parameters) return std::unexpected(std::move(parameters).error());
  auto key = choose_key(policy, *algorithm, header, parameters->curve);
  if (!key) return std::unexpected(std::move(key).error());
  if (!(*key)->allows(*content)) return not_allowed("the key is not for enc " + jwt::quoted_for_log(*enc));
  return Attempt{recipient, std::move(*key), &row(*content), std::move(*parameters)};
}

// All recipients whose keys are at hand. A message that is wrong anywhere is refused, also where it is not ours.
std::expected<std::vector<Attempt>, Error> prepare_all(const Message& message, const Policy& policy,
                                                       bool& is_deflated) {
  std::vector<Attempt> attempts;
  std::optional<Error> miss;
  unsigned iterations = 0;
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto header = JoinedHeader::of(
        {message.protected_header, message.shared_header, message.recipients[i].header}, policy.limits);
    if (!header) return std::unexpected(header.error());
    const auto zipped = read_protected_members(*header, policy);
    if (!zipped) return std::unexpected(zipped.error());
    is_deflated = *zipped;
    auto attempt = prepare(message, i, *header, policy);
    if (attempt) {
      iterations += attempt->parameters.iterations;  // each at most 1,200,000, and 32 of them
      if (iterations > policy.most_iterations) return malformed("p2c");
      attempts.push_back(std::move(*attempt));
      continue;
    }
    const auto code = attempt.error().code();
    if (code != ErrorCode::algorithm_not_allowed && code != ErrorCode::key_not_found) {
      return std::unexpected(std::move(attempt).error());
    }
    // A key of the right algorithm that is not here says more than an algorithm that no key has.
    if (!miss || code == ErrorCode::key_not_found) miss = std::move(attempt).error();
  }
  if (attempts.empty()) return std::unexpected(*std::move(miss));
  return attempts;
}

// A wrong key is not told from a wrong content: where no key comes out, a random one opens nothing (section 11.5,
// case 21).
std::optional<SecretBytes> try_to_open(const Attempt& attempt, const DecryptedData& data) {
  const Message& message = data.message;
  auto key = unwrap_key(*attempt.key, *attempt.content, attempt.parameters,
                        message.recipients[attempt.recipient].encrypted_key);
  const bool is_right = key.has_value();
  if (!is_right) {
    key.emplace(attempt.content->key_bytes);
    SystemRandomness{}.fill(Randomness::Use::content_key, *key);
  }
  const std::string additional = message.additional_data();
  auto content = crypto::open(*attempt.content, *key, message.iv, std::as_bytes(std::span{additional}),
                              message.ciphertext, message.tag);
  if (!is_right) return std::nullopt;
  return content;
}

std::expected<std::unique_ptr<const DecryptedData>, Error> open(std::expected<Message, Error> message,
                                                                const Policy& policy) {
  if (!message) return std::unexpected(std::move(message).error());
  // From here on the message does not move: headers look into it.
  auto data = std::make_unique<DecryptedData>(DecryptedData{.message = std::move(*message), .limits = policy.limits});
  bool is_deflated = false;
  const auto attempts = prepare_all(data->message, policy, is_deflated);
  if (!attempts) return std::unexpected(attempts.error());

  for (const Attempt& attempt : *attempts) {
    auto content = try_to_open(attempt, *data);
    if (content && is_deflated) content = inflated(*content, policy.most_inflated);
    if (!content) continue;
    data->plaintext = std::move(*content);
    data->key = attempt.key;
    data->content_encryption = attempt.content->algorithm;
    data->recipient = attempt.recipient;
    const auto additional = *jose::base64url_decode(data->message.additional_text);
    data->additional_data.assign(reinterpret_cast<const char*>(additional.data()), additional.size());
    return data;
  }
  return std::unexpected(Error{ErrorCode::decryption_failed});
}

}  // namespace
}  // namespace jwe

std::expected<Decrypted, Error> Decrypter::decrypt(std::string_view compact) const noexcept try {
  auto data = jwe::open(jwe::read_compact(compact, policy_->limits), *policy_);
  if (!data) return std::unexpected(std::move(data).error());
  return Decrypted{std::move(*data)};
} catch (...) {  // memory, or the random generator
  return std::unexpected(Error{ErrorCode::internal});
}

std::expected<Decrypted, Error> Decrypter::decrypt_json(std::string_view json) const noexcept try {
  auto data = jwe::open(jwe::read_json(json, policy_->limits), *policy_);
  if (!data) return std::unexpected(std::move(data).error());
  return Decrypted{std::move(*data)};
} catch (...) {
  return std::unexpected(Error{ErrorCode::internal});
}

DecrypterBuilder Decrypter::builder() { return {}; }

// --- Decrypted

Decrypted::Decrypted(std::unique_ptr<const jwe::DecryptedData> data) noexcept : data_{std::move(data)} {}
Decrypted::Decrypted(Decrypted&&) noexcept = default;
Decrypted& Decrypted::operator=(Decrypted&&) noexcept = default;
Decrypted::~Decrypted() = default;

std::string_view Decrypted::plaintext() const noexcept {
  return {reinterpret_cast<const char*>(data_->plaintext.data()), data_->plaintext.size()};
}

KeyManagement Decrypted::algorithm() const noexcept { return data_->key->algorithm.algorithm; }
ContentEncryption Decrypted::content_encryption() const noexcept { return data_->content_encryption; }
const std::string& Decrypted::key_id() const noexcept { return data_->key->key_id; }
std::size_t Decrypted::recipient() const noexcept { return data_->recipient; }

std::optional<std::string> Decrypted::type() const { return jose::text_in(header(), "typ"); }
std::optional<std::string> Decrypted::content_type() const { return jose::text_in(header(), "cty"); }

std::optional<json::View> Decrypted::header() const noexcept {
  return jose::object_in(data_->message.protected_header, data_->limits);
}
std::optional<json::View> Decrypted::shared_header() const noexcept {
  return jose::object_in(data_->message.shared_header, data_->limits);
}
std::optional<json::View> Decrypted::recipient_header() const noexcept {
  return jose::object_in(data_->message.recipients[data_->recipient].header, data_->limits);
}

std::string_view Decrypted::additional_data() const noexcept { return data_->additional_data; }

}  // namespace signet
