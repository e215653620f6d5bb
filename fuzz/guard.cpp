// Header lines of a request, one a line of the input: the first byte says which (A, C, O, D: Authorization, Cookie,
// Origin, DPoP; M, T: the method and the target; B, P: the claims of a token and of a proof, which are signed whatever
// they say and sent as Authorization and DPoP). Whoever passes showed exactly one token, and for a bound one exactly
// one proof; whoever does not gets an answer that HTTP can carry.

#include "signet/http/guard.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "fuzz/property.hpp"
#include "fuzz/token.hpp"

namespace {

using namespace signet;

// A new one each time: it remembers proofs, and an input must not depend on those before it.
http::Guard fresh_guard() {
  static const Verifier verifier = fuzz::verifier();
  http::Guard made{verifier};
  made.realm("fuzz");
  fuzz::require(made.cookie("__Host-token", {"https://app.example"}).has_value());
  const auto proofs = DpopVerifier::of({}, std::make_shared<const ManualClock>(fuzz::now));
  fuzz::require(proofs && made.dpop(*proofs, "https://api.example/v1"));
  return made;
}

const std::string& proof_header() {
  static const std::string header =
      R"({"typ":"dpop+jwt","alg":"EdDSA","jwk":)" + *fuzz::client_key().verifying_key().to_jwk() + "}";
  return header;
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
  std::vector<std::string_view> dpop;
  std::string_view target = "/";
  std::deque<std::string> sealed;  // where it stands, it stays
  while (!rest.empty()) {
    const auto line = fuzz::take_line(rest);
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
      case 'D':
        dpop.push_back(value);
        break;
      case 'M':
        method = value;
        break;
      case 'T':
        target = value;
        break;
      case 'B':
        authorization.push_back(sealed.emplace_back("DPoP " + fuzz::sealed(R"({"alg":"HS256"})", value)));
        break;
      case 'P':
        dpop.push_back(sealed.emplace_back(fuzz::sealed(proof_header(), value, fuzz::client_key())));
        break;
      default:
        break;
    }
  }

  const auto guard = fresh_guard();
  const http::Credentials credentials{method, authorization, cookie, origin, dpop, target};
  const auto who = guard.check(credentials, {"read"});
  if (who) {
    fuzz::require(authorization.size() <= 1);
    const bool in_cookie =
        std::ranges::any_of(cookie, [](auto line) { return line.find("__Host-token=") != std::string_view::npos; });
    fuzz::require(authorization.empty() ? in_cookie : authorization.front().size() > 7);
    const bool safe = method == "GET" || method == "HEAD" || method == "OPTIONS";
    fuzz::require(!authorization.empty() || safe || origin == std::vector<std::string_view>{"https://app.example"});
    fuzz::require(who->has_scope("read"));
    const auto cnf = who->token().claims().find("cnf");
    if (!cnf) {
      fuzz::require(guard.check(credentials, {"read"}).has_value());
      return 0;
    }
    const auto own = fuzz::client_key().thumbprint();
    fuzz::require(dpop.size() == 1 && !authorization.empty() && cnf->find("jkt").value().string() == own);
    fuzz::require(!guard.check(credentials, {"read"}));  // a proof is good once
    return 0;
  }
  const auto& challenge = who.error();
  fuzz::require(challenge.status == 400 || challenge.status == 401 || challenge.status == 403);
  fuzz::require((challenge.www_authenticate.starts_with("Bearer realm=\"fuzz\"") ||
                 challenge.www_authenticate.starts_with("DPoP realm=\"fuzz\"")) &&
                is_field_value(challenge.www_authenticate));
  fuzz::require(challenge.body.empty() ? challenge.status == 401 : json::parse(challenge.body).has_value());
  fuzz::require(!challenge.reason || challenge.reason->code() != ErrorCode::internal);
  return 0;
}
