#include "signet/http/guard.hpp"

#include <algorithm>

#include "signet/json.hpp"
#include "src/http/credentials.hpp"

namespace signet::http {
namespace {

constexpr std::string_view cookie_prefix = "__Host-";

// What goes into a quoted string of a challenge as it is (RFC 6750 section 3: no quote, no backslash, printable ASCII).
std::string quotable(std::string_view text) {
  std::string kept;
  std::ranges::copy_if(text, std::back_inserter(kept),
                       [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  return kept;
}

bool is_safe(std::string_view method) noexcept {  // RFC 9110 section 9.2.1
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

struct Words {
  int status;
  std::string_view error;
  std::string_view description;
};

// RFC 6750 section 3.1. One description for every cause of a bad token: what is wrong with it is nobody's business.
constexpr Words invalid_request{400, "invalid_request", "The request must carry exactly one well-formed access token"};
constexpr Words invalid_token{401, "invalid_token", "The access token is invalid, expired or revoked"};
constexpr Words insufficient_scope{403, "insufficient_scope", "The access token lacks a scope that this needs"};
// Not the token's fault: nothing was found out about it.
constexpr Words unavailable{503, "temporarily_unavailable", "The access token could not be checked. Try again"};
constexpr Words foreign_origin{403, "invalid_request",
                               "The request comes from a site that may not act in the user's name"};

// A link that was cut is back within seconds, mostly; who may not wait takes another server.
constexpr std::chrono::seconds soon{1};

bool says_nothing_of_the_token(ErrorCode code) noexcept {
  return code == ErrorCode::internal || code == ErrorCode::keys_unavailable || code == ErrorCode::revocations_stale;
}

std::string body(const Words& words) {
  return json::Object{}.set("error", words.error).set("error_description", words.description).text();
}

class ChallengeText {
 public:
  explicit ChallengeText(std::string_view realm) {
    if (!realm.empty()) add("realm", realm);
  }
  void add(std::string_view name, std::string_view value) {
    text_ += text_.size() == scheme_size ? " " : ", ";
    text_.append(name).append("=\"").append(value).append("\"");
  }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  static constexpr std::size_t scheme_size = 6;
  std::string text_ = "Bearer";
};

Challenge no_credentials(std::string_view realm) { return {401, ChallengeText{realm}.take(), {}, {}}; }

Challenge refuse(const Words& words, std::string_view realm, std::optional<Error> reason = {},
                 std::span<const std::string_view> scopes = {}) {
  ChallengeText text{realm};
  text.add("error", words.error);
  text.add("error_description", words.description);
  if (!scopes.empty()) {
    std::string needed;
    for (const auto scope : scopes) needed.append(needed.empty() ? "" : " ").append(quotable(scope));
    text.add("scope", needed);
  }
  return {words.status, std::move(text).take(), body(words), std::move(reason)};
}

}  // namespace

Guard::Guard(Verifier verifier) noexcept : verifier_{std::move(verifier)} {}

Guard& Guard::realm(std::string_view realm) {
  realm_ = quotable(realm);
  return *this;
}

std::expected<void, Error> Guard::cookie(std::string_view name, std::vector<std::string> allowed_origins) {
  const auto refused = [](const char* why) { return std::unexpected(Error{ErrorCode::invalid_configuration, why}); };
  if (!name.starts_with(cookie_prefix) || name.size() == cookie_prefix.size() ||
      name.find_first_of("=; \t\",\\") != std::string_view::npos) {
    return refused("a token cookie's name begins with __Host-, so that no other host can set it");
  }
  if (allowed_origins.empty() || std::ranges::any_of(allowed_origins, [](const auto& origin) {
        return origin.find("://") == std::string::npos || origin.ends_with('/');
      })) {
    return refused("token cookies need the origins that may use them, as in https://app.example");
  }
  cookie_ = name;
  allowed_origins_ = std::move(allowed_origins);
  return {};
}

std::expected<Principal, Challenge> Guard::check(const Credentials& credentials,
                                                 std::span<const std::string_view> scopes) const noexcept {
  try {
    auto found = bearer_token(credentials.authorization);
    if (!cookie_.empty()) {
      const auto in_cookie = cookie_token(credentials.cookie, cookie_);
      if (in_cookie.kind != Found::Kind::none) {
        // RFC 6750 section 2: not more than one method in a request.
        if (!credentials.authorization.empty()) return std::unexpected(refuse(invalid_request, realm_));
        if (!is_safe(credentials.method) &&
            (credentials.origin.size() != 1 ||
             std::ranges::find(allowed_origins_, credentials.origin.front()) == allowed_origins_.end())) {
          return std::unexpected(refuse(foreign_origin, realm_));
        }
        found = in_cookie;
      }
    }
    switch (found.kind) {
      case Found::Kind::none:
        return std::unexpected(no_credentials(realm_));
      case Found::Kind::malformed:
        return std::unexpected(refuse(invalid_request, realm_));
      case Found::Kind::token:
        break;
    }
    auto token = verifier_.verify(found.token);
    if (!token && says_nothing_of_the_token(token.error().code())) {
      return std::unexpected(Challenge{unavailable.status, {}, body(unavailable), std::move(token.error()), soon});
    }
    if (!token) return std::unexpected(refuse(invalid_token, realm_, std::move(token.error())));
    for (const auto scope : scopes) {
      if (!token->has_scope(scope)) return std::unexpected(refuse(insufficient_scope, realm_, {}, scopes));
    }
    return Principal{std::move(*token)};
  } catch (...) {
    // Out of memory. Without an answer that needs memory, the door stays shut.
    return std::unexpected(Challenge{.status = unavailable.status,
                                     .www_authenticate = {},
                                     .body = {},
                                     .reason = Error{ErrorCode::internal},
                                     .retry_after = soon});
  }
}

}  // namespace signet::http
