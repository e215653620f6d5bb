// A PKCS#11 URI, as it stands in a configuration or came from an administrator. What is read is a place of a key; it is
// written as one text, not longer than what was read, which reads back as the same place and is written the same way.

#include <algorithm>

#include "fuzz/property.hpp"
#include "signet/pkcs11.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const auto text = fuzz::text_of(data, size);
  const auto uri = Pkcs11Uri::parse(text);
  if (!uri) {
    fuzz::require(uri.error().code() == ErrorCode::invalid_configuration);
    return 0;
  }
  fuzz::require(!uri->token.empty() || !uri->serial.empty());
  fuzz::require(!uri->object.empty() || !uri->id.empty());
  fuzz::require(!text.contains('?') && !text.contains(";pin-value="));  // no PIN stands in what was taken

  const auto written = uri->text();
  fuzz::require(written.size() <= text.size());
  fuzz::require(std::ranges::all_of(written, [](char c) { return c > ' ' && c < 0x7f; }));
  const auto again = Pkcs11Uri::parse(written);
  fuzz::require(again && *again == *uri && again->text() == written);
  return 0;
}
