#pragma once
// A message in its parts (RFC 7516 section 2), and its three serializations (section 7).

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/limits.hpp"
#include "src/crypto/secure_memory.hpp"

namespace signet::jwe {

using crypto::Bytes;

struct Message {
  struct Recipient {
    std::string header;  // JSON; empty: none
    Bytes encrypted_key;
  };

  std::string protected_text;    // base64url, as it stood; empty: no protected header
  std::string protected_header;  // the same, decoded
  std::string shared_header;     // JSON; empty: none
  std::vector<Recipient> recipients;
  Bytes iv;
  Bytes ciphertext;
  Bytes tag;
  std::string additional_text;  // `aad` in base64url, as it stood; empty: none

  // What is authenticated beside the ciphertext (section 5.1 step 14).
  [[nodiscard]] std::string additional_data() const;
};

// Length, alphabet and dots first, then base64url; no header is parsed (cases 17, 28). Errors: token_too_large,
// token_malformed.
[[nodiscard]] std::expected<Message, Error> read_compact(std::string_view text, const Limits& limits);
// Flattened or general. Members that must be absent when they are empty may not be there empty (section 7.2.1).
[[nodiscard]] std::expected<Message, Error> read_json(std::string_view text, const Limits& limits);

// Preconditions: for the first two exactly one recipient; for compact neither unprotected headers nor additional data.
[[nodiscard]] std::string write_compact(const Message& message);
[[nodiscard]] std::string write_flattened(const Message& message);
[[nodiscard]] std::string write_general(const Message& message);

}  // namespace signet::jwe
