#include "server/private_file.hpp"

#include <fcntl.h>
#include <sodium/utils.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/id.hpp"

namespace signet::server {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_{fd} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] bool good() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<Error> failed(std::string_view what, const std::filesystem::path& path, int cause) {
  return std::unexpected(Error{ErrorCode::input_output,
                               std::string{what} + " " + path.string() + ": " + std::string{std::strerror(cause)}});
}
std::unexpected<Error> refused(const std::filesystem::path& path, std::string_view why) {
  return std::unexpected(Error{ErrorCode::input_output, path.string() + " " + std::string{why}});
}

constexpr mode_t others_write = S_IWGRP | S_IWOTH;
constexpr const char* belongs_to_another = "belongs to another user: run this as that user";

bool is_foreign(const struct stat& status) noexcept { return status.st_uid != ::geteuid() && status.st_uid != 0; }

// Up to 64 KiB of a file, zeroed when it goes.
class Content {
 public:
  Content() : bytes_(std::size_t{64} * 1024) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content() { sodium_memzero(bytes_.data(), bytes_.size()); }

  // False with errno; a longer file is an error too.
  [[nodiscard]] bool read(int fd) noexcept {
    for (;;) {
      const auto count = ::read(fd, bytes_.data() + size_, bytes_.size() - size_);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return count == 0;
      size_ += static_cast<std::size_t>(count);
      if (size_ == bytes_.size()) {
        errno = EFBIG;
        return false;
      }
    }
  }
  [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

bool write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::filesystem::path unfinished_name(const std::filesystem::path& path, const std::filesystem::path& directory) {
  return directory / ("." + path.filename().string() + "." + id_text(random_id_bytes()));
}

// The whole text, on the disk, in a new file beside `path`. Nothing is left of it when that fails.
std::expected<void, Error> write_unfinished(const std::filesystem::path& unfinished, const std::filesystem::path& path,
                                            const Secret& text) {
  const Descriptor file{::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.good()) return failed("cannot write in", unfinished.parent_path(), errno);
  if (write_all(file.fd(), text.reveal_text()) && ::fsync(file.fd()) == 0) return {};
  const int cause = errno;
  ::unlink(unfinished.c_str());
  return failed("cannot write", path, cause);
}

std::expected<void, Error> sync_directory(const std::filesystem::path& directory) {
  const Descriptor folder{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.good() || ::fsync(folder.fd()) != 0) return failed("cannot write", directory, errno);
  return {};
}

}  // namespace

std::expected<Secret, Error> read_private_file(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!file.good()) return failed("cannot open", path, errno);
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return failed("cannot read", path, errno);
  if (!S_ISREG(status.st_mode)) return refused(path, "is not a regular file");
  if (is_foreign(status)) return refused(path, belongs_to_another);
  if ((status.st_mode & 077) != 0) {
    return refused(path, "can be read or written by others: chmod 600 it, and replace it if they may have read it");
  }
  Content content;
  if (!content.read(file.fd())) return failed("cannot read", path, errno);
  return Secret::from_text(content.text());
}

std::expected<Secret, Error> read_secret_file(const std::filesystem::path& path) {
  auto unfit = [](const char* why) { return std::unexpected(Error{ErrorCode::input_output, why}); };
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status{};
  if (!file.good() || ::fstat(file.fd(), &status) != 0) return unfit(std::strerror(errno));
  if ((status.st_mode & S_IROTH) != 0) return unfit("anybody can read the file: chmod o= it, and replace the secret");
  if ((status.st_mode & others_write) != 0) return unfit("others can write the file: chmod go-w it");
  Content content;
  if (!content.read(file.fd())) return unfit(std::strerror(errno));
  auto text = content.text();
  if (text.ends_with('\n')) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  return Secret::from_text(text);
}

std::optional<std::string> distrusted_file(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  if (is_foreign(status)) return belongs_to_another;
  if ((status.st_mode & others_write) != 0) return "can be written by others: chmod go-w it";
  return std::nullopt;
}

std::optional<std::string> distrusted_directory(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.empty() ? "." : path.c_str(), &status) != 0) return std::nullopt;
  if (is_foreign(status)) return belongs_to_another;
  if ((status.st_mode & others_write) != 0) return "can be written by others: chmod go-w it";
  return std::nullopt;
}

std::optional<std::string> writable_by_others(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & others_write) == 0) return std::nullopt;
  return "can be written by others: chmod go-w it";
}

std::expected<bool, Error> make_private_file(const std::filesystem::path& path, const Secret& text) {
  auto directory = path.parent_path();
  if (directory.empty()) directory = ".";
  if (!std::filesystem::exists(directory)) {
    const auto above = directory.parent_path();
    std::error_code problem;
    if (!above.empty()) std::filesystem::create_directories(above, problem);
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed("cannot make", directory, errno);
  }
  // Written under another name and linked into place: a reader sees all of it or none, and of two writers one wins.
  const auto unfinished = unfinished_name(path, directory);
  if (auto written = write_unfinished(unfinished, path, text); !written) return std::unexpected(written.error());
  const bool linked = ::link(unfinished.c_str(), path.c_str()) == 0;
  const int cause = errno;
  ::unlink(unfinished.c_str());
  if (!linked && cause == EEXIST) return false;
  if (!linked) return failed("cannot make", path, cause);
  if (auto synced = sync_directory(directory); !synced) return std::unexpected(synced.error());
  return true;
}

std::expected<void, Error> replace_private_file(const std::filesystem::path& path, const Secret& text) {
  if (auto why = distrusted_file(path)) return refused(path, *why);
  auto directory = path.parent_path();
  if (directory.empty()) directory = ".";
  const auto unfinished = unfinished_name(path, directory);
  if (auto written = write_unfinished(unfinished, path, text); !written) return written;
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    const int cause = errno;
    ::unlink(unfinished.c_str());
    return failed("cannot replace", path, cause);
  }
  return sync_directory(directory);
}

}  // namespace signet::server
