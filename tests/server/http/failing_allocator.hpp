#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

namespace signet::server::http::test {

// Of this thread: after so many more calls of `operator new`, one fails.
inline thread_local std::size_t allocations_until_failure = ~std::size_t{0};

// Memory that was given back with this in it.
inline constexpr std::string_view watched = "violet-giraffe-secret";
inline std::atomic<int> unwiped = 0;

}  // namespace signet::server::http::test
