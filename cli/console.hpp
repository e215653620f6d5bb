#pragma once
// What every command is given: streams, a clock, and how to look. Nothing here knows of a terminal or a process, so
// that commands run in tests as they do in a shell.

#include <cstdint>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "signet/clock.hpp"

namespace signet::cli {

enum class Exit : std::uint8_t {
  ok = 0,       // all that was asked for holds, or was done
  refused = 1,  // the answer is no: a token is invalid, a name is taken, there is no such session
  misuse = 2,   // wrong use, or something could not be read or written
};

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  bool terminal = false;    // `out` is a terminal: prose for a person
  bool out_colour = false;  // colour on `out`
  bool err_colour = false;
};

// Why a command cannot go on: one line that says what, why, and what to do about it. Never a secret.
struct Trouble {
  std::string text;
};

// Writes `signet: TEXT` to the error stream. Returns Exit::misuse, for `return complain(...)`.
Exit complain(Console& console, const Trouble& trouble);

// `text` between the escapes of an ANSI style, or as it is when `colour` is off.
enum class Style : std::uint8_t { good, bad, warning, strong, faint };
[[nodiscard]] std::string styled(bool colour, Style style, std::string_view text);

}  // namespace signet::cli
