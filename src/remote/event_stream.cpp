#include "src/remote/event_stream.hpp"

#include <utility>

namespace signet::remote {

std::expected<void, Error> EventStream::take(std::string_view piece) {
  for (const char c : piece) {
    const bool second_half = std::exchange(after_return_, c == '\r') && c == '\n';
    if (second_half) continue;
    if (c != '\n' && c != '\r') {
      if (++event_bytes_ > limit_) {
        return std::unexpected(
            Error{ErrorCode::json_malformed, "an event of more than " + std::to_string(limit_) + " bytes"});
      }
      line_ += c;
      continue;
    }
    if (auto taken = take_line(); !taken) return taken;
    line_.clear();
  }
  return {};
}

std::expected<void, Error> EventStream::take_line() {
  if (line_.empty()) {
    event_bytes_ = 0;
    auto event = std::exchange(event_, {});
    if (!std::exchange(has_data_, false)) return {};
    if (event.name.empty()) event.name = "message";
    return handler_(event);
  }
  const std::string_view line = line_;
  if (line.starts_with(':')) event_bytes_ -= line.size();  // a comment: keeps the connection alive, and is no part
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field == "id" && value.find('\0') == std::string_view::npos) event_.id = value;
  if (field == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data += value;
  }
  return {};
}

}  // namespace signet::remote
