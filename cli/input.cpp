#include "cli/input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/text.hpp"
#include "signet/limits.hpp"

namespace signet::cli {
namespace {

std::string reason(int error) { return std::strerror(error); }

// `--key k.jwk`; a file that is an argument of its own goes by its name alone.
std::string place(std::string_view flag, const std::string& path) {
  return flag == path ? path : fmt::format("{} {}", flag, path);
}

// Appends what `more` gives until it gives nothing. False: over the limit. `buffer` never reallocates, so that no copy
// of a secret stays behind.
template <class More>
bool fill(std::string& buffer, std::size_t limit, More more) {
  buffer.resize(limit + 1);
  std::size_t filled = 0;
  while (filled <= limit) {
    const std::size_t got = more(buffer.data() + filled, limit + 1 - filled);
    if (got == 0) break;
    filled += got;
  }
  buffer.resize(filled);
  return filled <= limit;
}

std::expected<void, Trouble> read_into(std::string& buffer, std::string_view flag, const std::string& path,
                                       std::size_t limit, Console& console) {
  const auto too_long = [&] {
    return std::unexpected(
        Trouble{fmt::format("{}: more than {} bytes, too long to be what it should be", place(flag, path), limit)});
  };
  if (path == "-") {
    const bool fits = fill(buffer, limit, [&](char* to, std::size_t room) {
      console.in.read(to, static_cast<std::streamsize>(room));
      return static_cast<std::size_t>(console.in.gcount());
    });
    if (!fits) return too_long();
    if (buffer.empty())
      return std::unexpected(Trouble{fmt::format("{}: nothing on standard input", place(flag, path))});
    return {};
  }
  if (auto sound = check_path(flag, path); !sound) return sound;
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return std::unexpected(Trouble{fmt::format("{}: cannot open: {}", place(flag, path), reason(errno))});
  int error = 0;
  const bool fits = fill(buffer, limit, [&](char* to, std::size_t room) -> std::size_t {
    ssize_t got = 0;
    do {
      got = ::read(file.number(), to, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0) error = errno;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  });
  if (error != 0) return std::unexpected(Trouble{fmt::format("{}: cannot read: {}", place(flag, path), reason(error))});
  if (!fits) return too_long();
  if (buffer.empty()) return std::unexpected(Trouble{fmt::format("{}: the file is empty", place(flag, path))});
  return {};
}

}  // namespace

std::expected<void, Trouble> check_path(std::string_view flag, std::string_view path) {
  if (!looks_like_key_material(path)) return {};
  return std::unexpected(
      Trouble{fmt::format("{} takes the name of a file, not the key itself", flag == path ? "this command" : flag)});
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

bool write_all(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file.number(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

std::expected<Secret, Trouble> read_secret(std::string_view flag, const std::string& path, Console& console,
                                           std::size_t limit) {
  std::string buffer;
  auto read = read_into(buffer, flag, path, limit, console);
  std::expected<Secret, Trouble> result =
      read ? std::expected<Secret, Trouble>{Secret::from_text(buffer)} : std::unexpected(read.error());
  buffer.resize(buffer.capacity());
  ::explicit_bzero(buffer.data(), buffer.size());
  return result;
}

std::expected<Secret, Trouble> read_passphrase(std::string_view flag, const std::string& path, Console& console) {
  const auto text = read_secret(flag, path, console);
  if (!text) return std::unexpected(text.error());
  std::string_view passphrase = text->reveal_text();
  if (passphrase.ends_with('\n')) passphrase.remove_suffix(passphrase.ends_with("\r\n") ? 2 : 1);
  if (passphrase.empty()) return std::unexpected(Trouble{fmt::format("{}: the file is empty", place(flag, path))});
  return Secret::from_text(passphrase);
}

std::expected<std::string, Trouble> read_text(std::string_view flag, const std::string& path, std::size_t limit,
                                              Console& console) {
  std::string buffer;
  if (auto read = read_into(buffer, flag, path, limit, console); !read) return std::unexpected(read.error());
  return buffer;
}

std::expected<Secret, Trouble> read_environment(std::string_view flag, const std::string& variable) {
  auto secret = Secret::from_env(variable.c_str());
  if (!secret) {
    return std::unexpected(Trouble{fmt::format(
        "{} takes the name of an environment variable that holds the secret; that one is not set, or empty", flag)});
  }
  return std::move(*secret);
}

std::expected<void, Trouble> write_new_file(std::string_view flag, const std::string& path, std::string_view text,
                                            unsigned mode, LineEnd ending) {
  if (auto sound = check_path(flag, path); !sound) return sound;
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
  if (!file) {
    if (errno == EEXIST) {
      return std::unexpected(Trouble{
          fmt::format("{}: exists and is not overwritten: remove it or choose another name", place(flag, path))});
    }
    return std::unexpected(Trouble{fmt::format("{}: cannot create: {}", place(flag, path), reason(errno))});
  }
  // A pipe or /dev/full knows no fsync (EINVAL); what was asked for has happened all the same.
  const bool ends = ending == LineEnd::as_it_is || text.ends_with('\n');
  const bool written =
      write_all(file, text) && (ends || write_all(file, "\n")) && (::fsync(file.number()) == 0 || errno == EINVAL);
  if (!written) {
    const int error = errno;
    ::unlink(path.c_str());
    return std::unexpected(Trouble{fmt::format("{}: cannot write: {}", place(flag, path), reason(error))});
  }
  return {};
}

bool LineReader::next(std::string_view& line) {
  constexpr int end = std::char_traits<char>::eof();
  line_.clear();
  std::streambuf& bytes = *in_.rdbuf();
  int c = bytes.sbumpc();
  if (c == end) return false;
  std::size_t length = 0;
  for (; c != end && c != '\n'; c = bytes.sbumpc(), ++length) {
    if (length < limit_ + 2) line_.push_back(static_cast<char>(c));
  }
  if (length == line_.size() && length > 0 && line_.back() == '\r') line_.pop_back();
  if (line_.size() > limit_ + 1) line_.pop_back();
  line = {line_.data(), line_.size()};
  return true;
}

std::string hint_at_token(std::string_view text) {
  if (text.starts_with("Bearer ")) return "leave out \"Bearer\": the token is what comes after it";
  if (std::ranges::count(text, '.') == 4 && text.starts_with("ey"))
    return "five parts are an encrypted token: `signet decrypt` opens it";
  struct stat status{};
  const std::string name{text};
  if (name.find('\0') == std::string::npos && ::stat(name.c_str(), &status) == 0 && S_ISREG(status.st_mode))
    return fmt::format("an argument is the token itself; to read it from the file: < {}", printable(name));
  return {};
}

std::size_t for_each_token(const std::optional<std::string>& token, Console& console,
                           const std::function<void(std::string_view)>& answer) {
  if (token && *token != "-") {
    answer(*token);
    return 1;
  }
  LineReader lines{console.in, Limits{}.token_bytes};
  std::string_view line;
  std::size_t count = 0;
  while (console.out && lines.next(line)) {
    answer(line);
    ++count;
    if (lines.may_wait()) console.out.flush();
  }
  return count;
}

}  // namespace signet::cli
