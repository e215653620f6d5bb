#include <algorithm>
#include <stdexcept>

#include "signet/jwe.hpp"
#include "src/crypto/content_cipher.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/serialization.hpp"
#include "src/jwe/deflate.hpp"
#include "src/jwe/plan.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/header.hpp"

namespace signet {
namespace jwe {
namespace {

constexpr std::size_t longest_plaintext = std::size_t{1} << 30;

std::unexpected<Error> refused(std::string why) {
  return std::unexpected(Error{ErrorCode::invalid_configuration, std::move(why)});
}

bool all_allow(const Plan& plan, ContentEncryption algorithm) {
  return std::ranges::all_of(plan.recipients, [&](const auto& one) { return one.key->allows(algorithm); });
}

std::expected<ContentEncryption, Error> choose_content_encryption(const Plan& plan) {
  if (plan.content_encryption) {
    if (!all_allow(plan, *plan.content_encryption)) return refused("a key does not allow the content encryption");
    return *plan.content_encryption;
  }
  if (all_allow(plan, ContentEncryption::A256GCM)) return ContentEncryption::A256GCM;
  for (const ContentEncryption one : plan.recipients.front().key->allowed) {
    if (all_allow(plan, one)) return one;
  }
  return refused("the recipients' keys have no content encryption in common");
}

std::expected<void, Error> check_texts(const Plan& plan) {
  if (!jwt::is_utf8(plan.type) || !jwt::is_utf8(plan.content_type)) return refused("typ or cty is not UTF-8");
  for (const Plan::Recipient& one : plan.recipients) {
    if (!jwt::is_utf8(one.key->key_id)) return refused("kid is not UTF-8");
    if (one.key->key_id.size() > Limits{}.key_id_bytes) return refused("kid is too long");
    // Disjoint for each recipient: with what is protected and what is shared.
    if (auto good = jwt::check_own_members({&plan.protected_members, &plan.shared_members, &one.header}); !good) {
      return good;
    }
  }
  return {};
}

std::expected<void, Error> check(const Plan& plan, std::string_view plaintext) {
  if (plaintext.size() > longest_plaintext || plan.additional_data.size() > longest_plaintext) {
    return refused("more than a gibibyte at once");
  }
  for (const Plan::Recipient& one : plan.recipients) {
    const KeyMode mode = one.key->algorithm.mode;
    if (determines_key(mode) && plan.recipients.size() > 1) {
      return refused("dir and ECDH-ES have one recipient");  // case 25
    }
    if (mode == KeyMode::passphrase &&
        (plan.options.iterations < fewest_iterations || plan.options.iterations > most_iterations)) {
      return refused("iterations are from 1000 to 1,200,000");
    }
  }
  return check_texts(plan);
}

void set_all(json::Object& header, const TextMembers& members) {
  for (const auto& [name, value] : members) header.set(name, value);
}

std::expected<std::string, Error> finished(const json::Object& header) {
  if (header.empty()) return std::string{};
  auto text = header.text();
  if (text.size() > Limits{}.header_bytes || !json::parse(text)) return refused("the header is too large");
  return text;
}

// `alg`, `kid` and what the key management needs, then the key for that recipient.
std::expected<Bytes, Error> add_recipient(const KeyData& key, const ContentEncryptionAlgorithm& content,
                                          const Plan& plan, Randomness& randomness, SecretBytes& content_key,
                                          json::Object& header) {
  header.set("alg", key.algorithm.name);
  if (!key.key_id.empty()) header.set("kid", key.key_id);
  return wrap_key(key, content, plan.options, randomness, content_key, header);
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

}  // namespace

std::expected<Message, Error> encrypt(const Plan& plan, std::string_view plaintext, Randomness& randomness) {
  if (auto good = check(plan, plaintext); !good) return std::unexpected(std::move(good).error());
  const auto chosen = choose_content_encryption(plan);
  if (!chosen) return std::unexpected(chosen.error());
  const ContentEncryptionAlgorithm& content = row(*chosen);

  Message message;
  SecretBytes content_key(content.key_bytes);
  randomness.fill(Randomness::Use::content_key, content_key);
  json::Object header;
  for (const Plan::Recipient& one : plan.recipients) {
    json::Object own;
    const bool is_only = plan.recipients.size() == 1;
    auto encrypted = add_recipient(*one.key, content, plan, randomness, content_key, is_only ? header : own);
    if (!encrypted) return std::unexpected(std::move(encrypted).error());
    set_all(own, one.header);
    auto text = finished(own);
    if (!text) return std::unexpected(std::move(text).error());
    message.recipients.push_back({std::move(*text), std::move(*encrypted)});
  }
  if (!plan.type.empty()) header.set("typ", plan.type);
  if (!plan.content_type.empty()) header.set("cty", plan.content_type);
  header.set("enc", content.name);
  if (plan.compress) header.set("zip", "DEF");
  set_all(header, plan.protected_members);
  json::Object shared;
  set_all(shared, plan.shared_members);

  auto protected_header = finished(header);
  auto shared_header = finished(shared);
  if (!protected_header) return std::unexpected(std::move(protected_header).error());
  if (!shared_header) return std::unexpected(std::move(shared_header).error());
  message.protected_text = jose::base64url_encode(*protected_header);
  message.protected_header = std::move(*protected_header);
  message.shared_header = std::move(*shared_header);
  message.additional_text = jose::base64url_encode(plan.additional_data);
  message.iv.resize(content.iv_bytes);
  randomness.fill(Randomness::Use::content_iv, message.iv);

  const SecretBytes compressed = plan.compress ? deflated(bytes_of(plaintext)) : SecretBytes{};
  const auto sealed = crypto::seal(content, content_key, message.iv, bytes_of(message.additional_data()),
                                   plan.compress ? std::span<const std::byte>{compressed} : bytes_of(plaintext));
  if (!sealed) return std::unexpected(sealed.error());
  message.ciphertext = std::move(sealed->ciphertext);
  message.tag = std::move(sealed->tag);
  return message;
}

namespace {

using Written = std::expected<std::string, Error>;

Written written(const Plan& plan, std::string_view plaintext, std::string (*write)(const Message&)) try {
  SystemRandomness randomness;
  const auto message = encrypt(plan, plaintext, randomness);
  if (!message) return std::unexpected(message.error());
  return write(*message);
} catch (const std::runtime_error& error) {  // the random generator, or zlib
  return std::unexpected(Error{ErrorCode::internal, error.what()});
}

}  // namespace
}  // namespace jwe

Encrypter::Encrypter(EncryptionKey recipient)
    : plan_{std::make_shared<const jwe::Plan>(jwe::Plan{.recipients = {{jwe::KeyAccess::data(recipient)}}})} {}

// A copy of its own, for another encrypter may share this one.
jwe::Plan& Encrypter::edit() {
  auto copy = std::make_shared<jwe::Plan>(*plan_);
  jwe::Plan& plan = *copy;
  plan_ = std::move(copy);
  return plan;
}

Encrypter& Encrypter::also_for(EncryptionKey recipient) {
  edit().recipients.push_back({jwe::KeyAccess::data(recipient)});
  return *this;
}

Encrypter& Encrypter::content_encryption(ContentEncryption algorithm) {
  edit().content_encryption = algorithm;
  return *this;
}

Encrypter& Encrypter::type(std::string_view typ) {
  edit().type = typ;
  return *this;
}

Encrypter& Encrypter::content_type(std::string_view cty) {
  edit().content_type = cty;
  return *this;
}

Encrypter& Encrypter::header(std::string_view name, std::string_view value) {
  edit().protected_members.emplace_back(name, value);
  return *this;
}

Encrypter& Encrypter::shared_header(std::string_view name, std::string_view value) {
  edit().shared_members.emplace_back(name, value);
  return *this;
}

Encrypter& Encrypter::recipient_header(std::string_view name, std::string_view value) {
  edit().recipients.back().header.emplace_back(name, value);
  return *this;
}

Encrypter& Encrypter::additional_data(std::string_view bytes) {
  edit().additional_data = bytes;
  return *this;
}

Encrypter& Encrypter::compress() {
  edit().compress = true;
  return *this;
}

Encrypter& Encrypter::parties(std::string_view producer, std::string_view recipient) {
  jwe::Plan& plan = edit();
  plan.options.party_u = producer;
  plan.options.party_v = recipient;
  return *this;
}

Encrypter& Encrypter::iterations(unsigned count) {
  edit().options.iterations = count;
  return *this;
}

std::expected<std::string, Error> Encrypter::encrypt(std::string_view plaintext) const {
  const jwe::Plan& plan = *plan_;
  if (plan.recipients.size() != 1) return jwe::refused("a compact message has one recipient");
  if (!plan.shared_members.empty() || !plan.recipients.front().header.empty() || !plan.additional_data.empty()) {
    return jwe::refused("a compact message has neither unprotected headers nor additional data");
  }
  return jwe::written(plan, plaintext, jwe::write_compact);
}

std::expected<std::string, Error> Encrypter::encrypt_flattened(std::string_view plaintext) const {
  if (plan_->recipients.size() != 1) return jwe::refused("a flattened message has one recipient");
  return jwe::written(*plan_, plaintext, jwe::write_flattened);
}

std::expected<std::string, Error> Encrypter::encrypt_general(std::string_view plaintext) const {
  if (plan_->recipients.size() > jose::most_parts) return jwe::refused("more than 32 recipients");
  return jwe::written(*plan_, plaintext, jwe::write_general);
}

}  // namespace signet
