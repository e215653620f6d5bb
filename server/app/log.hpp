#pragma once
// Structured logs on standard error: JSON, a line an event, or logfmt for a person. Values are escaped, so that nobody
// can forge a line; what is a secret is never passed here.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "server/app/config.hpp"
#include "signet/clock.hpp"

namespace signet::server::app {

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

// {"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"…","name":value,…} or ts=… level=info msg="…" name=value, and
// a line end. Fields whose value is an empty string are left out.
void append_log_line(std::string& out, LogFormat format, Time at, LogLevel level, std::string_view message,
                     std::span<const LogField> fields);

// Before the first line is logged; a process has one log. A slow reader of standard error never holds up a request:
// when more than 1 MB waits for it, lines are dropped and counted.
void start_log(const LogSettings& settings);
// Writes what is waiting. Precondition: no other thread logs any more. What is logged afterwards is dropped.
void stop_log();
void set_log_level(LogLevel level);
[[nodiscard]] std::uint64_t dropped_log_lines();

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace signet::server::app
