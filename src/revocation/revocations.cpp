#include "signet/revocations.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace signet {
namespace {

struct Entry {
  Time cutoff;
  Time expires_at;
};

// Lookup by a view into the token, without making a string of it.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

using Entries = std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>;

constexpr std::size_t kinds = 6;

// A lock whose writers do not wait for new readers. std::shared_mutex prefers readers on this platform: verifiers that
// are busy enough keep a revocation out for seconds.
class WriterFirstMutex {
 public:
  WriterFirstMutex() noexcept {
    pthread_rwlockattr_t kind;
    pthread_rwlockattr_init(&kind);
    pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock_, &kind);
    pthread_rwlockattr_destroy(&kind);
  }
  WriterFirstMutex(const WriterFirstMutex&) = delete;
  WriterFirstMutex& operator=(const WriterFirstMutex&) = delete;
  ~WriterFirstMutex() { pthread_rwlock_destroy(&lock_); }

  void lock() noexcept { pthread_rwlock_wrlock(&lock_); }
  void unlock() noexcept { pthread_rwlock_unlock(&lock_); }
  void lock_shared() noexcept { pthread_rwlock_rdlock(&lock_); }
  void unlock_shared() noexcept { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

// One token, or one session: all of it, whenever it was issued.
bool is_whole(RevocationKind kind) noexcept { return kind == RevocationKind::token || kind == RevocationKind::session; }

}  // namespace

struct Revocations::State {
  // Read before the lock: as long as nothing is revoked, a verifier pays this one load and no shared write.
  std::atomic<std::size_t> size = 0;
  mutable WriterFirstMutex mutex;
  std::array<Entries, kinds> by_kind;

  [[nodiscard]] const Entry* find(RevocationKind kind, std::string_view key) const noexcept {
    const auto& entries = by_kind[static_cast<std::size_t>(kind)];
    if (entries.empty() || (key.empty() && kind != RevocationKind::everyone)) return nullptr;
    const auto found = entries.find(key);
    return found == entries.end() ? nullptr : &found->second;
  }

  void recount() noexcept {
    std::size_t count = 0;
    for (const auto& entries : by_kind) count += entries.size();
    size.store(count, std::memory_order_release);
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

Revocations::Revocations() : state_{std::make_unique<State>()} {}
Revocations::~Revocations() = default;

void Revocations::add(const Revocation& revocation) {
  const std::unique_lock lock{state_->mutex};
  const auto key = revocation.kind == RevocationKind::everyone ? std::string{} : revocation.key;
  auto [entry, added] = state_->by_kind[static_cast<std::size_t>(revocation.kind)].try_emplace(
      key, Entry{revocation.cutoff, revocation.expires_at});
  if (!added) {
    entry->second.cutoff = std::max(entry->second.cutoff, revocation.cutoff);
    entry->second.expires_at = std::max(entry->second.expires_at, revocation.expires_at);
  }
  state_->recount();
}

void Revocations::forget_expired(Time now) {
  if (state_->size.load(std::memory_order_acquire) == 0) return;
  const std::unique_lock lock{state_->mutex};
  for (auto& entries : state_->by_kind) {
    std::erase_if(entries, [&](const auto& entry) { return entry.second.expires_at <= now; });
  }
  state_->recount();
}

bool Revocations::covers(const RevocationQuery& query) const noexcept {
  if (state_->size.load(std::memory_order_acquire) == 0) return false;
  const std::shared_lock lock{state_->mutex};
  const auto covered = [&](RevocationKind kind, std::string_view key) {
    const Entry* entry = state_->find(kind, key);
    return entry != nullptr && (is_whole(kind) || query.issued_at < entry->cutoff);
  };
  return covered(RevocationKind::session, query.session) || covered(RevocationKind::subject, query.subject) ||
         covered(RevocationKind::token, query.id) || covered(RevocationKind::client, query.client) ||
         covered(RevocationKind::key, query.key) || covered(RevocationKind::everyone, {});
}

std::size_t Revocations::size() const noexcept { return state_->size.load(std::memory_order_acquire); }

}  // namespace signet
