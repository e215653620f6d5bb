#pragma once
// What a JwsVerifier decides with, and what it gives back.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "signet/jws.hpp"
#include "src/jws/message.hpp"

namespace signet::jws {

struct Policy {
  std::variant<std::vector<VerifyingKey>, std::shared_ptr<const KeySource>> keys;
  bool any_signature = false;
  bool unprotected_algorithms = false;
  std::vector<std::string> understood;  // with `b64`
  Limits limits;
};

struct VerifiedData {
  struct Held {
    std::size_t index;
    VerifyingKey key;
    Algorithm algorithm;
  };

  Message message;
  Limits limits;
  std::string payload = {};
  std::vector<Held> held = {};
};

}  // namespace signet::jws
