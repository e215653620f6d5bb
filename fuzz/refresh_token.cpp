// Refresh tokens: as they stand, and written for any session and counter, then changed in one character. One is read
// only as the very text that a key of ours writes for it.

#include "server/sessions/refresh_token.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "fuzz/property.hpp"

namespace {

using namespace signet;
using namespace signet::server;

Secret master(char filled_with) { return Secret::from_text(std::string(32, filled_with)); }

const RefreshTokenCodec& retired() {
  static const RefreshTokenCodec codec{master('r')};
  return codec;
}

const RefreshTokenCodec& current() {
  static const RefreshTokenCodec codec = [] {
    std::vector<Secret> old;
    old.push_back(master('r'));
    return RefreshTokenCodec{master('c'), old};
  }();
  return codec;
}

std::optional<RefreshToken> read(std::string_view text) {
  const auto token = current().read(text);
  if (token) fuzz::require(current().write(*token) == text || retired().write(*token) == text);
  return token;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  (void)read(text);

  constexpr std::size_t session_size = 16, used = session_size + 4 + 3;
  if (size < used) return 0;
  RefreshToken token;
  for (std::size_t i = 0; i < session_size; ++i) token.session.bytes[i] = static_cast<std::byte>(data[i]);
  for (std::size_t i = 0; i < 4; ++i) token.counter = token.counter << 8 | data[session_size + i];
  const bool is_retired = (data[session_size + 4] & 1) != 0;
  std::string written = (is_retired ? retired() : current()).write(token);
  fuzz::require(read(written) == token);
  fuzz::require(retired().read(written).has_value() == is_retired);

  const char other = static_cast<char>(data[session_size + 6]);
  char& changed = written[data[session_size + 5] % written.size()];
  const bool is_same = changed == other;
  changed = other;
  fuzz::require(read(written).has_value() == is_same);
  return 0;
}
