#pragma once

#include "cli/console.hpp"
#include "cli/verify.hpp"

namespace signet::cli {

// `verify --raw`: each line a JWS whose payload is not claims, compact or JSON. The exits are those of `verify`.
Exit verify_raw(const VerifyRequest& request, Console& console);

}  // namespace signet::cli
