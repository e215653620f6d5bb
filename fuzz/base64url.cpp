// What decodes is the one text of its bytes, and every text of bytes decodes.

#include "src/jose/base64url.hpp"

#include <algorithm>

#include "fuzz/property.hpp"
#include "src/jose/alphabet.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const auto text = fuzz::text_of(data, size);

  const auto bytes = jose::base64url_decode(text);
  if (bytes) fuzz::require(jose::base64url_encode(*bytes) == text);

  std::vector<std::byte> portably(jose::base64url_decoded_size(text.size()));
  const bool good = jose::base64url_decode_portably(text, portably.data());
  fuzz::require(good == bytes.has_value() && (!good || portably == *bytes));

  fuzz::require(jose::all_base64url_or_dots(text) == jose::all_base64url_or_dots_portably(text));
  std::string encoded(jose::base64url_encoded_size(text.size()), '\0');
  jose::base64url_encode_portably(std::as_bytes(std::span{text}), encoded.data());
  fuzz::require(encoded == jose::base64url_encode(text));

  const auto again = jose::base64url_decode(jose::base64url_encode(text));
  fuzz::require(again.has_value() && std::ranges::equal(*again, std::as_bytes(std::span{text})));
  return 0;
}
