#include "server/scheduling.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace signet::server {
namespace {

// As sched_setattr(2) has it; older C libraries have neither the struct nor the calls.
struct Attributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;  // under SCHED_OTHER: the length of a slice
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};
static_assert(sizeof(Attributes) == 48);

constexpr std::uint64_t short_slice_ns = 100'000;  // the least that Linux grants
constexpr int nicest = 19;
constexpr ::pid_t this_thread = 0;

}  // namespace

void run_at_once() noexcept {
  Attributes attributes{};
  if (::syscall(SYS_sched_getattr, this_thread, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;
  attributes.runtime_ns = short_slice_ns;
  (void)::syscall(SYS_sched_setattr, this_thread, &attributes, 0);
}

// Of a thread and not of its process, other than POSIX has it.
void run_last() noexcept { (void)::setpriority(PRIO_PROCESS, this_thread, nicest); }

}  // namespace signet::server
