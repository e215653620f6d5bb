#include "cli/password.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "cli/input.hpp"

namespace signet::cli {
namespace {

constexpr std::size_t longest = 1024;

Secret without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Secret::from_text(text);
}

// The terminal, silent while it lives. SIGINT and its like wait until it speaks again.
class SilentTerminal {
 public:
  SilentTerminal() : terminal_{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)} {
    if (terminal_ < 0 || ::tcgetattr(terminal_, &before_) != 0) return;
    sigset_t interrupts;
    sigemptyset(&interrupts);
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP}) sigaddset(&interrupts, signal);
    ::sigprocmask(SIG_BLOCK, &interrupts, &mask_before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ICANON | ECHONL;
    // ^C and ^Z arrive as characters and end the question: nothing may stop the process while the echo is off.
    silent.c_lflag &= ~static_cast<tcflag_t>(ISIG);
    ready_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (ready_) {
      ::tcsetattr(terminal_, TCSAFLUSH, &before_);
      ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    }
    if (terminal_ >= 0) ::close(terminal_);
  }

  [[nodiscard]] bool ready() const { return ready_; }

  // One line; nullopt when it was interrupted or ended.
  [[nodiscard]] std::optional<Secret> ask(std::string_view question) {
    if (::write(terminal_, question.data(), question.size()) < 0) return std::nullopt;
    std::array<char, longest + 2> line{};
    std::size_t filled = 0;
    bool complete = false;
    while (!complete && filled < line.size()) {
      const ssize_t got = ::read(terminal_, line.data() + filled, line.size() - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      filled += static_cast<std::size_t>(got);
      complete = line[filled - 1] == '\n';
    }
    const std::string_view text{line.data(), filled};
    const bool interrupted = !complete || text.find('\x03') != std::string_view::npos;
    std::optional<Secret> answer;
    if (!interrupted) answer = without_line_end(text);
    ::explicit_bzero(line.data(), line.size());
    return answer;
  }

 private:
  int terminal_;
  termios before_{};
  sigset_t mask_before_{};
  bool ready_ = false;
};

std::expected<Secret, Trouble> ask_twice() {
  SilentTerminal terminal;
  if (!terminal.ready()) {
    return std::unexpected(
        Trouble{"there is no terminal to ask for the password: use --password-stdin or --password-file FILE"});
  }
  auto first = terminal.ask("Password: ");
  if (!first) return std::unexpected(Trouble{"no password was given"});
  const auto second = terminal.ask("Again: ");
  if (!second) return std::unexpected(Trouble{"no password was given"});
  if (!first->equals(*second)) return std::unexpected(Trouble{"the two passwords differ: nothing was changed"});
  return std::move(*first);
}

}  // namespace

std::expected<Secret, Trouble> read_new_password(const PasswordSource& source, Console& console) {
  if (source.standard_input && !source.file.empty()) {
    return std::unexpected(Trouble{"--password-stdin and --password-file exclude each other"});
  }
  if (source.standard_input) {
    LineReader lines{console.in, longest};
    std::string_view line;
    if (!lines.next(line)) return std::unexpected(Trouble{"--password-stdin: nothing on standard input"});
    return Secret::from_text(line);
  }
  if (!source.file.empty()) {
    const auto text = read_secret("--password-file", source.file, console);
    if (!text) return std::unexpected(text.error());
    return without_line_end(text->reveal_text());
  }
  return ask_twice();
}

}  // namespace signet::cli
