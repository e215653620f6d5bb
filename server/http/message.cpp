#include "server/http/message.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

namespace {

// Whether one of the bytes of a block is no field character, or a tab, which is one: seldom.
struct Eight {
  static constexpr std::size_t bytes = 8;
  static bool is_odd(const char* block) noexcept {
    constexpr std::uint64_t each = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x80 * each;
    std::uint64_t word;
    std::memcpy(&word, block, sizeof word);
    const auto low = word & ~tops;
    // By the top bit of a byte: it is below a space, or DEL.
    return ((~((low + (0x80 - ' ') * each) | word) | ((low + each) & ~word)) & tops) != 0;
  }
};

#ifdef __SSE2__
struct Sixteen {
  static constexpr std::size_t bytes = 16;
  static bool is_odd(const char* block) noexcept {
    const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
    const __m128i most = _mm_set1_epi8(' ' - 1);
    const __m128i odd =
        _mm_or_si128(_mm_cmpeq_epi8(_mm_max_epu8(octets, most), most), _mm_cmpeq_epi8(octets, _mm_set1_epi8(0x7f)));
    return _mm_movemask_epi8(odd) != 0;
  }
};
#endif

// The last block reaches back into the one before it.
template <class Block>
bool passes(std::string_view text) noexcept {
  if (text.size() < Block::bytes) return std::ranges::all_of(text, is_field_character);
  const char* const last = text.data() + text.size() - Block::bytes;
  for (const char* at = text.data();; at = std::min(at + Block::bytes, last)) {
    if (Block::is_odd(at) && !std::all_of(at, at + Block::bytes, is_field_character)) return false;
    if (at == last) return true;
  }
}

}  // namespace

// Many at a time, for tokens are long.
bool is_field_text(std::string_view text) noexcept {
#ifdef __SSE2__
  return passes<Sixteen>(text);
#else
  return passes<Eight>(text);
#endif
}
bool is_field_text_portably(std::string_view text) noexcept { return passes<Eight>(text); }

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
