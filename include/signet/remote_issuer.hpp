#pragma once
// A login server that this service trusts. Its keys and its revocations arrive in the background:
//
//   auto auth = signet::RemoteIssuer::connect("https://auth.example");
//   auto verifier = auth->verifier("api");
//
// Verifying never waits for the network (but see RemoteIssuerOptions::introspect_as). Link signet::remote.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/key_set.hpp"
#include "signet/revocation_source.hpp"
#include "signet/secret.hpp"
#include "signet/verifier.hpp"

namespace signet {

// What happened in the background; for logs. `detail` never holds a secret.
enum class RemoteEvent : std::uint8_t {
  metadata_failed,
  keys_fetched,
  keys_failed,
  snapshot_applied,
  snapshot_failed,
  feed_connected,  // it has caught up
  feed_lost,
  status_list_fetched,
  status_list_failed,
};
[[nodiscard]] std::string_view to_string(RemoteEvent event) noexcept;

// How one learns which tokens of an issuer were taken back.
enum class RemoteRevocations : std::uint8_t {
  feed,          // from its stream and its snapshot: an issuer that is Signet
  status_lists,  // from the lists that its tokens name (IETF Token Status List), which every token then has to do
  none,          // not at all: its tokens live until they expire
};

// Who asks the issuer about single tokens (RFC 7662).
struct IntrospectionClient {
  std::string id;
  std::shared_ptr<const Secret> secret;
  std::chrono::milliseconds max_staleness = default_max_staleness;
  std::chrono::milliseconds at_most{2000};  // for one question
};

struct RemoteTiming {
  std::chrono::milliseconds at_most{5000};        // for one fetch; of a snapshot, for a pause in it
  std::chrono::milliseconds silence{1500};        // of the feed, after which it connects again
  std::chrono::milliseconds shortest_retry{100};  // after a failure; doubled each time, with jitter
  std::chrono::milliseconds longest_retry{10'000};
  std::chrono::seconds keys_fresh{300};    // where the server names no max-age; one hour at most in any case
  std::chrono::seconds keys_cooldown{30};  // between two fetches that unknown key ids cause
  std::chrono::milliseconds keys_kept = std::chrono::hours{24};  // the last good set, through an outage
  std::chrono::seconds status_fresh{60};                         // a status list that names no `ttl`, or a longer one
};

struct RemoteLimits {
  Limits json{};                                       // of key sets and metadata
  std::size_t snapshot_bytes = std::size_t{64} << 20;  // about 400,000 revocations
  std::size_t event_bytes = 64 * 1024;
  std::size_t status_lists = 128;
  std::size_t status_list_bytes = std::size_t{4} << 20;  // of one, inflated: 32 million places of one bit
};

struct RemoteIssuerOptions {
  // Where the keys are, instead of the metadata's jwks_uri: asked in this order until one answers.
  std::vector<std::string> key_set_urls;
  // The keys themselves, instead of fetching any: for an issuer that signs with a shared secret.
  std::shared_ptr<const KeySource> keys;

  RemoteRevocations revocations = RemoteRevocations::feed;
  std::shared_ptr<const KeySource> status_list_keys;  // of who signs the lists, when that is not the issuer itself

  // Of tokens whose `typ` is "JWT" or absent, of an issuer that does not write at+jwt (RFC 9068).
  bool plain_tokens = false;

  // What to do while the feed, or the list that a token names, is late. At most one of these; deny after two seconds
  // when neither is set.
  std::optional<WhenStale> when_stale;
  std::optional<IntrospectionClient> introspect_as;  // asks the issuer, in the verifying call, for that one token

  std::string ca_file;  // PEM authorities instead of the system's; empty: the system's
  RemoteTiming timing;
  RemoteLimits limits;
  std::function<void(RemoteEvent, std::string_view detail)> on_event;  // called from the background threads
};

// How long revocations took from their last byte until they were enforced: how many within each bound, those within the
// smaller ones included, and all of them.
struct ApplyTimes {
  static constexpr std::array<std::chrono::microseconds, 6> bounds{
      std::chrono::microseconds{10},     std::chrono::microseconds{100},     std::chrono::microseconds{1'000},
      std::chrono::microseconds{10'000}, std::chrono::microseconds{100'000}, std::chrono::microseconds{1'000'000}};
  std::array<std::uint64_t, bounds.size()> within{};
  std::uint64_t count = 0;
  std::chrono::nanoseconds sum{0};
};

struct RemoteHealth {
  std::string issuer;
  RemoteRevocations revocations = RemoteRevocations::feed;
  bool ready = false;
  bool keys_given = false;  // by the option `keys`: nothing is fetched, and what follows of keys stays empty
  std::size_t keys = 0;
  std::optional<std::chrono::milliseconds> keys_age;  // since the set was last confirmed; nullopt: never
  std::uint64_t key_fetches = 0;                      // failed ones included
  std::uint64_t key_fetches_failed = 0;
  std::optional<std::chrono::milliseconds> staleness;  // of the revocations; nullopt: not ready
  std::int64_t revocation_seq = 0;                     // the newest applied
  std::size_t revocations_held = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t connections = 0;  // of the feed
  ApplyTimes apply_times;
  std::size_t status_lists = 0;           // held
  std::uint64_t status_list_fetches = 0;  // failed ones included
  std::uint64_t status_list_fetches_failed = 0;
  std::string last_error;  // the newest there was, also when it is long over
};

// The same as metrics in the text format of Prometheus, named like those of the login server: one scrape may show
// several issuers. Serve it as text/plain; version=0.0.4.
[[nodiscard]] std::string to_prometheus(const std::vector<RemoteHealth>& issuers);

class RemoteIssuer {
 public:
  // Begins to fetch and returns at once: a service can start while its issuer is away, and answers 503 until it is
  // there. `issuer` is the `iss` of its tokens, and where its metadata is looked for (RFC 8414; OpenID Connect
  // Discovery after that), which must name the very same issuer. https only; http to this machine itself is let
  // through. Errors: invalid_configuration.
  [[nodiscard]] static std::expected<RemoteIssuer, Error> connect(std::string_view issuer,
                                                                  RemoteIssuerOptions options = {});

  RemoteIssuer(RemoteIssuer&&) noexcept;
  RemoteIssuer& operator=(RemoteIssuer&&) noexcept;
  // Stops fetching, and waits for that. Verifiers stay usable and notice that they hear nothing any more.
  ~RemoteIssuer();

  // A verifier of this issuer's access tokens (typ at+jwt, RFC 9068, unless the options say otherwise) for `audience`.
  // Errors: invalid_configuration for an empty audience.
  [[nodiscard]] std::expected<Verifier, Error> verifier(std::string_view audience) const;

  // The same to go on with: keys, issuer, type and revocations are decided, the audience is not.
  [[nodiscard]] VerifierBuilder builder() const;

  // Its keys alone, for tokens of other kinds: see LogoutVerifier.
  [[nodiscard]] std::shared_ptr<const KeySource> keys() const;

  // Whether there are keys, and the revocations have once been complete. Until then tokens are refused with
  // keys_unavailable or revocations_stale.
  [[nodiscard]] bool ready() const noexcept;
  [[nodiscard]] bool wait_until_ready(std::chrono::milliseconds at_most) const;

  [[nodiscard]] RemoteHealth health() const;

 private:
  struct State;
  struct Threads;
  RemoteIssuer(std::shared_ptr<State> state, std::unique_ptr<Threads> threads) noexcept;
  std::shared_ptr<State> state_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace signet
