#include "server/words.hpp"

#include <algorithm>

namespace signet::server {

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

}  // namespace signet::server
