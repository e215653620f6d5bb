#include "src/remote/remote_status_lists.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "signet/json.hpp"
#include "src/remote/http_client.hpp"
#include "src/remote/remote_key_set.hpp"

namespace signet::remote {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view list_media_type = "application/statuslist+jwt";
// A list that cannot be had, and that nobody names for so long, is not looked for any more.
constexpr milliseconds kept_looking_for = std::chrono::minutes{10};
constexpr milliseconds longest_pause = std::chrono::hours{1};

}  // namespace

std::expected<std::vector<std::string>, Error> parse_aggregation(std::string_view text, const Limits& limits) {
  const auto document = json::parse(text, limits);
  if (!document) return std::unexpected(document.error());
  const auto lists = document->find("status_lists");
  auto uris = lists ? lists->strings() : std::nullopt;
  if (!uris) return std::unexpected(Error{ErrorCode::json_malformed, "not an aggregation of status lists"});
  return std::move(*uris);
}

RemoteStatusLists::RemoteStatusLists(std::string issuer, Locate locate, std::shared_ptr<const KeySource> keys,
                                     const RemoteIssuerOptions& options, Reports& reports)
    : locate_{std::move(locate)},
      keys_{options.status_list_keys ? options.status_list_keys : std::move(keys)},
      ca_file_{options.ca_file},
      timing_{options.timing},
      limits_{options.limits},
      plain_http_{issuer.starts_with("http://")},
      reports_{reports},
      lists_{options.timing.status_fresh},
      aggregation_retry_{options.timing} {
  if (!options.status_list_keys) rules_.issuer = std::move(issuer);
  rules_.most_bytes = limits_.status_list_bytes;
}

StatusSource::Answer RemoteStatusLists::look_up(std::string_view uri, std::uint64_t index, Time now) const {
  const auto answer = lists_.look_up(uri, index, now);
  if (!answer.staleness) {
    // Never waits: when the lock is taken, the next token asks.
    const std::unique_lock lock{mutex_, std::try_to_lock};
    if (lock) want(std::string{uri});
  }
  return answer;
}

// With the lock held. One too many pushes out the one that nobody has missed for the longest time; who needs that one
// asks for it again.
void RemoteStatusLists::want(const std::string& uri) const {
  if (const auto [at, is_new] = wanted_.insert_or_assign(uri, monotonic_now()); !is_new) return;
  if (wanted_.size() > limits_.status_lists) {
    auto oldest = wanted_.end();
    for (auto at = wanted_.begin(); at != wanted_.end(); ++at) {
      if (at->first != uri && (oldest == wanted_.end() || at->second < oldest->second)) oldest = at;
    }
    if (oldest != wanted_.end()) wanted_.erase(oldest);
  }
  new_ones_ = true;
  wake_.notify_one();
}

void RemoteStatusLists::run(const std::function<bool()>& has_keys, const std::stop_token& stop) {
  while (!has_keys() && !stop.stop_requested()) sleep_for(timing_.shortest_retry, stop);
  std::int64_t aggregation_due = 0;
  while (!stop.stop_requested()) try {
      if (monotonic_now() >= aggregation_due) aggregation_due = monotonic_now() + read_aggregation(stop).count();
      watch_what_is_wanted();
      auto next = std::min(aggregation_due, monotonic_now() + longest_pause.count());
      for (auto& [uri, list] : watched_) {
        if (stop.stop_requested()) return;
        if (monotonic_now() >= list.due) refresh(uri, list, stop);
        next = std::min(next, list.due);
      }
      ready_ = true;
      std::unique_lock lock{mutex_};
      wake_.wait_for(lock, stop, milliseconds{std::max<std::int64_t>(next - monotonic_now(), 0)},
                     [this] { return new_ones_; });
    } catch (...) {
      sleep_for(timing_.longest_retry, stop);  // out of memory: the next try may have it
    }
}

void RemoteStatusLists::watch_what_is_wanted() {
  const std::lock_guard lock{mutex_};
  new_ones_ = false;
  std::erase_if(watched_, [this](const auto& list) {
    if (wanted_.contains(list.first)) return false;
    lists_.forget(list.first);
    return true;
  });
  for (const auto& [uri, since] : wanted_) {
    if (!watched_.contains(uri)) watched_.emplace(uri, Watched{.due = 0, .etag = {}, .retry = Retry{timing_}});
  }
}

