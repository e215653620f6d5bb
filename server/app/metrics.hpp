#pragma once
// Counters and their Prometheus text (exposition format 0.0.4). docs/operations.md explains each name.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api/endpoints.hpp"
#include "server/audit/audit.hpp"
#include "server/deliveries/courier.hpp"
#include "server/http/server.hpp"
#include "signet/verifier.hpp"

namespace signet::server::app {

// How long things took. Lock-free; a reader may see a count a moment before its sum.
class Histogram {
 public:
  static constexpr std::array bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                     0.1,    0.25,  0.5,    1.0,   2.5,  5.0};  // s

  void add(std::chrono::nanoseconds took);
  [[nodiscard]] std::uint64_t count() const;
  void append(std::string& out, std::string_view name, std::string_view labels) const;

 private:
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};  // not cumulative; the last one is the rest
  std::atomic<std::int64_t> sum_ns_ = 0;
};

class Metrics {
 public:
  Metrics();

  void answered(const http::Answered& answered);
  void store_done(bool writing, std::chrono::nanoseconds took, bool failed);
  void audited(std::string_view kind);
  // Before the first delivery to it. The name needs no escaping in a label.
  void expect_receiver(const std::string& name) { deliveries_.try_emplace(name); }
  void delivered(std::string_view receiver, Delivered outcome);
  void master_key_changed(bool taken) { master_key_changes_[taken ? 0 : 1].fetch_add(1, std::memory_order_relaxed); }
  void revocation_applied(std::chrono::nanoseconds late) { applied_.add(late); }

  // What is only known at the moment of asking.
  struct Now {
    http::ServerCounters server;
    CacheFigures verified_tokens;
    bool signing_key_answers = true;
    std::uint64_t revocations_held = 0;
    std::int64_t revocation_seq = 0;
    double revocation_staleness_seconds = 0;
    std::size_t revocation_streams = 0;
    std::vector<std::pair<std::string, std::size_t>> waiting_deliveries{};  // by receiver
    std::uint64_t dropped_log_lines = 0;
    bool ready = false;
  };
  [[nodiscard]] std::string text(const api::Counters& counters, const Now& now) const;

 private:
  struct Route {
    std::string_view method, path;
    std::array<std::atomic<std::uint64_t>, 6> by_class{};  // 5: 5xx; 0: none of these
    Histogram took;
  };
  Route& route_of(std::string_view method, std::string_view path);

  std::vector<std::unique_ptr<Route>> routes_;  // the endpoints, then one for the rest
  Histogram applied_;                           // revocations
  // delivered, failed, given up; by receiver
  std::map<std::string, std::array<std::atomic<std::uint64_t>, 3>, std::less<>> deliveries_;
  std::array<std::atomic<std::uint64_t>, 2> master_key_changes_{};  // taken, refused
  std::array<Histogram, 2> store_;                                  // read, write
  std::array<std::atomic<std::uint64_t>, 2> store_errors_{};
  std::array<std::atomic<std::uint64_t>, audit_kinds.size() + 1>
      audited_{};  // the last one: a kind that is not on the list
};

}  // namespace signet::server::app
