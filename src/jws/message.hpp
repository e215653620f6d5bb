#pragma once
// A message in its parts (RFC 7515 section 2), and its three serializations (section 7).

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/limits.hpp"
#include "src/crypto/secure_memory.hpp"

namespace signet::jws {

using crypto::Bytes;

struct Message {
  struct Signature {
    std::string protected_text;    // base64url, as it stood; empty: no protected header
    std::string protected_header;  // the same, decoded
    std::string header;            // JSON; empty: none
    Bytes signature;
  };

  // base64url, or with `b64` false the payload itself (RFC 7797 section 3); nothing when it is detached.
  std::optional<std::string> payload;
  std::vector<Signature> signatures;
};

// Section 5.1 step 8, with RFC 7797 section 3. `payload` as it is signed: base64url, unless `b64` is false.
[[nodiscard]] std::string signing_input(const Message::Signature& signature, std::string_view payload);

// Length and dots first, then base64url of the header and the signature; no header is parsed (case 28). The payload may
// be anything without dots here, for only the header says whether it is encoded. Errors: token_too_large,
// token_malformed.
[[nodiscard]] std::expected<Message, Error> read_compact(std::string_view text, const Limits& limits);
// Flattened or general. Members that must be absent when they are empty may not be there empty (section 7.2.1).
[[nodiscard]] std::expected<Message, Error> read_json(std::string_view text, const Limits& limits);

// Whether an unencoded payload can stand in the serialization (RFC 7797 section 5.2, RFC 8259 section 8.1).
[[nodiscard]] bool fits_compact(std::string_view payload) noexcept;
[[nodiscard]] bool fits_json(std::string_view payload);

// Preconditions: for the first two exactly one signature; for compact no unprotected header.
[[nodiscard]] std::string write_compact(const Message& message);
[[nodiscard]] std::string write_flattened(const Message& message);
[[nodiscard]] std::string write_general(const Message& message);

}  // namespace signet::jws
