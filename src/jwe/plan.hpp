#pragma once
// What an Encrypter is told, and the message made of it.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signet/error.hpp"
#include "src/jwe/key_data.hpp"
#include "src/jwe/key_management.hpp"
#include "src/jwe/message.hpp"
#include "src/jwt/header.hpp"

namespace signet::jwe {

using jwt::TextMembers;

struct Plan {
  struct Recipient {
    KeyHandle key;
    TextMembers header = {};
  };

  std::vector<Recipient> recipients;
  std::optional<ContentEncryption> content_encryption = {};
  std::string type = {};
  std::string content_type = {};
  TextMembers protected_members = {};
  TextMembers shared_members = {};
  std::string additional_data = {};
  bool compress = false;
  WrappingOptions options = {};
};

// RFC 7516 section 5.1. With one recipient everything that may be protected is. Errors: invalid_configuration,
// internal.
[[nodiscard]] std::expected<Message, Error> encrypt(const Plan& plan, std::string_view plaintext,
                                                    Randomness& randomness);

}  // namespace signet::jwe
