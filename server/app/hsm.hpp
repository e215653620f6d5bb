#pragma once

#include <optional>

#include "server/app/config.hpp"
#include "signet/pkcs11.hpp"

namespace signet::server::app {

// The HSM that the configuration names; nothing when it names none. Nothing is loaded or asked yet.
[[nodiscard]] std::optional<Pkcs11> hsm_of(const Config& config);

}  // namespace signet::server::app
