#include <algorithm>
#include <string>
#include <utility>

#include "signet/verifier.hpp"
#include "src/jose/limits.hpp"
#include "src/jwt/header.hpp"
#include "src/jwt/policy.hpp"
#include "src/jwt/registered_claims.hpp"
#include "src/jwt/token_cache.hpp"

namespace signet {

namespace {

constexpr std::chrono::seconds longest_age{jwt::last_second};

bool holds_nothing(const std::vector<std::string>& names) {
  return names.empty() || std::ranges::any_of(names, &std::string::empty);
}

}  // namespace

// The policy as far as it is known, and what speaks against building it.
struct VerifierBuilder::Draft {
  jwt::Policy policy;
  int key_sources = 0;
  int issuer_decisions = 0;
  int audience_decisions = 0;
  int type_decisions = 0;
  int subject_decisions = 0;
  int revocation_decisions = 0;
  int status_decisions = 0;
  std::vector<std::string> problems;

  void refuse_if(bool wrong, std::string problem) {
    if (wrong) problems.push_back(std::move(problem));
  }
};

VerifierBuilder::VerifierBuilder() : draft_{std::make_unique<Draft>()} {
  // Not owned: the system's clock lives as long as the program.
  draft_->policy.clock = std::shared_ptr<const Clock>{std::shared_ptr<void>{}, &SystemClock::instance()};
}
VerifierBuilder::VerifierBuilder(VerifierBuilder&&) noexcept = default;
VerifierBuilder& VerifierBuilder::operator=(VerifierBuilder&&) noexcept = default;
VerifierBuilder::~VerifierBuilder() = default;

VerifierBuilder& VerifierBuilder::key(VerifyingKey key) {
  ++draft_->key_sources;
  draft_->policy.keys = std::move(key);
  return *this;
}

VerifierBuilder& VerifierBuilder::keys(KeySet keys) {
  ++draft_->key_sources;
  draft_->policy.keys = std::move(keys);
  return *this;
}

VerifierBuilder& VerifierBuilder::key_source(std::shared_ptr<const KeySource> source) {
  ++draft_->key_sources;
  draft_->refuse_if(!source, "the key source is null");
  draft_->policy.keys = std::move(source);
  return *this;
}

VerifierBuilder& VerifierBuilder::issuer(std::string_view iss) { return issuers({std::string{iss}}); }

VerifierBuilder& VerifierBuilder::issuers(std::vector<std::string> any_of) {
  ++draft_->issuer_decisions;
  draft_->refuse_if(holds_nothing(any_of), "an empty issuer");
  draft_->policy.issuers = std::move(any_of);
  return *this;
}

VerifierBuilder& VerifierBuilder::any_issuer() {
  ++draft_->issuer_decisions;
  return *this;
}

VerifierBuilder& VerifierBuilder::audience(std::string_view aud) { return any_of_audiences({std::string{aud}}); }

VerifierBuilder& VerifierBuilder::any_of_audiences(std::vector<std::string> audiences) {
  ++draft_->audience_decisions;
  draft_->refuse_if(holds_nothing(audiences), "an empty audience");
  draft_->policy.audiences = jwt::Audiences{.names = std::move(audiences), .all = false};
  return *this;
}

VerifierBuilder& VerifierBuilder::all_of_audiences(std::vector<std::string> audiences) {
  any_of_audiences(std::move(audiences));
  draft_->policy.audiences->all = true;
  return *this;
}

VerifierBuilder& VerifierBuilder::any_audience() {
  ++draft_->audience_decisions;
  return *this;
}

VerifierBuilder& VerifierBuilder::subject(std::string_view sub) {
  ++draft_->subject_decisions;
  draft_->refuse_if(sub.empty(), "an empty subject");
  draft_->policy.subject = std::string{sub};
  return *this;
}

VerifierBuilder& VerifierBuilder::type(std::string_view typ) {
  ++draft_->type_decisions;
  auto normal = jwt::normal_type(typ);
  draft_->refuse_if(normal.empty(), "an empty type");
  draft_->policy.type = std::move(normal);
  return *this;
}

VerifierBuilder& VerifierBuilder::any_type() {
  ++draft_->type_decisions;
  draft_->policy.type = jwt::AnyType{};
  return *this;
}

VerifierBuilder& VerifierBuilder::allow_missing_expiry() {
  draft_->policy.expiry_required = false;
  return *this;
}

VerifierBuilder& VerifierBuilder::require_not_before() {
  draft_->policy.not_before_required = true;
  return *this;
}

VerifierBuilder& VerifierBuilder::maximum_age(std::chrono::seconds age) {
  const bool fits = age > std::chrono::seconds::zero() && age <= longest_age;
  draft_->refuse_if(!fits, "a maximum age that is not positive, or longer than time itself");
  if (fits) draft_->policy.maximum_age = age;
  return *this;
}

VerifierBuilder& VerifierBuilder::leeway(std::chrono::seconds leeway) {
  const bool fits = leeway >= std::chrono::seconds::zero() && leeway <= longest_leeway;
  draft_->refuse_if(!fits, "a leeway that is negative or longer than ten minutes");
  if (fits) draft_->policy.leeway = leeway;
  return *this;
}

VerifierBuilder& VerifierBuilder::require(std::string_view claim) {
  draft_->refuse_if(claim.empty(), "an empty name of a required claim");
  draft_->policy.required.push_back({std::string{claim}, jwt::registered(claim)});
  return *this;
}

VerifierBuilder& VerifierBuilder::check(std::string_view name, std::function<bool(json::View claims)> accept) {
  draft_->refuse_if(name.empty(), "a check without a name");
  draft_->refuse_if(!accept, "a check without a function");
  draft_->policy.checks.push_back({std::string{name}, std::move(accept)});
  return *this;
}

VerifierBuilder& VerifierBuilder::understands(std::string_view critical_header) {
  draft_->refuse_if(critical_header.empty(), "an empty name of a critical header");
  draft_->refuse_if(jwt::is_registered_header(critical_header), "a registered name as critical header");
  draft_->policy.understood.emplace_back(critical_header);
  return *this;
}

VerifierBuilder& VerifierBuilder::revocations(std::shared_ptr<const Revocations> revocations) {
  ++draft_->revocation_decisions;
  draft_->refuse_if(!revocations, "the revocations are null");
  draft_->policy.revocations = std::move(revocations);
  return *this;
}

VerifierBuilder& VerifierBuilder::revocations(std::shared_ptr<const RevocationSource> source, WhenStale when_stale) {
  ++draft_->revocation_decisions;
  draft_->refuse_if(!source, "the source of revocations is null");
  if (const auto problem = when_stale.problem()) draft_->problems.emplace_back(*problem);
  if (source) draft_->policy.revocations = {source, &source->revocations()};
  draft_->policy.revocation_source = std::move(source);
  draft_->policy.when_stale = std::move(when_stale);
  return *this;
}

VerifierBuilder& VerifierBuilder::status_lists(std::shared_ptr<const StatusSource> lists, WhenStale when_stale) {
  ++draft_->status_decisions;
  draft_->refuse_if(!lists, "the status lists are null");
  if (const auto problem = when_stale.problem()) draft_->problems.emplace_back(*problem);
  draft_->policy.status_lists = std::move(lists);
  draft_->policy.when_status_stale = std::move(when_stale);
  return *this;
}

VerifierBuilder& VerifierBuilder::allow_missing_status() {
  draft_->policy.status_required = false;
  return *this;
}

VerifierBuilder& VerifierBuilder::cache(std::size_t tokens) {
  constexpr std::size_t most = 1'000'000;
  draft_->refuse_if(tokens == 0 || tokens > most, "a cache of no tokens, or of more than a million");
  draft_->policy.cached_tokens = tokens;
  return *this;
}

VerifierBuilder& VerifierBuilder::clock(std::shared_ptr<const Clock> clock) {
  draft_->refuse_if(!clock, "the clock is null");
  draft_->policy.clock = std::move(clock);
  return *this;
}

VerifierBuilder& VerifierBuilder::limits(const Limits& limits) {
  if (const auto problem = jose::problem_of(limits)) draft_->problems.emplace_back(*problem);
  draft_->policy.limits = limits;
  return *this;
}

std::expected<Verifier, Error> VerifierBuilder::build() const {
  auto problems = draft_->problems;
  const auto exactly_one = [&](int decisions, std::string_view what) {
    if (decisions == 0) problems.push_back("no decision on the " + std::string{what});
    if (decisions > 1) problems.push_back("more than one decision on the " + std::string{what});
  };
  exactly_one(draft_->key_sources, "keys");
  exactly_one(draft_->issuer_decisions, "issuer");
  exactly_one(draft_->audience_decisions, "audience");
  if (draft_->type_decisions > 1) problems.emplace_back("more than one decision on the type");
  if (draft_->subject_decisions > 1) problems.emplace_back("more than one decision on the subject");
  if (draft_->revocation_decisions > 1) problems.emplace_back("more than one source of revocations");
  if (draft_->status_decisions > 1) problems.emplace_back("more than one source of status lists");
  if (!draft_->policy.status_required && draft_->status_decisions == 0) {
    problems.emplace_back("a status that may be missing, and no status lists");
  }
  if (!draft_->policy.expiry_required &&
      std::ranges::find(draft_->policy.required, "exp", &jwt::RequiredClaim::name) != draft_->policy.required.end()) {
    problems.emplace_back("exp is both required and allowed to be missing");
  }
  if (problems.empty()) {
    auto policy = std::make_shared<jwt::Policy>(draft_->policy);
    if (policy->cached_tokens != 0) policy->cache = std::make_shared<jwt::TokenCache>(policy->cached_tokens);
    return Verifier{std::move(policy)};
  }

  std::string detail;
  for (const auto& problem : problems) detail.append(detail.empty() ? "" : "; ").append(problem);
  return std::unexpected(Error{ErrorCode::invalid_configuration, std::move(detail)});
}

}  // namespace signet
