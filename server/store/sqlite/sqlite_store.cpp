#include "server/store/sqlite/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "server/private_file.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/schema.hpp"
#include "server/store/sqlite/transaction.hpp"

namespace signet::server {
namespace {

using sqlite::Access;
using sqlite::Connection;
using sqlite::SqliteTransaction;
using Work = std::function<void(Transaction&)>;

constexpr auto probe_interval = std::chrono::seconds{1};

// One caller of `write`, waiting on his own stack.
struct Job {
  const Work* work;
  std::optional<StoreError> error{};
  std::exception_ptr thrown{};  // anything but StoreFailed
  bool done = false;
  std::condition_variable finished{};
};

class SqliteStore final : public Store {
 public:
  SqliteStore(std::filesystem::path file, const SqliteOptions& options, std::unique_ptr<Connection> writer)
      : file_{std::move(file)}, options_{options}, writer_{std::move(writer)} {
    writing_ = std::thread{[this] { run_writer(); }};
  }

  ~SqliteStore() override {
    {
      std::lock_guard lock{queue_mutex_};
      stopping_ = true;
    }
    queued_.notify_one();
    writing_.join();
  }

  Stored<void> write(const Work& work) override {
    if (std::this_thread::get_id() == writing_.get_id()) throw std::logic_error{"a write inside a write"};
    Job job{.work = &work};
    std::unique_lock lock{queue_mutex_};
    queue_.push_back(&job);
    queued_.notify_one();
    job.finished.wait(lock, [&] { return job.done; });
    if (job.thrown) std::rethrow_exception(job.thrown);
    if (job.error) return std::unexpected(std::move(*job.error));
    return {};
  }

  Stored<void> read(const Work& work) override {
    std::unique_ptr<Connection> reader;
    try {
      reader = borrow();
      reader->execute("BEGIN");
      SqliteTransaction transaction{*reader};
      work(transaction);
    } catch (const StoreFailed& failed) {
      note(failed.error());
      give_back(std::move(reader));
      return std::unexpected(failed.error());
    } catch (...) {
      give_back(std::move(reader));
      throw;
    }
    give_back(std::move(reader));
    return {};
  }

  bool healthy() const noexcept override { return healthy_.load(std::memory_order_relaxed); }

 private:
  // The writer: everything that arrived while the last commit was on its way to the disk shares the next one.
  void run_writer() {
    std::vector<Job*> batch;
    std::unique_lock lock{queue_mutex_};
    for (;;) {
      auto something = [this] { return stopping_ || !queue_.empty(); };
      if (healthy()) {
        queued_.wait(lock, [&] { return something() || !healthy(); });
      } else if (!queued_.wait_for(lock, probe_interval, something)) {
        lock.unlock();
        probe();
        lock.lock();
        continue;
      }
      if (queue_.empty()) {
        if (stopping_) return;
        continue;
      }
      batch.swap(queue_);
      lock.unlock();
      commit(batch);
      lock.lock();
      for (auto* job : batch) {
        job->done = true;
        job->finished.notify_one();  // under the lock: the job is gone as soon as its caller sees `done`
      }
      batch.clear();
    }
  }

  // Each work in its own savepoint, all of them in one transaction: one that fails is undone alone, a commit that fails
  // undoes them all.
  void commit(std::span<Job* const> batch) noexcept {
    try {
      writer_->execute("BEGIN IMMEDIATE");
      for (auto* job : batch) attempt(*job);
      writer_->execute("COMMIT");
      healthy_.store(true, std::memory_order_relaxed);
    } catch (const StoreFailed& failed) {
      abandon();
      // What else could keep a commit from happening is the database's trouble, not one caller's.
      StoreError error{StoreFailure::unavailable, failed.error().detail};
      note(error);
      for (auto* job : batch) {
        job->error = error;
        job->thrown = nullptr;
      }
    }
  }

  // Throws StoreFailed when not only this work, but the transaction is lost.
  void attempt(Job& job) {
    writer_->execute("SAVEPOINT work");
    try {
      SqliteTransaction transaction{*writer_};
      (*job.work)(transaction);
    } catch (const StoreFailed& failed) {
      if (!writer_->in_transaction()) throw;
      job.error = failed.error();
    } catch (...) {
      job.thrown = std::current_exception();
    }
    bool failed = job.error || job.thrown;
    writer_->execute(failed ? "ROLLBACK TO work; RELEASE work" : "RELEASE work");
    if (job.error) note(*job.error);
  }

