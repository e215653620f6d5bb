#include <algorithm>
#include <optional>

#include "src/jose/key_ids.hpp"
#include "src/jose/limits.hpp"
#include "src/jwe/policy.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/header.hpp"

namespace signet {

struct DecrypterBuilder::Draft {
  jwe::Policy policy;
  std::optional<std::vector<ContentEncryption>> allowed;
  std::optional<unsigned> most_iterations;
  std::optional<std::size_t> most_inflated;
};

namespace {

constexpr std::size_t most_inflated = 250'000;

bool has_passphrase(const jwe::Policy& policy) {
  return std::ranges::any_of(policy.keys,
                             [](const auto& key) { return key->algorithm.mode == jwe::KeyMode::passphrase; });
}

std::vector<ContentEncryption> all_allowed_by(const std::vector<jwe::KeyHandle>& keys) {
  std::vector<ContentEncryption> all;
  for (const auto& row : jwe::content_encryption_algorithms) {
    if (std::ranges::any_of(keys, [&](const auto& key) { return key->allows(row.algorithm); })) {
      all.push_back(row.algorithm);
    }
  }
  return all;
}

}  // namespace

DecrypterBuilder::DecrypterBuilder() : draft_{std::make_unique<Draft>()} {}
DecrypterBuilder::DecrypterBuilder(DecrypterBuilder&&) noexcept = default;
DecrypterBuilder& DecrypterBuilder::operator=(DecrypterBuilder&&) noexcept = default;
DecrypterBuilder::~DecrypterBuilder() = default;

DecrypterBuilder& DecrypterBuilder::key(DecryptionKey key) {
  draft_->policy.keys.push_back(jwe::KeyAccess::data(key));
  return *this;
}

DecrypterBuilder& DecrypterBuilder::content_encryptions(std::vector<ContentEncryption> allowed) {
  draft_->allowed = std::move(allowed);
  return *this;
}

DecrypterBuilder& DecrypterBuilder::allow_passphrases(unsigned most_iterations) {
  draft_->most_iterations = most_iterations;
  return *this;
}

DecrypterBuilder& DecrypterBuilder::allow_compression(std::size_t most_bytes) {
  draft_->most_inflated = most_bytes;
  return *this;
}

DecrypterBuilder& DecrypterBuilder::allow_unprotected_algorithms() {
  draft_->policy.unprotected_algorithms = true;
  return *this;
}

DecrypterBuilder& DecrypterBuilder::understands(std::string_view critical_header) {
  draft_->policy.understood.emplace_back(critical_header);
  return *this;
}

DecrypterBuilder& DecrypterBuilder::limits(const Limits& limits) {
  draft_->policy.limits = limits;
  return *this;
}

std::expected<Decrypter, Error> DecrypterBuilder::build() const {
  jwe::Policy policy = draft_->policy;
  std::string wrong;
  const auto refuse_if = [&](bool is_wrong, const std::string& why) {
    if (is_wrong) wrong += (wrong.empty() ? "" : "; ") + why;
  };
  refuse_if(policy.keys.empty(), "no key");
  refuse_if(
      jose::has_repeated_key_id(policy.keys, [](const jwe::KeyHandle& key) -> std::string_view { return key->key_id; }),
      "two keys of one kid");
  refuse_if(draft_->allowed && draft_->allowed->empty(), "an empty list of content encryptions");
  refuse_if(has_passphrase(policy) && !draft_->most_iterations, "a key made of a passphrase needs allow_passphrases()");
  refuse_if(draft_->most_iterations &&
                (*draft_->most_iterations < jwe::fewest_iterations || *draft_->most_iterations > jwe::most_iterations),
            "iterations are from 1000 to 1,200,000");
  refuse_if(draft_->most_inflated && (*draft_->most_inflated == 0 || *draft_->most_inflated > most_inflated),
            "what is inflated is from 1 to 250,000 bytes");
  for (const std::string& name : policy.understood) {
    refuse_if(name.empty() || jwt::is_registered_header(name),
              "not an extension that crit could name: " + jwt::quoted_for_log(name));
  }
  if (const auto problem = jose::problem_of(policy.limits)) refuse_if(true, std::string{*problem});
  if (!wrong.empty()) return std::unexpected(Error{ErrorCode::invalid_configuration, std::move(wrong)});

  policy.allowed = draft_->allowed ? *draft_->allowed : all_allowed_by(policy.keys);
  policy.most_iterations = draft_->most_iterations.value_or(0);
  policy.most_inflated = draft_->most_inflated.value_or(0);
  return Decrypter{std::make_shared<const jwe::Policy>(std::move(policy))};
}

}  // namespace signet
