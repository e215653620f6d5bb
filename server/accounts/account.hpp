#pragma once

#include <string>

#include "server/id.hpp"
#include "signet/clock.hpp"

namespace signet::server {

struct Account {
  AccountId id;               // the `sub` of its tokens
  std::string username;       // prepared: see accounts/username.hpp
  std::string password_hash;  // Argon2id, PHC string
  std::string scope;          // space-separated, goes into tokens
  bool disabled = false;
  bool must_change_password = false;  // before it gets a session
  Time created_at{};
  Time password_changed_at{};
};

}  // namespace signet::server
