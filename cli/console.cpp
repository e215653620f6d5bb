#include "cli/console.hpp"

#include "cli/text.hpp"

namespace signet::cli {

Exit complain(Console& console, const Trouble& trouble) {
  console.err << styled(console.err_colour, Style::bad, "signet:") << ' ' << printable(trouble.text) << '\n';
  return Exit::misuse;
}

std::string styled(bool colour, Style style, std::string_view text) {
  if (!colour) return std::string{text};
  std::string_view code;
  switch (style) {
    case Style::good:
      code = "\033[32m";
      break;
    case Style::bad:
      code = "\033[31m";
      break;
    case Style::warning:
      code = "\033[33m";
      break;
    case Style::strong:
      code = "\033[1m";
      break;
    case Style::faint:
      code = "\033[2m";
      break;
  }
  return std::string{code}.append(text).append("\033[0m");
}

}  // namespace signet::cli
