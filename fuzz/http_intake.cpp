// What a client sends over one connection. The first byte says in what pieces it arrives; however it is cut, the same
// requests come out, and the same refusal ends them: what one reader takes for two requests, another must not take for
// one (request smuggling).

#include "server/http/intake.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "fuzz/property.hpp"

namespace {

using namespace signet;
using namespace signet::server::http;

bool is_text(std::string_view value) noexcept {
  return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// Everything that an endpoint could see of the requests, one after the other.
std::string seen(std::string_view bytes, std::size_t piece) {
  static const ServerLimits limits;
  Intake intake{limits};
  std::string log;
  while (true) {
    switch (intake.next()) {
      case Intake::Next::request: {
        const Head& head = intake.head();
        fuzz::require(intake.body().size() <= limits.body_bytes && head.headers.size() <= limits.header_count);
        fuzz::require(head.body != Head::Body::sized || intake.body().size() == head.length);
        fuzz::require(is_text(head.method) && is_text(head.target));
        log.append(head.method).append(" ").append(head.path).append("?").append(head.query).append("\n");
        for (const auto& header : head.headers) {
          fuzz::require(!header.name.empty() && is_text(header.name) && is_text(header.value));
          log.append(header.name).append(":").append(header.value).append("\n");
        }
        log.append(intake.body()).append(head.keep_alive ? "\nnext\n" : "\nlast\n");
        if (!head.keep_alive) return log;
        intake.done();
        break;
      }
      case Intake::Next::refused:
        return log.append("refused ").append(std::to_string(intake.refusal().status));
      case Intake::Next::proceed:
      case Intake::Next::more: {
        if (bytes.empty()) return log;
        const auto room = intake.room();
        fuzz::require(!room.empty());
        const auto size = std::min({room.size(), bytes.size(), piece});
        std::memcpy(room.data(), bytes.data(), size);
        intake.add(size);
        bytes.remove_prefix(size);
        break;
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = fuzz::text_of(data, size).substr(1);
  const auto whole = seen(bytes, bytes.size() + 1);
  fuzz::require(seen(bytes, 1) == whole);
  fuzz::require(seen(bytes, std::size_t{data[0]} + 1) == whole);
  return 0;
}
