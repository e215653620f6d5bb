#pragma once
// A key set that lives at an address. Readers take no lock and wait for nothing; one background thread fetches.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "signet/key_set.hpp"
#include "signet/remote_issuer.hpp"
#include "src/concurrency/published.hpp"
#include "src/remote/background.hpp"

namespace signet::remote {

// For how long an answer is fresh by its Cache-Control (in lower case) and Age (RFC 9111 sections 4.2.1, 5.2.2), within
// a minute and an hour; `otherwise` where it does not say.
[[nodiscard]] std::chrono::seconds freshness(std::string_view cache_control, long age, std::chrono::seconds otherwise);

class RemoteKeySet final : public KeySource {
 public:
  // The addresses, asked in their order until one gives a key set. `again`: those that it gave before did not.
  using Locate = std::function<std::expected<std::vector<std::string>, Error>(bool again, const std::stop_token&)>;

  RemoteKeySet(Locate locate, const RemoteIssuerOptions& options, Reports& reports)
      : locate_{std::move(locate)},
        ca_file_{options.ca_file},
        timing_{options.timing},
        limits_{options.limits.json},
        reports_{reports},
        retry_{options.timing} {}

  // Fetches, ahead of expiry and when an unknown key id asks for it, until it is stopped.
  void run(const std::stop_token& stop);

  // Errors: key_not_found, algorithm_not_allowed; keys_unavailable before the first set, and when the last good one is
  // too old.
  [[nodiscard]] std::expected<VerifyingKey, Error> find(const KeyQuery& query) const noexcept override;

  [[nodiscard]] bool ready() const noexcept { return confirmed_at_.load() != 0; }
  void describe(RemoteHealth& health) const;

 private:
  // One fetch. When the next is due.
  [[nodiscard]] std::chrono::milliseconds refresh(const std::stop_token& stop);
  // A good set, and for how long it is fresh.
  [[nodiscard]] std::expected<std::chrono::seconds, Error> fetch(const std::stop_token& stop);
  [[nodiscard]] std::expected<std::chrono::seconds, Error> fetch_from(const std::string& url,
                                                                      const std::stop_token& stop);
  void publish_tables() noexcept;
  void ask_for(std::string_view key_id) const;

  Locate locate_;
  std::string ca_file_;
  RemoteTiming timing_;
  Limits limits_;
  Reports& reports_;

  concurrency::Published<const KeySet> keys_;
  std::atomic<std::int64_t> confirmed_at_ = 0;  // monotonic_now() of the last good answer
  std::atomic<std::uint64_t> fetches_ = 0, failures_ = 0;

  // The background thread's own.
  Retry retry_;
  concurrency::Retired retired_;
  bool lost_ = false;  // the last fetch failed
  std::string etag_;
  std::string etag_of_;        // the address it came from
  std::string body_;           // of the set that is published
  bool lacks_tables_ = false;  // the set that is published

  mutable Loop loop_;
  mutable std::mutex mutex_;
  mutable std::string wanted_;                             // a key id that is worth a fetch
  mutable std::map<std::string, std::int64_t> not_there_;  // until when a key id is not worth another one
  std::int64_t asked_at_ = 0;
  bool fetching_ = false;
};

}  // namespace signet::remote
