#include "signet/remote_issuer.hpp"

#include <thread>
#include <utility>

#include "signet/json.hpp"
#include "src/remote/background.hpp"
#include "src/remote/http_client.hpp"
#include "src/remote/metadata.hpp"
#include "src/remote/remote_key_set.hpp"
#include "src/remote/remote_status_lists.hpp"
#include "src/remote/revocation_feed.hpp"

namespace signet {

using remote::Discovery;
using remote::RemoteKeySet;
using remote::RemoteStatusLists;
using remote::Reports;
using remote::RevocationFeed;

namespace {

constexpr std::string_view access_token_type = "at+jwt";  // RFC 9068

Error misconfigured(std::string why) { return Error{ErrorCode::invalid_configuration, std::move(why)}; }

std::expected<void, Error> check(const std::string& issuer, const RemoteIssuerOptions& options) {
  if (auto good = remote::check_url(issuer); !good) {
    return std::unexpected(misconfigured("the issuer: " + good.error().detail()));
  }
  if (issuer.find_first_of("?#") != std::string::npos) {  // RFC 8414 section 2
    return std::unexpected(misconfigured("the issuer: an address without query and fragment"));
  }
  for (const auto& url : options.key_set_urls) {
    if (auto good = remote::check_url(url); !good) {
      return std::unexpected(misconfigured("key_set_urls: " + good.error().detail()));
    }
  }
  if (options.keys && !options.key_set_urls.empty()) {
    return std::unexpected(misconfigured("both keys and key_set_urls"));
  }
  if (options.when_stale && options.introspect_as) {
    return std::unexpected(misconfigured("both when_stale and introspect_as"));
  }
  if (options.introspect_as && (options.introspect_as->id.empty() || !options.introspect_as->secret ||
                                options.introspect_as->max_staleness <= std::chrono::milliseconds::zero() ||
                                options.introspect_as->at_most <= std::chrono::milliseconds::zero())) {
    return std::unexpected(misconfigured("introspect_as needs an id, a secret and times that are positive"));
  }
  if (options.revocations == RemoteRevocations::none && (options.when_stale || options.introspect_as)) {
    return std::unexpected(misconfigured("no revocations, and what to do when they are late"));
  }
  if (options.status_list_keys && options.revocations != RemoteRevocations::status_lists) {
    return std::unexpected(misconfigured("status_list_keys, and no status lists"));
  }
  if (options.limits.status_lists == 0 || options.limits.status_list_bytes == 0) {
    return std::unexpected(misconfigured("a limit of zero"));
  }
  const auto& timing = options.timing;
  if (timing.at_most.count() <= 0 || timing.silence.count() <= 0 || timing.shortest_retry.count() <= 0 ||
      timing.longest_retry < timing.shortest_retry || timing.keys_fresh.count() <= 0 ||
      timing.keys_cooldown.count() < 0 || timing.keys_kept.count() <= 0 || timing.status_fresh.count() <= 0) {
    return std::unexpected(misconfigured("a time that is not positive"));
  }
  return {};
}

}  // namespace

// Shared with the verifiers, which outlive the threads when they have to.
struct RemoteIssuer::State {
  State(std::string iss, RemoteIssuerOptions given)
      : issuer{std::move(iss)},
        options{std::move(given)},
        reports{options.on_event},
        discovery{issuer, options.ca_file, options.timing, options.limits.json},
        key_set{[this](bool again, const std::stop_token& stop) { return key_set_urls(again, stop); }, options,
                reports},
        // Not owned: both live in this state, and so do those who use them.
        keys{options.keys ? options.keys : std::shared_ptr<const KeySource>{std::shared_ptr<void>{}, &key_set}},
        feed{issuer, [this](bool again, const std::stop_token& stop) { return feed_addresses(again, stop); }, keys,
             options, reports},
        status_lists{issuer, [this](bool again, const std::stop_token& stop) { return aggregation_url(again, stop); },
                     keys, options, reports} {}

  [[nodiscard]] bool by(RemoteRevocations how) const noexcept { return options.revocations == how; }

  std::expected<std::vector<std::string>, Error> key_set_urls(bool again, const std::stop_token& stop) {
    if (!options.key_set_urls.empty()) return options.key_set_urls;
    auto metadata = discovery.metadata(again, stop);
    if (!metadata) {
      reports.failed(RemoteEvent::metadata_failed, metadata.error());
      return std::unexpected(std::move(metadata.error()));
    }
    if (metadata->jwks_uri.empty()) return std::unexpected(misconfigured("the metadata names no jwks_uri"));
    return std::vector{metadata->jwks_uri};
  }

  std::expected<RevocationFeed::Addresses, Error> feed_addresses(bool again, const std::stop_token& stop) {
    const auto metadata = discovery.metadata(again, stop);
    if (!metadata) return std::unexpected(metadata.error());
    if (metadata->revocation_stream.empty() || metadata->revocation_snapshot.empty()) {
      return std::unexpected(misconfigured("the metadata names no revocation stream: see RemoteRevocations"));
    }
    return RevocationFeed::Addresses{metadata->revocation_stream, metadata->revocation_snapshot};
  }

  std::expected<std::string, Error> aggregation_url(bool again, const std::stop_token& stop) {
    const auto metadata = discovery.metadata(again, stop);
    if (!metadata) return std::unexpected(metadata.error());
    return metadata->status_lists;
  }

