#include "src/remote/remote_status_lists.hpp"

#include <algorithm>
#include <thread>
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
constexpr std::size_t at_a_time = 4;
constexpr std::size_t longest_name = 200;

// For logs: a token says what it is.
std::string named(std::string_view uri) {
  std::string out;
  json::append_string(out, uri.substr(0, longest_name));
  return out;
}

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
      beside_its_issuer_{is_loopback_url(issuer)},
      reports_{reports},
      lists_{options.timing.status_fresh} {
  watched_.emplace("", Watched{.retry = Retry{timing_}});
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
  const auto now = monotonic_now();
  if (const auto known = watched_.find(uri); known != watched_.end()) {
    known->second.named_at = now;
    return;
  }
  watched_.emplace(uri, Watched{.named_at = now, .retry = Retry{timing_}});
  if (watched_.size() - 1 > limits_.status_lists) {
    auto oldest = watched_.end();
    for (auto at = watched_.begin(); at != watched_.end(); ++at) {
      if (at->first.empty() || at->first == uri) continue;
      if (oldest == watched_.end() || at->second.named_at < oldest->second.named_at) oldest = at;
    }
    dropped_.push_back(oldest->first);
    watched_.erase(oldest);
  }
  loop_.wake();
}

void RemoteStatusLists::run(const std::function<bool()>& has_keys, const std::stop_token& stop) {
  const auto work = [&] {
    const auto turn = [&] {
      if (!has_keys()) return timing_.shortest_retry;
      auto job = take();
      if (!job) return job.error();
      loop_.wake();  // who waits does not know what is due next, now that this one is taken
      refresh(std::move(*job), stop);
      return milliseconds::zero();
    };
    loop_.run(turn, timing_.longest_retry, stop);
  };
  std::vector<std::jthread> others;
  try {
    while (others.size() + 1 < at_a_time) others.emplace_back(work);
  } catch (...) {
    // Fewer do it as well.
  }
  work();
}

std::expected<RemoteStatusLists::Job, milliseconds> RemoteStatusLists::take() {
  const std::lock_guard lock{mutex_};
  for (const auto& uri : dropped_) lists_.forget(uri);
  dropped_.clear();
  auto next = watched_.end();
  for (auto at = watched_.begin(); at != watched_.end(); ++at) {
    if (fetching_.contains(at->first)) continue;
    if (next == watched_.end() || at->second.due < next->second.due) next = at;
  }
  if (next == watched_.end()) return std::unexpected(longest_pause);
  const milliseconds pause{next->second.due - monotonic_now()};
  if (pause > milliseconds::zero()) return std::unexpected(std::min(pause, longest_pause));
  Job job{next->first, next->second.etag};
  fetching_.insert(job.uri);
  return job;
}

void RemoteStatusLists::refresh(Job job, const std::stop_token& stop) {
  if (!job.uri.empty()) ++fetches_;
  const auto fresh = job.uri.empty() ? read_aggregation(stop) : fetch(job, stop);
  if (stop.stop_requested()) return;
  {
    const std::lock_guard lock{mutex_};
    fetching_.erase(job.uri);
    const auto at = watched_.find(job.uri);
    if (at == watched_.end()) return dropped_.push_back(std::move(job.uri));  // pushed out meanwhile
    auto& list = at->second;
    list.etag = std::move(job.etag);
    list.asked = true;
    if (fresh) {
      list.retry.succeeded();
      list.due = monotonic_now() + std::max(ahead_of(*fresh), timing_.shortest_retry).count();
    } else {
      list.due = monotonic_now() + list.retry.failed().count();
      if (is_unwanted(job.uri, list)) watched_.erase(at);
    }
    if (!ready_) ready_ = std::ranges::all_of(watched_, [](const auto& each) { return each.second.asked; });
  }
  if (fresh) return;
  if (job.uri.empty()) return reports_.failed(RemoteEvent::status_list_failed, fresh.error());
  ++failures_;
  reports_.failed(RemoteEvent::status_list_failed,
                  Error{fresh.error().code(), named(job.uri) + ": " + fresh.error().detail()});
}

std::expected<milliseconds, Error> RemoteStatusLists::read_aggregation(const std::stop_token& stop) try {
  const auto url = locate_(std::exchange(lost_, true), stop);
  if (!url) return std::unexpected(url.error());
  if (url->empty()) {
    lost_ = false;
    return longest_pause;
  }
  HttpRequest request;
  request.url = *url;
  request.ca_file = ca_file_;
  request.limit = limits_.json.key_set_bytes;
  request.at_most = timing_.at_most;
  const auto answer = fetch_good(request, "the aggregation", stop);
  if (!answer) return std::unexpected(answer.error());
  const auto uris = parse_aggregation(answer->body, limits_.json);
  if (!uris) return std::unexpected(uris.error());
  const std::lock_guard lock{mutex_};
  for (const auto& uri : *uris) want(uri);
  lost_ = false;
  return freshness(answer->cache_control, answer->age, timing_.status_fresh);
} catch (...) {
  return std::unexpected(Error{ErrorCode::internal});
}

std::expected<milliseconds, Error> RemoteStatusLists::fetch(Job& job, const std::stop_token& stop) try {
  // A token names the list: it must not send this process to its own machine's ports. Other machines of this network
  // it can name; nothing but a signed list, which nobody sees, would be read from them.
  if (!beside_its_issuer_ && is_loopback_url(job.uri)) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "on this machine, where its issuer is not"});
  }
  HttpRequest request;
  request.url = job.uri;
  request.ca_file = ca_file_;
  request.accept = list_media_type;
  request.limit = limits_.status_list_bytes * 2 + 16 * 1024;
  request.at_most = timing_.at_most;
  request.if_none_match = job.etag;
  const auto answer = fetch_good(request, "the list", stop);
  if (!answer) return std::unexpected(answer.error());
  const auto now = SystemClock::instance().now();
  job.etag.clear();
  if (answer->status == 304) {
    const auto fresh = lists_.confirm(job.uri, now);
    if (!fresh) return std::unexpected(Error{ErrorCode::input_output, "not modified, but there is none"});
    job.etag = request.if_none_match;
    return *fresh;
  }
  auto read = StatusList::verify(answer->body, job.uri, keys_, rules_);
  if (!read) return std::unexpected(std::move(read.error()));
  const auto fresh = lists_.put(std::move(*read), now);
  if (!fresh) return std::unexpected(Error{ErrorCode::input_output, "an older list than the one that is held"});
  job.etag = answer->etag;
  reports_.say(RemoteEvent::status_list_fetched, named(job.uri));
  return *fresh;
} catch (...) {
  return std::unexpected(Error{ErrorCode::internal});
}

// Cannot be had, and nobody has named it for long.
bool RemoteStatusLists::is_unwanted(const std::string& uri, const Watched& list) const {
  return !uri.empty() && monotonic_now() - list.named_at > kept_looking_for.count() &&
         !lists_.look_up(uri, 0, SystemClock::instance().now()).staleness;
}

void RemoteStatusLists::describe(RemoteHealth& health) const {
  health.status_lists = lists_.size();
  health.status_list_fetches = fetches_.load();
  health.status_list_fetches_failed = failures_.load();
}

}  // namespace signet::remote
