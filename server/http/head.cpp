#include "server/http/head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace signet::server::http {

bool is_token(std::string_view text) noexcept {
  static constexpr auto characters = [] {
    std::array<bool, 256> set{};
    for (const char c :
         std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
      set[static_cast<unsigned char>(c)] = true;
    return set;
  }();
  return !text.empty() && std::ranges::all_of(text, [](char c) { return characters[static_cast<unsigned char>(c)]; });
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_alphanumeric(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// RFC 3986 characters, and the few that browsers leave as they are in a query. No '#': a fragment is never sent.
bool is_target(std::string_view text) noexcept {
  return std::ranges::all_of(
      text, [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\'; });
}

// uri-host [ ":" port ], by its characters (RFC 9110 section 7.2). Empty is for targets without an authority only, and
// ours have one.
bool is_host(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || std::string_view("-._~%!$&'()*+;=:[]").contains(c);
  });
}

// Digits and nothing else (RFC 9112 section 6.3 rule 5). Eighteen of them cannot overflow.
std::optional<std::size_t> parse_length(std::string_view text) noexcept {
  if (text.empty() || text.size() > 18 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::size_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

// HTTP/2.0 and its like are told that they are not spoken here; anything else was no request line.
Refusal explain_version(std::string_view line) {
  auto version = line.substr(line.rfind(' ') + 1);
  if (std::ranges::count(line, ' ') == 2 && version.size() == 8 && version.starts_with("HTTP/") &&
      is_digit(version[5]) && version[6] == '.' && is_digit(version[7]))
    return {505, "HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "malformed request line"};
}

// method SP request-target SP HTTP-version (RFC 9112 section 3).
std::optional<Refusal> read_request_line(std::string_view line, Head& head) {
  constexpr Refusal malformed{400, "malformed request line"};
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_token(line.substr(0, space))) return malformed;
  head.method = line.substr(0, space);
  auto rest = line.substr(space + 1);
  const auto end = rest.find(' ');
  if (end == std::string_view::npos || end == 0) return malformed;
  const auto target = rest.substr(0, end);
  if (!is_field_text(target) || target.contains('\t')) return malformed;
  head.target = target;
  const auto version = rest.substr(end + 1);
  head.http_1_0 = version == "HTTP/1.0";
  if (!head.http_1_0 && version != "HTTP/1.1") return explain_version(line);
  head.keep_alive = !head.http_1_0;
  return std::nullopt;
}

// What the fields say of the message, as they come.
class FieldReader {
 public:
  explicit FieldReader(Head& head) : head_(head) {}

  // One line, without its end.
  std::optional<Refusal> read(std::string_view line) {
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name)) return Refusal{400, "malformed header field name"};
    const auto value = trimmed(line.substr(colon + 1));
    if (!is_field_text(value))
      return Refusal{400, value.contains('\r') ? "lines end with CR LF" : "malformed header field value"};
    head_.headers.push_back({name, value});
    switch (name.size()) {
      case 4:
        return same_name(name, "Host") ? read_host(value) : std::nullopt;
      case 6:
        return same_name(name, "Expect") ? read_expectation(value) : std::nullopt;
      case 10:
        return same_name(name, "Connection") ? read_connection(value) : std::nullopt;
      case 14:
        return same_name(name, "Content-Length") ? read_length(value) : std::nullopt;
      case 16:
        return same_name(name, "Proxy-Connection") ? read_connection(value) : std::nullopt;
      case 17:
        return same_name(name, "Transfer-Encoding") ? read_coding(value) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  [[nodiscard]] const std::optional<std::string_view>& host() const noexcept { return host_; }

 private:
  std::optional<Refusal> read_host(std::string_view value) {
    if (host_) return Refusal{400, "more than one Host"};
    if (!is_host(value)) return Refusal{400, "malformed Host"};
    host_ = value;
    return std::nullopt;
  }

  std::optional<Refusal> read_length(std::string_view value) {
    if (head_.body != Head::Body::none) return Refusal{400, "more than one body length"};
    const auto length = parse_length(value);
    if (!length) return Refusal{400, "malformed Content-Length"};
    head_.body = Head::Body::sized;
    head_.length = *length;
    return std::nullopt;
  }

  std::optional<Refusal> read_coding(std::string_view value) {
    // RFC 9112 section 6.1: with a length beside it, or in HTTP/1.0, this is an attempt at smuggling.
    if (head_.body != Head::Body::none) return Refusal{400, "more than one body length"};
    if (head_.http_1_0) return Refusal{400, "Transfer-Encoding in HTTP/1.0"};
    if (!same_name(value, "chunked")) return Refusal{400, "the only transfer encoding is chunked"};
    head_.body = Head::Body::chunked;
    return std::nullopt;
  }

  std::optional<Refusal> read_expectation(std::string_view value) {
    if (head_.http_1_0) return std::nullopt;  // RFC 9110 section 10.1.1
    if (!same_name(value, "100-continue")) return Refusal{417, "the only expectation is 100-continue"};
    head_.expects_continue = true;
    return std::nullopt;
  }

  // A list of tokens, in which elements may be empty (RFC 9110 sections 5.6.1 and 7.6.1). `close` wins.
  std::optional<Refusal> read_connection(std::string_view value) {
    for (bool more = true; more;) {
      const auto comma = value.find(',');
      const auto option = trimmed(value.substr(0, comma));
      if (!option.empty() && !is_token(option)) return Refusal{400, "malformed header field value"};
      closes_ |= same_name(option, "close");
      if (same_name(option, "keep-alive")) head_.keep_alive = true;
      more = comma != std::string_view::npos;
      if (more) value.remove_prefix(comma + 1);
    }
    if (closes_) head_.keep_alive = false;
    return std::nullopt;
  }

  Head& head_;
  std::optional<std::string_view> host_;
  bool closes_ = false;
};

// Splits the target (RFC 9112 section 3.2): origin form, absolute form for this very host, or '*' for OPTIONS.
std::optional<Refusal> split_target(Head& head, const std::optional<std::string_view>& host) {
  if (head.method == "CONNECT") {  // authority form; nobody here answers it
    head.path = head.target;
    return std::nullopt;
  }
  auto target = head.target;
  if (!is_target(target)) return Refusal{400, "malformed request target"};
  if (target == "*") {
    if (head.method != "OPTIONS") return Refusal{400, "malformed request target"};
    head.path = target;
    return std::nullopt;
  }
  if (!target.starts_with('/')) {
    auto colon = target.find("://");
    if (colon == std::string_view::npos) return Refusal{400, "malformed request target"};
    auto scheme = target.substr(0, colon);
    if (!same_name(scheme, "http") && !same_name(scheme, "https")) return Refusal{400, "malformed request target"};
    target.remove_prefix(colon + 3);
    auto authority = target.substr(0, target.find_first_of("/?"));
    if (!host || !same_name(authority, *host)) return Refusal{400, "the target's authority is not the Host"};
    target.remove_prefix(authority.size());
    if (!target.starts_with('/')) {
      // "http://host" and "http://host?query": the path is "/", which is there in the scheme's "//".
      head.path = head.target.substr(colon + 1, 1);
      head.query = target.empty() ? target : target.substr(1);
      return std::nullopt;
    }
  }
  auto question = target.find('?');
  head.path = target.substr(0, question);
  head.query = question == std::string_view::npos ? target.substr(target.size()) : target.substr(question + 1);
  return std::nullopt;
}

void move_view(std::string_view& view, const char* from, const char* to) noexcept {
  if (view.data() != nullptr) view = {to + (view.data() - from), view.size()};
}

}  // namespace

void Head::clear() noexcept {
  method = target = path = query = {};
  headers.clear();
  body = Body::none;
  length = 0;
  http_1_0 = expects_continue = false;
  keep_alive = true;
}

void Head::move(const char* from, const char* to) noexcept {
  for (auto* view : {&method, &target, &path, &query}) move_view(*view, from, to);
  for (auto& header : headers) {
    move_view(header.name, from, to);
    move_view(header.value, from, to);
  }
}

std::expected<void, Refusal> read_head(std::string_view bytes, std::size_t header_count, Head& head) {
  head.clear();
  // The next line, without its end; a bare CR in it is for who reads the line.
  const auto next_line = [&bytes] {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    auto line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  };
  if (auto refusal = read_request_line(next_line(), head)) return std::unexpected(*refusal);
  FieldReader fields(head);
  for (auto line = next_line(); !line.empty(); line = next_line()) {
    if (head.headers.size() == header_count) return std::unexpected(Refusal{431, "too many header fields"});
    if (auto refusal = fields.read(line)) return std::unexpected(*refusal);
  }
  if (!fields.host() && !head.http_1_0) return std::unexpected(Refusal{400, "Host is missing"});
  if (auto refusal = split_target(head, fields.host())) return std::unexpected(*refusal);
  return {};
}

}  // namespace signet::server::http