  // RFC 7662 section 2.
  std::expected<bool, Error> introspect(std::string_view token) const {
    const auto metadata = discovery.known();
    if (!metadata || metadata->introspection_endpoint.empty()) {
      return std::unexpected(Error{ErrorCode::input_output, "no introspection endpoint is known"});
    }
    const auto& client = *options.introspect_as;
    remote::HttpRequest request;
    request.url = metadata->introspection_endpoint;
    request.ca_file = options.ca_file;
    request.at_most = client.at_most;
    request.body = "token=" + remote::form_encoded(token) + "&token_type_hint=access_token";
    request.credentials = remote::BasicCredentials{client.id, client.secret->reveal_text()};
    const auto answer = remote::fetch_good(request, "introspection", {});
    if (!answer) return std::unexpected(answer.error());
    const auto document = json::parse(answer->body, options.limits.json);
    const auto active = document ? document->find("active") : std::nullopt;
    const auto value = active ? active->boolean() : std::nullopt;
    if (!value) return std::unexpected(Error{ErrorCode::json_malformed, "introspection: no `active`"});
    return *value;
  }

  [[nodiscard]] WhenStale when_stale() const {
    if (options.when_stale) return *options.when_stale;
    if (!options.introspect_as) return WhenStale::deny();
    return WhenStale::introspect([this](std::string_view token) { return introspect(token); },
                                 options.introspect_as->max_staleness);
  }

  [[nodiscard]] bool ready() const noexcept {
    if (!has_keys()) return false;
    return by(RemoteRevocations::none) ||
           (by(RemoteRevocations::feed) ? feed.staleness().has_value() : status_lists.ready());
  }
  [[nodiscard]] bool has_keys() const noexcept { return options.keys || key_set.ready(); }

  std::string issuer;
  RemoteIssuerOptions options;
  Reports reports;
  Discovery discovery;
  RemoteKeySet key_set;
  std::shared_ptr<const KeySource> keys;
  RevocationFeed feed;
  RemoteStatusLists status_lists;
};

struct RemoteIssuer::Threads {
  explicit Threads(State& state) {
    if (!state.options.keys) keys = std::jthread{[&state](const std::stop_token& stop) { state.key_set.run(stop); }};
    if (state.by(RemoteRevocations::feed)) {
      revocations = std::jthread{[&state](const std::stop_token& stop) { state.feed.run(stop); }};
    } else if (state.by(RemoteRevocations::status_lists)) {
      revocations = std::jthread{[&state](const std::stop_token& stop) {
        state.status_lists.run([&state] { return state.has_keys(); }, stop);
      }};
    }
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    keys.request_stop();  // both, before the first is waited for
    revocations.request_stop();
  }

  std::jthread keys;
  std::jthread revocations;
};

std::expected<RemoteIssuer, Error> RemoteIssuer::connect(std::string_view issuer, RemoteIssuerOptions options) {
  std::string iss{issuer};
  if (auto good = check(iss, options); !good) return std::unexpected(std::move(good.error()));
  auto state = std::make_shared<State>(std::move(iss), std::move(options));
  auto threads = std::make_unique<Threads>(*state);
  return RemoteIssuer{std::move(state), std::move(threads)};
}

RemoteIssuer::RemoteIssuer(std::shared_ptr<State> state, std::unique_ptr<Threads> threads) noexcept
    : state_{std::move(state)}, threads_{std::move(threads)} {}
RemoteIssuer::RemoteIssuer(RemoteIssuer&&) noexcept = default;
RemoteIssuer& RemoteIssuer::operator=(RemoteIssuer&& other) noexcept {
  threads_ = std::move(other.threads_);  // ours have stopped before their state goes
  state_ = std::move(other.state_);
  return *this;
}
RemoteIssuer::~RemoteIssuer() = default;

VerifierBuilder RemoteIssuer::builder() const {
  auto builder = Verifier::builder();
  builder.key_source(keys()).issuer(state_->issuer);
  if (!state_->options.plain_tokens) builder.type(access_token_type);
  if (state_->by(RemoteRevocations::feed)) {
    builder.revocations(std::shared_ptr<const RevocationSource>{state_, &state_->feed}, state_->when_stale());
  } else if (state_->by(RemoteRevocations::status_lists)) {
    builder.status_lists(std::shared_ptr<const StatusSource>{state_, &state_->status_lists}, state_->when_stale());
  }
  return builder;
}

std::expected<Verifier, Error> RemoteIssuer::verifier(std::string_view audience) const {
  return builder().audience(audience).build();
}

std::shared_ptr<const KeySource> RemoteIssuer::keys() const { return {state_, state_->keys.get()}; }

bool RemoteIssuer::ready() const noexcept { return state_->ready(); }

bool RemoteIssuer::wait_until_ready(std::chrono::milliseconds at_most) const {
  const auto end = std::chrono::steady_clock::now() + at_most;
  while (!ready()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

RemoteHealth RemoteIssuer::health() const {
  RemoteHealth health;
  health.issuer = state_->issuer;
  health.revocations = state_->options.revocations;
  health.ready = ready();
  health.keys_given = state_->options.keys != nullptr;
  state_->key_set.describe(health);
  if (state_->by(RemoteRevocations::feed)) state_->feed.describe(health);
  if (state_->by(RemoteRevocations::status_lists)) state_->status_lists.describe(health);
  health.last_error = state_->reports.last_error();
  return health;
}

}  // namespace signet
