#include "server/words.hpp"

#include <algorithm>

namespace signet::server {

Few<std::string_view, 8> words(std::string_view text) {
  Few<std::string_view, 8> out;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!word.empty()) out.add(word);
  }
  return out;
}

bool has_words(std::string_view text, std::span<const std::string_view> needed) {
  const auto have = words(text);
  return std::ranges::all_of(needed, [&](auto one) { return std::ranges::find(have, one) != have.end(); });
}

}  // namespace signet::server
