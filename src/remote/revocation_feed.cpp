#include "src/remote/revocation_feed.hpp"

#include <algorithm>
#include <utility>

#include "signet/jws.hpp"
#include "src/remote/http_client.hpp"

namespace signet::remote {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view snapshot_type = "revocations+jwt";
constexpr std::size_t slowest_snapshot = 128 * 1024;  // bytes a second
constexpr milliseconds between_forgetting{10'000};    // by the server's clock

Error refused(std::string why) { return Error{ErrorCode::input_output, std::move(why)}; }

}  // namespace

RevocationFeed::RevocationFeed(std::string issuer, Locate locate, std::shared_ptr<const KeySource> keys,
                               const RemoteIssuerOptions& options, Reports& reports, const Clock& clock)
    : issuer_{std::move(issuer)},
      locate_{std::move(locate)},
      keys_{std::move(keys)},
      ca_file_{options.ca_file},
      timing_{options.timing},
      limits_{options.limits},
      reports_{reports},
      clock_{clock},
      retry_{options.timing} {}

std::optional<milliseconds> RevocationFeed::staleness() const noexcept {
  const auto heard_at = heard_at_.load(std::memory_order_acquire);
  if (heard_at == 0) return std::nullopt;
  return milliseconds{std::max<std::int64_t>(monotonic_now() - heard_at, 0)};
}

void RevocationFeed::describe(RemoteHealth& health) const {
  health.staleness = staleness();
  health.revocation_seq = seq_.load();
  health.revocations_held = revocations_.size();
  health.snapshots = snapshots_.load();
  health.connections = connections_.load();
  // Counted from the largest on and read from the smallest on: no bound shows more than a larger one.
  for (std::size_t i = 0; i < applied_.within.size(); ++i) health.apply_times.within[i] = applied_.within[i].load();
  health.apply_times.count = applied_.count.load();
  health.apply_times.sum = std::chrono::nanoseconds{applied_.nanoseconds.load()};
}

void RevocationFeed::run(const std::stop_token& stop) {
  loop_.run([&] { return connect(stop); }, timing_.longest_retry, stop);
}

milliseconds RevocationFeed::connect(const std::stop_token& stop) {
  auto event = RemoteEvent::snapshot_failed;
  caught_up_ = false;
  const auto ended = [&]() -> Error {
    const auto addresses = locate_(std::exchange(lost_, true), stop);
    if (!addresses) return addresses.error();
    if (!position_) {
      if (auto taken = take_snapshot(*addresses, stop); !taken) return std::move(taken.error());
    }
    event = RemoteEvent::feed_lost;
    return follow(*addresses, stop);
  }();
  if (!stop.stop_requested()) reports_.failed(event, ended);
  if (caught_up_) {
    retry_.succeeded();
    lost_ = false;
  }
  return retry_.failed();
}

std::expected<void, Error> RevocationFeed::take_snapshot(const Addresses& addresses, const std::stop_token& stop) {
  HttpRequest request;
  request.url = addresses.snapshot;
  request.ca_file = ca_file_;
  request.accept = "application/jwt";
  request.limit = limits_.snapshot_bytes;
  request.at_most = timing_.at_most;
  request.slowest = slowest_snapshot;
  const auto answer = fetch_good(request, "the snapshot", stop);
  if (!answer) return std::unexpected(answer.error());
  Limits limits;
  limits.token_bytes = limits_.snapshot_bytes;
  const auto verifier = JwsVerifier::builder().key_source(keys_).limits(limits).build();
  if (!verifier) return std::unexpected(verifier.error());
  const auto verified = verifier->verify(answer->body);
  if (!verified) return std::unexpected(verified.error());
  if (verified->signature().type() != snapshot_type) {
    return std::unexpected(Error{ErrorCode::type_mismatch, "not a snapshot of revocations"});
  }
  const auto snapshot = parse_snapshot(verified->payload(), issuer_, clock_.now());
  if (!snapshot) return std::unexpected(snapshot.error());
  for (const auto& revocation : snapshot->revocations) revocations_.add(revocation);
  position_ = snapshot->position;
  hole_at_.reset();
  seq_.store(position_->seq);
  ++snapshots_;
  reports_.say(RemoteEvent::snapshot_applied, position_->text());
  return {};
}

Error RevocationFeed::follow(const Addresses& addresses, const std::stop_token& stop) {
  HttpRequest request;
  request.url = addresses.stream + (addresses.stream.contains('?') ? "&" : "?") + "from=" + position_->text();
  request.ca_file = ca_file_;
  request.accept = "text/event-stream";
  ++connections_;
  asked_at_ = monotonic_now();
  clock_difference_.reset();
  EventStream events{[this](const ServerEvent& event) { return take(event); }, limits_.event_bytes};
  return stream(
      request, timing_.silence, [&](const HttpAnswer& head) { return check_answer(head, request, "the stream"); },
      [&](std::string_view piece) {
        arrived_ = std::chrono::steady_clock::now();
        return events.take(piece);
      },
      stop);
}

std::expected<void, Error> RevocationFeed::take(const ServerEvent& event) {
  if (event.name == "revocation") return take_revocation(event);
  if (event.name == "heartbeat") return take_heartbeat(event);
  if (event.name == "begin") return take_begin(event);
  if (event.name == "reset") {
    position_.reset();
    return std::unexpected(refused("the server asks to begin again from its snapshot"));
  }
  return {};  // of a later version
}

std::expected<void, Error> RevocationFeed::take_revocation(const ServerEvent& event) {
  const auto at = Position::parse(event.id);
  if (!at) return std::unexpected(at.error());
  const auto row = parse_revocation(event.data);
  if (!row) return std::unexpected(row.error());
  revocations_.add(row->revocation);
  count_applied(std::chrono::steady_clock::now() - arrived_);
  if (at->epoch != position_->epoch) {
    position_.reset();
    return std::unexpected(refused("the server's log is another one now"));
  }
  if (row->seq != at->seq) return std::unexpected(Error{ErrorCode::json_malformed, "a revocation with two numbers"});
  if (misses(row->after)) return std::unexpected(refused("a revocation is missing before " + at->text()));
  if (row->seq > position_->seq) {
    position_->seq = row->seq;
    seq_.store(row->seq);
  }
  return {};
}

std::expected<void, Error> RevocationFeed::take_begin(const ServerEvent& event) {
  const auto time = parse_begin(event.data);
  if (!time) return std::unexpected(time.error());
  clock_difference_ = asked_at_ - time->time_since_epoch().count();
  return {};
}

std::expected<void, Error> RevocationFeed::take_heartbeat(const ServerEvent& event) {
  const auto beat = parse_heartbeat(event.data);
  if (!beat) return std::unexpected(beat.error());
  if (misses(beat->seq)) return std::unexpected(refused("a revocation is missing before the heartbeat's"));
  if (beat->seq < position_->seq) return std::unexpected(refused("the server knows less than we do"));
  if (!clock_difference_) return std::unexpected(refused("a heartbeat before the stream has begun"));
  position_->seq = beat->seq;
  seq_.store(beat->seq);

  // A link that delivers late is late, though it is never silent. The two clocks need not agree for that: the server's
  // stood at what it said in the beginning when ours had gone beyond `asked_at_`. Nothing is heard before it is said:
  // when it seems so, the server's clock was set forward.
  const auto now = monotonic_now();
  const auto said_at = beat->time.time_since_epoch().count();
  clock_difference_ = std::min(*clock_difference_, now - said_at);
  const auto heard_at = said_at + *clock_difference_;
  if (now - heard_at > timing_.silence.count()) return std::unexpected(refused("the link delivers too late"));
  const bool first = !std::exchange(caught_up_, true);
  heard_at_.store(heard_at, std::memory_order_release);
  if (first) reports_.say(RemoteEvent::feed_connected, position_->text());
  forget_expired(beat->time);
  return {};
}

bool RevocationFeed::misses(std::int64_t seq) {
  if (seq <= position_->seq) return false;
  if (std::exchange(hole_at_, position_->seq) == position_->seq) position_.reset();
  return true;
}

void RevocationFeed::count_applied(std::chrono::nanoseconds took) {
  ++applied_.count;
  for (std::size_t i = applied_.within.size(); i > 0 && took <= ApplyTimes::bounds[i - 1]; --i) {
    ++applied_.within[i - 1];
  }
  applied_.nanoseconds += took.count();
}

void RevocationFeed::forget_expired(Time server_time) {
  const auto now = std::min(clock_.now(), server_time);
  if (std::chrono::abs(now - forgot_at_) < between_forgetting) return;
  forgot_at_ = now;
  revocations_.forget_expired(now);
}

}  // namespace signet::remote
