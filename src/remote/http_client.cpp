#include "src/remote/http_client.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>
#include <new>

#include "src/crypto/secure_memory.hpp"

namespace signet::remote {
namespace {

using Clock = std::chrono::steady_clock;
using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using Lines = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

constexpr std::chrono::milliseconds connect_at_most{5000};
constexpr std::chrono::milliseconds longest = std::chrono::hours{24};
constexpr std::size_t header_limit = 64 * 1024;

Error unreachable(std::string why) { return Error{ErrorCode::input_output, std::move(why)}; }
Error misconfigured(std::string why) { return Error{ErrorCode::invalid_configuration, std::move(why)}; }

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr address{};
    const std::string text{host.substr(1, host.size() - 2)};
    return ::inet_pton(AF_INET6, text.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address{};
  return ::inet_pton(AF_INET, std::string{host}.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

struct Target {
  bool https = false;
  bool loopback = false;
};

// Read by libcurl's own parser, so that what is checked is what will be asked.
std::expected<Target, Error> target_of(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed{curl_url(), &curl_url_cleanup};
  const auto part = [&](CURLUPart which) -> std::optional<std::string> {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) return std::nullopt;
    const std::unique_ptr<char, decltype(&curl_free)> owned{text, &curl_free};
    return std::string{text};
  };
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return std::unexpected(misconfigured("not an address that can be read"));
  }
  if (part(CURLUPART_USER) || part(CURLUPART_PASSWORD)) {
    return std::unexpected(misconfigured("a name or password in an address"));
  }
  const auto scheme = part(CURLUPART_SCHEME), host = part(CURLUPART_HOST);
  if (!scheme || !host) return std::unexpected(misconfigured("not an address that can be read"));
  const Target target{.https = *scheme == "https", .loopback = is_loopback(*host)};
  if (!target.https && !(*scheme == "http" && target.loopback)) {
    return std::unexpected(misconfigured("https only: what comes over plain http can be anyone's (loopback excepted)"));
  }
  return target;
}

std::string lower(std::string_view text) {
  std::string copy{text};
  std::ranges::transform(copy, copy.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return copy;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// One exchange on its way.
struct Transfer {
  HttpAnswer answer;
  std::size_t limit = 0;
  const Began* began = nullptr;  // of a stream
  const Bytes* bytes = nullptr;
  bool begun = false;
  std::size_t header_bytes = 0;
  std::optional<Error> refusal;
  Clock::time_point heard = Clock::now();
  CURL* curl = nullptr;

  void take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) answer = {};  // of an interim answer
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const auto name = lower(line.substr(0, colon));
    const auto value = trimmed(line.substr(colon + 1));
    if (name == "etag") answer.etag = value;
    if (name == "content-type") answer.content_type = lower(trimmed(value.substr(0, value.find(';'))));
    if (name == "cache-control") {
      answer.cache_control.append(answer.cache_control.empty() ? "" : ",").append(lower(value));
    }
    if (name == "age") std::from_chars(value.data(), value.data() + value.size(), answer.age);
  }

  [[nodiscard]] bool take_body(std::string_view piece) {
    heard = Clock::now();
    if (bytes == nullptr) {
      if (piece.size() > limit - answer.body.size()) {
        refusal = unreachable("the answer is longer than " + std::to_string(limit) + " bytes");
        return false;
      }
      answer.body.append(piece);
      return true;
    }
    auto taken = begin_stream();
    if (taken) taken = (*bytes)(piece);
    if (!taken) refusal = std::move(taken.error());
    return taken.has_value();
  }

  std::expected<void, Error> begin_stream() {
    if (begun) return {};
    begun = true;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    return (*began)(answer);
  }
};

// libcurl is C: nothing may be thrown through it.
template <class Work>
std::size_t guarded(Transfer& transfer, std::size_t size, Work work) noexcept {
  try {
    if (work()) return size;
  } catch (...) {
    transfer.refusal.emplace(ErrorCode::internal);
  }
  return size == 0 ? 1 : 0;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* into) noexcept {
  auto& transfer = *static_cast<Transfer*>(into);
  return guarded(transfer, size, [&] {
    transfer.header_bytes += size;
    if (transfer.header_bytes > header_limit) {
      transfer.refusal = unreachable("the head of the answer is too long");
      return false;
    }
    transfer.take_header({data, size});
    return true;
  });
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* into) noexcept {
  auto& transfer = *static_cast<Transfer*>(into);
  return guarded(transfer, size, [&] { return transfer.take_body({data, size}); });
}

// Runs the transfer to its end, which comes as well after `at_most`, or when nothing comes for `silence`. nullopt: it
// is complete.
std::optional<Error> run(const HttpRequest& request, Transfer& transfer,
                         std::optional<std::chrono::milliseconds> at_most,
                         std::optional<std::chrono::milliseconds> silence, const std::stop_token& stop) {
  const auto target = target_of(request.url);
  if (!target) return target.error();
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });

  const Multi multi{curl_multi_init(), &curl_multi_cleanup};
  const Easy easy{curl_easy_init(), &curl_easy_cleanup};
  if (!multi || !easy) throw std::bad_alloc{};
  CURL* const curl = transfer.curl = easy.get();
  std::string why(CURL_ERROR_SIZE, '\0');
  Lines lines{nullptr, &curl_slist_free_all};
  const auto line = [&](const std::string& text) {
    auto* longer = curl_slist_append(lines.get(), text.c_str());
    if (longer == nullptr) throw std::bad_alloc{};
    static_cast<void>(lines.release());
    lines.reset(longer);
  };

