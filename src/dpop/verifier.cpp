#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <utility>

#include "signet/dpop.hpp"
#include "signet/verifier.hpp"
#include "src/dpop/proof.hpp"
#include "src/dpop/replays.hpp"
#include "src/dpop/target_uri.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/serialization.hpp"
#include "src/jwt/compact.hpp"

namespace signet {

struct DpopVerifier::State {
  using NonceKeys = std::shared_ptr<const std::vector<SigningKey>>;
  [[nodiscard]] NonceKeys nonce_keys() const {
    const std::scoped_lock lock{changing};
    return current_nonce_keys;
  }

  DpopPolicy policy;
  std::shared_ptr<const Clock> clock;
  std::string algorithms;
  mutable dpop::Replays replays;
  mutable std::mutex changing;
  mutable NonceKeys current_nonce_keys;  // null: the policy wants none
};

namespace {

using std::chrono::seconds;

constexpr std::size_t longest_jti = 256;
constexpr std::size_t slot_bytes = 8, mac_bytes = 32;

std::unexpected<Error> invalid(std::string why) {
  return std::unexpected(Error{ErrorCode::proof_invalid, std::move(why)});
}
std::unexpected<Error> refused(const char* why) {
  return std::unexpected(Error{ErrorCode::invalid_configuration, why});
}

// The public half of a key without what else may stand beside it: certificates, which count for nothing here, are not
// read. Nobody has been authenticated yet, so the work that a key may cause is bounded: RSA to 4096 bits, and 32 of the
// exponent.
std::expected<std::string, Error> bare_public_key(json::View jwk) {
  // Section 4.3 point 7. Also those that belong to another type of key: nobody sends them by mistake.
  for (const std::string_view secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}) {
    if (jwk.find(secret)) return invalid("the proof carries a private key");
  }
  constexpr std::size_t quotes = 2;
  const auto is_longer = [&](std::string_view name, std::size_t bytes) {
    const auto number = jwk.find(name);
    return number && number->text().size() > jose::base64url_encoded_size(bytes) + quotes;
  };
  if (is_longer("n", 512) || is_longer("e", 4)) return invalid("the proof's RSA key is larger than 4096 bits");
  json::Object bare;
  for (const std::string_view name : {"kty", "use", "key_ops", "alg", "crv", "x", "y", "n", "e", "pub"}) {
    if (const auto member = jwk.find(name)) bare.set_raw(name, member->text());
  }
  return bare.text();
}

// The key that the proof carries, of an algorithm that the policy takes.
std::expected<VerifyingKey, Error> key_of(json::View header, const std::vector<Algorithm>& algorithms) {
  const auto alg = header.find("alg");
  const auto named = alg ? alg->string() : std::nullopt;
  const auto algorithm = named ? algorithm_from_name(*named) : std::nullopt;
  if (!algorithm || std::ranges::find(algorithms, *algorithm) == algorithms.end()) {
    return invalid("the proof's algorithm is none that is taken");
  }
  const auto jwk = header.find("jwk");
  if (!jwk || jwk->kind() != json::Kind::object) return invalid("the proof carries no key");
  const auto bare = bare_public_key(*jwk);
  if (!bare) return std::unexpected(bare.error());
  auto key = VerifyingKey::from_jwk(*algorithm, *bare);
  if (!key && key.error().code() != ErrorCode::internal) return invalid("the proof's key: " + key.error().detail());
  return key;
}

// What names the key counts only once the proof's signature holds; the claims are not read before (case 50).
std::expected<VerifyingKey, Error> key_in(std::string_view proof, const std::vector<Algorithm>& algorithms) {
  const Limits limits;
  const auto parts = jwt::split_compact(proof, limits);
  if (!parts) return invalid("the proof: " + parts.error().detail());
  const auto text = jose::decode_header(parts->header, limits);
  if (!text) return invalid("the proof: " + text.error().detail());
  const auto header = json::parse(*text, limits);
  if (!header || header->kind() != json::Kind::object) return invalid("the proof's header is not a JSON object");
  return key_of(*header, algorithms);
}

bool equals(const VerifiedToken& proof, std::string_view name, std::string_view wanted) {
  const auto said = proof.claim<std::string>(name);
  return said && *said == wanted;
}

std::array<std::byte, slot_bytes> slot_text(std::int64_t slot) {
  std::array<std::byte, slot_bytes> text;
  for (std::size_t i = 0; i < slot_bytes; ++i) text[i] = static_cast<std::byte>(slot >> (8 * (slot_bytes - 1 - i)));
  return text;
}
std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A nonce is the number of the time slot it was made in and the MAC of that.
std::string nonce_of(const SigningKey& key, std::int64_t slot) {
  const auto text = slot_text(slot);
  const auto mac = key.sign(as_text(text)).value();
  std::vector<std::byte> nonce{text.begin(), text.end()};
  nonce.insert(nonce.end(), mac.begin(), mac.end());
  return jose::base64url_encode(nonce);
}

std::int64_t slot_at(Time now, seconds lifetime) { return now.time_since_epoch() / lifetime; }

bool is_fresh_nonce(std::string_view nonce, const std::vector<SigningKey>& keys, std::int64_t now) {
  const auto bytes = jose::base64url_decode(nonce);
  if (!bytes || bytes->size() != slot_bytes + mac_bytes) return false;
  const auto slot = std::span{*bytes}.first(slot_bytes), mac = std::span{*bytes}.subspan(slot_bytes);
  const auto made_at = [&](std::int64_t when) { return std::ranges::equal(slot, slot_text(when)); };
  // One that another server made, whose clock is ahead of ours, is fresh as well.
  const bool in_time = made_at(now) || made_at(now - 1) || made_at(now + 1);
  return in_time && std::ranges::any_of(
                        keys, [&](const SigningKey& key) { return key.verifying_key().verifies(as_text(slot), mac); });
}

std::expected<void, Error> check_nonce_keys(const std::vector<SigningKey>& keys) {
  const auto makes_nonces = [](const SigningKey& key) { return key.algorithm() == Algorithm::HS256; };
  if (!std::ranges::all_of(keys, makes_nonces)) return refused("nonces are made by HS256");
  return {};
}

std::expected<void, Error> check_bounds(const DpopPolicy& policy) {
  if (policy.algorithms.empty()) return refused("no algorithm for proofs");
  if (std::ranges::any_of(policy.algorithms, is_symmetric)) return refused("a shared secret proves no possession");
  if (policy.maximum_age < seconds{1} || policy.maximum_age > seconds{600}) return refused("maximum_age of proofs");
  if (policy.leeway < seconds{0} || policy.leeway > seconds{60}) return refused("leeway of proofs");
  if (policy.remembered == 0) return refused("no room for proofs");
  if (policy.nonce_lifetime < seconds{10} || policy.nonce_lifetime > seconds{3600}) return refused("nonce_lifetime");
  return check_nonce_keys(policy.nonce_keys);
}

}  // namespace

