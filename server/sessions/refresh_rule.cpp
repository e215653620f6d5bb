#include "server/sessions/refresh_rule.hpp"

#include <algorithm>
#include <limits>

#include "server/revocation/log.hpp"

namespace signet::server {

std::expected<void, std::string> check(const RefreshPolicy& policy) {
  using namespace std::chrono_literals;
  if (policy.grace < 0s || policy.grace > 60s) return std::unexpected("the grace must be 0 to 60 seconds");
  if (policy.idle <= policy.grace) return std::unexpected("the idle time must be longer than the grace");
  if (policy.absolute < policy.idle) return std::unexpected("the absolute time must not be shorter than the idle time");
  if (policy.absolute > longest_session) return std::unexpected("the absolute time must be at most ten years");
  return {};
}

RefreshVerdict judge_refresh(const Session& session, std::uint32_t counter, std::string_view binding, Time now,
                             const RefreshPolicy& policy) {
  using enum RefreshDecision;
  if (now >= session.idle_expires_at || now >= session.expires_at) return {invalid, session};
  if (binding != session.binding && !session.binding.empty()) return {invalid, session};

  if (counter == session.counter) {
    // Four billion rotations are centuries; the end of the counter is the end of the session.
    if (counter == std::numeric_limits<std::uint32_t>::max()) return {invalid, session};
    auto next = session;
    next.counter = counter + 1;
    next.rotated_at = now;
    next.successor_used = false;
    next.last_used_at = now;
    next.idle_expires_at = std::min(now + policy.idle, session.expires_at);
    return {rotate, next};
  }
  bool previous = counter < session.counter && session.counter - counter == 1;
  bool in_grace = now < session.rotated_at + policy.grace;
  bool lost_response = !session.binding.empty() && !session.successor_used;
  if (previous && (in_grace || lost_response)) return {repeat, session};
  return {reuse, session};
}

}  // namespace signet::server
