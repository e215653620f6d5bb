#include <array>
#include <cstdio>
#include <limits>
#include <utility>

#include "signet/remote_issuer.hpp"

namespace signet {
namespace {

using Seconds = std::chrono::duration<double>;

std::string text_of(double value) {
  if (value == std::numeric_limits<double>::infinity()) return "+Inf";
  std::array<char, 40> text;
  const int size = std::snprintf(text.data(), text.size(), "%.16g", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string label_value(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

// Never heard of: as late as can be, so that an alert on it fires.
double seconds(const std::optional<std::chrono::milliseconds>& time) {
  return time ? Seconds{*time}.count() : std::numeric_limits<double>::infinity();
}

double number(std::uint64_t value) { return static_cast<double>(value); }
bool by_feed(const RemoteHealth& health) { return health.revocations == RemoteRevocations::feed; }
bool by_lists(const RemoteHealth& health) { return health.revocations == RemoteRevocations::status_lists; }
bool by_fetching(const RemoteHealth& health) { return !health.keys_given; }
bool any(const RemoteHealth& /*health*/) { return true; }

struct Metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  bool (*applies)(const RemoteHealth&);
  double (*value)(const RemoteHealth&);
};

constexpr std::array metrics{
    Metric{"signet_issuer_ready", "gauge", "Whether the keys and the revocations have arrived.", any,
           [](const RemoteHealth& health) { return health.ready ? 1.0 : 0.0; }},
    Metric{"signet_issuer_keys", "gauge", "Keys of the issuer.", by_fetching,
           [](const RemoteHealth& health) { return number(health.keys); }},
    Metric{"signet_issuer_keys_age_seconds", "gauge", "Since the key set was last confirmed.", by_fetching,
           [](const RemoteHealth& health) { return seconds(health.keys_age); }},
    Metric{"signet_issuer_key_fetches_total", "counter", "Fetches of the key set, failed ones included.", by_fetching,
           [](const RemoteHealth& health) { return number(health.key_fetches); }},
    Metric{"signet_issuer_key_fetches_failed_total", "counter", "Fetches of the key set that failed.", by_fetching,
           [](const RemoteHealth& health) { return number(health.key_fetches_failed); }},
    Metric{"signet_revocation_staleness_seconds", "gauge", "Since the last heartbeat that was applied.", by_feed,
           [](const RemoteHealth& health) { return seconds(health.staleness); }},
    Metric{"signet_revocation_seq", "gauge", "The newest revocation that was applied.", by_feed,
           [](const RemoteHealth& health) { return static_cast<double>(health.revocation_seq); }},
    Metric{"signet_revocations_held", "gauge", "Revocations in force.", by_feed,
           [](const RemoteHealth& health) { return number(health.revocations_held); }},
    Metric{"signet_revocation_snapshots_total", "counter", "Snapshots applied.", by_feed,
           [](const RemoteHealth& health) { return number(health.snapshots); }},
    Metric{"signet_revocation_connections_total", "counter", "Connections to the stream.", by_feed,
           [](const RemoteHealth& health) { return number(health.connections); }},
    Metric{"signet_status_lists", "gauge", "Status lists held.", by_lists,
           [](const RemoteHealth& health) { return number(health.status_lists); }},
    Metric{"signet_status_list_fetches_total", "counter", "Fetches of status lists, failed ones included.", by_lists,
           [](const RemoteHealth& health) { return number(health.status_list_fetches); }},
    Metric{"signet_status_list_fetches_failed_total", "counter", "Fetches of status lists that failed.", by_lists,
           [](const RemoteHealth& health) { return number(health.status_list_fetches_failed); }},
};

constexpr std::string_view apply_times = "signet_revocation_apply_seconds";

void append_head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_times(std::string& out, const RemoteHealth& health) {
  const auto& times = health.apply_times;
  const auto line = [&](std::string_view what, std::string_view bound, double value) {
    out.append(apply_times).append(what).append("{issuer=").append(label_value(health.issuer));
    if (!bound.empty()) out.append(",le=\"").append(bound).append("\"");
    out.append("} ").append(text_of(value)).append("\n");
  };
  for (std::size_t i = 0; i < times.within.size(); ++i) {
    line("_bucket", text_of(Seconds{ApplyTimes::bounds[i]}.count()), number(times.within[i]));
  }
  line("_bucket", "+Inf", number(times.count));
  line("_sum", "", Seconds{times.sum}.count());
  line("_count", "", number(times.count));
}

}  // namespace

std::string to_prometheus(const std::vector<RemoteHealth>& issuers) {
  std::string out;
  for (const auto& metric : metrics) {
    bool begun = false;
    for (const auto& health : issuers) {
      if (!metric.applies(health)) continue;
      if (!std::exchange(begun, true)) append_head(out, metric.name, metric.type, metric.help);
      out.append(metric.name).append("{issuer=").append(label_value(health.issuer)).append("} ");
      out.append(text_of(metric.value(health))).append("\n");
    }
  }
  bool begun = false;
  for (const auto& health : issuers) {
    if (!by_feed(health)) continue;
    if (!std::exchange(begun, true)) {
      append_head(out, apply_times, "histogram", "From a revocation's last byte until it was enforced.");
    }
    append_times(out, health);
  }
  return out;
}

}  // namespace signet
