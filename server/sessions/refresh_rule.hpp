#pragma once
// What happens when a refresh token with a good MAC is presented: a rule over values, no clock, no store.

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "server/sessions/session.hpp"
#include "signet/clock.hpp"

namespace signet::server {

struct RefreshPolicy {
  std::chrono::seconds grace{10};                         // 0 to 60: how long the previous token is still answered
  std::chrono::seconds idle = std::chrono::days{14};      // a session dies when it is not refreshed for so long
  std::chrono::seconds absolute = std::chrono::days{90};  // and so long after the login in any case
};

// Whether the policy is within its bounds; the error says which bound it breaks.
[[nodiscard]] std::expected<void, std::string> check(const RefreshPolicy& policy);

enum class RefreshDecision : std::uint8_t {
  rotate,   // a new pair; the session is to become `RefreshVerdict::session`
  repeat,   // the pair of the last rotation once more: the same refresh token, a new access token; the session stays as
            // it is
  reuse,    // a spent token: two parties hold this session, so it ends for both
  invalid,  // expired, or not the bound client: nothing changes
};

struct RefreshVerdict {
  RefreshDecision decision;
  Session session;  // as it is to be afterwards: advanced for rotate, otherwise as it was
};

// `counter` is the presented token's; `binding` the thumbprint of the key the client has just proved to hold, or empty.
//
// | presented                                                  | decision |
// |------------------------------------------------------------|----------|
// | anything, once the session has expired                     | invalid  |
// | anything, by a client that is not the session's bound one  | invalid  |
// | c                                                          | rotate   |
// | c-1 while now < rotated_at + grace                         | repeat   |
// | c-1 later, c not used, and the session is bound            | repeat   |
// | anything else                                              | reuse    |
//
// A bound session that is presented without its key is no reuse: the key shows that the thief has gained nothing, and
// ending the session would hand him a way to log the owner out.
//
// "c not used" has two halves. Presenting c makes it c-1, so a session whose counter is still c has not seen c
// refreshed. The access token that came with c is seen at every request to this server, and when a service asks about
// it; then `Sessions::seen_in_use` has `successor_used` set (here at once, on other nodes within seconds), and from
// then on a late c-1 cannot be a lost response any more. What a service verifies on its own, nobody sees.
//
// A thief and his victim can share a session only while each of them refreshes within the grace after the other, with
// the same token. The first refresh that comes later presents c-1 (or older) and ends the session for both.
//
// What remains: a thief who knows when the victim refreshes, and comes within the grace each time, gets each successor.
// Nothing tells him when (GET /sessions shows days), so he has to guess: with c-1 he must hit the grace, with c he must
// be followed by the victim within it; any miss ends the session. Every repeat is audited ("refresh_repeated") with the
// address and the user agent when they are not the session's. A grace of 0 leaves him nothing and costs the second of
// two tabs its session; binding leaves him nothing at no cost.
[[nodiscard]] RefreshVerdict judge_refresh(const Session& session, std::uint32_t counter, std::string_view binding,
                                           Time now, const RefreshPolicy& policy);

}  // namespace signet::server
