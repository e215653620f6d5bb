#include "cli/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include "cli/account.hpp"
#include "cli/text.hpp"
#include "cli/time.hpp"
#include "server/api/admin_view.hpp"

namespace signet::cli {
namespace {

constexpr std::size_t page = 1000;

std::expected<std::size_t, Trouble> how_many(const std::string& text) {
  if (text.empty()) return 100;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0) {
    return std::unexpected(Trouble{"--limit: expected a number from 1"});
  }
  return number;
}

void show(const server::AuditEvent& event, bool json, Console& console) {
  if (json) {
    console.out << printable(server::api::shown(event).text()) << '\n';
    return;
  }
  const char between = console.terminal ? ' ' : '\t';
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : printable(text); };
  console.out << utc_text(event.at) << between << styled(console.out_colour, Style::strong, printable(event.kind))
              << between << or_dash(event.account) << between << or_dash(event.actor) << between
              << or_dash(event.address) << between << or_dash(event.detail) << '\n';
}

}  // namespace

Exit list_audit(const AuditListRequest& request, Console& console) {
  auto left = how_many(request.limit);
  if (!left) return complain(console, left.error());
  server::AuditFilter filter{.account = {}, .kind = request.kind, .since = {}};
  if (!filter.kind.empty() && !server::audit_kind_from_name(filter.kind)) {
    return complain(console, {"--kind: there is no such kind of event; docs/operations.md lists them"});
  }
  if (!request.since.empty()) {
    const auto since = parse_time(request.since, console.clock.now());
    if (!since) return complain(console, {fmt::format("--since: {}", time_forms)});
    filter.since = *since;
  }
  auto data = open_data(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  if (!request.user.empty()) {
    const auto account = find_account(*data, request.user);
    if (!account) return store_failed(account.error(), console);
    if (!*account) return refuse(fmt::format("{}: there is no such user", request.user), console);
    filter.account = (*account)->id.text();
  }
  auto before = std::numeric_limits<std::int64_t>::max();
  for (std::vector<server::AuditEvent> events; console.out && *left > 0; *left -= events.size()) {
    auto read = data->store->read([&](server::Transaction& transaction) {
      events = transaction.audit_before(before, filter, std::min(*left, page));
    });
    if (!read) return store_failed(read.error(), console);
    if (events.empty()) break;
    for (const auto& event : events) show(event, request.json, console);
    before = events.back().seq;
  }
  return Exit::ok;
}

}  // namespace signet::cli
