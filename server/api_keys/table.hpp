#pragma once
// Every API key that lives, in memory: what a request is checked against, without the database.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "server/api_keys/api_keys.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

class ApiKeyTable {
 public:
  // Both must outlive it.
  ApiKeyTable(ApiKeyPolicy policy, const Revocations& enforced, const Clock& clock)
      : policy_{std::move(policy)}, enforced_{enforced}, clock_{clock} {}

  // The key of that text, and that it was used. From memory; any thread. Errors, for logs: token_malformed,
  // key_not_found (no such key, or another secret), token_expired, token_revoked (also by the cut-off for everyone and
  // the one for its client).
  [[nodiscard]] std::expected<std::shared_ptr<const ApiKey>, Error> find(std::string_view text) const;
  // The same, from that address. Errors: also claim_rejected (outside its networks).
  [[nodiscard]] std::expected<std::shared_ptr<const ApiKey>, Error> find_used_from(std::string_view text,
                                                                                   std::string_view address) const;

  // Brings in what was made or changed since the last time, by any process; now and then, all of them anew. Call it
  // once before the server is ready, and then about twice a second. What was revoked elsewhere is known before that,
  // by the revocation log.
  Stored<void> follow(Store& store);

  // A key may have been made by another process a moment ago: whether there is none of that text's id here, and the
  // store was not asked about it either; `learn` asks. Any number of callers at once cost one read after the other, and
  // a script that comes with a dead key again and again costs one in all.
  [[nodiscard]] bool lacks(std::string_view text) const;
  Stored<void> learn(std::string_view text, Store& store);

  // What this process has just made, so that it can be used at once.
  void put(const ApiKey& key);

  // Writes when keys were last used, those whose minute has changed; a few in each transaction.
  Stored<void> write_uses(Store& store);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry;
  struct Hash {
    std::size_t operator()(const ApiKeyId& id) const noexcept;
  };
  [[nodiscard]] std::expected<std::shared_ptr<Entry>, Error> living(std::string_view text) const;
  [[nodiscard]] bool is_revoked(const Entry& entry) const;
  [[nodiscard]] std::shared_ptr<const ApiKey> used(const std::shared_ptr<Entry>& entry) const;
  using Entries = std::unordered_map<ApiKeyId, std::shared_ptr<Entry>, Hash>;

  enum class Extent : bool { changes, all };
  Stored<void> read(Store& store, Extent extent);  // with `following_` held
  Stored<void> read_changes(Store& store, std::int64_t after, Entries& into, std::int64_t& newest) const;
  void forget_dead();
  Stored<std::size_t> write_some_uses(Store& store);  // how many

  const ApiKeyPolicy policy_;
  const Revocations& enforced_;
  const Clock& clock_;

  std::atomic<std::uint64_t> reads_begun_ = 0;
  std::mutex following_;         // the next three
  std::uint64_t last_read_ = 0;  // the newest of those begun that succeeded
  std::int64_t newest_ = 0;
  Time read_anew_at_{};

  mutable std::shared_mutex changing_;  // the next two
  Entries entries_;
  std::unordered_set<ApiKeyId, Hash> strangers_;  // ids that the store did not know either
};

}  // namespace signet::server
