#include "signet/version.hpp"

namespace signet {

std::string_view version() noexcept { return SIGNET_VERSION; }

}  // namespace signet
