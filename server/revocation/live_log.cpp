#include "server/revocation/live_log.hpp"

#include <algorithm>

namespace signet::server {

void LiveLog::append(std::span<const LoggedRevocation> rows) {
  for (const auto& row : rows) {
    if (row.seq <= seq_) continue;
    if (seq_ == 0) forgotten_ = row.seq - 1;
    rows_.push_back(row);
    seq_ = row.seq;
  }
}

void LiveLog::forget_expired(Time now) {
  std::erase_if(rows_, [&](const LoggedRevocation& row) {
    const bool expired = row.revocation.expires_at <= now;
    if (expired) forgotten_ = std::max(forgotten_, row.seq);
    return expired;
  });
}

std::deque<LoggedRevocation>::const_iterator LiveLog::first_after(std::int64_t seq) const {
  return std::ranges::upper_bound(rows_, seq, {}, &LoggedRevocation::seq);
}

std::size_t LiveLog::count_after(std::int64_t seq) const {
  return static_cast<std::size_t>(rows_.end() - first_after(seq));
}

std::vector<LoggedRevocation> LiveLog::after(std::int64_t seq) const { return {first_after(seq), rows_.end()}; }

}  // namespace signet::server
