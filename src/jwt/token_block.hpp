#pragma once

#include <cstddef>

namespace signet::jwt {

// Memory for a token and its decoded bytes. What a thread gives back it keeps, a few blocks of the common size, for the
// tokens that it verifies next: they are larger than what malloc has a short way for.

// Throws std::bad_alloc.
[[nodiscard]] void* take_block(std::size_t bytes);

// By any thread; `bytes` as they were taken.
void give_back_block(void* block, std::size_t bytes) noexcept;

}  // namespace signet::jwt
