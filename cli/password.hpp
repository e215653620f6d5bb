#pragma once

#include <expected>
#include <string>

#include "cli/console.hpp"
#include "signet/secret.hpp"

namespace signet::cli {

// Where a new password comes from. Never an argument: arguments show in `ps` and in the shell's history.
struct PasswordSource {
  std::string file;
  bool standard_input = false;  // its first line
};

// With neither, asks twice on the terminal, without showing what is typed.
[[nodiscard]] std::expected<Secret, Trouble> read_new_password(const PasswordSource& source, Console& console);

}  // namespace signet::cli
