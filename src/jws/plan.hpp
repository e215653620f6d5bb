#pragma once
// What a JwsSigner is told, and the message made of it.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/key.hpp"
#include "src/jws/message.hpp"
#include "src/jwt/header.hpp"

namespace signet::jws {

struct Plan {
  struct Signature {
    SigningKey key;
    jwt::TextMembers header = {};  // unprotected
  };

  std::vector<Signature> signatures;
  std::string type = {};
  std::string content_type = {};
  std::optional<std::string> algorithm_name = {};  // instead of the keys' own
  jwt::TextMembers protected_members = {};
  bool is_unencoded = false;
  bool is_detached = false;
};

// RFC 7515 section 5.1; everything but the callers' unprotected members is protected. Errors: invalid_configuration,
// internal.
[[nodiscard]] std::expected<Message, Error> sign(const Plan& plan, std::string_view payload);

// Signs `payload`, as it is to be signed, under headers that are given as JSON; either may be empty. Errors: internal.
[[nodiscard]] std::expected<Message::Signature, Error> sign_under(const SigningKey& key, std::string protected_header,
                                                                  std::string header, std::string_view payload);

}  // namespace signet::jws
