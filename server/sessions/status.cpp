#include "server/sessions/status.hpp"

#include <charconv>

#include "server/revocation/log.hpp"

namespace signet::server {
namespace {

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take_character(std::string_view& text, char character) {
  if (!text.starts_with(character)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::int64_t oldest_status_list(Time now) noexcept { return status_list_of(now - longest_leeway); }

std::string to_text(const StatusEntries& entries) {
  std::string text;
  for (const auto& entry : entries) {
    if (!text.empty()) text += ' ';
    text.append(std::to_string(entry.list)).append(":").append(std::to_string(entry.index));
  }
  return text;
}

std::optional<StatusEntries> parse_status(std::string_view text) {
  StatusEntries entries;
  while (!text.empty()) {
    StatusEntry entry;
    if (!entries.empty() && !take_character(text, ' ')) return std::nullopt;
    if (!take_number(text, entry.list) || !take_character(text, ':') || !take_number(text, entry.index))
      return std::nullopt;
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace signet::server
