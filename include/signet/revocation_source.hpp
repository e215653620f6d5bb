#pragma once
// Revocations that arrive from elsewhere, and the contract on how late they may be.

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "signet/error.hpp"
#include "signet/revocations.hpp"

namespace signet {

namespace jwt {
struct Policy;
}

// Where a verifier's revocations come from when another process decides on them. RemoteIssuer has one.
class RevocationSource {
 public:
  virtual ~RevocationSource() = default;

  // The same object for as long as the source lives.
  [[nodiscard]] virtual const Revocations& revocations() const noexcept = 0;

  // For how long the source has not known that it holds every revocation there is. nullopt until it has held all of
  // them for the first time. Called on the hot path, from many threads; must not wait.
  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> staleness() const noexcept = 0;
};

inline constexpr std::chrono::milliseconds default_max_staleness{2000};

// What a verifier does with a token that is good as far as it knows, while it may not know all: when the staleness of
// its source, or of the status list that the token names, is over `max_staleness`, or when that was never there. What
// is known as revoked is refused anyway.
class WhenStale {
 public:
  // Refuses with revocations_stale. Nobody who was revoked gets in; nobody gets in while the link is down.
  [[nodiscard]] static WhenStale deny(std::chrono::milliseconds max_staleness = default_max_staleness);

  // Asks, for this one token: true when it is active, false when it is revoked (token_revoked), an error when that
  // cannot be said (revocations_stale, as with `deny`). `ask` is called from any thread, and verifying waits for it: it
  // needs a time limit of its own.
  using Ask = std::function<std::expected<bool, Error>(std::string_view token)>;
  [[nodiscard]] static WhenStale introspect(Ask ask, std::chrono::milliseconds max_staleness = default_max_staleness);

  // Accepts: a revocation may then come as late as the token's expiry. A source that was never ready is refused even
  // so, with revocations_stale.
  [[nodiscard]] static WhenStale allow();

 private:
  friend struct jwt::Policy;
  friend class VerifierBuilder;
  enum class Action : std::uint8_t { deny, introspect, allow };
  WhenStale(Action action, std::chrono::milliseconds max_staleness, Ask ask)
      : action_{action}, max_staleness_{max_staleness}, ask_{std::move(ask)} {}

  // The reason to refuse `token`, when there is one. No staleness: there is nothing to go by.
  [[nodiscard]] std::optional<Error> refusal(std::optional<std::chrono::milliseconds> staleness,
                                             std::string_view token) const;
  // Why it cannot be acted on, when it cannot.
  [[nodiscard]] std::optional<std::string_view> problem() const noexcept;

  Action action_;
  std::chrono::milliseconds max_staleness_;
  Ask ask_;
};

}  // namespace signet
