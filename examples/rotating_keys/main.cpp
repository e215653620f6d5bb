// Signs with keys that replace each other by themselves, and keeps them in a file that only its owner can read:
//   example_rotating_keys keys.jwks
// Prints the key set that verifiers are to fetch, and a token. A service would call `advance` now and then, and publish
// the key set when it has changed.

#include <fcntl.h>
#include <unistd.h>

#include <signet/signet.hpp>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string_view>

namespace {

std::expected<signet::KeyRing, signet::Error> open(const std::filesystem::path& path, signet::Time now) {
  if (!std::filesystem::exists(path)) return signet::KeyRing::create(now);
  const auto text = signet::Secret::from_file(path);
  if (!text) return std::unexpected(text.error());
  return signet::KeyRing::parse(*text);
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The names in a folder, on the disk.
bool sync_folder(const std::filesystem::path& folder) {
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool done = ::fsync(directory) == 0;
  ::close(directory);
  return done;
}

// Beside the old one and then over it, each on the disk before the next: whatever happens in between, there is a whole
// file. Nobody else can open it at any time, for it is made with mode 0600. One process at a time saves.
bool save(const std::filesystem::path& path, const signet::Secret& keys) {
  auto next = path;
  next += ".next";
  ::unlink(next.c_str());  // of a process that ended in between
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = write_all(file, keys.reveal_text()) && ::fsync(file) == 0;
  if (::close(file) != 0 || !written) return false;
  const auto folder = path.has_parent_path() ? path.parent_path() : ".";
  return ::rename(next.c_str(), path.c_str()) == 0 && sync_folder(folder);
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
