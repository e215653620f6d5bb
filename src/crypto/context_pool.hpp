#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace signet::crypto {

// A small number for the calling thread, the same each time.
[[nodiscard]] inline std::size_t thread_number() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

// Prepared contexts of one key, kept between uses. OpenSSL's contexts must not be shared by two threads at a time, and
// making one costs more than the HMAC itself: each thread finds its own again in its own slot, without a lock, and
// without writing to a cache line of another thread. A process that forks in the middle loses at most a context.
template <class Context>
class ContextPool {
 public:
  using Owned = std::unique_ptr<Context>;

  ContextPool() = default;
  ContextPool(const ContextPool&) = delete;
  ContextPool& operator=(const ContextPool&) = delete;
  ~ContextPool() {
    for (const Slot& slot : slots_) delete slot.context.load(std::memory_order_acquire);
  }

  // A context that was given back, or null: then the caller makes one.
  [[nodiscard]] Owned take() noexcept {
    const std::size_t mine = thread_number();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      std::atomic<Context*>& slot = slots_[(mine + i) % slots_.size()].context;
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      if (Context* context = slot.exchange(nullptr, std::memory_order_acquire)) return Owned{context};
    }
    return nullptr;
  }

  // Keeps the context for the next `take`; frees it when all slots are full.
  void give(Owned context) noexcept {
    const std::size_t mine = thread_number();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      std::atomic<Context*>& slot = slots_[(mine + i) % slots_.size()].context;
      Context* empty = nullptr;
      if (slot.load(std::memory_order_relaxed) == nullptr &&
          slot.compare_exchange_strong(empty, context.get(), std::memory_order_release, std::memory_order_relaxed)) {
        context.release();
        return;
      }
    }
  }

 private:
  struct alignas(64) Slot {
    std::atomic<Context*> context{nullptr};
  };
  std::array<Slot, 16> slots_;
};

}  // namespace signet::crypto
