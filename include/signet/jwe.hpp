#pragma once
// JSON Web Encryption (RFC 7516). The strict way is the default one; every relaxation is a named verb.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/encryption_key.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/limits.hpp"

namespace signet {

namespace jwe {
struct Plan;
struct Policy;
struct DecryptedData;
}  // namespace jwe

// Encrypts for one recipient or several:
//   auto text = Encrypter{key}.content_type("text/plain").encrypt("attack at dawn");
// What was asked for and cannot be done is answered by the encrypting call.
class Encrypter {
 public:
  explicit Encrypter(EncryptionKey recipient);

  // Another recipient, of the general JSON serialization. `dir` and ECDH-ES have exactly one (case 25).
  Encrypter& also_for(EncryptionKey recipient);

  // Not called: A256GCM, or the first that every recipient's key allows.
  Encrypter& content_encryption(ContentEncryption algorithm);

  Encrypter& type(std::string_view typ);
  Encrypter& content_type(std::string_view cty);

  // Another string member of the protected header, of the header all recipients share, or of the header of the
  // recipient named last; the last two are not protected and exist in JSON only. A name may stand once in all of them;
  // names that specifications have taken are refused.
  Encrypter& header(std::string_view name, std::string_view value);
  Encrypter& shared_header(std::string_view name, std::string_view value);
  Encrypter& recipient_header(std::string_view name, std::string_view value);

  // Protected and not encrypted; JSON only.
  Encrypter& additional_data(std::string_view bytes);

  // `zip` "DEF" (RFC 7516 section 4.1.3). What a stranger chose part of should not be compressed with a secret: the
  // length tells of it. A decrypter takes it only when it is told to.
  Encrypter& compress();

  // For ECDH-ES: what both parties are called (`apu`, `apv`, RFC 7518 section 4.6.1).
  Encrypter& parties(std::string_view producer, std::string_view recipient);

  // For PBES2: 1000 to 1,200,000; 600,000 unless set.
  Encrypter& iterations(unsigned count);

  // The three serializations (RFC 7516 section 7). Compact and flattened have one recipient; compact has neither
  // unprotected headers nor additional data. Errors: invalid_configuration, internal. Thread-safe.
  [[nodiscard]] std::expected<std::string, Error> encrypt(std::string_view plaintext) const;
  [[nodiscard]] std::expected<std::string, Error> encrypt_flattened(std::string_view plaintext) const;
  [[nodiscard]] std::expected<std::string, Error> encrypt_general(std::string_view plaintext) const;

 private:
  friend std::expected<std::string, Error> sign_and_encrypt(const class Signer&, const Encrypter&, const class Claims&);
  jwe::Plan& edit();
  std::shared_ptr<const jwe::Plan> plan_;
};

// What a Decrypter made of a message. Owns its bytes, and zeroes the plaintext when it goes; the views it gives live as
// long as it does, through moves too.
class Decrypted {
 public:
  Decrypted(Decrypted&&) noexcept;
  Decrypted& operator=(Decrypted&&) noexcept;
  Decrypted(const Decrypted&) = delete;
  Decrypted& operator=(const Decrypted&) = delete;
  ~Decrypted();

  [[nodiscard]] std::string_view plaintext() const noexcept;

  [[nodiscard]] KeyManagement algorithm() const noexcept;
  [[nodiscard]] ContentEncryption content_encryption() const noexcept;
  [[nodiscard]] const std::string& key_id() const noexcept;  // of the key that decrypted; empty when it has none
  [[nodiscard]] std::size_t recipient() const noexcept;      // its place in the message, 0 for the first

  // Of the protected header; nullopt when absent.
  [[nodiscard]] std::optional<std::string> type() const;
  [[nodiscard]] std::optional<std::string> content_type() const;
  [[nodiscard]] std::optional<json::View> header() const noexcept;  // nullopt: all of it was unprotected

  // What anyone on the way may have written; nullopt when absent.
  [[nodiscard]] std::optional<json::View> shared_header() const noexcept;
  [[nodiscard]] std::optional<json::View> recipient_header() const noexcept;

  // Protected; empty when absent.
  [[nodiscard]] std::string_view additional_data() const noexcept;

 private:
  friend class Decrypter;
  explicit Decrypted(std::unique_ptr<const jwe::DecryptedData> data) noexcept;
  std::unique_ptr<const jwe::DecryptedData> data_;
};

class DecrypterBuilder;

// Decrypts what was encrypted for one of its keys. Used from any number of threads.
class Decrypter {
 public:
  [[nodiscard]] static DecrypterBuilder builder();

  // The compact serialization; the JSON ones, flattened or general. `alg`, `enc`, `zip` and `crit` are read from the
  // protected header alone (case 5); `alg` may stand in a recipient's header when there are several recipients, for
  // then it has no other place.
  //
  // Errors, from the message's form and headers: token_malformed, token_too_large, critical_header,
  // algorithm_not_allowed, key_not_found. From the moment a key is used there is one, decryption_failed, that says
  // nothing of the cause (cases 21, 23). And internal.
  [[nodiscard]] std::expected<Decrypted, Error> decrypt(std::string_view compact) const noexcept;
  [[nodiscard]] std::expected<Decrypted, Error> decrypt_json(std::string_view json) const noexcept;

 private:
  friend class DecrypterBuilder;
  explicit Decrypter(std::shared_ptr<const jwe::Policy> policy) noexcept : policy_{std::move(policy)} {}
  std::shared_ptr<const jwe::Policy> policy_;
};

class DecrypterBuilder {
 public:
  DecrypterBuilder();
  DecrypterBuilder(DecrypterBuilder&&) noexcept;
  DecrypterBuilder& operator=(DecrypterBuilder&&) noexcept;
  ~DecrypterBuilder();

  // At least one; no `kid` twice. A message's key is the one of its `alg` and, when both have one, its `kid`.
  DecrypterBuilder& key(DecryptionKey key);

  // Not called: all that the keys allow.
  DecrypterBuilder& content_encryptions(std::vector<ContentEncryption> allowed);

  // PBES2 (case 26): without this a key made of a passphrase is refused. The limit counts for a whole message, since it
  // is the sender who says how much the recipient has to work; 1000 to 1,200,000.
  DecrypterBuilder& allow_passphrases(unsigned most_iterations = 1'200'000);

  // `zip` "DEF" (case 27), inflated no further than this many bytes; at most 250,000.
  DecrypterBuilder& allow_compression(std::size_t most_bytes = 250'000);

  // `alg` and `enc` outside the protected header of a JSON message (RFC 7520 sections 5.11, 5.12).
  DecrypterBuilder& allow_unprotected_algorithms();

  // A `crit` extension that the caller implements (RFC 7516 section 4.1.13).
  DecrypterBuilder& understands(std::string_view critical_header);

  // token_bytes holds for a whole message in JSON too.
  DecrypterBuilder& limits(const Limits& limits);

  // Errors: invalid_configuration, with all that is missing, empty or out of bounds.
  [[nodiscard]] std::expected<Decrypter, Error> build() const;

 private:
  struct Draft;
  std::unique_ptr<Draft> draft_;
};

}  // namespace signet
