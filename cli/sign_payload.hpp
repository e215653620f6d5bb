#pragma once

#include "cli/console.hpp"
#include "cli/sign.hpp"

namespace signet::cli {

// `sign --payload`: a JWS over any bytes, in the form that was asked for, on one line.
Exit sign_payload(const SignRequest& request, Console& console);

}  // namespace signet::cli
