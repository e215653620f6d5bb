#include "server/keys/master_key.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "server/hkdf.hpp"
#include "server/private_file.hpp"
#include "src/crypto/secure_memory.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server {
namespace {

constexpr std::size_t key_bytes = 32;
static_assert(key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

// What `seal` gives: version, id of the master key, nonce, ciphertext with its tag. Version and id are authenticated.
constexpr std::byte version{1};
constexpr std::size_t master_id_bytes = 8;
constexpr std::size_t head_bytes = 1 + master_id_bytes;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* raw(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::span<std::byte> bytes) noexcept { return reinterpret_cast<unsigned char*>(bytes.data()); }

// Bytes on their way into a Secret, zeroed behind it.
struct Fleeting {
  explicit Fleeting(std::size_t size) : bytes(size) {}
  Fleeting(const Fleeting&) = delete;
  Fleeting& operator=(const Fleeting&) = delete;
  ~Fleeting() { sodium_memzero(bytes.data(), bytes.size()); }
  [[nodiscard]] unsigned char* raw() noexcept { return reinterpret_cast<unsigned char*>(bytes.data()); }

  std::vector<std::byte> bytes;
};

// What is authenticated beside the plaintext.
std::vector<std::byte> associated(std::span<const std::byte> head, std::string_view context) {
  std::vector<std::byte> bytes{head.begin(), head.end()};
  const auto more = std::as_bytes(std::span{context});
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

std::unexpected<Error> malformed(std::string detail) {
  return std::unexpected(Error{ErrorCode::key_malformed, std::move(detail)});
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value;
}

}  // namespace

MasterKey::One::One(Secret key)
    : bytes{std::move(key)},
      seal_key{hkdf_sha256(bytes, "signet seal v1", key_bytes)},
      id{hkdf_sha256(bytes, "signet master key id", master_id_bytes)} {}

MasterKey::MasterKey(std::vector<One> keys) : keys_{std::make_shared<const std::vector<One>>(std::move(keys))} {
  if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be initialized"};
}

std::expected<MasterKey, Error> MasterKey::from_bytes(Secret bytes) {
  if (bytes.size() != key_bytes) return malformed("a master key has 32 bytes");
  std::vector<One> keys;
  keys.emplace_back(std::move(bytes));
  return MasterKey{std::move(keys)};
}

MasterKey MasterKey::random() {
  std::vector<One> keys;
  keys.emplace_back(Secret::random(key_bytes));
  return MasterKey{std::move(keys)};
}

// base64url, with or without a last line end; also CR LF.
std::expected<MasterKey, Error> MasterKey::from_text(std::string_view text, const std::string& where) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<One> keys;
  for (bool more = true; more;) {
    const auto end = text.find('\n');
    more = end != std::string_view::npos;
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    text.remove_prefix(more ? end + 1 : text.size());
    auto bytes = Secret::from_base64url(line);
    if (!bytes || bytes->size() != key_bytes) {
      return malformed(where + " does not hold a master key: 32 bytes as base64url (43 characters), one a line");
    }
    keys.emplace_back(std::move(*bytes));
    if (keys.size() > most_keys) return malformed(where + " holds more than 8 master keys");
  }
  return MasterKey{std::move(keys)};
}

bool MasterKey::is_there(const std::filesystem::path& directory) {
  std::error_code ignored;
  return is_set("SIGNET_MASTER_KEY") || is_set("SIGNET_MASTER_KEY_FILE") ||
         std::filesystem::exists(std::filesystem::symlink_status(directory / "master.key", ignored));
}

std::optional<MasterKey::Place> MasterKey::place(const std::filesystem::path& directory) {
  if (is_set("SIGNET_MASTER_KEY")) return std::nullopt;
  if (is_set("SIGNET_MASTER_KEY_FILE")) return Place{std::getenv("SIGNET_MASTER_KEY_FILE"), false};
  return Place{directory / "master.key"};
}

std::expected<MasterKey, Error> MasterKey::read(const Place& place) {
  if (!place.is_ours) {
    auto text = read_secret_file(place.path);
    if (!text) return std::unexpected(Error{text.error().code(), "SIGNET_MASTER_KEY_FILE: " + text.error().detail()});
    return from_text(text->reveal_text(), "the file that SIGNET_MASTER_KEY_FILE names");
  }
  const auto directory = place.path.parent_path();
  if (auto why = distrusted_directory(directory)) {
    return std::unexpected(Error{ErrorCode::input_output, directory.string() + " " + *why});
  }
  auto text = read_private_file(place.path);
  if (!text) return std::unexpected(text.error());
  return from_text(text->reveal_text(), place.path.string());
}

std::expected<MasterKey, Error> MasterKey::load(const std::filesystem::path& directory) {
  const bool value = is_set("SIGNET_MASTER_KEY"), file = is_set("SIGNET_MASTER_KEY_FILE");
  if (value && file) {
    return std::unexpected(
        Error{ErrorCode::invalid_configuration, "SIGNET_MASTER_KEY and SIGNET_MASTER_KEY_FILE are both set"});
  }
  if (value) {
    auto text = Secret::from_env("SIGNET_MASTER_KEY");
    if (!text) return std::unexpected(text.error());
    return from_text(text->reveal_text(), "SIGNET_MASTER_KEY");
  }
  return file ? read(*place(directory)) : open_or_create(directory);
}

std::expected<MasterKey, Error> MasterKey::open_or_create(const std::filesystem::path& directory) {
  const auto path = directory / "master.key";
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    const auto fresh = Secret::random(key_bytes);
    auto encoded = jose::base64url_encode(fresh.reveal());
    crypto::SecretText line{encoded.begin(), encoded.end()};
    crypto::cleanse(encoded);
    line.push_back('\n');
    const auto text = Secret::from_text({line.data(), line.size()});
    // Made or lost to another process that started at the same time: either way the file holds the key now.
    if (auto made = make_private_file(path, text); !made) return std::unexpected(made.error());
  }
  return read({path});
}

