// Header lines of a request, one a line of the input: the first byte says which (A, C, O: Authorization, Cookie,
// Origin; M: the method). Whoever passes showed exactly one token; whoever does not gets an answer that HTTP can carry.

#include "signet/http/guard.hpp"

#include <algorithm>
#include <vector>

#include "fuzz/property.hpp"
#include "fuzz/token.hpp"

namespace {

using namespace signet;

const http::Guard& guard() {
  static const http::Guard guard = [] {
    http::Guard made{fuzz::verifier()};
    made.realm("fuzz");
    fuzz::require(made.cookie("__Host-token", {"https://app.example"}).has_value());
    return made;
  }();
  return guard;
}

bool is_field_value(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  std::string_view method = "GET";
  std::vector<std::string_view> authorization;
  std::vector<std::string_view> cookie;
  std::vector<std::string_view> origin;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty()) continue;
    const auto value = line.substr(1);
    switch (line.front()) {
      case 'A':
        authorization.push_back(value);
        break;
      case 'C':
        cookie.push_back(value);
        break;
      case 'O':
        origin.push_back(value);
        break;
      case 'M':
        method = value;
        break;
      default:
        break;
    }
  }

  const auto who = guard().check({method, authorization, cookie, origin}, {"read"});
  if (who) {
    fuzz::require(authorization.size() <= 1);
    const bool in_cookie =
        std::ranges::any_of(cookie, [](auto line) { return line.find("__Host-token=") != std::string_view::npos; });
    fuzz::require(authorization.empty() ? in_cookie : authorization.front().size() > 7);
    const bool safe = method == "GET" || method == "HEAD" || method == "OPTIONS";
    fuzz::require(!authorization.empty() || safe || origin == std::vector<std::string_view>{"https://app.example"});
    fuzz::require(who->has_scope("read"));
    return 0;
  }
  const auto& challenge = who.error();
  fuzz::require(challenge.status == 400 || challenge.status == 401 || challenge.status == 403);
  fuzz::require(challenge.www_authenticate.starts_with("Bearer realm=\"fuzz\"") &&
                is_field_value(challenge.www_authenticate));
  fuzz::require(challenge.body.empty() ? challenge.status == 401 : json::parse(challenge.body).has_value());
  fuzz::require(!challenge.reason || challenge.reason->code() != ErrorCode::internal);
  return 0;
}
