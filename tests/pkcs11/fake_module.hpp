#pragma once
// What a test may do to the token of the fake module, and what it may ask. The token is called "vault", its serial
// number is 42, its PIN 1234, and it has one RSA key of the label "login" and the id 01.

#include <atomic>

namespace signet::testing {

struct FakeToken {
  std::atomic<bool> present = true;
  std::atomic<bool> hangs = false;    // who signs waits until it is false
  std::atomic<bool> forgets = false;  // its sessions, once
  std::atomic<int> starts = 0, logins = 0, hanging = 0;
};

// Exported by the module as `fake_token`.
using FakeTokenOf = FakeToken* (*)();

}  // namespace signet::testing
