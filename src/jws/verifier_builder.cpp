#include <algorithm>
#include <optional>

#include "src/jose/key_ids.hpp"
#include "src/jose/limits.hpp"
#include "src/jws/policy.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/header.hpp"

namespace signet {

struct JwsVerifierBuilder::Draft {
  std::vector<VerifyingKey> keys;
  std::vector<std::shared_ptr<const KeySource>> sources;
  jws::Policy policy;
};

JwsVerifierBuilder::JwsVerifierBuilder() : draft_{std::make_unique<Draft>()} {}
JwsVerifierBuilder::JwsVerifierBuilder(JwsVerifierBuilder&&) noexcept = default;
JwsVerifierBuilder& JwsVerifierBuilder::operator=(JwsVerifierBuilder&&) noexcept = default;
JwsVerifierBuilder::~JwsVerifierBuilder() = default;

JwsVerifierBuilder& JwsVerifierBuilder::key(VerifyingKey key) {
  draft_->keys.push_back(std::move(key));
  return *this;
}

JwsVerifierBuilder& JwsVerifierBuilder::keys(KeySet keys) {
  return key_source(std::make_shared<const KeySet>(std::move(keys)));
}

JwsVerifierBuilder& JwsVerifierBuilder::key_source(std::shared_ptr<const KeySource> source) {
  draft_->sources.push_back(std::move(source));
  return *this;
}

JwsVerifierBuilder& JwsVerifierBuilder::any_signature() {
  draft_->policy.any_signature = true;
  return *this;
}

JwsVerifierBuilder& JwsVerifierBuilder::allow_unprotected_algorithms() {
  draft_->policy.unprotected_algorithms = true;
  return *this;
}

JwsVerifierBuilder& JwsVerifierBuilder::understands(std::string_view critical_header) {
  draft_->policy.understood.emplace_back(critical_header);
  return *this;
}

JwsVerifierBuilder& JwsVerifierBuilder::limits(const Limits& limits) {
  draft_->policy.limits = limits;
  return *this;
}

std::expected<JwsVerifier, Error> JwsVerifierBuilder::build() const {
  std::string wrong;
  const auto refuse_if = [&](bool is_wrong, const std::string& why) {
    if (is_wrong) wrong += (wrong.empty() ? "" : "; ") + why;
  };
  const auto& sources = draft_->sources;
  refuse_if(draft_->keys.empty() && sources.empty(), "no key");
  refuse_if(sources.size() + (draft_->keys.empty() ? 0 : 1) > 1, "more than one decision on the keys");
  refuse_if(std::ranges::find(sources, nullptr) != sources.end(), "no key source");
  refuse_if(
      jose::has_repeated_key_id(draft_->keys, [](const VerifyingKey& key) -> std::string_view { return key.key_id(); }),
      "two keys of one kid");
  for (const std::string& name : draft_->policy.understood) {
    refuse_if(name.empty() || jwt::is_registered_header(name),
              "not an extension that crit could name: " + jwt::quoted_for_log(name));
  }
  if (const auto problem = jose::problem_of(draft_->policy.limits)) refuse_if(true, std::string{*problem});
  if (!wrong.empty()) return std::unexpected(Error{ErrorCode::invalid_configuration, std::move(wrong)});

  jws::Policy policy = draft_->policy;
  if (sources.empty()) {
    policy.keys = draft_->keys;
  } else {
    policy.keys = sources.front();
  }
  policy.understood.emplace_back("b64");
  return JwsVerifier{std::make_shared<const jws::Policy>(std::move(policy))};
}

}  // namespace signet
