#pragma once
// The content encryption key on its way to a recipient (RFC 7518 section 4).

#include <expected>
#include <optional>
#include <span>
#include <string>

#include "signet/error.hpp"
#include "signet/json.hpp"
#include "src/jose/joined_header.hpp"
#include "src/jwe/algorithms.hpp"
#include "src/jwe/key_data.hpp"
#include "src/jwe/randomness.hpp"

namespace signet::jwe {

using crypto::Bytes;
using crypto::SecretBytes;
using jose::JoinedHeader;

inline constexpr unsigned fewest_iterations = 1000;     // RFC 7518 section 4.8.1.2
inline constexpr unsigned most_iterations = 1'200'000;  // case 26
inline constexpr std::size_t shortest_salt = 8;         // RFC 7518 section 4.8.1.1

struct WrappingOptions {
  unsigned iterations = 600'000;  // OWASP's figure of 2023 for PBKDF2 with HMAC-SHA256
  std::string party_u = {};       // `apu`, decoded
  std::string party_v = {};       // `apv`
};

// Encrypts `content_key` for the recipient and returns the encrypted key; where the recipient's key determines it,
// writes it instead, and there is no encrypted key. What the recipient needs to know is set in `header`. Errors:
// internal.
[[nodiscard]] std::expected<Bytes, Error> wrap_key(const KeyData& key, const ContentEncryptionAlgorithm& content,
                                                   const WrappingOptions& options, Randomness& randomness,
                                                   SecretBytes& content_key, json::Object& header);

// What the header says for the recipient's use, of the right form (cases 20, 26); sizes that the cryptography fixes are
// looked at where it is done.
struct KeyParameters {
  std::optional<json::View> ephemeral_key;  // `epk`
  jose::Curve curve = jose::Curve::none;    // its curve
  Bytes party_u, party_v;                   // `apu`, `apv`
  Bytes iv, tag;
  Bytes salt;               // `p2s`
  unsigned iterations = 0;  // `p2c`
};
// Errors: token_malformed.
[[nodiscard]] std::expected<KeyParameters, Error> read_parameters(const KeyManagementAlgorithm& algorithm,
                                                                  const JoinedHeader& header);

// The content encryption key, of the size that `content` takes; nothing when anything is wrong.
[[nodiscard]] std::optional<SecretBytes> unwrap_key(const KeyData& key, const ContentEncryptionAlgorithm& content,
                                                    const KeyParameters& parameters,
                                                    std::span<const std::byte> encrypted_key);

}  // namespace signet::jwe
