#pragma once

#include <cstddef>

namespace signet::test {

// Of this thread: how often `operator new` was called, and how often it may still succeed.
inline thread_local std::size_t allocations = 0;
inline thread_local std::size_t allocations_left = ~std::size_t{0};

}  // namespace signet::test
