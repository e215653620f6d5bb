#include "server/app/hsm.hpp"

#include <algorithm>

namespace signet::server::app {

std::optional<Pkcs11> hsm_of(const Config& config) {
  if (config.keys.pkcs11_module.empty()) return std::nullopt;
  // An HSM that hangs holds up half of the threads that refresh tokens, and never those that end sessions as well.
  const auto calls = std::clamp<std::size_t>(config.store_lane.threads / 2, 1, 8);
  auto pin = config.pkcs11_pin ? std::optional{config.pkcs11_pin->copy()} : std::nullopt;
  return Pkcs11{config.keys.pkcs11_module, std::move(pin), {.calls = calls}};
}

}  // namespace signet::server::app
