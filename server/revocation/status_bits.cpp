#include "server/revocation/status_bits.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "src/jose/base64url.hpp"

namespace signet::server {

void StatusBits::set(const StatusEntry& entry) {
  auto& bytes = lists_[entry.list];
  const std::size_t byte = entry.index / 8;
  if (bytes.size() <= byte) bytes.resize(byte + 1);
  bytes[byte] = static_cast<std::uint8_t>(bytes[byte] | (1U << (entry.index % 8)));
}

void StatusBits::set_all_below(const StatusEntry& end) {
  if (end.index == 0) return;
  auto& bytes = lists_[end.list];
  const std::size_t whole = end.index / 8, rest = end.index % 8;
  if (bytes.size() < whole + (rest != 0 ? 1 : 0)) bytes.resize(whole + (rest != 0 ? 1 : 0));
  std::fill_n(bytes.begin(), whole, std::uint8_t{0xff});
  if (rest != 0) bytes[whole] = static_cast<std::uint8_t>(bytes[whole] | ((1U << rest) - 1));
}

void StatusBits::forget_expired(Time now) {
  std::erase_if(lists_, [oldest = oldest_status_list(now)](const auto& list) { return list.first < oldest; });
}

std::string compressed(StatusBits::Bytes bytes, std::size_t places) {
  bytes.resize(std::max(bytes.size(), (places + 7) / 8));
  auto size = compressBound(bytes.size());
  std::string out(size, '\0');
  // Fails for lack of memory only.
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, bytes.data(), bytes.size(), Z_DEFAULT_COMPRESSION) != Z_OK)
    throw std::bad_alloc{};
  return jose::base64url_encode(std::string_view{out}.substr(0, size));
}

}  // namespace signet::server
