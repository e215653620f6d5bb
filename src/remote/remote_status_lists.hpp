#pragma once
// The status lists of an issuer, fetched when a token names one or the issuer's aggregation does, and kept fresh.
// Readers take no lock and wait for nothing. A few background threads fetch, each one list at a time and no list twice
// at a time, so that one that is slow to come delays no other.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "signet/key_set.hpp"
#include "signet/remote_issuer.hpp"
#include "signet/status_list.hpp"
#include "src/remote/background.hpp"

namespace signet::remote {

// The addresses in an aggregation (section 9.3 of draft-ietf-oauth-status-list). Errors: json_malformed.
[[nodiscard]] std::expected<std::vector<std::string>, Error> parse_aggregation(std::string_view text,
                                                                               const Limits& limits);

class RemoteStatusLists final : public StatusSource {
 public:
  // Where the aggregation is; empty: the issuer has none. `again`: it was not where it was said to be.
  using Locate = std::function<std::expected<std::string, Error>(bool again, const std::stop_token&)>;

  // The lists are signed with `keys`, unless the options name others.
  RemoteStatusLists(std::string issuer, Locate locate, std::shared_ptr<const KeySource> keys,
                    const RemoteIssuerOptions& options, Reports& reports);

  // Fetches until it is stopped, once there are keys to verify with.
  void run(const std::function<bool()>& has_keys, const std::stop_token& stop);

  // A list that is not there is fetched from now on.
  [[nodiscard]] Answer look_up(std::string_view uri, std::uint64_t index, Time now) const override;

  // Whether the aggregation, and every list that it names, has been asked for.
  [[nodiscard]] bool ready() const noexcept { return ready_.load(); }
  void describe(RemoteHealth& health) const;

 private:
  struct Watched {
    std::int64_t due = 0;       // monotonic, as all times here
    std::int64_t named_at = 0;  // when a token last named it in vain, or the aggregation at all
    bool asked = false;
    std::string etag{};
    Retry retry;
  };
  struct Job {
    std::string uri;
    std::string etag;
  };

  void want(const std::string& uri) const;
  // The list that is due first, or for how long there is none.
  [[nodiscard]] std::expected<Job, std::chrono::milliseconds> take();
  void refresh(Job job, const std::stop_token& stop);
  // For how long what has come is fresh.
  [[nodiscard]] std::expected<std::chrono::milliseconds, Error> read_aggregation(const std::stop_token& stop);
  [[nodiscard]] std::expected<std::chrono::milliseconds, Error> fetch(Job& job, const std::stop_token& stop);
  [[nodiscard]] bool is_unwanted(const std::string& uri, const Watched& list) const;

  Locate locate_;
  std::shared_ptr<const KeySource> keys_;
  StatusListRules rules_;
  std::string ca_file_;
  RemoteTiming timing_;
  RemoteLimits limits_;
  bool beside_its_issuer_;  // which is on this machine, so its lists may be
  Reports& reports_;

  StatusLists lists_;
  std::atomic<bool> ready_ = false;
  std::atomic<std::uint64_t> fetches_ = 0, failures_ = 0;

  mutable Loop loop_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Watched> watched_;  // under the empty address: the aggregation
  mutable std::vector<std::string> dropped_;        // not watched any more, and held still
  std::set<std::string> fetching_;
  bool lost_ = false;  // the aggregation, when it was last read; of who reads it
};

}  // namespace signet::remote
