#include "src/revocation/fingerprint.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace signet::revocation {

constinit std::array<detail::Key, 2> detail::keys{};

void draw_fingerprint_keys() {
  [[maybe_unused]] static const bool drawn = [] {
    if (::getentropy(detail::keys.data(), sizeof detail::keys) == 0) return true;
    throw std::system_error{errno, std::generic_category(), "getentropy"};
  }();
}

}  // namespace signet::revocation
