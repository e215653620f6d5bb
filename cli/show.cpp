#include "cli/show.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/text.hpp"
#include "cli/time.hpp"

namespace signet::cli {
namespace {

bool is_time(std::string_view name) {
  return name == "exp" || name == "nbf" || name == "iat" || name == "auth_time" || name == "updated_at";
}

std::string time_note(const json::View& value, Time now) {
  const auto seconds = value.number();
  if (!seconds || !(*seconds >= 0) || *seconds > 253'402'300'799.0) return {};
  const Time time{std::chrono::milliseconds{static_cast<std::int64_t>(std::floor(*seconds * 1000))}};
  return fmt::format("{} ({})", utc_text(time), relative_text(time, now));
}

}  // namespace

void show_members(Console& console, json::View object, Time now) {
  std::size_t width = 0;
  for (const json::Member& member : object.members()) width = std::max(width, printable(member.name).size());
  width = std::min<std::size_t>(width, 24);
  for (const json::Member& member : object.members()) {
    const auto plain = member.value.string();
    std::string text = plain ? printable(*plain) : printable(one_line(member.value.text()));
    if (is_time(member.name)) {
      if (const std::string note = time_note(member.value, now); !note.empty()) text += "  " + note;
    }
    console.out << "  "
                << styled(console.out_colour, Style::strong, fmt::format("{:<{}}", printable(member.name), width))
                << "  " << text << '\n';
  }
}

}  // namespace signet::cli