std::expected<void, Error> MasterKey::renew(const std::filesystem::path& directory) {
  const auto path = directory / "master.key";
  const auto keys = read({path});
  if (!keys) return std::unexpected(keys.error());
  if (keys->size() == most_keys) {
    return std::unexpected(Error{ErrorCode::invalid_configuration,
                                 path.string() + " holds 8 keys, which is all it may: remove the last lines"});
  }
  crypto::SecretText lines;
  const auto add = [&](const Secret& key) {
    auto line = jose::base64url_encode(key.reveal());
    lines.insert(lines.end(), line.begin(), line.end());
    lines.push_back('\n');
    crypto::cleanse(line);
  };
  add(Secret::random(key_bytes));
  for (const One& key : *keys->keys_) add(key.bytes);
  const auto renewed = Secret::from_text({lines.data(), lines.size()});
  return replace_private_file(path, renewed);
}

Secret MasterKey::sub_key(std::string_view label, std::size_t size) const {
  return hkdf_sha256(keys_->front().bytes, "signet sub-key " + std::string{label}, size);
}

std::vector<Secret> MasterKey::retired_sub_keys(std::string_view label, std::size_t size) const {
  std::vector<Secret> retired;
  for (std::size_t i = 1; i < keys_->size(); ++i) {
    retired.push_back(hkdf_sha256((*keys_)[i].bytes, "signet sub-key " + std::string{label}, size));
  }
  return retired;
}

const MasterKey::One* MasterKey::find(std::span<const std::byte> id) const noexcept {
  const auto found =
      std::ranges::find_if(*keys_, [&](const One& key) { return std::ranges::equal(id, key.id.reveal()); });
  return found == keys_->end() ? nullptr : &*found;
}

const MasterKey::One* MasterKey::sealer_of(std::span<const std::byte> sealed) const noexcept {
  return sealed.size() < head_bytes ? nullptr : find(sealed.subspan(1, master_id_bytes));
}

bool MasterKey::operator==(const MasterKey& other) const noexcept {
  return std::ranges::equal(*keys_, *other.keys_, [](const One& one, const One& another) {
    return std::ranges::equal(one.id.reveal(), another.id.reveal());
  });
}

bool MasterKey::has_current_of(const MasterKey& other) const noexcept {
  return find(other.keys_->front().id.reveal()) == &keys_->front();
}

bool MasterKey::holds_current_of(const MasterKey& other) const noexcept {
  return find(other.keys_->front().id.reveal()) != nullptr;
}

MasterKey MasterKey::led_by_current_of(const MasterKey& other) const {
  std::vector<One> keys;
  const One* const first = find(other.keys_->front().id.reveal());
  keys.emplace_back(first->bytes.copy());
  for (const One& key : *keys_) {
    if (&key != first) keys.emplace_back(key.bytes.copy());
  }
  return MasterKey{std::move(keys)};
}

bool MasterKey::is_current(std::span<const std::byte> sealed) const noexcept {
  return sealer_of(sealed) == &keys_->front();
}

std::vector<std::byte> MasterKey::seal(std::span<const std::byte> bytes, std::string_view context) const {
  std::vector<std::byte> sealed(head_bytes + nonce_bytes + bytes.size() + tag_bytes);
  const std::span out{sealed};
  out[0] = version;
  std::ranges::copy(keys_->front().id.reveal(), out.begin() + 1);
  const auto nonce = out.subspan(head_bytes, nonce_bytes);
  randombytes_buf(nonce.data(), nonce.size());
  const auto with = associated(out.first(head_bytes), context);
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(out.subspan(head_bytes + nonce_bytes)), nullptr, raw(bytes),
                                             bytes.size(), raw(std::span{with}), with.size(), nullptr, raw(nonce),
                                             raw(keys_->front().seal_key.reveal()));
  return sealed;
}

std::expected<Secret, Error> MasterKey::open(std::span<const std::byte> sealed, std::string_view context) const {
  if (sealed.size() < head_bytes + nonce_bytes + tag_bytes || sealed[0] != version) {
    return malformed("not something this version has sealed");
  }
  const auto* sealer = sealer_of(sealed);
  if (!sealer) {
    return malformed(
        "sealed under another master key than that of SIGNET_MASTER_KEY, SIGNET_MASTER_KEY_FILE or the data "
        "directory's master.key; every server of one database needs the same");
  }
  const auto with = associated(sealed.first(head_bytes), context);
  const auto nonce = sealed.subspan(head_bytes, nonce_bytes);
  const auto ciphertext = sealed.subspan(head_bytes + nonce_bytes);
  Fleeting plain{ciphertext.size() - tag_bytes};
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.raw(), nullptr, nullptr, raw(ciphertext), ciphertext.size(),
                                                 raw(std::span{with}), with.size(), raw(nonce),
                                                 raw(sealer->seal_key.reveal())) != 0) {
    return malformed("the sealed bytes were changed, or belong elsewhere");
  }
  return Secret::from_bytes(plain.bytes);
}

}  // namespace signet::server
