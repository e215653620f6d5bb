#include "server/api/revocation_feed.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "server/api/etag.hpp"
#include "server/limits/rate_limiter.hpp"
#include "server/sessions/access_token.hpp"

namespace signet::server::api {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_resumed =
    2'000;  // rows: who is further behind does better with the snapshot, which all share
constexpr int heartbeats_between_forgetting = 50;
constexpr auto snapshot_lifetime = 5min;
constexpr auto snapshot_renewal = 1min;
// A snapshot of so many rows takes a while to make. It is up to a second old, which costs nobody anything: the stream
// begins where it ends.
constexpr std::size_t large_snapshot = 10'000;
constexpr auto large_snapshot_age = 1s;

// Rows of these kinds say when they were written; the cut-offs of others are rounded to whole seconds.
bool says_when(RevocationKind kind) { return kind == RevocationKind::token || kind == RevocationKind::session; }

}  // namespace

// Who has streams open. Outlives the feed if a stream does.
struct RevocationFeed::Guests {
  const http::StreamLimits limits;
  std::mutex mutex;
  std::size_t all = 0;
  std::map<std::string, std::size_t> by_address;

  explicit Guests(http::StreamLimits most) : limits{most} {}

  [[nodiscard]] bool take(const std::string& address) {
    const std::lock_guard lock{mutex};
    const auto at = by_address.find(address);
    if (all >= limits.all || (at == by_address.end() ? 0 : at->second) >= limits.per_address) return false;
    ++by_address[address];
    ++all;
    return true;
  }
  void give_back(const std::string& address) noexcept {
    const std::lock_guard lock{mutex};
    const auto at = by_address.find(address);
    if (at != by_address.end() && --at->second == 0) by_address.erase(at);
    --all;
  }

  struct Place {
    std::shared_ptr<Guests> guests;
    std::string address;
    Place(std::shared_ptr<Guests> where, std::string who) : guests{std::move(where)}, address{std::move(who)} {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { guests->give_back(address); }
  };
};

RevocationFeed::RevocationFeed(const Clock& clock, http::StreamLimits limits,
                               std::function<void(std::chrono::nanoseconds)> applied,
                               std::function<void(const StatusEntry&)> closed)
    : clock_{clock},
      applied_{std::move(applied)},
      closed_{std::move(closed)},
      guests_{std::make_shared<Guests>(limits)},
      channel_{std::make_shared<http::Channel>()} {}

void RevocationFeed::begin(std::string_view epoch) {
  const std::lock_guard lock{mutex_};
  auto next = std::make_shared<http::Channel>();
  epoch_ = epoch;
  live_ = {};
  bits_ = {};
  as_of_.reset();
  std::string reset;
  append_reset(reset, position_now());
  channel_->send(reset);
  channel_->end();
  channel_ = std::move(next);
}

void RevocationFeed::rows(std::span<const LoggedRevocation> rows) {
  const auto now = clock_.now();
  const std::lock_guard lock{mutex_};
  auto last = live_.seq();
  std::string events;
  for (const auto& row : rows) {
    if (row.seq <= last) continue;
    append_revocation_event(events, epoch_, row, std::exchange(last, row.seq));
    for (const auto& entry : row.status) {
      if (!status_of_all(row.revocation.kind)) {
        bits_.set(entry);
      } else {
        bits_.set_all_below(entry);
        closed_(entry);
      }
    }
    // What was there before this server was is no measure of how fast it hears.
    if (as_of_ && says_when(row.revocation.kind)) applied_(std::max(now - row.revocation.cutoff, 0ms));
  }
  live_.append(rows);
  channel_->send(events);
}

void RevocationFeed::caught_up(Time as_of) {
  const std::lock_guard lock{mutex_};
  if (!as_of_ || ++heartbeats_ % heartbeats_between_forgetting == 0) {
    live_.forget_expired(as_of);
    bits_.forget_expired(as_of);
  }
  as_of_ = as_of;
  std::string heartbeat;
  append_heartbeat(heartbeat, position_now(), as_of);
  channel_->send(heartbeat);
}

LogPosition RevocationFeed::position() const {
  const std::lock_guard lock{mutex_};
  return position_now();
}

std::size_t RevocationFeed::streams() const {
  const std::lock_guard lock{guests_->mutex};
  return guests_->all;
}

std::optional<StatusBits::Bytes> RevocationFeed::status_bits(std::int64_t list) const {
  const std::lock_guard lock{mutex_};
  if (is_stale()) return std::nullopt;
  const auto at = bits_.lists().find(list);
  return at == bits_.lists().end() ? StatusBits::Bytes{} : at->second;
}

std::optional<RevocationFeed::Opened> RevocationFeed::open(const std::optional<LogPosition>& from,
                                                           std::string_view address) {
  auto who = address_key(address);
  if (!guests_->take(who)) return std::nullopt;
  auto place = std::make_shared<Guests::Place>(guests_, std::move(who));
  Opened opened;
  const std::lock_guard lock{mutex_};
  if (from) {
    const bool whole = from->epoch == epoch_ && live_.reaches_back_to(from->seq);
    if (!whole || live_.count_after(from->seq) > most_resumed) {
      append_reset(opened.begin, position_now());
      return opened;
    }
  }
  append_begin(opened.begin, clock_.now());
  if (from) {
    auto last = from->seq;
    for (const auto& row : live_.after(from->seq)) {
      append_revocation_event(opened.begin, epoch_, row, std::exchange(last, row.seq));
    }
  }
  opened.stream = std::make_shared<http::Stream>(channel_, channel_->next(), std::move(place));
  return opened;
}

std::expected<std::shared_ptr<const RevocationFeed::Snapshot>, Error> RevocationFeed::snapshot(std::string_view issuer,
                                                                                               const SigningKey& key) {
  const std::lock_guard one_at_a_time{rendering_};
  const auto now = clock_.now();
  std::vector<LoggedRevocation> rows;
  LogPosition position;
  std::map<std::int64_t, StatusBits::Bytes> bits;
  {
    const std::lock_guard lock{mutex_};
    if (is_stale())
      return std::unexpected(Error{ErrorCode::input_output, "the revocation log could not be read lately"});
    position = position_now();
    if (snapshot_ && snapshot_->signed_by == key.thumbprint() && snapshot_->position.epoch == epoch_) {
      const auto age = now - snapshot_->made_at;
      const bool current = snapshot_->position.seq == position.seq && age < snapshot_renewal;
      if (current || (snapshot_->rows > large_snapshot && age < large_snapshot_age)) return snapshot_;
    }
    rows = live_.after(0);
    bits = bits_.lists();
  }
  std::erase_if(rows, [now](const LoggedRevocation& row) { return row.revocation.expires_at <= now; });
  std::vector<SnapshotList> lists;
  for (auto& [list, bytes] : bits) lists.push_back({status_list_uri(issuer, list), compressed(std::move(bytes), 0)});
  const auto json = snapshot_json(issuer, position, now, now + snapshot_lifetime, rows, lists);
  auto text = sign_document(key, "revocations+jwt", json);
  if (!text) return std::unexpected(text.error());
  auto etag = etag_of(*text);
  snapshot_ = std::make_shared<const Snapshot>(
      Snapshot{std::move(*text), std::move(etag), std::move(position), key.thumbprint(), now, rows.size()});
  return snapshot_;
}

}  // namespace signet::server::api
