#include "signet/secret.hpp"

#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>

#include "src/crypto/secure_memory.hpp"
#include "src/jose/base64url.hpp"

namespace signet {
namespace {

constexpr std::size_t file_limit = 64 * 1024;

void wipe(std::vector<std::byte>& bytes) noexcept { crypto::cleanse(bytes.data(), bytes.size()); }

}  // namespace

Secret Secret::from_bytes(std::span<const std::byte> bytes) { return Secret{{bytes.begin(), bytes.end()}}; }

Secret Secret::from_text(std::string_view text) { return from_bytes(std::as_bytes(std::span{text})); }

std::expected<Secret, Error> Secret::from_base64url(std::string_view text) {
  Secret secret{std::vector<std::byte>(jose::base64url_decoded_size(text.size()))};
  if (!jose::base64url_decode_into(text, secret.bytes_.data())) {
    return std::unexpected(Error{ErrorCode::key_malformed, "the secret is not base64url"});
  }
  return secret;
}

std::expected<Secret, Error> Secret::from_env(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value == '\0') {
    return std::unexpected(Error{ErrorCode::input_output, std::string{variable} + " is not set in the environment"});
  }
  return from_text(value);
}

std::expected<Secret, Error> Secret::from_file(const std::filesystem::path& path) {
  Secret read{std::vector<std::byte>(file_limit + 1)};  // zeroed whatever happens
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rbe"), &std::fclose};
  std::size_t size = 0;
  if (file) {
    std::setvbuf(file.get(), nullptr, _IONBF, 0);  // no second copy of the bytes in a buffer that nobody zeroes
    size = std::fread(read.bytes_.data(), 1, read.bytes_.size(), file.get());
  }
  if (!file || std::ferror(file.get()) != 0) {
    return std::unexpected(Error{ErrorCode::input_output, "cannot read " + path.string()});
  }
  if (size > file_limit) {
    return std::unexpected(Error{ErrorCode::input_output, path.string() + " is longer than 64 KiB"});
  }
  const auto ends_with = [&](char c) { return size != 0 && read.bytes_[size - 1] == static_cast<std::byte>(c); };
  if (ends_with('\n')) {
    --size;
    if (ends_with('\r')) --size;
  }
  if (size == 0) return std::unexpected(Error{ErrorCode::input_output, path.string() + " is empty"});
  return from_bytes(std::span{read.bytes_}.first(size));
}

Secret Secret::random(std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > std::numeric_limits<int>::max() ||
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1) {
    throw std::runtime_error{"the system's random generator failed"};
  }
  return Secret{std::move(bytes)};
}

Secret::Secret(Secret&& other) noexcept : bytes_{std::move(other.bytes_)} { other.bytes_.clear(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() { wipe(bytes_); }

Secret Secret::copy() const { return from_bytes(bytes_); }

bool Secret::equals(const Secret& other) const noexcept { return crypto::equal(bytes_, other.bytes_); }

}  // namespace signet
