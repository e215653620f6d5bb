// Apart from the test: where the compiler sees both, it inlines one and takes the pair for mismatched.
#include "tests/server/http/failing_allocator.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

using namespace signet::server::http;

void give_back(void* block) noexcept {
  if (block != nullptr &&
      std::string_view(static_cast<const char*>(block), malloc_usable_size(block)).contains(test::watched))
    ++test::unwiped;
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (test::allocations_until_failure-- == 0) return nullptr;
  return std::calloc(size == 0 ? 1 : size, 1);  // so that all that is there was written by its owner
}
void* operator new(std::size_t size) {
  void* block = operator new(size, std::nothrow);
  if (block == nullptr) throw std::bad_alloc{};
  return block;
}
void operator delete(void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { give_back(block); }
