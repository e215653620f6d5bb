#include "cli/text.hpp"

namespace signet::cli {
std::string one_line(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    if (!in_string && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
    out += c;
    if (escaped) {
      escaped = false;
    } else if (in_string && c == '\\') {
      escaped = true;
    } else if (c == '"') {
      in_string = !in_string;
    }
  }
  return out;
}

bool looks_like_key_material(std::string_view argument) {
  return argument.size() > 255 || argument.find_first_of("{\n\r") != std::string_view::npos ||
         argument.find("-----BEGIN") != std::string_view::npos || argument.starts_with("eyJ");
}

}  // namespace signet::cli
