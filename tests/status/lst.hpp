#pragma once

#include <zlib.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "src/jose/base64url.hpp"

namespace signet::test {

// `lst` of a status list, as an issuer makes it.
inline std::string lst_of(const std::vector<std::uint8_t>& bytes) {
  auto size = compressBound(bytes.size());
  std::string out(size, '\0');
  if (compress(reinterpret_cast<Bytef*>(out.data()), &size, bytes.data(), bytes.size()) != Z_OK) {
    throw std::runtime_error{"zlib"};
  }
  return jose::base64url_encode(std::string_view{out}.substr(0, size));
}

}  // namespace signet::test
