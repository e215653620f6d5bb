#pragma once

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <vector>

namespace signet::jose {

// Whether two of the keys have the same `kid`; keys without one do not count. `key_id` is a view into the key.
template <class Key>
[[nodiscard]] bool has_repeated_key_id(const std::vector<Key>& keys,
                                       std::type_identity_t<std::string_view (*)(const Key&)> key_id) {
  std::vector<std::string_view> ids;
  for (const Key& key : keys) {
    if (const auto id = key_id(key); !id.empty()) ids.push_back(id);
  }
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) != ids.end();
}

}  // namespace signet::jose
