#include "server/http/head.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace signet::server::http {

namespace {

namespace beast = boost::beast;

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

// Beast reads the grammar; this keeps views into the bytes, and refuses what Beast would let pass.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  HeadParser(Head& head, std::size_t header_count) : head_(head), header_count_(header_count) {
    header_limit(UINT32_MAX);  // Intake has counted the bytes
    body_limit(boost::none);   // and counts those of the body
  }

  std::optional<Refusal> refusal;
  std::string_view host;
  bool has_host = false;

 private:
  using error_code = beast::error_code;
  using view = beast::string_view;

  static std::string_view std_view(view text) noexcept { return {text.data(), text.size()}; }

  void refuse(int status, std::string_view description, error_code& ec) {
    refusal = Refusal{status, description};
    ec = beast::http::error::bad_value;
  }

  void on_request_impl(beast::http::verb, view method, view target, int version, error_code&) override {
    head_.method = std_view(method);
    head_.target = std_view(target);
    head_.http_1_0 = version == 10;
  }

  void on_field_impl(beast::http::field field, view name, view raw_value, error_code& ec) override {
    if (head_.headers.size() == header_count_) return refuse(431, "too many header fields", ec);
    auto value = std_view(raw_value);
    head_.headers.push_back({std_view(name), value});
    switch (field) {
      case beast::http::field::host:
        if (has_host) return refuse(400, "more than one Host", ec);
        has_host = true;
        host = value;
        if (!is_host(host)) return refuse(400, "malformed Host", ec);
        break;
      case beast::http::field::content_length: {
        if (head_.body != Head::Body::none) return refuse(400, "more than one body length", ec);
        auto length = parse_length(value);
        if (!length) return refuse(400, "malformed Content-Length", ec);
        head_.body = Head::Body::sized;
        head_.length = *length;
        break;
      }
      case beast::http::field::transfer_encoding:
        // RFC 9112 section 6.1: with a length beside it, or in HTTP/1.0, this is an attempt at smuggling.
        if (head_.body != Head::Body::none) return refuse(400, "more than one body length", ec);
        if (head_.http_1_0) return refuse(400, "Transfer-Encoding in HTTP/1.0", ec);
        if (!same_name(value, "chunked")) return refuse(400, "the only transfer encoding is chunked", ec);
        head_.body = Head::Body::chunked;
        break;
      case beast::http::field::expect:
        if (head_.http_1_0) break;  // RFC 9110 section 10.1.1
        if (!same_name(value, "100-continue")) return refuse(417, "the only expectation is 100-continue", ec);
        head_.expects_continue = true;
        break;
      default:
        break;
    }
  }

  void on_response_impl(int, view, int, error_code&) override {}  // of the other half of the parser
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  Head& head_;
  std::size_t header_count_;
};

// HTTP/2.0 and its like are told that they are not spoken here; anything else was no request line.
Refusal explain_version(std::string_view bytes) {
  auto line = bytes.substr(0, bytes.find("\r\n"));
  auto version = line.substr(std::min(line.rfind(' '), line.size() - 1) + 1);
  if (std::ranges::count(line, ' ') == 2 && version.size() == 8 && version.starts_with("HTTP/") &&
      is_digit(version[5]) && version[6] == '.' && is_digit(version[7]))
    return {505, "HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "malformed request line"};
}

Refusal explain(beast::error_code ec, std::string_view bytes) {
  using beast::http::error;
  if (ec == error::bad_version) return explain_version(bytes);
  if (ec == error::bad_method || ec == error::bad_target) return {400, "malformed request line"};
  if (ec == error::bad_line_ending) return {400, "lines end with CR LF"};
  if (ec == error::bad_field) return {400, "malformed header field name"};
  if (ec == error::bad_value) return {400, "malformed header field value"};
  if (ec == error::bad_content_length || ec == error::multiple_content_length) return {400, "malformed Content-Length"};
  if (ec == error::bad_transfer_encoding) return {400, "more than one body length"};
  return {400, "malformed request"};
}

// Splits the target (RFC 9112 section 3.2): origin form, absolute form for this very host, or '*' for OPTIONS.
std::optional<Refusal> split_target(Head& head, std::string_view host, bool has_host) {
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
    if (!has_host || !same_name(authority, host)) return Refusal{400, "the target's authority is not the Host"};
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
  HeadParser parser(head, header_count);
  beast::error_code ec;
  parser.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (parser.refusal) return std::unexpected(*parser.refusal);
  if (ec) return std::unexpected(explain(ec, bytes));
  if (!parser.is_header_done()) return std::unexpected(Refusal{400, "malformed request"});
  if (!parser.has_host && !head.http_1_0) return std::unexpected(Refusal{400, "Host is missing"});
  head.keep_alive = parser.keep_alive();
  if (auto refusal = split_target(head, parser.host, parser.has_host)) return std::unexpected(*refusal);
  return {};
}

}  // namespace signet::server::http
