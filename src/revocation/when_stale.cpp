#include <string>
#include <utility>

#include "signet/revocation_source.hpp"

namespace signet {
namespace {

std::expected<bool, Error> answer_of(const WhenStale::Ask& ask, std::string_view token) noexcept try {
  return ask(token);
} catch (...) {
  return std::unexpected(Error{ErrorCode::revocations_stale, "it threw"});  // short: it may be memory that is missing
}

}  // namespace

WhenStale WhenStale::deny(std::chrono::milliseconds max_staleness) { return {Action::deny, max_staleness, {}}; }

WhenStale WhenStale::introspect(Ask ask, std::chrono::milliseconds max_staleness) {
  return {Action::introspect, max_staleness, std::move(ask)};
}

WhenStale WhenStale::allow() { return {Action::allow, std::chrono::milliseconds::max(), {}}; }

std::optional<std::string_view> WhenStale::problem() const noexcept {
  if (action_ != Action::allow && max_staleness_ <= std::chrono::milliseconds::zero()) {
    return "a maximum staleness that is not positive";
  }
  if (action_ == Action::introspect && !ask_) return "an introspection without a function";
  return std::nullopt;
}

std::optional<Error> WhenStale::refusal(std::optional<std::chrono::milliseconds> staleness,
                                        std::string_view token) const {
  if (staleness && *staleness <= max_staleness_) return std::nullopt;
  if (action_ == Action::introspect) {
    const auto active = answer_of(ask_, token);
    if (!active)
      return Error{ErrorCode::revocations_stale, "not known, and not to be asked: " + active.error().detail()};
    if (*active) return std::nullopt;
    return Error{{Failure{ErrorCode::token_revoked, ""}}};
  }
  return Error{ErrorCode::revocations_stale,
               staleness ? "nothing heard for " + std::to_string(staleness->count()) + " ms" : "not ready yet"};
}

}  // namespace signet
