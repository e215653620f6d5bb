#include "server/app/sockets.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace signet::server::app {
namespace {

constexpr int first_descriptor = 3;  // SD_LISTEN_FDS_START

std::string taken(const char* variable) {
  const char* value = std::getenv(variable);
  std::string text = value == nullptr ? "" : value;
  unsetenv(variable);
  return text;
}

std::optional<long> number(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::expected<InheritedSockets, std::string> inherited_sockets() {
  const auto process = taken("LISTEN_PID"), count = taken("LISTEN_FDS"), names = taken("LISTEN_FDNAMES");
  if (number(process) != getpid()) return {};
  const auto sockets = number(count);
  if (!sockets || *sockets < 0 || *sockets > 2)
    return std::unexpected("LISTEN_FDS: expected one socket or two, found \"" + count + "\"");
  InheritedSockets inherited;
  if (*sockets > 0) inherited.main = first_descriptor;
  if (*sockets > 1) inherited.monitor = first_descriptor + 1;
  if (names == "monitor" || names.starts_with("monitor:")) std::swap(inherited.main, inherited.monitor);
  for (const auto socket : {inherited.main, inherited.monitor})
    if (socket && fcntl(*socket, F_SETFD, FD_CLOEXEC) != 0)
      return std::unexpected("LISTEN_FDS: there is no socket " + std::to_string(*socket));
  return inherited;
}

}  // namespace signet::server::app
