#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace signet::server::testing {

// A child process that runs `work` and exits with what it returns. It reports through `say`, one write a line, so that
// what arrived was said in full before it died.
class Child {
 public:
  explicit Child(const std::function<int(const std::function<void(const std::string&)>& say)>& work) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error{"pipe failed"};
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error{"fork failed"};
    if (pid_ == 0) {
      ::close(ends[0]);
      int code = 99;
      try {
        code = work([&](const std::string& line) { (void)!::write(ends[1], (line + "\n").data(), line.size() + 1); });
      } catch (...) {
      }
      ::_exit(code);
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      kill();
      (void)wait();
    }
    ::close(output_);
  }

  // Everything said until the child ended, or until `enough` lines.
  std::vector<std::string> lines(std::size_t enough = SIZE_MAX) {
    std::vector<std::string> said;
    std::string line;
    for (char c; said.size() < enough && ::read(output_, &c, 1) == 1;) {
      if (c != '\n') {
        line += c;
        continue;
      }
      said.push_back(std::exchange(line, {}));
    }
    return said;
  }
  void kill() { ::kill(pid_, SIGKILL); }
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
};

}  // namespace signet::server::testing
