#include "server/store/postgres/postgres_store.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "server/store/postgres/bell.hpp"
#include "server/store/postgres/pool.hpp"
#include "server/store/postgres/schema.hpp"
#include "server/store/postgres/transaction.hpp"

namespace signet::server {
namespace {

using postgres::Bell;
using postgres::Connection;
using postgres::Deadline;
using postgres::Pool;
using postgres::PostgresFailed;
using postgres::PostgresTransaction;
using postgres::Trouble;
using Work = std::function<void(Transaction&)>;

constexpr int most_repetitions = 30;
constexpr int most_losses = 2;
constexpr std::chrono::minutes migration_time{15};

// Writes are SERIALIZABLE, as they are in SQLite, where they come one after the other: the rules are written for that,
// and none of them has to know which rows to lock. A password change and a login at the same moment, or two nodes that
// both find no signing key, cannot both go through; the server refuses one (40001), which is run again and sees what
// the other did. Row locks under READ COMMITTED would cost fewer repetitions, but every rule would have to lock what it
// reads, in one order, and rows that are not there yet cannot be locked.
constexpr const char* begin_write = "BEGIN ISOLATION LEVEL SERIALIZABLE";
// One moment, and it never fails for another's sake.
constexpr const char* begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Those that were in each other's way come back at different times.
void back_off(int repetition) {
  thread_local std::minstd_rand random{std::random_device{}()};
  auto most = std::min(500L << std::min(repetition, 7), 50'000L);
  std::this_thread::sleep_for(std::chrono::microseconds{std::uniform_int_distribution<long>{0, most}(random)});
}

class PostgresStore final : public Store {
 public:
  PostgresStore(const Secret& url, const postgres::Limits& limits, const PostgresOptions& options)
      : url_{url.copy()},
        limits_{limits},
        pool_{postgres::Address{url}, limits, options.connections},
        patience_{options.patience} {}

  Stored<void> write(const Work& work) override {
    // It would wait for itself as soon as both touch one row.
    thread_local const PostgresStore* writing = nullptr;
    if (writing == this) throw std::logic_error{"a write inside a write"};
    struct Mark {
      const PostgresStore* before;
      ~Mark() { writing = before; }
    } mark{std::exchange(writing, this)};
    return run(begin_write, work);
  }

  Stored<void> read(const Work& work) override { return run(begin_read, work); }

  void watch_revocations(std::function<void()> heard) override {
    std::unique_ptr<Bell> before;
    const std::lock_guard lock{watching_};
    before.swap(bell_);
    before.reset();
    if (heard) bell_ = std::make_unique<Bell>(postgres::Address{url_}, limits_, std::move(heard));
  }
  void tell_revoked() noexcept override {
    const std::lock_guard lock{watching_};
    if (bell_) bell_->ring();
  }

  bool healthy() const noexcept override { return pool_.reachable(); }

 private:
  Stored<void> run(const char* begin, const Work& work) {
    auto deadline = std::chrono::steady_clock::now() + patience_;
    int losses = 0;
    for (int repetition = 0;; ++repetition) {
      Pool::Lease lease;
      try {
        lease = pool_.borrow(deadline);
        lease.connection->begin(begin, deadline);
        PostgresTransaction transaction{*lease.connection};
        work(transaction);
        lease.connection->commit();
        pool_.give_back(std::move(lease));
        return {};
      } catch (const PostgresFailed& failed) {
        bool known = !lease.connection || !lease.connection->outcome_unknown();
        bool had_one = lease.connection != nullptr;
        end(std::move(lease), failed.trouble());
        // A connection that broke before the commit: the server was restarted, say, and the next one will do.
        bool broke = had_one && known && failed.trouble() == Trouble::lost && ++losses <= most_losses;
        bool contended = failed.trouble() == Trouble::contended && repetition < most_repetitions;
        if ((!broke && !contended) || std::chrono::steady_clock::now() >= deadline)
          return std::unexpected(failed.error());
      } catch (const StoreFailed& failed) {
        end(std::move(lease), Trouble::refused);
        return std::unexpected(failed.error());
      } catch (...) {
        end(std::move(lease), Trouble::refused);
        throw;
      }
      back_off(repetition);
    }
  }

  // After a failure: the connection goes back only if there is no doubt about it.
  void end(Pool::Lease lease, Trouble trouble) noexcept {
    if (!lease.connection) return;
    bool usable = trouble == Trouble::refused || trouble == Trouble::contended || trouble == Trouble::slow;
    if (usable && lease.connection->rollback()) {
      pool_.give_back(std::move(lease));
    } else {
      pool_.discard(std::move(lease), usable ? Trouble::failed : trouble);
    }
  }

  const Secret url_;
  const postgres::Limits limits_;
  Pool pool_;
  const std::chrono::milliseconds patience_;
  std::mutex watching_;
  std::unique_ptr<Bell> bell_;
};

}  // namespace

std::expected<std::unique_ptr<Store>, std::string> open_postgres(const Secret& url, const PostgresOptions& options) {
  try {
    postgres::Limits limits{.connect = options.connect_timeout,
                            .statement = options.statement_timeout,
                            .lock = options.lock_timeout,
                            .idle_in_transaction = options.patience};
    postgres::Address address{url};
    Connection first{address, limits};
    postgres::migrate(first, std::chrono::steady_clock::now() + migration_time);
    return std::make_unique<PostgresStore>(url, limits, options);
  } catch (const StoreFailed& failed) {
    return std::unexpected("cannot use the database of SIGNET_DATABASE_URL: " + failed.error().detail);
  }
}

}  // namespace signet::server
