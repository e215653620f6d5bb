#include "server/app/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <fstream>
#include <memory>
#include <span>

#include "signet/version.hpp"

namespace signet::server::app {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

void append_number(std::string& out, std::integral auto value) {
  std::array<char, 24> buffer{};
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

// Seconds: never so large or so small that they would not fit.
void append_number(std::string& out, double value) {
  std::array<char, 64> buffer{};
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
  out.append(buffer.data(), end);
}

void family(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

// name{labels} value; labels are constants of ours and need no escaping.
void sample(std::string& out, std::string_view name, std::string_view labels, auto value) {
  out += name;
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
  append_number(out, value);
  out += '\n';
}

void single(std::string& out, std::string_view name, std::string_view type, std::string_view help, auto value) {
  family(out, name, type, help);
  sample(out, name, "", value);
}

std::string label(std::string_view name, std::string_view value) {
  return std::string{name}.append("=\"").append(value).append("\"");
}

void by_outcome(std::string& out, std::string_view name, std::string_view help, std::span<const char* const> outcomes,
                std::span<const api::Counters::Count> counts) {
  family(out, name, "counter", help);
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    sample(out, name, label("outcome", outcomes[i]), counts[i].load(relaxed));
}

void append_process(std::string& out) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  single(out, "process_cpu_seconds_total", "counter", "Processor time used, in seconds.",
         seconds(used.ru_utime) + seconds(used.ru_stime));
  std::int64_t pages = 0, resident = 0;
  if (std::ifstream statm{"/proc/self/statm"}; statm >> pages >> resident) {
    single(out, "process_resident_memory_bytes", "gauge", "Memory in use.", resident * sysconf(_SC_PAGESIZE));
  }
}

}  // namespace

void Histogram::add(std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::ranges::lower_bound(bounds, seconds) - bounds.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, relaxed);
  sum_ns_.fetch_add(took.count(), relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t count = 0;
  for (const auto& bucket : buckets_) count += bucket.load(relaxed);
  return count;
}

void Histogram::append(std::string& out, std::string_view name, std::string_view labels) const {
  const std::string base{name};
  const std::string before = labels.empty() ? "" : std::string{labels} + ",";
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    count += buckets_[i].load(relaxed);
    std::string bound;
    append_number(bound, bounds[i]);
    sample(out, base + "_bucket", before + label("le", bound), count);
  }
  count += buckets_.back().load(relaxed);
  sample(out, base + "_bucket", before + label("le", "+Inf"), count);
  sample(out, base + "_sum", labels, static_cast<double>(sum_ns_.load(relaxed)) * 1e-9);
  sample(out, base + "_count", labels, count);
}

Metrics::Metrics() {
  for (const api::Endpoint& endpoint : api::endpoints()) {
    routes_.push_back(std::make_unique<Route>());
    routes_.back()->method = endpoint.method;
    routes_.back()->path = endpoint.path;
  }
  routes_.push_back(std::make_unique<Route>());
  routes_.back()->method = routes_.back()->path = "other";
}

Metrics::Route& Metrics::route_of(std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  for (auto& route : routes_) {
    if (route->path == path && route->method == method) return *route;
  }
  return *routes_.back();
}

void Metrics::answered(const http::Answered& answered) {
  Route& route = route_of(answered.request.method, answered.route);
  const auto status_class = static_cast<std::size_t>(answered.status / 100);
  route.by_class[status_class < 6 ? status_class : 0].fetch_add(1, relaxed);
  route.took.add(answered.took);
}

void Metrics::store_done(bool writing, std::chrono::nanoseconds took, bool failed) {
  store_[writing].add(took);
  if (failed) store_errors_[writing].fetch_add(1, relaxed);
}

void Metrics::audited(std::string_view kind) {
  const auto known = audit_kind_from_name(kind);
  const auto row =
      known ? std::ranges::find(audit_kinds, *known) - audit_kinds.begin() : std::ptrdiff_t{audit_kinds.size()};
  audited_[static_cast<std::size_t>(row)].fetch_add(1, relaxed);
}

void Metrics::delivered(std::string_view receiver, Delivered outcome) {
  const auto counts = deliveries_.find(receiver);
  if (counts != deliveries_.end()) counts->second[static_cast<std::size_t>(outcome)].fetch_add(1, relaxed);
}

