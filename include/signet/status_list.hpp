#pragma once
// Token Status List (IETF, draft-ietf-oauth-status-list): an issuer publishes lists, and a token names its place in one
// of them by its claim `status`. What a verifier needs to go by the lists of an issuer that is not Signet:
//
//   auto lists = std::make_shared<signet::StatusLists>();
//   lists->put(signet::StatusList::verify(text, uri, keys).value(), now);
//   auto verifier = signet::Verifier::builder()....status_lists(lists).build();
//
// RemoteIssuer does all of that by itself, with RemoteRevocations::status_lists.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key_set.hpp"

namespace signet {

// What a list says of a token (section 7.1). Any other value is the application's own, or of a later version.
enum class TokenStatus : std::uint8_t { valid = 0, invalid = 1, suspended = 2 };

struct StatusListRules {
  std::string issuer;                             // `iss`, when the list names one; empty: whoever has the key
  std::size_t most_bytes = std::size_t{4} << 20;  // of the list when it is inflated: 32 million places of one bit
  std::shared_ptr<const Clock> clock;             // null: the system's
};

// A Status List Token in its JWT form (section 5.1), verified.
class StatusList {
 public:
  // `token` as it came from `uri`, signed with one of `keys`. Its `typ` is statuslist+jwt, its `sub` is `uri` byte for
  // byte, `iat` is there and not in the future, `exp` has not come. Errors: those of Verifier::verify;
  // claim_malformed for `ttl` and `status_list`, also when it inflates to more than the rules allow.
  [[nodiscard]] static std::expected<StatusList, Error> verify(std::string_view token, std::string_view uri,
                                                               std::shared_ptr<const KeySource> keys,
                                                               const StatusListRules& rules = {});

  // The status at that place. nullopt: the list has no such place, which says nothing good of a token that names it.
  [[nodiscard]] std::optional<TokenStatus> status(std::uint64_t index) const noexcept;

  [[nodiscard]] std::uint64_t size() const noexcept { return std::uint64_t{bytes_.size()} * 8 / bits_; }  // places
  [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
  [[nodiscard]] Time issued_at() const noexcept { return issued_at_; }
  [[nodiscard]] std::optional<Time> expires_at() const noexcept { return expires_at_; }
  // For how long it may be held before the next one is asked for.
  [[nodiscard]] std::optional<std::chrono::milliseconds> ttl() const noexcept { return ttl_; }

 private:
  StatusList() = default;

  std::string uri_;
  Time issued_at_;
  std::optional<Time> expires_at_;
  std::optional<std::chrono::milliseconds> ttl_;
  unsigned bits_ = 1;  // of a place: 1, 2, 4 or 8
  std::vector<std::uint8_t> bytes_;
};

// Where a verifier finds the place that a token names.
class StatusSource {
 public:
  virtual ~StatusSource() = default;

  struct Answer {
    std::optional<TokenStatus> status;  // nullopt: the list has no such place
    // How late the list is: the time since it should have been replaced by a newer one. nullopt: there is no list of
    // that address, or it has expired; `status` then means nothing.
    std::optional<std::chrono::milliseconds> staleness;
  };
  // Called on the hot path, from many threads; must not wait.
  [[nodiscard]] virtual Answer look_up(std::string_view uri, std::uint64_t index, Time now) const = 0;
};

// Lists by their address, in memory. Any number of threads look up while others put and forget: who looks takes no lock
// and waits for nobody.
class StatusLists final : public StatusSource {
 public:
  // A list without `ttl`, or with a longer one, is late after `fresh_for`.
  explicit StatusLists(std::chrono::seconds fresh_for = std::chrono::minutes{5});
  StatusLists(const StatusLists&) = delete;
  StatusLists& operator=(const StatusLists&) = delete;
  ~StatusLists() override;

  // In place of the one with the same address. For how long it is fresh, which is never longer than it lives. Nothing:
  // the one that is there was issued later, and stays as it is. Throws std::bad_alloc, and has then changed nothing.
  std::optional<std::chrono::milliseconds> put(StatusList list, Time now);
  // The time of a list begins anew whose issuer says that it has not changed. Nothing: it is not there, or has expired.
  std::optional<std::chrono::milliseconds> confirm(std::string_view uri, Time now);
  void forget(std::string_view uri);

  // Throws std::bad_alloc, at a thread's first call only.
  [[nodiscard]] Answer look_up(std::string_view uri, std::uint64_t index, Time now) const override;

  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signet
