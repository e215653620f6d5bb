#pragma once
// Brings what waits in the store to the receivers of the configuration, over HTTPS.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/app/config.hpp"
#include "server/app/metrics.hpp"
#include "server/deliveries/courier.hpp"
#include "server/keys/key_ring.hpp"

namespace signet::server::app {

class Couriers {
 public:
  // All must outlive it. `config.issuer` and `keys` may be set later, but before `start`.
  Couriers(const Config& config, Store& store, const Clock& clock, const std::shared_ptr<KeyRing>& keys,
           Metrics& metrics);

  // Makes the receivers known: from then on, what happens is left for them.
  [[nodiscard]] Stored<void> note();
  void start();
  void wake();

  // What waits for each receiver, by its name.
  [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> waiting() const;

 private:
  void add(Receiver receiver, Store& store, const Clock& clock, const DeliveryPolicy& policy, Courier::Send send,
           Metrics& metrics);
  std::vector<std::unique_ptr<Courier>> couriers_;
};

}  // namespace signet::server::app
