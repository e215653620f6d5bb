#include "signet/http/guard.hpp"

#include <algorithm>

#include "signet/certificate_binding.hpp"
#include "signet/json.hpp"
#include "src/dpop/target_uri.hpp"
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
// RFC 9449 sections 7.1 and 9.
constexpr Words invalid_proof{401, "invalid_dpop_proof", "The DPoP proof is not one for this request"};
constexpr Words use_nonce{401, "use_dpop_nonce", "The DPoP proof must carry the nonce of the DPoP-Nonce header"};
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

// The text of a `cnf` that holds this member and no other: what else it holds would go unchecked (RFC 7800
// section 3.1).
std::optional<std::string> only_confirmation(const VerifiedToken& token, std::string_view name) {
  const auto cnf = token.claims().find("cnf");
  const auto member = cnf ? cnf->find(name) : std::nullopt;
  return member && std::ranges::distance(cnf->members()) == 1 ? member->string() : std::nullopt;
}

bool is_of_certificate(const VerifiedToken& token, std::span<const std::byte> certificate) {
  const auto wanted = certificate.empty() ? std::nullopt : only_confirmation(token, "x5t#S256");
  const auto shown = wanted ? certificate_thumbprint(certificate) : std::string{};
  return wanted && shown && *shown == *wanted;
}

enum class Scheme : std::uint8_t { bearer, dpop };

class ChallengeText {
 public:
  explicit ChallengeText(std::string_view scheme) : text_{scheme}, scheme_size_{scheme.size()} {}
  void add(std::string_view name, std::string_view value) {
    text_ += text_.size() == scheme_size_ ? " " : ", ";
    text_.append(name).append("=\"").append(value).append("\"");
  }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  std::size_t scheme_size_;
};

}  // namespace

// Challenges of one request. Where both schemes are taken, the one that was not tried follows (RFC 9449 section 7.2).
class Guard::Answers {
 public:
  Answers(const Guard& guard, Scheme tried) : guard_{guard}, tried_{tried} {}

  [[nodiscard]] Challenge no_credentials() const { return {401, challenges(nullptr, {}), {}, {}}; }

  [[nodiscard]] Challenge refuse(const Words& words, std::optional<Error> reason = {},
                                 std::span<const std::string_view> scopes = {}) const {
    return {words.status, challenges(&words, scopes), body(words), std::move(reason)};
  }

  [[nodiscard]] static Challenge unable(std::optional<Error> reason) {
    return {unavailable.status, {}, body(unavailable), std::move(reason), soon};
  }

 private:
  [[nodiscard]] std::string challenges(const Words* words, std::span<const std::string_view> scopes) const {
    std::string text = one(tried_, words, scopes);
    if (guard_.dpop_) text += ", " + one(tried_ == Scheme::bearer ? Scheme::dpop : Scheme::bearer, nullptr, {});
    return text;
  }

  [[nodiscard]] std::string one(Scheme scheme, const Words* words, std::span<const std::string_view> scopes) const {
    ChallengeText text{scheme == Scheme::dpop ? "DPoP" : "Bearer"};
    if (!guard_.realm_.empty()) text.add("realm", guard_.realm_);
    if (words != nullptr) {
      text.add("error", words->error);
      text.add("error_description", words->description);
    }
    if (!scopes.empty()) {
      std::string needed;
      for (const auto scope : scopes) needed.append(needed.empty() ? "" : " ").append(quotable(scope));
      text.add("scope", needed);
    }
    if (scheme == Scheme::dpop) text.add("algs", guard_.dpop_->algorithms());
    return std::move(text).take();
  }

  const Guard& guard_;
  Scheme tried_;
};

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

std::expected<void, Error> Guard::dpop(DpopVerifier verifier, std::string_view base_url) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  if (!dpop::normalised_target(base_url) || base_url.find_first_of("?#") != std::string_view::npos) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "not the URL of a service: " + quotable(base_url)});
  }
  dpop_ = std::move(verifier);
  base_url_ = base_url;
  return {};
}

