#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "server/id.hpp"
#include "server/sessions/session.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"

namespace signet::server {

// Which bound sessions were seen to use the pair of their last rotation, by its access token: then the answer to that
// refresh was not lost, and the refresh token before it is spent for good. Noted in memory, where requests are answered
// from memory; written now and then, so that other nodes know, and this one after a restart. Thread-safe.
class PairUses {
 public:
  // `issued_at`: `iat` of an access token of a bound session that was used just now.
  void note(const SessionId& id, Time issued_at);

  // Whether a token was noted that came with the session's last rotation. `iat` has no fractions of a second; one of
  // the second of the rotation counts, though two rotations in it would make it another's.
  [[nodiscard]] bool seen(const Session& session) const;

  // Writes `Session::successor_used` for what was noted since. A failed write is repeated by the next call.
  Stored<void> write(Store& store, Time now);

  // Those that are noted at one time. While so many are, others' uses are not.
  static constexpr std::size_t most = 65'536;

 private:
  struct Use {
    Time issued_at{};
    bool is_written = false;  // stays for as long as the token is used, so that each use is written once
  };
  mutable std::mutex mutex_;
  std::map<SessionId, Use> uses_;
};

}  // namespace signet::server
