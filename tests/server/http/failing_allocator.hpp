#pragma once

#include <cstddef>

namespace signet::server::http::test {

// Of this thread: after so many more calls of `operator new`, one fails.
inline thread_local std::size_t allocations_until_failure = ~std::size_t{0};

}  // namespace signet::server::http::test
