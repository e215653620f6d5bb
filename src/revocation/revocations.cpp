#include "signet/revocations.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <span>

#include "src/concurrency/published.hpp"
#include "src/revocation/fingerprint.hpp"
#include "src/revocation/lookup.hpp"
#include "src/revocation/table.hpp"

namespace signet {
namespace {

using concurrency::Published;
using concurrency::Retired;
using revocation::Milliseconds;
using revocation::Name;
using revocation::Table;

constexpr std::size_t kinds = revocation::kinds_of_revocation;
static_assert(kinds < std::size_t{1} << revocation::kind_shift);

// Tables are replaced one by one: while one of ten million entries is made anew, a revocation waits for a part of it.
constexpr std::size_t tables = 64;
constexpr int table_shift = 58;

// One token, or one session: all of it, whenever it was issued.
bool is_whole(RevocationKind kind) noexcept { return kind == RevocationKind::token || kind == RevocationKind::session; }

Milliseconds milliseconds(Time time) noexcept { return time.time_since_epoch().count(); }

Milliseconds cutoff_of(const Revocation& revocation) noexcept {
  if (is_whole(revocation.kind)) return revocation::forever;
  return std::max(milliseconds(revocation.cutoff), revocation::never + 1);
}

}  // namespace

struct Revocations::State {
  // What a reader looks at first, on a cache line that changes only when a revocation is added or forgotten: as long as
  // there is none, a verifier pays one load.
  alignas(64) std::atomic<std::uint32_t> present = 0;  // the kinds of which there is one, a bit each
  std::atomic<Milliseconds> everyone = revocation::never;
  std::array<std::atomic<std::size_t>, kinds> sizes{};

  alignas(64) std::array<Published<Table>, tables> by_name;

  // The writers'.
  std::mutex writing;
  Milliseconds everyone_expires_at = revocation::never;
  Retired retired;

  void count(std::size_t kind, bool more) noexcept {
    auto& of_kind = sizes[kind];
    const auto count = of_kind.load(std::memory_order_relaxed) + (more ? 1 : -1);
    of_kind.store(count, std::memory_order_release);
    const auto bit = std::uint32_t{1} << kind, others = present.load(std::memory_order_relaxed) & ~bit;
    present.store(count == 0 ? others : others | bit, std::memory_order_release);
  }

  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t sum = 0;
    for (const auto& of_kind : sizes) sum += of_kind.load(std::memory_order_acquire);
    return sum;
  }

  [[nodiscard]] Published<Table>& table_at(std::uint64_t place) noexcept { return by_name[place >> table_shift]; }
  [[nodiscard]] const Published<Table>& table_at(std::uint64_t place) const noexcept {
    return by_name[place >> table_shift];
  }

  // A new table of what is alive in the old one, with room for more.
  void rebuild(Published<Table>& table) {
    auto next = std::make_shared<Table>(table.mine() ? table.mine()->live() : 0);
    if (table.mine()) next->add_live(*table.mine());
    table.replace(std::move(next), retired);
  }

  void add_everyone(Milliseconds cutoff, Milliseconds expires_at) noexcept {
    const auto old = everyone.load(std::memory_order_relaxed);
    everyone.store(std::max(old, cutoff), std::memory_order_relaxed);
    everyone_expires_at = std::max(everyone_expires_at, expires_at);
    if (old == revocation::never) count(static_cast<std::size_t>(RevocationKind::everyone), true);
  }
};

std::string_view to_string(RevocationKind kind) noexcept {
  switch (kind) {
    case RevocationKind::token:
      return "token";
    case RevocationKind::session:
      return "session";
    case RevocationKind::subject:
      return "subject";
    case RevocationKind::client:
      return "client";
    case RevocationKind::key:
      return "key";
    case RevocationKind::everyone:
      return "everyone";
  }
  return "unknown";
}

Revocations::Revocations() : state_{std::make_unique<State>()} { revocation::draw_fingerprint_keys(); }
Revocations::~Revocations() = default;

void Revocations::add(const Revocation& revocation) {
  const auto cutoff = cutoff_of(revocation), expires_at = milliseconds(revocation.expires_at);
  const std::lock_guard lock{state_->writing};
  if (revocation.kind == RevocationKind::everyone) return state_->add_everyone(cutoff, expires_at);
  if (revocation.key.empty()) return;  // no claim is empty, so it names no token
  const auto name = Name::of(static_cast<std::uint64_t>(revocation.kind), revocation.key);
  auto& table = state_->table_at(name.place);
  if (!table.mine() || table.mine()->full()) state_->rebuild(table);
  if (table.mine()->add(name, {cutoff, expires_at})) state_->count(name.kind(), true);
}

void Revocations::forget_expired(Time now) {
  if (state_->present.load(std::memory_order_acquire) == 0) return;
  const auto then = milliseconds(now);
  for (auto& table : state_->by_name) {
    const std::lock_guard lock{state_->writing};  // let go between two tables: a revocation must not wait for all
    if (!table.mine()) continue;
    table.mine()->forget_expired(then, [&](Name name) { state_->count(name.kind(), false); });
    if (table.mine()->live() == 0) {
      table.replace(nullptr, state_->retired);
    } else if (table.mine()->dead() > table.mine()->live()) {
      state_->rebuild(table);
    }
  }
  const std::lock_guard lock{state_->writing};
  state_->retired.sweep();
  if (state_->everyone.load(std::memory_order_relaxed) != revocation::never && state_->everyone_expires_at <= then) {
    state_->everyone.store(revocation::never, std::memory_order_relaxed);
    state_->everyone_expires_at = revocation::never;
    state_->count(static_cast<std::size_t>(RevocationKind::everyone), false);
  }
}

bool Revocations::covers(const RevocationQuery& query) const {
  revocation::Lookup lookup{this};
  lookup.ask(RevocationKind::session, query.session);
  lookup.ask(RevocationKind::token, query.id);
  lookup.ask(RevocationKind::subject, query.subject);
  lookup.ask(RevocationKind::client, query.client);
  lookup.ask(RevocationKind::key, query.key);
  return lookup.covers(query.issued_at);
}

std::size_t Revocations::size() const noexcept { return state_->size(); }

namespace revocation {

void Lookup::open(const Revocations& revocations) {
  present_ = revocations.state_->present.load(std::memory_order_acquire);
  if (present_ == 0) return;
  state_ = revocations.state_.get();
  reading_.emplace();
}

void Lookup::fetch(RevocationKind kind, std::string_view key) noexcept {
  if (count_ == asked_.size()) return;
  const auto place = Name::place_for(static_cast<std::uint64_t>(kind), key);
  const Table* table = state_->table_at(place).read(*reading_);
  if (table == nullptr) return;
  table->prefetch(place);
  asked_[count_++] = {table, place, key.data(), key.size()};
}

bool Lookup::look(Time issued_at) noexcept {
  const auto issued = milliseconds(issued_at);
  bool possible = issued < state_->everyone.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < count_; ++i) possible |= asked_[i].table->may_hold(asked_[i].place);
  const bool found = possible && look_closely(issued);
  reading_.reset();
  return found;
}

bool Lookup::look_closely(Milliseconds issued) const noexcept {
  if (issued < state_->everyone.load(std::memory_order_relaxed)) return true;
  return std::ranges::any_of(std::span{asked_}.first(count_), [issued](const Asked& asked) {
    const auto& [table, place, key, size] = asked;
    return table->may_hold(place) && issued < table->cutoff({place, proof_of({key, size})});
  });
}

}  // namespace revocation
}  // namespace signet