std::expected<DpopVerifier, Error> DpopVerifier::of(DpopPolicy policy, std::shared_ptr<const Clock> clock) {
  if (auto good = check_bounds(policy); !good) return std::unexpected(std::move(good).error());
  if (clock == nullptr) return refused("no clock");
  std::string algorithms;
  for (const Algorithm algorithm : policy.algorithms) {
    algorithms.append(algorithms.empty() ? "" : " ").append(name(algorithm));
  }
  const seconds window = policy.maximum_age + 2 * policy.leeway;
  const std::size_t remembered = policy.remembered;
  State::NonceKeys nonce_keys;
  if (!policy.nonce_keys.empty()) {
    nonce_keys = std::make_shared<const std::vector<SigningKey>>(std::exchange(policy.nonce_keys, {}));
  }
  return DpopVerifier{std::shared_ptr<const State>{new State{.policy = std::move(policy),
                                                             .clock = std::move(clock),
                                                             .algorithms = std::move(algorithms),
                                                             .replays = dpop::Replays{window, remembered},
                                                             .changing = {},
                                                             .current_nonce_keys = std::move(nonce_keys)}}};
}

std::expected<DpopProof, Error> DpopVerifier::check(std::span<const std::string_view> dpop_lines,
                                                    const DpopTarget& target) const noexcept try {
  const DpopPolicy& policy = state_->policy;
  if (dpop_lines.size() != 1) return invalid("the request has not exactly one DPoP header");
  const auto wanted = dpop::normalised_target(target.url);
  if (!wanted) return invalid("the request has no URL that a proof could name");

  auto key = key_in(dpop_lines.front(), policy.algorithms);
  if (!key) return std::unexpected(std::move(key).error());
  std::string thumbprint = key->thumbprint();

  const auto verifier = Verifier::builder()
                            .key(*std::move(key))
                            .any_issuer()
                            .any_audience()
                            .allow_missing_expiry()
                            .type(dpop::proof_type)
                            .maximum_age(policy.maximum_age)
                            .leeway(policy.leeway)
                            .require("jti")
                            .clock(state_->clock)
                            .build();
  if (!verifier) return std::unexpected(Error{ErrorCode::internal, verifier.error().detail()});
  const auto proof = verifier->verify(dpop_lines.front());
  if (!proof && proof.error().code() == ErrorCode::internal) return std::unexpected(proof.error());
  if (!proof) return invalid("the proof: " + proof.error().detail());

  if (!equals(*proof, "htm", target.method)) return invalid("the proof's htm is not the request's method");
  const auto htu = proof->claim<std::string>("htu");
  if (!htu || dpop::normalised_target(*htu) != wanted) {
    return invalid("the proof's htu is not the request's URL");
  }
  if (!target.access_token.empty() && !equals(*proof, "ath", dpop::token_hash(target.access_token))) {
    return invalid("the proof's ath is not the access token's");
  }
  const Time now = state_->clock->now();
  if (const auto nonce_keys = state_->nonce_keys()) {
    const auto nonce = proof->claim<std::string>("nonce");
    if (!nonce || !is_fresh_nonce(*nonce, *nonce_keys, slot_at(now, policy.nonce_lifetime))) {
      return std::unexpected(Error{ErrorCode::proof_nonce_missing, "the proof carries no fresh nonce"});
    }
  }
  const std::string_view jti = proof->id();
  if (jti.empty() || jti.size() > longest_jti) return invalid("the proof's jti is empty or too long");
  switch (state_->replays.remember(thumbprint, jti, now)) {
    case dpop::Replays::Answer::first:
      return DpopProof{std::move(thumbprint)};
    case dpop::Replays::Answer::seen:
      return invalid("the proof has been used before");
    case dpop::Replays::Answer::full:
      break;
  }
  return std::unexpected(Error{ErrorCode::internal, "too many proofs at once"});
} catch (...) {  // memory
  return std::unexpected(Error{ErrorCode::internal});
}

std::string DpopVerifier::nonce() const {
  const auto nonce_keys = state_->nonce_keys();
  if (!nonce_keys) return {};
  return nonce_of(nonce_keys->front(), slot_at(state_->clock->now(), state_->policy.nonce_lifetime));
}

std::expected<void, Error> DpopVerifier::change_nonce_keys(std::vector<SigningKey> keys) {
  if (keys.empty() || !state_->nonce_keys()) return refused("nonces are wanted from the beginning or never");
  if (auto good = check_nonce_keys(keys); !good) return good;
  auto next = std::make_shared<const std::vector<SigningKey>>(std::move(keys));
  const std::scoped_lock lock{state_->changing};
  state_->current_nonce_keys.swap(next);
  return {};
}

std::string_view DpopVerifier::algorithms() const noexcept { return state_->algorithms; }

}  // namespace signet
