#include "cli/inspect.hpp"

#include "cli/input.hpp"
#include "cli/show.hpp"
#include "cli/text.hpp"
#include "signet/danger.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

void show(const danger::UnverifiedToken& token, Console& console) {
  const Time now = console.clock.now();
  console.out << styled(console.out_colour, Style::faint, "header") << '\n';
  show_members(console, token.header(), now);
  console.out << styled(console.out_colour, Style::faint, "claims") << '\n';
  show_members(console, token.claims(), now);
  console.out << styled(console.out_colour, Style::faint, "signature") << '\n';
  console.out << "  " << (token.signature().empty() ? "none" : token.signature()) << '\n';
}

}  // namespace

Exit inspect(const InspectRequest& request, Console& console) {
  std::string token = request.token.value_or("-");
  if (token == "-") {
    LineReader lines{console.in, Limits{}.token_bytes};
    std::string_view line;
    if (!lines.next(line)) return complain(console, {"no token: give one as an argument or on standard input"});
    token = line;
  }
  const auto read = danger::read_unverified(token);
  if (!read) {
    const Error& error = read.error();
    if (request.json) {
      json::Object object;
      object.set("verified", false).set("error", to_string(error.code())).set("detail", error.detail());
      console.out << printable(object.text()) << '\n';
    } else {
      const auto hint = hint_at_token(token);
      console.err << styled(console.err_colour, Style::bad, "signet:") << " not a token: "
                  << printable(error.detail().empty() ? std::string{to_string(error.code())} : error.detail())
                  << (hint.empty() ? "" : "; ") << hint << '\n';
    }
    return Exit::refused;
  }
  if (request.json) {
    json::Object object;
    object.set("verified", false).set_raw("header", one_line(read->header().text()));
    object.set_raw("claims", one_line(read->claims().text())).set("signature", read->signature());
    console.out << printable(object.text()) << '\n';
    return Exit::ok;
  }
  console.err << styled(console.err_colour, Style::warning,
                        "NOT VERIFIED: anyone can have written this; `signet verify` checks it")
              << '\n';
  show(*read, console);
  return Exit::ok;
}

}  // namespace signet::cli
