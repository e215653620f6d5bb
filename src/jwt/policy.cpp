#include "src/jwt/policy.hpp"

#include <algorithm>

#include "src/jwt/header.hpp"
#include "src/jwt/registered_claims.hpp"

namespace signet::jwt {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) noexcept {
  return std::ranges::find(list, text) != list.end();
}

bool equals(const json::View& value, std::string_view text) {
  if (const auto plain = value.plain_string()) return *plain == text;
  return value.string() == text;
}

// Whether the token is for `name`. Precondition: `aud` is well-formed.
bool is_for(const json::View& aud, std::string_view name) {
  if (aud.kind() == json::Kind::string) return equals(aud, name);
  for (const auto element : aud.elements()) {
    if (equals(element, name)) return true;
  }
  return false;
}

bool is_for(const json::View& aud, const Audiences& expected) {
  const auto matches = [&](const std::string& name) { return is_for(aud, name); };
  return expected.all ? std::ranges::all_of(expected.names, matches) : std::ranges::any_of(expected.names, matches);
}

bool accepts(const OwnCheck& check, const json::View& claims) noexcept {
  try {
    return check.accept(claims);
  } catch (...) {
    return false;
  }
}

// Collects what fails; each claim at most once per reason.
class Review {
 public:
  explicit Review(const TokenData& token) noexcept : token_{token} {}

  void fail(ErrorCode code, std::string_view claim) { failures_.push_back({code, std::string{claim}}); }

  // True when the claim is there and well-formed, so that its value can be looked at.
  bool usable(Registered claim, bool required) {
    if (token_.find(claim) == nullptr) {
      if (required) fail(ErrorCode::claim_missing, row(claim).name);
      return false;
    }
    if (!token_.malformed(claim)) return true;
    fail(ErrorCode::claim_malformed, row(claim).name);
    return false;
  }

  std::vector<Failure> failures() && { return std::move(failures_); }

 private:
  const TokenData& token_;
  std::vector<Failure> failures_;
};

}  // namespace

bool Policy::accepts_type(const std::optional<std::string_view>& typ) const noexcept {
  if (std::holds_alternative<AnyType>(type)) return true;
  if (std::holds_alternative<PlainType>(type)) return !typ || is_type(*typ, "jwt");
  return typ && is_type(*typ, *std::get_if<std::string>(&type));
}

std::vector<Failure> Policy::check(const TokenData& token, revocation::Lookup& lookup, Time now) const {
  using enum Registered;
  Review review{token};

  // A token dies at the very second it names (case 34).
  if (review.usable(exp, expiry_required) && now >= *token.instant(exp) + leeway) {
    review.fail(ErrorCode::token_expired, "exp");
  }
  if (review.usable(nbf, not_before_required) && *token.instant(nbf) > now + leeway) {
    review.fail(ErrorCode::token_not_yet_valid, "nbf");
  }
  if (review.usable(iat, maximum_age.has_value())) {
    const auto issued = *token.instant(iat);
    if (issued > now + leeway) review.fail(ErrorCode::token_issued_in_future, "iat");
    if (maximum_age && now >= issued + *maximum_age + leeway) review.fail(ErrorCode::token_too_old, "iat");
  }
  if (review.usable(iss, issuers.has_value()) && issuers && !contains(*issuers, token.text(iss))) {
    review.fail(ErrorCode::issuer_mismatch, "iss");
  }
  if (review.usable(aud, audiences.has_value()) && audiences && !is_for(token.find(aud)->value, *audiences)) {
    review.fail(ErrorCode::audience_mismatch, "aud");
  }
  if (review.usable(sub, subject.has_value()) && subject && *subject != token.text(sub)) {
    review.fail(ErrorCode::subject_mismatch, "sub");
  }
  for (const auto claim : {jti, client_id, sid, scope}) static_cast<void>(review.usable(claim, false));

  const bool revoked = lookup.covers(token.instant(iat).value_or(Time{}));

  for (const auto& [name, registered] : required) {
    const auto* claim = registered ? token.find(*registered) : token.find(name);
    if (claim == nullptr) {
      review.fail(ErrorCode::claim_missing, name);
    } else if (claim->value.kind() == json::Kind::null && !registered) {
      review.fail(ErrorCode::claim_malformed, name);
    }
  }
  for (const auto& own : checks) {
    if (!accepts(own, *token.claims)) review.fail(ErrorCode::claim_rejected, own.name);
  }
  if (revoked) review.fail(ErrorCode::token_revoked, "");
  return std::move(review).failures();
}

}  // namespace signet::jwt
