#pragma once
// What the engines have in common: how a row is read, and the words in it. `Columns` is an engine's answer: `next`,
// then the columns in the order in which they were selected.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/store/store.hpp"

namespace signet::server::sql {

// Names in the database, in the order of the enums.
inline constexpr std::array<std::string_view, 6> revocation_kinds{"token",  "session", "subject",
                                                                  "client", "key",     "everyone"};
inline constexpr std::array<std::string_view, 2> topics{"logouts", "events"};
inline constexpr std::array<std::string_view, 4> key_states{"announced", "signing", "retired", "revoked"};

template <class Enum, std::size_t size>
std::string_view name_of(Enum value, const std::array<std::string_view, size>& names) {
  return names.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t size>
Enum value_of(std::string_view name, const std::array<std::string_view, size>& names) {
  auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw StoreFailed{{StoreFailure::unavailable, "the database holds an unknown word: " + std::string{name}}};
  }
  return static_cast<Enum>(found - names.begin());
}

// Ids are random: no session has this one.
inline constexpr SessionId nobody{};

[[noreturn]] inline void no_such_row(std::string_view what) {
  throw StoreFailed{{StoreFailure::conflict, "no such " + std::string{what}}};
}

inline std::int64_t limit(std::size_t at_most) {
  return static_cast<std::int64_t>(std::min<std::size_t>(at_most, std::numeric_limits<std::int64_t>::max()));
}

// Where accounts are looked for by the beginning of their username: from `from` on, before `end`. The index on the
// username, which sorts by bytes, finds them.
struct UsernameRange {
  std::string from, end;
};
inline UsernameRange usernames(std::string_view beginning, std::string_view after) {
  // U+10FFFF is nobody's character and greater than any other.
  return {std::string{std::max(beginning, after)}, std::string{beginning} + "\xf4\x8f\xbf\xbf"};
}

// No bytes stand for none.
inline std::span<const std::byte> bytes_of(const std::optional<SecretHash>& hash) {
  return hash ? std::span<const std::byte>{*hash} : std::span<const std::byte>{};
}
inline SecretHash hash_of(std::span<const std::byte> bytes) {
  SecretHash hash{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

template <class Columns>
StatusEntries status(Columns& row) {
  auto entries = parse_status(row.text());
  if (!entries)
    throw StoreFailed{{StoreFailure::unavailable, "the database holds a place in a status list that is none"}};
  return std::move(*entries);
}

template <class Columns>
std::optional<SecretHash> secret(Columns& row) {
  const auto bytes = row.bytes();
  if (bytes.empty()) return std::nullopt;
  return hash_of(bytes);
}

// Members of a braced list are read in the order of the columns ([dcl.init.list]).
template <class Columns>
void read(Columns& row, Account& into) {
  into = {row.template id<AccountTag>(),
          row.text(),
          row.text(),
          row.text(),
          row.boolean(),
          row.boolean(),
          row.time(),
          row.time()};
}

template <class Columns>
void read(Columns& row, Session& into) {
  into = {row.template id<SessionTag>(),
          row.template id<AccountTag>(),
          static_cast<std::uint32_t>(row.integer()),
          row.time(),
          row.boolean(),
          row.time(),
          row.time(),
          row.time(),
          row.time(),
          row.text(),
          row.text(),
          row.text(),
          status(row),
          secret(row)};
}

template <class Columns>
void read(Columns& row, LoggedRevocation& into) {
  into = {row.integer(),
          {value_of<RevocationKind>(row.text(), revocation_kinds), row.text(), row.time(), row.time()},
          status(row)};
}

template <class Columns>
void read(Columns& row, AuditEvent& into) {
  into = {row.integer(), row.time(), row.text(), row.text(), row.text(),
          row.text(),    row.text(), row.text(), row.text()};
}

template <class Columns>
void read(Columns& row, Delivery& into) {
  into = {row.integer(),
          row.text(),
          row.integer(),
          row.text(),
          row.text(),
          row.time(),
          static_cast<std::uint32_t>(row.integer())};
}

template <class Columns>
void read(Columns& row, std::int64_t& into) {
  into = row.integer();
}

template <class Columns>
void read(Columns& row, std::string& into) {
  into = row.text();
}

template <class Columns>
void read(Columns& row, KeyRecord& into) {
  into = {row.text(), row.text(), value_of<KeyState>(row.text(), key_states), row.bytes(), row.time(),
          row.time(), row.text()};
}

template <class Columns>
void read(Columns& row, ApiKey& into) {
  into = {row.template id<ApiKeyTag>(),
          row.template id<AccountTag>(),
          row.text(),
          hash_of(row.bytes()),
          row.text(),
          row.text(),
          row.time(),
          row.time(),
          row.time(),
          status(row),
          row.integer()};
}

template <class Row, class Columns>
std::optional<Row> first(Columns&& rows) {
  if (!rows.next()) return std::nullopt;
  Row row{};
  read(rows, row);
  return row;
}

template <class Row, class Columns>
std::vector<Row> all(Columns&& rows) {
  std::vector<Row> all;
  while (rows.next()) read(rows, all.emplace_back());
  return all;
}

}  // namespace signet::server::sql
