#pragma once

#include <cstddef>
#include <stop_token>

#include "server/store/store.hpp"
#include "signet/clock.hpp"

namespace signet::server {

// Rows that go in one transaction, so that nothing waits long for the writer.
inline constexpr std::size_t sweep_rows = 1000;

// Deletes everything that has expired at `now`, and audit events from before `audit_before`; returns how many rows
// went. Takes as long as there are any, until it is told to stop or the store fails: never part of a request.
std::size_t sweep(Store& store, Time now, Time audit_before, const std::stop_token& stop);

}  // namespace signet::server
