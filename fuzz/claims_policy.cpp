// Claims under a good signature, judged by a verifier that the first byte decides on. Whatever it says of them is true:
// each failure is looked up again in the claims, and for what is accepted each expectation.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "fuzz/property.hpp"
#include "fuzz/token.hpp"

namespace {

using namespace signet;
using namespace std::chrono_literals;

constexpr auto greatest_age = 600s;
constexpr auto some_leeway = 60s;

struct Rules {
  bool issuer, any_of, all_of, subject, expiry, not_before, age, leeway;

  explicit Rules(std::uint8_t bits)
      : issuer((bits & 1) != 0),
        any_of((bits & 6) == 2),
        all_of((bits & 6) == 4),
        subject((bits & 8) != 0),
        expiry((bits & 16) != 0),
        not_before((bits & 32) != 0),
        age((bits & 64) != 0),
        leeway((bits & 128) != 0) {}
};

const Verifier& verifier_of(std::uint8_t bits) {
  static std::array<std::optional<Verifier>, 256> verifiers;
  auto& verifier = verifiers[bits];
  if (verifier) return *verifier;
  const Rules rules{bits};
  auto builder = Verifier::builder();
  builder.key(fuzz::key().verifying_key()).clock(std::make_shared<const ManualClock>(fuzz::now)).require("needed");
  rules.issuer ? builder.issuer("https://auth.example") : builder.any_issuer();
  if (rules.any_of) builder.any_of_audiences({"api", "app"});
  if (rules.all_of) builder.all_of_audiences({"api", "app"});
  if (!rules.any_of && !rules.all_of) builder.any_audience();
  if (rules.subject) builder.subject("user-42");
  if (!rules.expiry) builder.allow_missing_expiry();
  if (rules.not_before) builder.require_not_before();
  if (rules.age) builder.maximum_age(greatest_age);
  if (rules.leeway) builder.leeway(some_leeway);
  auto built = builder.build();
  fuzz::require(built.has_value());
  return verifier.emplace(std::move(*built));
}

// A second reading of the claims, by the words of RFC 7519 and nothing of the verifier's.
struct Reading {
  json::View claims;
  double leeway;
  double now = static_cast<double>(fuzz::now.time_since_epoch().count());

  [[nodiscard]] bool has(std::string_view name) const { return claims.find(name).has_value(); }
  // In milliseconds, as near as the library says that it reads them.
  [[nodiscard]] double time(std::string_view name) const {
    const auto value = claims.find(name);
    return value && value->number() ? std::round(*value->number() * 1000) : std::nan("");
  }
  [[nodiscard]] bool says(std::string_view name, std::string_view text) const {
    const auto value = claims.find(name);
    return value && value->string() == std::string{text};
  }
  [[nodiscard]] bool is_for(std::string_view name) const {
    const auto value = claims.find("aud");
    if (!value) return false;
    if (const auto all = value->strings()) return std::ranges::find(*all, name) != all->end();
    return says("aud", name);
  }
  [[nodiscard]] bool well_formed(std::string_view name) const {
    const auto value = claims.find(name);
    if (name == "needed") return value->kind() != json::Kind::null;
    if (name == "exp" || name == "nbf" || name == "iat") {
      const auto seconds = value->number();
      return seconds && !std::signbit(*seconds) && *seconds <= 253'402'300'799.0;
    }
    if (name == "aud" && value->kind() == json::Kind::array) return value->strings() && !value->strings()->empty();
    return value->kind() == json::Kind::string;
  }
};

bool is_true(const Failure& failure, const Reading& reading, const Rules& rules) {
  const double latest = reading.now + reading.leeway, earliest = reading.now - reading.leeway;
  switch (failure.code) {
    case ErrorCode::claim_missing:
      return !reading.has(failure.claim);
    case ErrorCode::claim_malformed:
      return reading.has(failure.claim) && !reading.well_formed(failure.claim);
    case ErrorCode::token_expired:
      return reading.time("exp") <= earliest;
    case ErrorCode::token_not_yet_valid:
      return reading.time("nbf") > latest;
    case ErrorCode::token_issued_in_future:
      return reading.time("iat") > latest;
    case ErrorCode::token_too_old:
      return rules.age && reading.time("iat") + 1000.0 * greatest_age.count() <= earliest;
    case ErrorCode::issuer_mismatch:
      return rules.issuer && !reading.says("iss", "https://auth.example");
    case ErrorCode::audience_mismatch:
      return (rules.any_of && !reading.is_for("api") && !reading.is_for("app")) ||
             (rules.all_of && !(reading.is_for("api") && reading.is_for("app")));
    case ErrorCode::subject_mismatch:
      return rules.subject && !reading.says("sub", "user-42");
    default:
      return false;
  }
}

bool holds(const Reading& reading, const Rules& rules) {
  const double latest = reading.now + reading.leeway, earliest = reading.now - reading.leeway;
  for (const auto* const name : {"exp", "nbf", "iat", "iss", "aud", "sub", "jti", "client_id", "sid", "scope"}) {
    if (reading.has(name) && !reading.well_formed(name)) return false;
  }
  return reading.has("needed") && reading.well_formed("needed") && (!rules.expiry || reading.has("exp")) &&
         (!reading.has("exp") || reading.time("exp") > earliest) && (!rules.not_before || reading.has("nbf")) &&
         (!reading.has("nbf") || reading.time("nbf") <= latest) && (!rules.age || reading.has("iat")) &&
         (!reading.has("iat") || reading.time("iat") <= latest) &&
         (!rules.age || reading.time("iat") + 1000.0 * greatest_age.count() > earliest) &&
         (!rules.issuer || reading.says("iss", "https://auth.example")) &&
         (!rules.any_of || reading.is_for("api") || reading.is_for("app")) &&
         (!rules.all_of || (reading.is_for("api") && reading.is_for("app"))) &&
         (!rules.subject || reading.says("sub", "user-42"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t bits = data[0];
  const auto text = fuzz::text_of(data + 1, size - 1);
  const Rules rules{bits};
  const auto verified = verifier_of(bits).verify(fuzz::sealed(R"({"alg":"HS256"})", text));

  const auto claims = json::parse(text);
  if (!claims || claims->kind() != json::Kind::object) {
    fuzz::require(!verified);
    return 0;
  }
  const Reading reading{*claims, rules.leeway ? 1000.0 * some_leeway.count() : 0.0};
  if (verified) {
    fuzz::require(holds(reading, rules));
    fuzz::require(verified->claims().text() == claims->text());  // without the space around it
    return 0;
  }
  if (verified.error().code() == ErrorCode::token_too_large) return 0;
  const auto& failures = verified.error().failures();
  fuzz::require(!failures.empty() && !holds(reading, rules));
  for (auto failure = failures.begin(); failure != failures.end(); ++failure) {
    fuzz::require(is_true(*failure, reading, rules));
    fuzz::require(std::find(failures.begin(), failure, *failure) == failure);  // each is said once
  }
  return 0;
}
