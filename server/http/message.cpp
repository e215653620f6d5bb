#include "server/http/message.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace signet::server::http {

namespace {

constexpr std::size_t kept_capacity = 16 * 1024;  // of a response's memory, for the next one

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_framing(std::string_view name) noexcept {
  switch (name.size()) {
    case 4:
      return same_name(name, "Date");
    case 6:
      return same_name(name, "Server");
    case 10:
      return same_name(name, "Connection");
    case 12:
      return same_name(name, "X-Request-Id");
    case 14:
      return same_name(name, "Content-Length");
    case 17:
      return same_name(name, "Transfer-Encoding");
    default:
      return false;
  }
}

bool is_name(std::string_view name) noexcept {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_field_character(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= ' ' && byte != 0x7f) || byte == '\t';
}

// Of this thread. The strings alone: a response that is kept holds on to nothing.
Response& spare() noexcept {
  static thread_local Response kept;
  return kept;
}

}  // namespace

bool same_letters(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

// Many at a time, for tokens are long.
bool is_field_text(std::string_view text) noexcept {
  using Block = std::array<std::uint64_t, 4>;
  constexpr std::uint64_t each = 0x0101010101010101;
  constexpr std::uint64_t tops = 0x80 * each;
  for (; text.size() >= sizeof(Block); text.remove_prefix(sizeof(Block))) {
    Block block;
    std::memcpy(block.data(), text.data(), sizeof block);
    std::uint64_t odd = 0;  // by the top bit of a byte: it is below a space, or DEL
    for (const auto word : block) {
      const auto low = word & ~tops;
      odd |= ~((low + (0x80 - ' ') * each) | word) | ((low + each) & ~word);
    }
    if ((odd & tops) != 0 && !std::ranges::all_of(text.substr(0, sizeof block), is_field_character)) return false;
  }
  return std::ranges::all_of(text, is_field_character);
}

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
  for (const auto& header : headers)
    if (same_name(header.name, name)) return header.value;
  return std::nullopt;
}

Few<std::string_view> Request::all(std::string_view name) const {
  Few<std::string_view> values;
  for (const auto& header : headers)
    if (same_name(header.name, name)) values.add(header.value);
  return values;
}

HeaderLines::HeaderLines(std::initializer_list<Header> lines) {
  for (const auto& line : lines) add(line.name, line.value);
}

void HeaderLines::add(std::string_view name, std::string_view value) {
  if (!is_name(name) || !is_field_text(value)) {
    sendable_ = false;
    return;
  }
  if (!is_framing(name)) text_.append(name).append(": ").append(value).append("\r\n");
}

void HeaderLines::remove(std::string_view name) {
  for (std::size_t at = 0; at < text_.size();) {
    const auto size = text_.find('\n', at) + 1 - at;
    const auto line = std::string_view(text_).substr(at, size);
    if (same_name(line.substr(0, line.find(':')), name))
      text_.erase(at, size);
    else
      at += size;
  }
}

void HeaderLines::clear() noexcept {
  text_.clear();
  sendable_ = true;
}

Few<std::string_view> HeaderLines::all(std::string_view name) const {
  Few<std::string_view> values;
  for (auto rest = std::string_view(text_); !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\r'));
    const auto colon = line.find(':');
    if (same_name(line.substr(0, colon), name)) values.add(line.substr(colon + 2));
    rest.remove_prefix(line.size() + 2);
  }
  return values;
}

Response blank_response() noexcept {
  Response blank = std::move(spare());
  blank.headers.clear();
  blank.body.clear();
  return blank;
}

void recycle(Response&& sent) noexcept {
  const auto serves_better = [](const std::string& one, const std::string& other) {
    return one.capacity() <= kept_capacity && one.capacity() > other.capacity();
  };
  auto& kept = spare();
  if (serves_better(sent.headers.text(), kept.headers.text())) kept.headers = std::move(sent.headers);
  if (serves_better(sent.body, kept.body)) kept.body = std::move(sent.body);
}

}  // namespace signet::server::http
