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

}  // namespace signet::server
