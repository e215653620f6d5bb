#pragma once
// JSON Web Signature (RFC 7515) over any bytes, in its three serializations, with detached payloads and RFC 7797. For
// claims there are Signer and Verifier. The strict way is the default one; every relaxation is a named verb.

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"
#include "signet/limits.hpp"

namespace signet {

namespace jws {
struct Plan;
struct Policy;
struct VerifiedData;
}  // namespace jws

// Signs with one key or several:
//   auto text = JwsSigner{key}.content_type("text/plain").sign("attack at dawn");
// What was asked for and cannot be done is answered by the signing call.
class JwsSigner {
 public:
  explicit JwsSigner(SigningKey key);

  // Another signature over the same payload, of the general JSON serialization.
  JwsSigner& also_by(SigningKey key);

  JwsSigner& type(std::string_view typ);
  JwsSigner& content_type(std::string_view cty);

  // Another string member of every signature's protected header, or of the unprotected header of the signature named
  // last, which exists in JSON only. A name may stand once in both; of those taken, those that Signer::header takes.
  JwsSigner& header(std::string_view name, std::string_view value);
  JwsSigner& unprotected_header(std::string_view name, std::string_view value);

  // The payload as it is instead of base64url (RFC 7797: `b64` false, in `crit`). Where it is not detached, compact
  // takes printable ASCII without dots, JSON takes UTF-8.
  JwsSigner& unencoded();

  // The message goes without its payload (RFC 7515 appendix F).
  JwsSigner& detached();

  // The three serializations (RFC 7515 section 7). Compact and flattened have one signature; compact has no
  // unprotected header. Errors: invalid_configuration, signer_failed (a key that is elsewhere), internal. Thread-safe.
  [[nodiscard]] std::expected<std::string, Error> sign(std::string_view payload) const;
  [[nodiscard]] std::expected<std::string, Error> sign_flattened(std::string_view payload) const;
  [[nodiscard]] std::expected<std::string, Error> sign_general(std::string_view payload) const;

 private:
  jws::Plan& edit();
  std::shared_ptr<const jws::Plan> plan_;
};

// One signature that held. Lives no longer than the VerifiedJws it is of.
class VerifiedSignature {
 public:
  [[nodiscard]] std::size_t index() const noexcept;  // its place in the message, 0 for the first
  [[nodiscard]] Algorithm algorithm() const noexcept;
  [[nodiscard]] const VerifyingKey& key() const noexcept;  // that verified it

  // Of the protected header; nullopt when absent.
  [[nodiscard]] std::optional<std::string> type() const;
  [[nodiscard]] std::optional<std::string> content_type() const;
  [[nodiscard]] std::optional<json::View> header() const noexcept;  // nullopt: all of it was unprotected

  // What anyone on the way may have written; nullopt when absent.
  [[nodiscard]] std::optional<json::View> unprotected_header() const noexcept;

 private:
  friend class VerifiedJws;
  VerifiedSignature(const jws::VerifiedData& data, std::size_t at) noexcept : data_{&data}, at_{at} {}
  const jws::VerifiedData* data_;
  std::size_t at_;
};

// What a JwsVerifier made of a message. Owns its bytes; the views it gives live as long as it does, through moves too.
class VerifiedJws {
 public:
  VerifiedJws(VerifiedJws&&) noexcept;
  VerifiedJws& operator=(VerifiedJws&&) noexcept;
  VerifiedJws(const VerifiedJws&) = delete;
  VerifiedJws& operator=(const VerifiedJws&) = delete;
  ~VerifiedJws();

  [[nodiscard]] std::string_view payload() const noexcept;

  // The signatures that held, in the order of the message; the others are not shown (case 18). At least one.
  [[nodiscard]] std::vector<VerifiedSignature> signatures() const;
  [[nodiscard]] VerifiedSignature signature() const noexcept;  // the first of them

 private:
  friend class JwsVerifier;
  explicit VerifiedJws(std::unique_ptr<const jws::VerifiedData> data) noexcept;
  std::unique_ptr<const jws::VerifiedData> data_;
};

class JwsVerifierBuilder;

// Verifies messages whose payload is not claims. Used from any number of threads.
class JwsVerifier {
 public:
  [[nodiscard]] static JwsVerifierBuilder builder();

  // The compact serialization; the JSON ones, flattened or general. `alg`, `crit` and `b64` are read from the protected
  // header alone (cases 5, 14); `kid` may stand outside, for it chooses among trusted keys only. The payload is given
  // away when every signature holds, unless the builder says otherwise.
  //
  // Errors: token_malformed, token_too_large, critical_header, algorithm_not_allowed, key_not_found, bad_signature;
  // those of the key source; and internal.
  [[nodiscard]] std::expected<VerifiedJws, Error> verify(std::string_view compact) const noexcept;
  [[nodiscard]] std::expected<VerifiedJws, Error> verify_json(std::string_view json) const noexcept;

  // The same for messages without their payload, which comes from elsewhere (RFC 7515 appendix F). A message that has
  // one is token_malformed, as a message without one is for the other two. Of the payload only the size is limited.
  [[nodiscard]] std::expected<VerifiedJws, Error> verify_detached(std::string_view compact,
                                                                  std::string_view payload) const noexcept;
  [[nodiscard]] std::expected<VerifiedJws, Error> verify_json_detached(std::string_view json,
                                                                       std::string_view payload) const noexcept;

 private:
  friend class JwsVerifierBuilder;
  explicit JwsVerifier(std::shared_ptr<const jws::Policy> policy) noexcept : policy_{std::move(policy)} {}
  std::expected<VerifiedJws, Error> run(bool is_compact, std::string_view text,
                                        const std::string_view* detached) const noexcept;
  std::shared_ptr<const jws::Policy> policy_;
};

class JwsVerifierBuilder {
 public:
  JwsVerifierBuilder();
  JwsVerifierBuilder(JwsVerifierBuilder&&) noexcept;
  JwsVerifierBuilder& operator=(JwsVerifierBuilder&&) noexcept;
  ~JwsVerifierBuilder();

  // Where keys come from: one or more of the first, no `kid` twice, or one of the others. A signature's key is the one
  // of its `alg` and, when both have one, its `kid`.
  JwsVerifierBuilder& key(VerifyingKey key);
  JwsVerifierBuilder& keys(KeySet keys);
  JwsVerifierBuilder& key_source(std::shared_ptr<const KeySource> source);

  // Of several signatures one that holds is enough; VerifiedJws names it. Not called: every one must hold.
  JwsVerifierBuilder& any_signature();

  // `alg` outside the protected header of a JSON message (RFC 7520 sections 4.7, 4.8). It still must be the key's.
  JwsVerifierBuilder& allow_unprotected_algorithms();

  // A `crit` extension that the caller implements (RFC 7515 section 4.1.11). `b64` is understood anyway.
  JwsVerifierBuilder& understands(std::string_view critical_header);

  // token_bytes holds for a whole message in JSON too, and for a detached payload.
  JwsVerifierBuilder& limits(const Limits& limits);

  // Errors: invalid_configuration, with all that is missing, decided twice or out of bounds.
  [[nodiscard]] std::expected<JwsVerifier, Error> build() const;

 private:
  struct Draft;
  std::unique_ptr<Draft> draft_;
};

}  // namespace signet
