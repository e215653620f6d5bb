// Signs with keys that replace each other by themselves, and keeps them in a file that only its owner can read:
//   example_rotating_keys keys.jwks
// Prints the key set that verifiers are to fetch, and a token. A service would call `advance` now and then, and publish
// the key set when it has changed.

#include <signet/signet.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace {

std::expected<signet::KeyRing, signet::Error> open(const std::filesystem::path& path, signet::Time now) {
  if (!std::filesystem::exists(path)) return signet::KeyRing::create(now);
  const auto text = signet::Secret::from_file(path);
  if (!text) return std::unexpected(text.error());
  return signet::KeyRing::parse(*text);
}

// Beside the old one and then over it: whatever happens in between, there is a whole file.
bool save(const std::filesystem::path& path, const signet::Secret& keys) {
  auto next = path;
  next += ".next";
  std::ofstream file{next, std::ios::binary};
  std::error_code failed;
  std::filesystem::permissions(next, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
  if (failed) return false;
  file << keys.reveal_text();
  file.close();
  if (file) std::filesystem::rename(next, path, failed);
  return file && !failed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: " << argv[0] << " FILE\n", 2;
  const auto now = signet::SystemClock::instance().now();
  auto ring = open(argv[1], now);
  if (!ring) return std::cerr << ring.error().detail() << '\n', 1;
  const auto changed = ring->advance(now);
  if (!changed) return std::cerr << changed.error().detail() << '\n', 1;
  const auto keys = ring->to_jwks();
  if (!keys || !save(argv[1], *keys)) return std::cerr << "cannot save the keys\n", 1;

  const auto token = signet::Signer{ring->signing_key()}.sign(signet::Claims{}
                                                                  .issuer("https://auth.example")
                                                                  .audience("api")
                                                                  .subject("user-42")
                                                                  .expires_in(std::chrono::minutes{15}));
  if (!token) return std::cerr << token.error().detail() << '\n', 1;
  std::cout << ring->public_keys().to_json() << '\n' << *token << '\n';
}
