#pragma once
// The strict check of a JSON text, and the members of its outermost object as they are found: one pass does both.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <string_view>

#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/limits.hpp"

namespace signet::json {

// The bytes from `at` on, the first of them the lowest.
template <class Word>
[[nodiscard]] constexpr std::uint64_t word_at(const char* at) noexcept {
  if consteval {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << 8 * i;
    }
    return word;
  }
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// A number that is the same for equal names, and differs for most others: the bytes themselves up to eight of them,
// then made of the first and the last eight. `name` is without escapes.
[[nodiscard]] constexpr std::uint64_t name_key(std::string_view name) noexcept {
  const char* at = name.data();
  const auto size = name.size();
  if (size > 8) {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    return (word_at<std::uint64_t>(at) * odd ^ word_at<std::uint64_t>(at + size - 8)) * odd + size;
  }
  if (size >= 4) return word_at<std::uint32_t>(at) | word_at<std::uint32_t>(at + size - 4) << 32U;
  if (size == 0) return 0;
  return word_at<std::uint8_t>(at) | word_at<std::uint8_t>(at + size / 2) << 8U |
         word_at<std::uint8_t>(at + size - 1) << 16U;
}

// Whether two names are the same, with their keys. Of up to eight bytes, size and key tell all.
[[nodiscard]] constexpr bool is_same_name(std::string_view a, std::uint64_t a_key, std::string_view b,
                                          std::uint64_t b_key) noexcept {
  return a_key == b_key && a.size() == b.size() && (a.size() <= 8 || a == b);
}

struct FoundMember {
  std::string_view raw_name;  // as it stands between its quotes
  bool name_has_escapes;
  std::uint64_t key;  // name_key of the name that is meant
  View value;
  bool value_has_escapes;  // of a string
};

class MemberSink {
 public:
  // Called while the rest of the text is still unchecked: what it says counts only when the check has passed.
  virtual void take(const FoundMember& member) = 0;

 protected:
  ~MemberSink() = default;
};

// As json::parse, and tells `sink`, which may be null, of each member when the value is an object. Throws what the sink
// throws, and std::bad_alloc.
[[nodiscard]] std::expected<View, Error> parse(std::string_view text, const Limits& limits, MemberSink* sink);

}  // namespace signet::json
