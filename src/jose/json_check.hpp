#pragma once
// The strict check of a JSON text, and the members of its outermost object as they are found: one pass does both.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/limits.hpp"

namespace signet::json {

// A number that is the same for equal names, and differs for most others. `name` is without escapes.
[[nodiscard]] std::uint64_t name_key(std::string_view name) noexcept;

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
