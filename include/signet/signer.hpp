#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signet/claims.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key.hpp"

namespace signet {

// Makes compact signed tokens (RFC 7515 section 7.1, RFC 7519 section 7.1). The header carries `alg` and `kid` of the
// key, and `typ`.
class Signer {
 public:
  explicit Signer(SigningKey key);

  // The header's `typ`: "JWT" unless set; an access token is "at+jwt" (RFC 9068). Empty: no `typ`.
  Signer& type(std::string_view typ);

  // Another string member of the header, once a name. Of the names that specifications have taken, only x5t, x5t#S256
  // and another `alg` of the key's (EdDSA, which older verifiers call Ed25519 and Ed448): `sign` answers kid, typ, cty,
  // crit, b64, jwk, jku, x5c, x5u, enc, zip ... with invalid_configuration.
  Signer& header(std::string_view name, std::string_view value);

  // Must outlive the signer. Default: SystemClock.
  Signer& clock(const Clock& clock) noexcept;
  Signer& clock(const Clock&& temporary) = delete;

  // The compact token. Thread-safe. Errors: invalid_configuration (claims or header that cannot be written, or more
  // than a verifier with default Limits would read), signer_failed (a key that is elsewhere), internal.
  [[nodiscard]] std::expected<std::string, Error> sign(const Claims& claims) const;

 private:
  void write_header();

  SigningKey key_;
  std::string type_ = "JWT";
  std::vector<std::pair<std::string, std::string>> extra_;
  const Clock* clock_;
  std::string encoded_header_;    // the same for every token, so made once; ends with the dot
  std::optional<Error> refusal_;  // why there is no such header
};

}  // namespace signet
