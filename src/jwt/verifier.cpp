#include "signet/verifier.hpp"

#include <new>
#include <optional>
#include <utility>

#include "src/jose/algorithms.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/policy.hpp"
#include "src/jwt/token_cache.hpp"
#include "src/jwt/token_data.hpp"

namespace signet {

namespace {

// The key for a header: borrowed from the policy, or a copy where a source may exchange its keys at any time.
class ChosenKey {
 public:
  explicit ChosenKey(const VerifyingKey& lent) noexcept : lent_{&lent} {}
  explicit ChosenKey(VerifyingKey&& own) noexcept : own_{std::move(own)} {}
  [[nodiscard]] const VerifyingKey& operator*() const noexcept { return own_ ? *own_ : *lent_; }
  [[nodiscard]] const VerifyingKey* operator->() const noexcept { return &**this; }

 private:
  const VerifyingKey* lent_ = nullptr;
  std::optional<VerifyingKey> own_;
};

Error no_key(ErrorCode why, const KeyQuery& query) {
  auto detail = "alg " + jwt::quoted_for_log(query.algorithm);
  if (query.key_id) detail += ", kid " + jwt::quoted_for_log(*query.key_id);
  return Error{why, std::move(detail)};
}

// Sees the header, never the claims (case 36).
std::expected<ChosenKey, Error> choose_key(const jwt::Policy& policy, const KeyQuery& query) {
  if (const auto* key = std::get_if<VerifyingKey>(&policy.keys)) {
    if (query.key_id && !key->key_id().empty() && *query.key_id != key->key_id()) {
      return std::unexpected(no_key(ErrorCode::key_not_found, query));
    }
    return ChosenKey{*key};
  }
  if (const auto* set = std::get_if<KeySet>(&policy.keys)) {
    auto why = ErrorCode::key_not_found;
    const auto* key = set->find(query, why);
    if (key == nullptr) return std::unexpected(no_key(why, query));
    return ChosenKey{*key};
  }
  auto key = (*std::get_if<std::shared_ptr<const KeySource>>(&policy.keys))->find(query);
  if (!key) return std::unexpected(std::move(key.error()));
  return ChosenKey{std::move(*key)};
}

// The `kid` of the key that verified, for it is the one in other hands; the token's name for it when it has none.
void ask_for_key(revocation::Lookup& lookup, const jwt::Header& header, const VerifyingKey& key) noexcept {
  if (!lookup.has(RevocationKind::key)) return;
  const std::string& own = key.key_id();
  lookup.ask(RevocationKind::key, own.empty() ? header.key_id.value_or("") : own);
}

// What may change between two looks at the same token: its key, the time, what was taken back, what the caller's own
// checks say. `token` is what its issuer wrote.
std::optional<Error> refusal(const jwt::Policy& policy, const jwt::TokenData& token, revocation::Lookup& lookup,
                             std::string_view compact, Time now) {
  if (auto failures = policy.check(token, lookup, now); !failures.empty()) return Error{std::move(failures)};
  if (policy.status_lists) {
    if (auto refused = policy.refuse_status(token, compact, now)) return refused;
  }
  return policy.refuse_stale(compact);
}

// A token that was verified before, when the key for its header is still the one that verified it (case 40); else null.
jwt::TokenHandle seen_before(const jwt::Policy& policy, std::string_view compact) {
  auto token = policy.cache->find(compact);
  if (!token) return nullptr;
  const auto key = choose_key(policy, {.algorithm = token->header.algorithm, .key_id = token->header.key_id});
  if (key && (*key)->is_same_object(*token->verified_by)) return token;
  policy.cache->erase(compact);
  return nullptr;
}

}  // namespace

std::expected<VerifiedToken, Error> Verifier::verify(std::string_view compact) const noexcept try {
  return verify_into(nullptr, compact);
} catch (...) {
  // Memory ran out, or a StatusSource of the caller's has thrown. A caller's check is caught where it is called.
  return std::unexpected(Error{ErrorCode::internal});
}

std::expected<const VerifiedToken*, Error> Verifier::verify(std::string_view compact,
                                                            TokenBuffer& buffer) const noexcept try {
  buffer.token_.reset();
  auto verified = verify_into(&buffer, compact);
  if (!verified) return std::unexpected(std::move(verified.error()));
  return &buffer.token_.emplace(std::move(*verified));
} catch (...) {
  return std::unexpected(Error{ErrorCode::internal});
}

std::expected<VerifiedToken, Error> Verifier::verify_into(TokenBuffer* buffer, std::string_view compact) const {
  const auto& policy = *policy_;
  if (policy.cache) {
    buffer = nullptr;
    if (auto token = seen_before(policy, compact)) {
      const auto now = policy.clock->now();
      revocation::Lookup lookup{policy.revocations.get()};
      ask_for_key(lookup, token->header, *token->verified_by);
      if (lookup.is_open()) token->ask(lookup);
      if (auto refused = refusal(policy, *token, lookup, compact, now)) {
        return std::unexpected(std::move(*refused));
      }
      return VerifiedToken{std::move(token)};
    }
  }

  const auto parts = jwt::split_compact(compact, policy.limits);
  if (!parts) return std::unexpected(parts.error());
  auto decoded = jwt::TokenData::decode(*parts, policy.limits, buffer);
  if (!decoded) return std::unexpected(std::move(decoded.error()));
  auto& token = **decoded;
  if (auto parsed = token.parse_header(policy.understood, policy.limits); !parsed) {
    return std::unexpected(std::move(parsed.error()));
  }

  const KeyQuery query{.algorithm = token.header.algorithm, .key_id = token.header.key_id};
  const auto algorithm = algorithm_from_name(token.header.algorithm);
  if (!algorithm) return std::unexpected(no_key(ErrorCode::algorithm_not_allowed, query));
  const auto key = choose_key(policy, query);
  if (!key) return std::unexpected(key.error());
  if (!jose::is_name_of(*algorithm, (*key)->algorithm())) {
    return std::unexpected(no_key(ErrorCode::algorithm_not_allowed, query));
  }
  switch ((*key)->check(parts->signing_input, token.signature)) {
    case SignatureCheck::good:
      break;
    case SignatureCheck::bad:
      return std::unexpected(Error{ErrorCode::bad_signature});
    case SignatureCheck::failed:
      return std::unexpected(Error{ErrorCode::internal, "OpenSSL could not check the signature"});
  }

  // From here on the token is what its issuer wrote.
  // `EdDSA` does not tell which of its two curves the key has (RFC 8037 section 3.1).
  token.algorithm = (*key)->algorithm() == Algorithm::Ed448 ? Algorithm::Ed448 : *algorithm;
  if (!policy.accepts_type(token.header.type)) {
    return std::unexpected(
        Error{ErrorCode::type_mismatch, "typ " + jwt::quoted_for_log(token.header.type.value_or(""))});
  }
  const auto now = policy.clock->now();
  revocation::Lookup lookup{policy.revocations.get()};
  ask_for_key(lookup, token.header, **key);
  if (auto parsed = token.parse_claims(policy.limits, lookup); !parsed) {
    return std::unexpected(std::move(parsed.error()));
  }
  if (auto refused = refusal(policy, token, lookup, compact, now)) return std::unexpected(std::move(*refused));

  if (policy.cache) token.verified_by = **key;
  jwt::TokenHandle handle{decoded->release()};
  if (policy.cache) policy.cache->put(compact, share(*handle));
  return VerifiedToken{std::move(handle)};
}

std::optional<CacheFigures> Verifier::cache_figures() const {
  if (!policy_->cache) return std::nullopt;
  return policy_->cache->figures();
}

VerifierBuilder Verifier::builder() { return {}; }

}  // namespace signet
