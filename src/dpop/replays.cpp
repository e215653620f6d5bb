#include "src/dpop/replays.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace signet::dpop {

Replays::Replays(std::chrono::seconds window, std::size_t capacity)
    : key_{SigningKey::generate(Algorithm::HS256).value()},
      window_{window},
      most_in_shard_{std::max<std::size_t>(1, capacity / shard_count)} {}

Replays::Answer Replays::remember(std::string_view thumbprint, std::string_view jti, Time now) {
  // A thumbprint has one length, so no two pairs make one text.
  const auto mac = key_.sign(std::string{thumbprint}.append(jti)).value();
  Mark mark;
  std::ranges::copy(std::span{mac}.first<16>(), mark.begin());
  Shard& shard = shards_[std::to_integer<std::size_t>(mac[16]) % shard_count];

  const std::int64_t window = now.time_since_epoch() / window_;
  const std::lock_guard lock{shard.mutex};
  if (window > shard.window) {  // a clock that was set back forgets nothing
    if (window == shard.window + 1) {
      shard.previous.swap(shard.current);
    } else {
      shard.previous.clear();
    }
    shard.current.clear();
    shard.window = window;
  }
  if (shard.current.contains(mark) || shard.previous.contains(mark)) return Answer::seen;
  if (shard.current.size() + shard.previous.size() >= most_in_shard_) return Answer::full;
  shard.current.insert(mark);
  return Answer::first;
}

std::size_t Replays::size() const {
  std::size_t all = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    all += shard.current.size() + shard.previous.size();
  }
  return all;
}

}  // namespace signet::dpop
