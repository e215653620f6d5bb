#include "src/remote/remote_key_set.hpp"

#include <algorithm>
#include <charconv>

#include "src/remote/http_client.hpp"

namespace signet::remote {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds shortest_freshness{60};
constexpr seconds longest_freshness{3600};
// A key id that was looked for and is not there; a key that appears is announced long before it signs.
constexpr milliseconds not_there_for = std::chrono::minutes{5};
constexpr std::size_t most_not_there = 1024;

bool contains(const KeySet& keys, std::string_view key_id) {
  return std::ranges::any_of(keys.keys(), [&](const VerifyingKey& key) { return key.key_id() == key_id; });
}

}  // namespace

seconds freshness(std::string_view cache_control, long age, seconds otherwise) {
  auto fresh = otherwise;
  while (!cache_control.empty()) {
    const auto end = std::min(cache_control.find(','), cache_control.size());
    auto directive = cache_control.substr(0, end);
    cache_control.remove_prefix(std::min(end + 1, cache_control.size()));
    directive.remove_prefix(std::min(directive.find_first_not_of(" \t"), directive.size()));
    if (directive.starts_with("no-store") || directive.starts_with("no-cache")) return shortest_freshness;
    constexpr std::string_view max_age = "max-age=";
    if (!directive.starts_with(max_age)) continue;
    directive.remove_prefix(max_age.size());
    long value = 0;
    const auto [at, failed] = std::from_chars(directive.data(), directive.data() + directive.size(), value);
    if (failed == std::errc::result_out_of_range) value = longest_freshness.count();
    if (failed == std::errc{} || failed == std::errc::result_out_of_range) fresh = seconds{value};
  }
  return std::clamp(fresh - seconds{std::clamp(age, 0L, 86'400L)}, shortest_freshness, longest_freshness);
}

std::expected<VerifyingKey, Error> RemoteKeySet::find(const KeyQuery& query) const noexcept try {
  const auto confirmed_at = confirmed_at_.load(std::memory_order_acquire);
  if (confirmed_at == 0) return std::unexpected(Error{ErrorCode::keys_unavailable, "no key set has arrived yet"});
  if (monotonic_now() - confirmed_at > timing_.keys_kept.count()) {
    return std::unexpected(Error{ErrorCode::keys_unavailable, "the last key set is too old"});
  }
  auto why = ErrorCode::key_not_found;
  {
    const concurrency::Reading reading;
    if (const auto* key = keys_.read(reading)->find(query, why)) return *key;
  }
  if (why == ErrorCode::key_not_found && query.key_id) ask_for(*query.key_id);
  return std::unexpected(Error{why});
} catch (...) {
  return std::unexpected(Error{ErrorCode::internal});
}

// Never waits: when the lock is taken, somebody else is asking already (case 12).
void RemoteKeySet::ask_for(std::string_view key_id) const {
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (!lock || fetching_ || !wanted_.empty() || key_id.empty() || key_id.size() > limits_.key_id_bytes) return;
  const auto now = monotonic_now();
  if (now - asked_at_ < milliseconds{timing_.keys_cooldown}.count()) return;
  const auto known = not_there_.find(std::string{key_id});
  if (known != not_there_.end() && now < known->second) return;
  wanted_ = key_id;
  loop_.wake();
}

void RemoteKeySet::run(const std::stop_token& stop) {
  loop_.run([&] { return refresh(stop); }, timing_.longest_retry, stop);
}

milliseconds RemoteKeySet::refresh(const std::stop_token& stop) {
  std::string wanted;
  {
    const std::lock_guard lock{mutex_};
    asked_at_ = monotonic_now();
    fetching_ = true;
    wanted = std::exchange(wanted_, {});
  }
  ++fetches_;
  const auto fresh = fetch(stop);
  {
    const std::lock_guard lock{mutex_};
    fetching_ = false;
    if (fresh && !wanted.empty() && !contains(*keys_.mine(), wanted)) {
      if (not_there_.size() >= most_not_there) not_there_.clear();
      not_there_[wanted] = monotonic_now() + not_there_for.count();
    }
  }
  publish_tables();
  if (fresh) {
    retry_.succeeded();
    return ahead_of(*fresh);
  }
  ++failures_;
  if (!stop.stop_requested()) reports_.failed(RemoteEvent::keys_failed, fresh.error());
  return retry_.failed();
}

std::expected<seconds, Error> RemoteKeySet::fetch(const std::stop_token& stop) try {
  const auto urls = locate_(std::exchange(lost_, true), stop);
  if (!urls) return std::unexpected(urls.error());
  std::expected<seconds, Error> fetched = std::unexpected(Error{ErrorCode::input_output, "there is no address"});
  for (const auto& url : *urls) {
    fetched = fetch_from(url, stop);
    if (fetched || stop.stop_requested()) break;
  }
  lost_ = !fetched;
  return fetched;
} catch (...) {
  return std::unexpected(Error{ErrorCode::internal});
}

std::expected<seconds, Error> RemoteKeySet::fetch_from(const std::string& url, const std::stop_token& stop) {
  HttpRequest request;
  request.url = url;
  request.ca_file = ca_file_;
  request.limit = limits_.key_set_bytes;
  request.at_most = timing_.at_most;
  if (etag_of_ == url) request.if_none_match = etag_;
  const auto answer = fetch_good(request, "the key set", stop);
  if (!answer) return std::unexpected(answer.error());
  const auto fresh = freshness(answer->cache_control, answer->age, timing_.keys_fresh);
  // The same again is not published anew: tokens that a verifier remembers are good for the very keys that they had.
  if (answer->status == 304 || (ready() && answer->body == body_)) {
    confirmed_at_.store(monotonic_now(), std::memory_order_release);
    if (answer->status != 304) {
      etag_ = answer->etag;
      etag_of_ = url;
    }
    return fresh;
  }
  auto keys = KeySet::parse(answer->body, {.rsa_algorithm = {}, .limits = limits_});
  if (!keys) return std::unexpected(std::move(keys.error()));
  const auto count = keys->keys().size();
  auto published = std::make_shared<const KeySet>(std::move(*keys));
  body_ = answer->body;
  keys_.replace(std::move(published), retired_);
  lacks_tables_ = true;
  etag_ = answer->etag;
  etag_of_ = url;
  confirmed_at_.store(monotonic_now(), std::memory_order_release);
  reports_.say(RemoteEvent::keys_fetched, std::to_string(count) + " keys");
  return fresh;
}

// Nobody waits for them: the keys are there. What a verifier remembers of a token that it saw between the two is
// verified once more.
void RemoteKeySet::publish_tables() noexcept {
  try {
    if (std::exchange(lacks_tables_, false)) {
      keys_.replace(std::make_shared<const KeySet>(keys_.mine()->with_tables()), retired_);
    }
  } catch (...) {
    // Memory: it goes without.
  }
  retired_.sweep();
}

void RemoteKeySet::describe(RemoteHealth& health) const {
  health.key_fetches = fetches_.load();
  health.key_fetches_failed = failures_.load();
  const auto confirmed_at = confirmed_at_.load(std::memory_order_acquire);
  if (confirmed_at == 0) return;
  health.keys_age = milliseconds{monotonic_now() - confirmed_at};
  const concurrency::Reading reading;
  health.keys = keys_.read(reading)->keys().size();
}

}  // namespace signet::remote