// For how long what it says holds.
milliseconds RemoteStatusLists::read_aggregation(const std::stop_token& stop) {
  const auto read = [&]() -> std::expected<milliseconds, Error> {
    const auto url = locate_(stop);
    if (!url) return std::unexpected(url.error());
    if (url->empty()) return longest_pause;
    HttpRequest request;
    request.url = *url;
    request.ca_file = ca_file_;
    request.limit = limits_.json.key_set_bytes;
    request.at_most = timing_.at_most;
    const auto answer = perform(request, stop);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200) {
      return std::unexpected(
          Error{ErrorCode::input_output, "the aggregation: the server answered " + std::to_string(answer->status)});
    }
    const auto uris = parse_aggregation(answer->body, limits_.json);
    if (!uris) return std::unexpected(uris.error());
    const std::lock_guard lock{mutex_};
    for (const auto& uri : *uris) want(uri);
    return ahead_of(freshness(answer->cache_control, answer->age, timing_.status_fresh));
  }();
  if (read) {
    aggregation_retry_.succeeded();
    return *read;
  }
  if (!stop.stop_requested()) reports_.failed(RemoteEvent::status_list_failed, read.error());
  return aggregation_retry_.failed();
}

void RemoteStatusLists::refresh(const std::string& uri, Watched& list, const std::stop_token& stop) {
  ++fetches_;
  const auto fresh = fetch(uri, list, stop);
  if (stop.stop_requested()) return;
  if (fresh) {
    list.retry.succeeded();
    list.due = monotonic_now() + std::max(ahead_of(*fresh), timing_.shortest_retry).count();
    return;
  }
  ++failures_;
  list.due = monotonic_now() + list.retry.failed().count();
  reports_.failed(RemoteEvent::status_list_failed, Error{fresh.error().code(), uri + ": " + fresh.error().detail()});
  drop_when_unwanted(uri);
}

std::expected<milliseconds, Error> RemoteStatusLists::fetch(const std::string& uri, Watched& list,
                                                            const std::stop_token& stop) {
  // A token names the list: it must not send this process to its own machine's ports.
  if (!plain_http_ && !uri.starts_with("https://")) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "https only, as its issuer"});
  }
  HttpRequest request;
  request.url = uri;
  request.ca_file = ca_file_;
  request.accept = list_media_type;
  request.limit = limits_.status_list_bytes * 2 + 16 * 1024;
  request.at_most = timing_.at_most;
  request.if_none_match = list.etag;
  const auto answer = perform(request, stop);
  if (!answer) return std::unexpected(answer.error());
  const auto now = SystemClock::instance().now();
  if (answer->status == 304) {
    const auto fresh = lists_.confirm(uri, now);
    list.etag.clear();
    if (!fresh) return std::unexpected(Error{ErrorCode::input_output, "not modified, but there is none"});
    list.etag = request.if_none_match;
    return *fresh;
  }
  if (answer->status != 200 || answer->content_type != list_media_type) {
    return std::unexpected(Error{ErrorCode::input_output, "the server answered " + std::to_string(answer->status) +
                                                              " " + answer->content_type.substr(0, 100)});
  }
  auto read = StatusList::verify(answer->body, uri, keys_, rules_);
  if (!read) return std::unexpected(std::move(read.error()));
  const auto fresh = lists_.put(std::move(*read), now);
  list.etag.clear();
  if (!fresh) return std::unexpected(Error{ErrorCode::input_output, "an older list than the one that is held"});
  list.etag = answer->etag;
  reports_.say(RemoteEvent::status_list_fetched, uri);
  return *fresh;
}

void RemoteStatusLists::drop_when_unwanted(const std::string& uri) {
  if (lists_.look_up(uri, 0, SystemClock::instance().now()).staleness) return;
  const std::lock_guard lock{mutex_};
  const auto at = wanted_.find(uri);
  if (at != wanted_.end() && monotonic_now() - at->second > kept_looking_for.count()) wanted_.erase(at);
}

void RemoteStatusLists::describe(RemoteHealth& health) const {
  health.status_lists = lists_.size();
  health.status_list_fetches = fetches_.load();
  health.status_list_fetches_failed = failures_.load();
}

}  // namespace signet::remote
