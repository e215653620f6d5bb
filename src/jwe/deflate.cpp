#include "src/jwe/deflate.hpp"

#include <zlib.h>

#include <array>
#include <stdexcept>

namespace signet::jwe {
namespace {

constexpr int raw_window = -15;  // no zlib header

// What zlib keeps of the plaintext is zeroed before it is given back.
struct Zeroing {
  static voidpf allocate(voidpf, uInt count, uInt size) {
    const std::size_t bytes = std::size_t{count} * size + header;
    auto* block = new (std::nothrow) std::byte[bytes];
    if (block == nullptr) return Z_NULL;
    *reinterpret_cast<std::size_t*>(block) = bytes;
    return block + header;
  }
  static void release(voidpf, voidpf memory) {
    auto* block = static_cast<std::byte*>(memory) - header;
    crypto::cleanse(block + header, *reinterpret_cast<std::size_t*>(block) - header);
    delete[] block;
  }
  static constexpr std::size_t header = alignof(std::max_align_t);
};

// Over the whole input, and given back with all that zlib keeps for it.
template <auto End>
struct Stream : z_stream {
  explicit Stream(std::span<const std::byte> bytes) : z_stream{} {
    zalloc = Zeroing::allocate;
    zfree = Zeroing::release;
    next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    avail_in = static_cast<uInt>(bytes.size());
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { End(this); }
};

// One run of `step` over the whole input, into `out`; whether it came to the stream's end.
template <auto Step>
bool run(z_stream& stream, int flush, std::size_t most_bytes, crypto::SecretBytes& out) {
  std::array<std::byte, 4096> piece;
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = Step(&stream, flush);
    const std::size_t size = piece.size() - stream.avail_out;
    if (size > most_bytes - out.size()) break;
    out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(size));
    if (result == Z_STREAM_END) break;
  }
  crypto::cleanse(piece.data(), piece.size());
  return result == Z_STREAM_END && stream.avail_in == 0;
}

}  // namespace

crypto::SecretBytes deflated(std::span<const std::byte> bytes) {
  Stream<deflateEnd> stream{bytes};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error{"zlib does not start"};
  }
  crypto::SecretBytes out;
  if (!run<deflate>(stream, Z_FINISH, std::size_t{1} << 31, out)) throw std::runtime_error{"zlib does not compress"};
  return out;
}

std::optional<crypto::SecretBytes> inflated(std::span<const std::byte> bytes, std::size_t most_bytes) {
  Stream<inflateEnd> stream{bytes};
  if (inflateInit2(&stream, raw_window) != Z_OK) return std::nullopt;
  crypto::SecretBytes out;
  // `run` breaks off with the end reached when the last piece was too much.
  if (!run<inflate>(stream, Z_NO_FLUSH, most_bytes, out) || stream.total_out != out.size()) return std::nullopt;
  return out;
}

}  // namespace signet::jwe
