// What comes on a revocation stream. However the bytes are cut into pieces, the events are the same; written again they
// are read as the same; and none is longer than the limit.

#include "src/remote/event_stream.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/property.hpp"
#include "src/remote/revocation_wire.hpp"

namespace {

using namespace signet;
using remote::EventStream;
using remote::ServerEvent;

constexpr std::size_t limit = 200;

struct Heard {
  std::vector<ServerEvent> events;
  bool whole = true;
};

// In pieces of `step` bytes.
Heard hear(std::string_view text, std::size_t step, std::size_t most = limit) {
  Heard heard;
  EventStream stream{[&](const ServerEvent& event) -> std::expected<void, Error> {
                       heard.events.push_back(event);
                       return {};
                     },
                     most};
  for (; !text.empty() && heard.whole; text.remove_prefix(std::min(step, text.size()))) {
    heard.whole = stream.take(text.substr(0, step)).has_value();
  }
  return heard;
}

bool same(const ServerEvent& a, const ServerEvent& b) { return a.id == b.id && a.name == b.name && a.data == b.data; }

std::string written(const std::vector<ServerEvent>& events) {
  std::string text;
  for (const auto& event : events) {
    text.append("id: ").append(event.id).append("\nevent: ").append(event.name).append("\ndata: ");
    for (const char c : event.data) text.append(c == '\n' ? "\ndata: " : std::string(1, c));
    text.append("\n\n");
  }
  return text;
}

void require_same(const Heard& a, const Heard& b) {
  fuzz::require(a.whole == b.whole && std::ranges::equal(a.events, b.events, same));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto heard = hear(text, text.size());
  require_same(hear(text, 1), heard);
  require_same(hear(text, 7), heard);
  for (const auto& event : heard.events) {
    fuzz::require(!event.name.empty() && event.id.size() + event.data.size() <= limit);
    static_cast<void>(remote::parse_heartbeat(event.data));
    const auto row = remote::parse_revocation(event.data);
    fuzz::require(!row || (row->after >= 0 && row->after < row->seq));
    if (const auto at = remote::Position::parse(event.id)) {
      const auto again = remote::Position::parse(at->text());
      fuzz::require(again && again->epoch == at->epoch && again->seq == at->seq);
    }
  }
  // The fields' names may make it longer than it was.
  require_same(hear(written(heard.events), 3, limit * 10), {.events = heard.events, .whole = true});
  return 0;
}
