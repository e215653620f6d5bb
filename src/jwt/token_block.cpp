#include "src/jwt/token_block.hpp"

#include <array>
#include <new>

namespace signet::jwt {
namespace {

constexpr std::size_t common_bytes = 2048;  // of a token of up to some 900 characters

// The address sanitizer is to see whoever looks at a token that is gone.
#ifdef __SANITIZE_ADDRESS__
#define SIGNET_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIGNET_ADDRESS_SANITIZER
#endif
#endif
#ifdef SIGNET_ADDRESS_SANITIZER
constexpr std::size_t most_kept = 0;
#else
constexpr std::size_t most_kept = 4;
#endif

struct Kept {
  std::array<void*, most_kept> blocks;
  std::size_t count;
  bool is_emptied_at_exit;
  bool is_closed;  // the thread ends: whatever is given back from now on is freed
};
constinit thread_local Kept kept{};

struct Emptying {
  ~Emptying() {
    kept.is_closed = true;
    while (kept.count != 0) ::operator delete(kept.blocks[--kept.count]);
  }
};

bool keep(void* block) noexcept {
  if (kept.count == most_kept || kept.is_closed) return false;
  if (!kept.is_emptied_at_exit) [[unlikely]] {
    static thread_local const Emptying emptying;
    kept.is_emptied_at_exit = true;
  }
  kept.blocks[kept.count++] = block;
  return true;
}

}  // namespace

void* take_block(std::size_t bytes) {
  if (bytes > common_bytes) return ::operator new(bytes);
  return kept.count != 0 ? kept.blocks[--kept.count] : ::operator new(common_bytes);
}

void give_back_block(void* block, std::size_t bytes) noexcept {
  if (bytes > common_bytes || !keep(block)) ::operator delete(block);
}

}  // namespace signet::jwt