  void abandon() noexcept {
    try {
      if (writer_->in_transaction()) writer_->execute("ROLLBACK");
    } catch (const StoreFailed&) {
      // The next BEGIN says what is wrong.
    }
  }

  // While the database has failed and nobody writes: would a write go through? Writes the file's first page as it is.
  void probe() noexcept {
    try {
      writer_->execute("BEGIN IMMEDIATE");
      auto version = [this] {
        auto query = writer_->query("PRAGMA user_version");
        query.next();
        return query.integer();
      }();
      writer_->execute(("PRAGMA user_version = " + std::to_string(version) + "; COMMIT").c_str());
      healthy_.store(true, std::memory_order_relaxed);
    } catch (const StoreFailed&) {
      abandon();
    }
  }

  void note(const StoreError& error) noexcept {
    if (error.failure != StoreFailure::unavailable) return;
    std::lock_guard lock{queue_mutex_};
    healthy_.store(false, std::memory_order_relaxed);
    queued_.notify_one();  // the writer is to start probing
  }

  std::unique_ptr<Connection> borrow() {
    std::unique_lock lock{readers_mutex_};
    reader_free_.wait(lock, [this] { return !readers_.empty() || readers_open_ < options_.readers; });
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
    ++readers_open_;
    lock.unlock();
    try {
      return std::make_unique<Connection>(file_, Access::reading, options_.busy_timeout);
    } catch (...) {
      lock.lock();
      --readers_open_;
      reader_free_.notify_one();
      throw;
    }
  }

  // Nothing to give back when it could not be opened. One whose transaction cannot be ended is closed.
  void give_back(std::unique_ptr<Connection> reader) noexcept {
    if (!reader) return;
    try {
      if (reader->in_transaction()) reader->execute("COMMIT");
    } catch (const StoreFailed&) {
      reader.reset();
    }
    std::lock_guard lock{readers_mutex_};
    if (reader) {
      readers_.push_back(std::move(reader));
    } else {
      --readers_open_;
    }
    reader_free_.notify_one();
  }

  const std::filesystem::path file_;
  const SqliteOptions options_;
  std::atomic<bool> healthy_ = true;

  std::unique_ptr<Connection> writer_;
  std::mutex queue_mutex_;
  std::condition_variable queued_;
  std::vector<Job*> queue_;
  bool stopping_ = false;
  std::thread writing_;

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::size_t readers_open_ = 0;
};

// Only the owner may enter or read what is made here.
std::expected<void, std::string> make_file(const std::filesystem::path& file) {
  auto reason = [](const std::filesystem::path& path) {
    return std::unexpected("cannot make " + path.string() + ": " + std::strerror(errno));
  };
  std::filesystem::path directory;
  for (const auto& part : file.parent_path()) {
    directory /= part;
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST && ::access(directory.c_str(), X_OK) != 0) {
      return reason(directory);
    }
  }
  // Who can change the directory or what SQLite keeps in it could put another database, or a link, in its place.
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    const auto one = file.string() + suffix;
    if (auto why = distrusted_file(one)) return std::unexpected(one + " " + *why);
  }
  if (auto why = distrusted_directory(file.parent_path())) {
    return std::unexpected(file.parent_path().string() + " " + *why);
  }
  int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0) return reason(file);
  ::close(made);
  return {};
}

}  // namespace

std::expected<std::unique_ptr<Store>, std::string> open_sqlite(const std::filesystem::path& file,
                                                               const SqliteOptions& options) {
  if (auto made = make_file(file); !made) return std::unexpected(made.error());
  try {
    auto writer = std::make_unique<Connection>(file, Access::writing, options.busy_timeout);
    sqlite::migrate(*writer);
    return std::make_unique<SqliteStore>(file, options, std::move(writer));
  } catch (const StoreFailed& failed) {
    return std::unexpected("cannot use " + file.string() + ": " + failed.error().detail);
  }
}

}  // namespace signet::server
