#pragma once
// A store that tells of what passes through it: how long it took, what failed, and which security events became
// durable.

#include <array>
#include <chrono>
#include <functional>
#include <span>

#include "server/store/store.hpp"

namespace signet::server::app {

class ObservedStore final : public Store {
 public:
  struct Observer {
    // A transaction has ended; `error` is null when it went well.
    std::function<void(bool writing, std::chrono::nanoseconds took, const StoreError* error)> on_done;
    std::function<void(const AuditEvent&)> on_audit;  // once it is durable
    std::function<void()> on_revoked;                 // the revocation log has new rows, and they are durable
  };

  ObservedStore(Store& store, Observer observer) : store_{store}, observer_{std::move(observer)} {}

  [[nodiscard]] Stored<void> write(const std::function<void(Transaction&)>& work) override;
  [[nodiscard]] Stored<void> read(const std::function<void(Transaction&)>& work) override;
  void watch_revocations(std::function<void()> heard) override { store_.watch_revocations(std::move(heard)); }
  void tell_revoked() noexcept override { store_.tell_revoked(); }
  [[nodiscard]] bool healthy() const noexcept override { return store_.healthy(); }

 private:
  Store& store_;
  Observer observer_;
};

}  // namespace signet::server::app
