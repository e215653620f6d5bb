#pragma once
// A stopwatch for work beside its floor. Both run by turns in short slices, so that whatever else the machine does hits
// both alike; of the slices' figures the median counts. Time is that of the thread's own processor, not the wall's: who
// is put aside by the system pays nothing for it.

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::bench {

// Does the same thing so many times.
using Work = std::function<void(std::size_t times)>;

// What an operation is for is never thrown away by the compiler.
template <class T>
void keep(const T& value) noexcept {
  asm volatile("" : : "g"(&value) : "memory");
}

template <class Once>
[[nodiscard]] Work repeated(Once once) {
  return [once = std::move(once)](std::size_t times) mutable {
    for (; times != 0; --times) keep(once());
  };
}

struct Row {
  std::string name;
  double ns = 0;
  double floor_ns = 0;
  std::size_t allocations = 0;          // `operator new` in one operation
  std::size_t openssl_allocations = 0;  // what OpenSSL takes for itself in one operation
};

struct Contestant {
  std::string name;
  std::function<void()> work;
};

struct Crew {
  std::string name;
  std::size_t threads;
};

class Stopwatch {
 public:
  // Call it before anything else: it makes OpenSSL count what it allocates.
  explicit Stopwatch(std::chrono::milliseconds time_for_a_row);

  // In that part of the time for a row.
  [[nodiscard]] Row compare(std::string_view name, const Work& work, const Work& floor, int part = 1) const;

  // Some that all do the same so many times, with what is made anew before each round: by turns, in another order each
  // time.
  [[nodiscard]] std::vector<Row> compare_fresh(const std::function<void()>& renew, std::size_t times,
                                               const std::vector<Contestant>& contestants,
                                               const std::function<void()>& floor, int part = 1) const;

  // The same in several threads at a time, a row a crew, by turns and by the wall's clock: ns of one operation in one
  // thread. `work` and `floor` make what a thread does.
  [[nodiscard]] std::vector<Row> compare_in_threads(const std::vector<Crew>& crews, const std::function<Work()>& work,
                                                    const std::function<Work()>& floor) const;

 private:
  std::chrono::nanoseconds time_for_a_row_;
};

// {"name":"verify HS256","ns":…,"floor_ns":…,"allocations":…,"openssl_allocations":…}
[[nodiscard]] std::string to_json(const Row& row);

}  // namespace signet::bench