// Whoever presents the token has the key that it names (RFC 9449 section 7.1). An unbound token is none for this
// scheme.
std::expected<void, Challenge> Guard::check_possession(const Credentials& credentials, std::string_view text,
                                                       const VerifiedToken& token, const Answers& answers) const {
  const auto not_for_dpop = [&](const char* why) {
    return std::unexpected(answers.refuse(invalid_token, Error{ErrorCode::proof_invalid, why}));
  };
  const auto thumbprint = only_confirmation(token, "jkt");
  if (!thumbprint) return not_for_dpop("the token is not bound to a key by cnf.jkt alone");

  if (!credentials.target.starts_with('/')) return not_for_dpop("the request has no path");
  const std::string url = base_url_ + std::string{credentials.target};
  const auto proof = dpop_->check(credentials.dpop, {.method = credentials.method, .url = url, .access_token = text});
  if (!proof) {
    const ErrorCode code = proof.error().code();
    if (code == ErrorCode::proof_invalid) return std::unexpected(answers.refuse(invalid_proof, proof.error()));
    if (code != ErrorCode::proof_nonce_missing) return std::unexpected(Answers::unable(proof.error()));
    Challenge challenge = answers.refuse(use_nonce, proof.error());
    challenge.dpop_nonce = dpop_->nonce();
    return std::unexpected(std::move(challenge));
  }
  if (proof->thumbprint() != *thumbprint) return not_for_dpop("the proof is by another key than the token's");
  return {};
}

std::expected<Principal, Challenge> Guard::check(const Credentials& credentials,
                                                 std::span<const std::string_view> scopes) const noexcept {
  try {
    auto found = token_of("bearer", credentials.authorization);
    Scheme scheme = Scheme::bearer;
    if (dpop_ && found.kind == Found::Kind::none) {
      found = token_of("dpop", credentials.authorization);
      if (found.kind != Found::Kind::none) scheme = Scheme::dpop;
    }
    const Answers answers{*this, scheme};
    bool in_cookie = false;
    if (!cookie_.empty()) {
      const auto of_cookie = cookie_token(credentials.cookie, cookie_);
      in_cookie = of_cookie.kind != Found::Kind::none;
      if (in_cookie) {
        // RFC 6750 section 2: not more than one method in a request.
        if (!credentials.authorization.empty()) return std::unexpected(answers.refuse(invalid_request));
        if (!is_safe(credentials.method) &&
            (credentials.origin.size() != 1 ||
             std::ranges::find(allowed_origins_, credentials.origin.front()) == allowed_origins_.end())) {
          return std::unexpected(answers.refuse(foreign_origin));
        }
        found = of_cookie;
      }
    }
    switch (found.kind) {
      case Found::Kind::none:
        return std::unexpected(answers.no_credentials());
      case Found::Kind::malformed:
        return std::unexpected(answers.refuse(invalid_request));
      case Found::Kind::token:
        break;
    }
    auto token = verifier_.verify(found.token);
    if (!token && says_nothing_of_the_token(token.error().code())) {
      return std::unexpected(Answers::unable(std::move(token.error())));
    }
    if (!token) return std::unexpected(answers.refuse(invalid_token, std::move(token.error())));
    if (scheme == Scheme::dpop) {
      if (auto possessed = check_possession(credentials, found.token, *token, answers); !possessed) {
        return std::unexpected(std::move(possessed).error());
      }
    } else if (token->has("cnf")) {  // RFC 9449 section 7.2, RFC 8705 section 3
      if (in_cookie || !is_of_certificate(*token, credentials.client_certificate)) {
        return std::unexpected(
            answers.refuse(invalid_token, Error{ErrorCode::proof_invalid, "a bound token came without proof"}));
      }
    }
    for (const auto scope : scopes) {
      if (!token->has_scope(scope)) return std::unexpected(answers.refuse(insufficient_scope, {}, scopes));
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
