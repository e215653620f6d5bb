// The `signet` command: the process around cli/command_line.

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>

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
  if (!std::cout.flush() && errno != EPIPE && errno != 0) {
    exit = complain(console, {std::string{"cannot write to standard output: "} + std::strerror(errno)});
  }
  return static_cast<int>(exit);
}