  bool is_set = true;
  const auto set = [&](CURLoption option, auto value) {
    is_set = curl_easy_setopt(curl, option, value) == CURLE_OK && is_set;
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, target->https ? "https" : "http");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_at_most.count()));
  if (at_most) set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::min(*at_most, longest).count()));
#if LIBCURL_VERSION_NUM >= 0x075700
  // Or the end waits for a name server that does not answer, whatever the time limit is. An older library at run time
  // does not know it.
  static_cast<void>(curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L));
#endif
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &transfer);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &transfer);
  set(CURLOPT_ERRORBUFFER, why.data());
  set(CURLOPT_USERAGENT, "signet");
  if (target->loopback) set(CURLOPT_PROXY, "");
  if (!request.ca_file.empty()) {
    set(CURLOPT_CAINFO, request.ca_file.c_str());
    static_cast<void>(curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr));  // there may be no such thing
  }
  if (!request.if_none_match.empty()) line("If-None-Match: " + request.if_none_match);
  if (!request.accept.empty()) line("Accept: " + request.accept);
  for (const auto& header : request.headers) line(header);
  if (request.body) {
    line("Content-Type: " + request.content_type);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    set(CURLOPT_POSTFIELDS, request.body->data());
  }
  if (request.credentials) {
    auto secret = form_encoded(request.credentials->secret);
    set(CURLOPT_USERNAME, form_encoded(request.credentials->name).c_str());
    set(CURLOPT_PASSWORD, secret.c_str());  // copied
    crypto::cleanse(secret);
  }
  set(CURLOPT_HTTPHEADER, lines.get());
  if (!is_set) return unreachable("libcurl does not take the request");

  if (curl_multi_add_handle(multi.get(), curl) != CURLM_OK) throw std::bad_alloc{};
  struct Removal {
    CURLM* multi;
    CURL* curl;
    ~Removal() { curl_multi_remove_handle(multi, curl); }
  } const removal{multi.get(), curl};
  const std::stop_callback wake{stop, [&] { curl_multi_wakeup(multi.get()); }};

  transfer.heard = Clock::now();
  for (int running = 1; running > 0;) {
    if (stop.stop_requested()) return unreachable("stopped");
    if (curl_multi_perform(multi.get(), &running) != CURLM_OK) return unreachable("libcurl failed");
    if (running == 0) break;
    if (silence && Clock::now() - transfer.heard > *silence) return unreachable("nothing comes any more");
    const auto wait = silence ? std::min<std::chrono::milliseconds>(*silence / 4, std::chrono::milliseconds{250})
                              : std::chrono::milliseconds{1000};
    curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(std::max<long>(wait.count(), 1)), nullptr);
  }
  if (transfer.refusal) return std::move(transfer.refusal);
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
  if (message == nullptr) return unreachable("libcurl failed");
  if (message->data.result != CURLE_OK) {
    const std::string_view text = why.c_str();
    return unreachable(std::string{text.empty() ? curl_easy_strerror(message->data.result) : text});
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  return std::nullopt;
}

}  // namespace

std::expected<void, Error> check_url(const std::string& url) {
  const auto target = target_of(url);
  if (!target) return std::unexpected(target.error());
  return {};
}

bool is_loopback_url(const std::string& url) {
  const auto target = target_of(url);
  return target && target->loopback;
}

std::expected<HttpAnswer, Error> perform(const HttpRequest& request, const std::stop_token& stop) {
  Transfer transfer;
  transfer.limit = request.limit;
  auto at_most = request.at_most;
  std::optional<std::chrono::milliseconds> silence;
  if (request.slowest > 0) {
    silence = at_most;
    at_most += std::chrono::seconds{request.limit / request.slowest};
  }
  if (auto failed = run(request, transfer, at_most, silence, stop)) return std::unexpected(std::move(*failed));
  return std::move(transfer.answer);
}

std::expected<void, Error> check_answer(const HttpAnswer& answer, const HttpRequest& request, std::string_view what) {
  if (answer.status == 304 && !request.if_none_match.empty()) return {};
  if (answer.status == 200 && (request.accept.empty() || answer.content_type == request.accept)) return {};
  auto why = std::string{what} + ": the server answered " + std::to_string(answer.status);
  if (!request.accept.empty()) why.append(" ").append(answer.content_type.substr(0, 100));
  return std::unexpected(unreachable(std::move(why)));
}

std::expected<HttpAnswer, Error> fetch_good(const HttpRequest& request, std::string_view what,
                                            const std::stop_token& stop) {
  auto answer = perform(request, stop);
  if (!answer) return answer;
  if (auto good = check_answer(*answer, request, what); !good) return std::unexpected(std::move(good.error()));
  return answer;
}

Error stream(const HttpRequest& request, std::chrono::milliseconds silence, const Began& began, const Bytes& bytes,
             const std::stop_token& stop) {
  Transfer transfer;
  transfer.began = &began;
  transfer.bytes = &bytes;
  if (auto failed = run(request, transfer, std::nullopt, silence, stop)) return std::move(*failed);
  // An answer without a body, which no stream is, has not been looked at yet.
  if (auto begun = transfer.begin_stream(); !begun) return begun.error();
  return unreachable("the server closed the stream");
}

std::string form_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() * 3);  // so that no part of a secret is left behind by growing
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return encoded;
}

}  // namespace signet::remote
