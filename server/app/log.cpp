#include "server/app/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "server/app/log_lines.hpp"
#include "server/time_text.hpp"
#include "signet/json.hpp"

namespace signet::server::app {
namespace {

struct Log {
  const LogFormat format;
  std::atomic<LogLevel> level;
  LogLines lines{STDERR_FILENO};
};

std::atomic<Log*> current = nullptr;

std::string_view text(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

void append_number(std::string& out, auto value) {
  std::array<char, 32> buffer{};
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

// logfmt: bare when it is plain, else as a JSON string, which escapes quotes, line ends and controls.
void append_bare(std::string& out, std::string_view value) {
  auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; };
  if (!value.empty() && std::ranges::all_of(value, plain)) {
    out += value;
  } else {
    json::append_string(out, value);
  }
}

void append_value(std::string& out, LogFormat format, const LogField& field) {
  if (const auto* words = std::get_if<std::string_view>(&field.value)) {
    format == LogFormat::json ? json::append_string(out, *words) : append_bare(out, *words);
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    append_number(out, *integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    append_number(out, std::isfinite(*number) ? *number : 0.0);
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

bool is_empty(const LogField& field) {
  const auto* words = std::get_if<std::string_view>(&field.value);
  return words && words->empty();
}

}  // namespace

void append_log_line(std::string& out, LogFormat format, Time at, LogLevel level, std::string_view message,
                     std::span<const LogField> fields) {
  const bool as_json = format == LogFormat::json;
  out += as_json ? R"({"ts":")" : "ts=";
  append_rfc3339(out, at);
  out.append(as_json ? R"(","level":")" : " level=").append(text(level));
  out += as_json ? R"(","msg":)" : " msg=";
  append_value(out, format, {"msg", message});
  for (const LogField& field : fields) {
    if (is_empty(field)) continue;
    out += as_json ? ",\"" : " ";
    out += field.name;
    out += as_json ? "\":" : "=";
    append_value(out, format, field);
  }
  out += as_json ? "}\n" : "\n";
}

void start_log(const LogSettings& settings) {
  auto format = settings.format;
  if (format == LogFormat::automatic) format = isatty(STDERR_FILENO) ? LogFormat::logfmt : LogFormat::json;
  delete current.exchange(new Log{.format = format, .level = settings.level});
}

void stop_log() { delete current.exchange(nullptr); }

void set_log_level(LogLevel level) {
  if (Log* log = current.load()) log->level.store(level, std::memory_order_relaxed);
}

std::uint64_t dropped_log_lines() {
  const Log* log = current.load();
  return log ? log->lines.dropped() : 0;
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Log* log = current.load(std::memory_order_acquire);
  if (!log || level < log->level.load(std::memory_order_relaxed)) return;
  static thread_local std::string line;  // keeps its memory
  line.clear();
  append_log_line(line, log->format, SystemClock::instance().now(), level, message, fields);
  log->lines.add(line);
}

}  // namespace signet::server::app
