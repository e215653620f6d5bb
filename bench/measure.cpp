#include "bench/measure.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <vector>

#include "signet/json.hpp"
#include "tests/jwt/counting_allocator.hpp"

namespace signet::bench {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds slice = std::chrono::microseconds{500};

thread_local std::size_t openssl_allocations = 0;

void* counted_malloc(std::size_t size, const char*, int) {
  ++openssl_allocations;
  return std::malloc(size);
}
void* counted_realloc(void* block, std::size_t size, const char*, int) {
  ++openssl_allocations;
  return std::realloc(block, size);
}
void plain_free(void* block, const char*, int) { std::free(block); }

nanoseconds thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

nanoseconds time_of(const Work& work, std::size_t times) {
  const auto begin = thread_time();
  work(times);
  return thread_time() - begin;
}

// As often as fills a slice; the work is warm afterwards.
std::size_t times_in_a_slice(const Work& work) {
  std::size_t times = 1;
  for (;;) {
    const auto took = time_of(work, times);
    if (took >= slice / 2) return std::max<std::size_t>(1, times * slice / std::max(took, nanoseconds{1}));
    times *= 2;
  }
}

double median(std::vector<double> figures) {
  const auto middle = figures.begin() + static_cast<std::ptrdiff_t>(figures.size() / 2);
  std::nth_element(figures.begin(), middle, figures.end());
  return *middle;
}

// The medians, and what one operation allocates.
Row row_of(std::string_view name, std::vector<double> figures, std::vector<double> floor_figures, const Work& work) {
  const auto before = test::allocations;
  const auto openssl_before = openssl_allocations;
  work(1);
  const auto allocations = test::allocations - before;
  return {.name = std::string{name},
          .ns = median(std::move(figures)),
          .floor_ns = median(std::move(floor_figures)),
          .allocations = allocations,
          .openssl_allocations = openssl_allocations - openssl_before};
}

double nanoseconds_each(nanoseconds time, std::size_t times) {
  return static_cast<double>(time.count()) / static_cast<double>(times);
}

}  // namespace

Stopwatch::Stopwatch(std::chrono::milliseconds time_for_a_row) : time_for_a_row_{time_for_a_row} {
  if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, plain_free) != 1) {
    throw std::logic_error{"OpenSSL was used before its allocations could be counted"};
  }
}

Row Stopwatch::compare(std::string_view name, const Work& work, const Work& floor, int part) const {
  const auto times = times_in_a_slice(work);
  const auto floor_times = times_in_a_slice(floor);
  std::vector<double> figures;
  std::vector<double> floor_figures;
  for (nanoseconds spent{0}; spent < time_for_a_row_ / part || figures.size() < 5;) {
    const auto took = time_of(work, times);
    const auto floor_took = time_of(floor, floor_times);
    spent += took + floor_took;
    figures.push_back(nanoseconds_each(took, times));
    floor_figures.push_back(nanoseconds_each(floor_took, floor_times));
  }

  return row_of(name, std::move(figures), std::move(floor_figures), work);
}

std::vector<Row> Stopwatch::compare_fresh(const std::function<void()>& renew, std::size_t times,
                                          const std::vector<Contestant>& contestants,
                                          const std::function<void()>& floor, int part) const {
  std::vector<std::vector<double>> figures(contestants.size() + 1);
  const auto measure = [&](std::size_t which) {
    const auto begin = thread_time();
    which == contestants.size() ? floor() : contestants[which].work();
    const auto took = thread_time() - begin;
    figures[which].push_back(nanoseconds_each(took, times));
    return took;
  };
  const auto limit = time_for_a_row_ * static_cast<int>(contestants.size()) / part;
  std::size_t round = 0;
  for (nanoseconds spent{0}; spent < limit; ++round) {
    renew();
    for (std::size_t i = 0; i < figures.size(); ++i) spent += measure((round + i) % figures.size());
  }
  std::vector<Row> rows;
  const auto floor_ns = median(std::move(figures.back()));
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    const auto before = test::allocations;
    const auto openssl_before = openssl_allocations;
    contestants[i].work();
    rows.push_back({.name = contestants[i].name,
                    .ns = median(std::move(figures[i])),
                    .floor_ns = floor_ns,
                    .allocations = (test::allocations - before) / times,
                    .openssl_allocations = (openssl_allocations - openssl_before) / times});
  }
  return rows;
}

namespace {

// Each thread does its share from the same moment on; the slowest decides.
double in_threads(std::size_t threads, std::size_t times, const std::function<Work()>& make) {
  std::atomic<std::size_t> ready = 0;
  std::atomic<bool> go = false;
  std::vector<std::jthread> running;
  for (std::size_t i = 0; i < threads; ++i) {
    running.emplace_back([&, work = make()] {
      work(times / 16 + 1);
      ++ready;
      while (!go) std::this_thread::yield();
      work(times);
    });
  }
  while (ready != threads) std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  go = true;
  running.clear();
  return nanoseconds_each(std::chrono::steady_clock::now() - begin, times);
}

}  // namespace

std::vector<Row> Stopwatch::compare_in_threads(const std::vector<Crew>& crews, const std::function<Work()>& work,
                                               const std::function<Work()>& floor) const {
  constexpr std::size_t rounds = 25;
  constexpr std::size_t slices_a_round = 40;
  const auto here = work();
  const auto times = slices_a_round * times_in_a_slice(here);
  const auto floor_times = slices_a_round * times_in_a_slice(floor());
  std::vector<std::vector<double>> figures(crews.size()), floor_figures(crews.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < crews.size(); ++i) {
      figures[i].push_back(in_threads(crews[i].threads, times, work));
      floor_figures[i].push_back(in_threads(crews[i].threads, floor_times, floor));
    }
  }
  std::vector<Row> rows;
  for (std::size_t i = 0; i < crews.size(); ++i) {
    rows.push_back(row_of(crews[i].name, std::move(figures[i]), std::move(floor_figures[i]), here));
  }
  return rows;
}

std::string to_json(const Row& row) {
  const auto rounded = [](double ns) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", ns);
    return std::string{text};
  };
  return json::Object{}
      .set("name", row.name)
      .set_raw("ns", rounded(row.ns))
      .set_raw("floor_ns", rounded(row.floor_ns))
      .set("allocations", row.allocations)
      .set("openssl_allocations", row.openssl_allocations)
      .text();
}

}  // namespace signet::bench
