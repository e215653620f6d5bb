#pragma once

// When a thread runs, of those that want to (sched(7)). Neither needs a privilege; where a sandbox forbids them the
// thread stays as it is.
namespace signet::server {

// This thread works for moments at a time, and is to begin as soon as there is work: it asks for short time slices
// (0.1 ms), for which the scheduler interrupts those of a common length (Linux 6.12). Under a policy that the operator
// chose for the process it stays as it is.
void run_at_once() noexcept;

// This thread computes for long, and everything else goes first: it is as nice as can be. Where another one wants
// all of a processor, one part in seventy is left for it.
void run_last() noexcept;

}  // namespace signet::server
