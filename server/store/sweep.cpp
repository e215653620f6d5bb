#include "server/store/sweep.hpp"

#include <functional>

namespace signet::server {
namespace {

std::size_t repeat(Store& store, const std::stop_token& stop, const std::function<std::size_t(Transaction&)>& some) {
  std::size_t all = 0, swept = sweep_rows;
  while (swept == sweep_rows && !stop.stop_requested()) {
    swept = 0;
    if (!store.write([&](Transaction& transaction) { swept = some(transaction); })) return all;
    all += swept;
  }
  return all;
}

}  // namespace

std::size_t sweep(Store& store, Time now, Time audit_before, const std::stop_token& stop) {
  const auto rows = repeat(store, stop, [&](Transaction& transaction) { return transaction.sweep(now, sweep_rows); });
  return rows + repeat(store, stop,
                       [&](Transaction& transaction) { return transaction.sweep_audit(audit_before, sweep_rows); });
}

}  // namespace signet::server
