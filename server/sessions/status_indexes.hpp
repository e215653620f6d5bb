#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "server/sessions/status.hpp"
#include "server/store/store.hpp"

namespace signet::server {

// Gives out places in the status lists. A node takes a block of them from the store and gives them out from memory, in
// no order, so that a login costs no write of its own and a place tells nothing of when it was taken. What a node has
// left when it ends is not used. Thread-safe.
class StatusIndexes {
 public:
  explicit StatusIndexes(Store& store) : store_{store} {}

  // From memory; nothing when there is none left.
  [[nodiscard]] std::optional<StatusEntry> take(std::int64_t list);
  // Takes a block from the store, unless there is one.
  [[nodiscard]] Stored<void> provide(std::int64_t list);

  // The places below `end.index` are revoked, whoever has them: none of them is given out any more.
  void close(const StatusEntry& end);
  [[nodiscard]] bool is_closed(const StatusEntry& entry);

 private:
  [[nodiscard]] bool has_some(std::int64_t list);
  [[nodiscard]] bool closed(const StatusEntry& entry) const;

  Store& store_;
  std::mutex providing_;
  std::mutex mutex_;
  std::map<std::int64_t, std::vector<std::uint32_t>> left_;
  std::map<std::int64_t, std::uint32_t> closed_;  // below which index
};

// Where sessions and API keys get their places, and how long the tokens live that name them.
struct StatusPlaces {
  StatusIndexes* indexes = nullptr;  // null: they get none
  std::chrono::seconds token_lifetime{};
};

// One attempt, which may be made several times, to give somebody a place in the list of the tokens that he is about to
// get, inside a transaction.
class StatusEntrance {
 public:
  StatusEntrance(const StatusPlaces& places, const Clock& clock) : places_{places}, clock_{clock} {}

  // Whether `enter` would give a new one. Precondition: there are `indexes`.
  [[nodiscard]] bool is_due(const StatusEntries& entries) const;
  // Whether `entries` got a new one; they keep one that is good. Leaves the transaction, as NoPlaceLeft, when there is
  // none left in memory.
  [[nodiscard]] bool enter(StatusEntries& entries);

  struct NoPlaceLeft {
    std::int64_t list;
  };
  // `write` again, with a block from the store, for as long as it ends by NoPlaceLeft.
  template <class Write>
  [[nodiscard]] Stored<void> run(Write write) {
    for (;;) {
      try {
        return write();
      } catch (const NoPlaceLeft& wanted) {
        if (auto provided = places_.indexes->provide(wanted.list); !provided) return provided;
      }
    }
  }

 private:
  [[nodiscard]] std::int64_t list() const;
  const StatusPlaces& places_;
  const Clock& clock_;
  std::optional<StatusEntry> place_;  // kept when the work runs again
};

// Places in a block.
inline constexpr std::uint32_t status_block = 1024;

}  // namespace signet::server
