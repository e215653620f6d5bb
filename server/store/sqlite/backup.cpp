#include "server/store/sqlite/backup.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "server/id.hpp"
#include "server/private_file.hpp"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

std::unexpected<std::string> failed(const fs::path& where, const char* why) {
  return std::unexpected("cannot write " + where.string() + ": " + why);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

bool sync(const fs::path& path, int kind) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | kind);
  if (opened < 0) return false;
  const bool done = ::fsync(opened) == 0;
  const int cause = errno;
  ::close(opened);
  errno = cause;
  return done;
}

// Goes with this, whatever became of it.
struct Unfinished {
  explicit Unfinished(fs::path where) : path{std::move(where)} {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() { ::unlink(path.c_str()); }
  fs::path path;
};

}  // namespace

std::expected<void, std::string> back_up_sqlite(const fs::path& file, const fs::path& copy) {
  // SQLite may have to make files beside this one, which the server could not use if they were another user's.
  if (auto why = distrusted_file(file)) return std::unexpected(file.string() + " " + *why);
  if (auto why = distrusted_directory(file.parent_path())) {
    return std::unexpected(file.parent_path().string() + " " + *why);
  }
  if (is_there(copy)) return failed(copy, "it is there already");
  const fs::path directory = fs::absolute(copy).parent_path();
  const Unfinished unfinished{directory / ("." + copy.filename().string() + "." + id_text(random_id_bytes()))};
  const int made = ::open(unfinished.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0) return failed(copy, std::strerror(errno));
  ::close(made);
  try {
    constexpr int patience_ms = 5000;
    SQLite::Database database{file.string(), SQLite::OPEN_READWRITE, patience_ms};
    // One reading transaction: it sees one state, and in WAL mode nobody waits for it.
    SQLite::Statement vacuum{database, "VACUUM INTO ?"};
    vacuum.bind(1, unfinished.path.string());
    vacuum.exec();
  } catch (const SQLite::Exception& e) {
    return std::unexpected("cannot copy " + file.string() + " to " + copy.string() + ": " + e.what());
  }
  if (!sync(unfinished.path, 0)) return failed(copy, std::strerror(errno));
  if (::link(unfinished.path.c_str(), copy.c_str()) != 0) return failed(copy, std::strerror(errno));
  if (!sync(directory, O_DIRECTORY)) return failed(copy, std::strerror(errno));
  return {};
}

}  // namespace signet::server
