#include "server/sessions/pair_uses.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

namespace signet::server {
namespace {

constexpr std::size_t written_at_once = 200;
// Longer than access tokens are used. One that lives longer is noted again, and finds that it was written.
constexpr std::chrono::hours kept{1};

bool came_with_last_rotation(Time issued_at, const Session& session) {
  return !session.binding.empty() && issued_at >= std::chrono::floor<std::chrono::seconds>(session.rotated_at);
}

}  // namespace

void PairUses::note(const SessionId& id, Time issued_at) {
  const std::lock_guard lock{mutex_};
  const auto found = uses_.find(id);
  if (found == uses_.end()) {
    if (uses_.size() < most) uses_.emplace(id, Use{.issued_at = issued_at});
  } else if (found->second.issued_at < issued_at) {
    found->second = {.issued_at = issued_at};
  }
}

bool PairUses::seen(const Session& session) const {
  const std::lock_guard lock{mutex_};
  const auto found = uses_.find(session.id);
  return found != uses_.end() && came_with_last_rotation(found->second.issued_at, session);
}

Stored<void> PairUses::write(Store& store, Time now) {
  std::vector<std::pair<SessionId, Time>> due;
  {
    const std::lock_guard lock{mutex_};
    std::erase_if(uses_, [&](const auto& use) { return use.second.is_written && use.second.issued_at + kept < now; });
    for (const auto& [id, use] : uses_) {
      if (!use.is_written) due.emplace_back(id, use.issued_at);
    }
  }
  for (auto next = due.begin(); next != due.end();) {
    const auto end = std::next(next, std::min<std::ptrdiff_t>(std::distance(next, due.end()), written_at_once));
    auto written = store.write([&](Transaction& transaction) {
      for (auto use = next; use != end; ++use) {
        auto session = transaction.session(use->first);
        if (!session || session->successor_used || !came_with_last_rotation(use->second, *session)) continue;
        session->successor_used = true;
        // False: it was rotated at the same moment, and this says nothing about the newer pair.
        (void)transaction.advance_session(*session, session->counter);
      }
    });
    if (!written) return written;
    const std::lock_guard lock{mutex_};
    for (; next != end; ++next) {
      const auto use = uses_.find(next->first);
      if (use != uses_.end() && use->second.issued_at == next->second) use->second.is_written = true;
    }
  }
  return {};
}

}  // namespace signet::server
