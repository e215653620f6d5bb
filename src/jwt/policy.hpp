#pragma once
// What a Verifier was built with. Optional means that the caller decided against the check, by name; an empty list
// never does.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"
#include "signet/limits.hpp"
#include "signet/revocation_source.hpp"
#include "signet/revocations.hpp"
#include "signet/status_list.hpp"
#include "src/jwt/registered_claims.hpp"
#include "src/jwt/token_data.hpp"

namespace signet::jwt {

class TokenCache;

struct AnyType {};
struct PlainType {};  // "JWT" or none
using TypeRule = std::variant<PlainType, AnyType, std::string>;

struct Audiences {
  std::vector<std::string> names;
  bool all = false;
};

struct OwnCheck {
  std::string name;
  std::function<bool(json::View)> accept;
};

struct RequiredClaim {
  std::string name;
  std::optional<Registered> registered;  // which one the name is, if one
};

struct Policy {
  std::variant<std::shared_ptr<const KeySource>, VerifyingKey, KeySet> keys;

  TypeRule type;
  std::optional<std::vector<std::string>> issuers;
  std::optional<Audiences> audiences;
  std::optional<std::string> subject;
  bool expiry_required = true;
  bool not_before_required = false;
  std::optional<std::chrono::milliseconds> maximum_age;
  std::chrono::milliseconds leeway{0};
  std::vector<RequiredClaim> required;
  std::vector<OwnCheck> checks;
  std::vector<std::string> understood;
  std::shared_ptr<const Revocations> revocations;
  std::shared_ptr<const RevocationSource> revocation_source;  // of `revocations`, when they come from elsewhere
  WhenStale when_stale = WhenStale::deny();
  std::shared_ptr<const StatusSource> status_lists;
  WhenStale when_status_stale = WhenStale::deny();
  bool status_required = true;
  std::shared_ptr<const Clock> clock;
  Limits limits;
  std::size_t cached_tokens = 0;
  std::shared_ptr<TokenCache> cache;  // the verifier's own, made when it is built

  [[nodiscard]] bool accepts_type(const std::optional<std::string_view>& type) const noexcept;

  // Every claim that fails, in the order exp, nbf, iat, iss, aud, sub, other registered claims, required claims, own
  // checks, revocation, for which `lookup` has been asked.
  [[nodiscard]] std::vector<Failure> check(const TokenData& token, revocation::Lookup& lookup, Time now) const;

  // For a token that holds as far as is known: why it may not be accepted all the same.
  [[nodiscard]] std::optional<Error> refuse_stale(std::string_view compact) const {
    return revocation_source ? when_stale.refusal(revocation_source->staleness(), compact) : std::nullopt;
  }

  // What the status list says of such a token, when there is a reason to refuse it. To be asked last (section 8.3 of
  // the draft).
  [[nodiscard]] std::optional<Error> refuse_status(const TokenData& token, std::string_view compact, Time now) const;
};

}  // namespace signet::jwt