std::string Metrics::text(const api::Counters& counters, const Now& now) const {
  static constexpr std::array operations{"read", "write"};
  static constexpr std::array classes{"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  std::string out;

  family(out, "signet_build_info", "gauge", "Always 1; the version is in the label.");
  sample(out, "signet_build_info", label("version", version()), 1);
  single(out, "signet_ready", "gauge", "Whether /readyz says yes.", now.ready ? 1 : 0);

  // A route appears with its first request.
  family(out, "signet_requests_total", "counter", "Requests answered.");
  for (const auto& route : routes_) {
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const auto count = route->by_class[i].load(relaxed);
      if (count == 0) continue;
      sample(out, "signet_requests_total",
             label("route", route->path) + "," + label("method", route->method) + "," + label("status", classes[i]),
             count);
    }
  }
  family(out, "signet_request_seconds", "histogram", "From the request, when it is there as a whole, to its answer.");
  for (const auto& route : routes_) {
    if (route->took.count() == 0) continue;
    route->took.append(out, "signet_request_seconds",
                       label("route", route->path) + "," + label("method", route->method));
  }

  by_outcome(out, "signet_logins_total", "Attempts to log in.", api::login_outcomes, counters.logins);
  by_outcome(out, "signet_refreshes_total", "Refresh tokens presented.", api::refresh_outcomes, counters.refreshes);
  single(out, "signet_tokens_issued_total", "counter", "Access tokens signed.", counters.issued_tokens.load(relaxed));
  single(out, "signet_tokens_unsigned_total", "counter",
         "Access tokens that were asked for while the signing key, which is elsewhere, did not answer.",
         counters.unsigned_tokens.load(relaxed));
  single(out, "signet_signing_key_answers", "gauge",
         "Whether tokens can be signed; 0 while a key that is elsewhere does not answer.",
         now.signing_key_answers ? 1 : 0);
  family(out, "signet_master_key_changes_total", "counter", "Changes of the master key's file, seen while running.");
  sample(out, "signet_master_key_changes_total", label("outcome", "taken"), master_key_changes_[0].load(relaxed));
  sample(out, "signet_master_key_changes_total", label("outcome", "refused"), master_key_changes_[1].load(relaxed));
  family(out, "signet_tokens_refused_total", "counter", "Access tokens that were not accepted, by reason.");
  for (std::size_t i = 0; i < counters.refused_tokens.size(); ++i) {
    const auto count = counters.refused_tokens[i].load(relaxed);
    if (count > 0)
      sample(out, "signet_tokens_refused_total", label("error", to_string(static_cast<ErrorCode>(i))), count);
  }
  single(out, "signet_clients_refused_total", "counter", "Wrong credentials of clients at /introspect.",
         counters.refused_clients.load(relaxed));
  family(out, "signet_audit_events_total", "counter", "Security events recorded, by kind.");
  for (std::size_t i = 0; i < audited_.size(); ++i) {
    const auto kind = i < audit_kinds.size() ? name(audit_kinds[i]) : "other";
    sample(out, "signet_audit_events_total", label("kind", kind), audited_[i].load(relaxed));
  }

  family(out, "signet_store_seconds", "histogram", "Transactions of the store.");
  for (std::size_t i = 0; i < store_.size(); ++i)
    store_[i].append(out, "signet_store_seconds", label("operation", operations[i]));
  family(out, "signet_store_errors_total", "counter", "Transactions that failed.");
  for (std::size_t i = 0; i < store_errors_.size(); ++i) {
    sample(out, "signet_store_errors_total", label("operation", operations[i]), store_errors_[i].load(relaxed));
  }

  single(out, "signet_connections", "gauge", "Open connections.", now.server.connections);
  single(out, "signet_connections_rejected_total", "counter", "Connections turned away, all places taken.",
         now.server.rejected_connections);
  single(out, "signet_malformed_requests_total", "counter", "Requests that are not HTTP/1.1 as it should be.",
         now.server.malformed_requests);
  single(out, "signet_failed_handlers_total", "counter",
         "Requests answered 500 after an exception; the log says which.", now.server.failed_handlers);
  family(out, "signet_lane_waiting", "gauge", "Requests waiting for a thread.");
  sample(out, "signet_lane_waiting", label("lane", "store"), now.server.store_queue);
  sample(out, "signet_lane_waiting", label("lane", "password"), now.server.password_queue);
  family(out, "signet_lane_rejected_total", "counter", "Requests answered 503, the queue being full.");
  sample(out, "signet_lane_rejected_total", label("lane", "store"), now.server.rejected_store);
  sample(out, "signet_lane_rejected_total", label("lane", "password"), now.server.rejected_password);

  family(out, "signet_verified_token_cache_total", "counter",
         "Access tokens looked up among those verified before; a hit spares the signature alone.");
  sample(out, "signet_verified_token_cache_total", label("outcome", "hit"), now.verified_tokens.hits);
  sample(out, "signet_verified_token_cache_total", label("outcome", "miss"), now.verified_tokens.misses);
  single(out, "signet_verified_token_cache_size", "gauge", "Verified access tokens kept.", now.verified_tokens.size);

  single(out, "signet_revocations_held", "gauge", "Revocations in force.", now.revocations_held);
  single(out, "signet_revocation_seq", "gauge", "Newest row of the revocation log that is applied.",
         now.revocation_seq);
  single(out, "signet_revocation_staleness_seconds", "gauge",
         "Since the revocation log was last known to be applied in full.", now.revocation_staleness_seconds);
  single(out, "signet_revocation_streams", "gauge", "Open streams of revocations.", now.revocation_streams);
  family(out, "signet_revocation_apply_seconds", "histogram",
         "From the writing of a revocation of a session or a token, on any node, to its going out on the streams.");
  applied_.append(out, "signet_revocation_apply_seconds", "");
  static constexpr std::array outcomes{"delivered", "failed", "given_up"};
  family(out, "signet_deliveries_total", "counter", "Attempts to tell a receiver of a logout or a security event.");
  for (const auto& [receiver, counts] : deliveries_) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      sample(out, "signet_deliveries_total", label("receiver", receiver) + "," + label("outcome", outcomes[i]),
             counts[i].load(relaxed));
    }
  }
  family(out, "signet_deliveries_waiting", "gauge", "What a receiver is still to be told, on all nodes together.");
  for (const auto& [receiver, count] : now.waiting_deliveries)
    sample(out, "signet_deliveries_waiting", label("receiver", receiver), count);
  single(out, "signet_log_lines_dropped_total", "counter", "Log lines dropped, standard error being slow.",
         now.dropped_log_lines);
  append_process(out);
  return out;
}

}  // namespace signet::server::app
