// The `signet` command: the process around cli/command_line.

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include "cli/command_line.hpp"

namespace {

// NO_COLOR: https://no-color.org
bool wants_colour(int descriptor) {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return ::isatty(descriptor) == 1 && (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
         std::string_view{terminal} != "dumb";
}

// Then nobody misses what could not be written.
bool reader_has_gone() {
  pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

int main(int argc, char** argv) {
  using signet::cli::Exit;
  // A reader that has gone (`signet verify < tokens | head -1`) is an end, not a crash.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);

  signet::cli::Console console{.in = std::cin,
                               .out = std::cout,
                               .err = std::cerr,
                               .clock = signet::SystemClock::instance(),
                               .terminal = ::isatty(STDOUT_FILENO) == 1,
                               .out_colour = wants_colour(STDOUT_FILENO),
                               .err_colour = wants_colour(STDERR_FILENO)};
  Exit exit = Exit::misuse;
  try {
    exit = signet::cli::run(argc, argv, console);
  } catch (const std::bad_alloc&) {
    exit = complain(console, {"out of memory"});
  } catch (const std::exception& bug) {
    exit = complain(console, {std::string{"internal error: "} + bug.what()});
  }
  errno = 0;
  if (!std::cout.flush() && !reader_has_gone()) {
    // What failed earlier, in the middle of a long output, has left no reason.
    const std::string why = errno == 0 ? "" : std::string{": "} + std::strerror(errno);
    exit = complain(console, {"cannot write to standard output" + why});
  }
  return static_cast<int>(exit);
}
