#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "server/store/store.hpp"
#include "signet/clock.hpp"

namespace signet::server {

// The part of the log that still covers living tokens, in its order.
class LiveLog {
 public:
  // Rows that are there already are left out.
  void append(std::span<const LoggedRevocation> rows);
  void forget_expired(Time now);

  // The newest row ever appended; 0 before the first.
  [[nodiscard]] std::int64_t seq() const noexcept { return seq_; }
  // Whether every row after `seq` is here: false for a number from the future, and when one has been forgotten.
  [[nodiscard]] bool reaches_back_to(std::int64_t seq) const noexcept { return seq >= forgotten_ && seq <= seq_; }
  [[nodiscard]] std::size_t count_after(std::int64_t seq) const;
  [[nodiscard]] std::vector<LoggedRevocation> after(std::int64_t seq) const;
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

 private:
  [[nodiscard]] std::deque<LoggedRevocation>::const_iterator first_after(std::int64_t seq) const;

  std::deque<LoggedRevocation> rows_;
  std::int64_t seq_ = 0;
  std::int64_t forgotten_ = 0;  // the newest row that was here, or swept from the log before it was read
};

}  // namespace signet::server
