#include "cli/keygen.hpp"

#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/input.hpp"
#include "cli/key_file.hpp"

namespace signet::cli {
namespace {

constexpr unsigned default_rsa_bits = 3072;

std::expected<unsigned, Trouble> parse_bits(const KeygenRequest& request, Algorithm algorithm) {
  if (request.bits.empty()) return default_rsa_bits;
  const std::string_view family = name(algorithm).substr(0, 2);
  if (family != "RS" && family != "PS") {
    return std::unexpected(Trouble{fmt::format("--bits is for RSA keys; {} has one size", name(algorithm))});
  }
  unsigned bits = 0;
  const char* const end = request.bits.data() + request.bits.size();
  const auto [stopped, error] = std::from_chars(request.bits.data(), end, bits);
  if (error != std::errc{} || stopped != end || bits < 2048 || bits > 8192 || bits % 8 != 0) {
    return std::unexpected(Trouble{"--bits takes 2048 to 8192, a multiple of 8"});
  }
  return bits;
}

std::expected<void, Trouble> check(const KeygenRequest& request, Algorithm algorithm) {
  if (request.no_key_id && !request.key_id.empty()) {
    return std::unexpected(Trouble{"--kid and --no-kid exclude each other"});
  }
  if (request.pem && (!request.key_id.empty() || request.no_key_id)) {
    return std::unexpected(Trouble{"PEM has no place for a key id: leave out --kid and --no-kid, or --pem"});
  }
  if (is_symmetric(algorithm) && request.pem) {
    return std::unexpected(Trouble{fmt::format("--pem: an {} key is a secret and has no PEM form", name(algorithm))});
  }
  if (is_symmetric(algorithm) && !request.public_out.empty()) {
    return std::unexpected(Trouble{
        fmt::format("--public-out: an {} key has no public part; whoever verifies with it can sign", name(algorithm))});
  }
  if (request.public_out == "-" || request.out == "-") {
    return std::unexpected(
        Trouble{"--out and --public-out take file names; without --out the key goes to standard output"});
  }
  return {};
}

Trouble failed(const Error& error) { return {fmt::format("cannot make the key: {}", error.detail())}; }

}  // namespace

Exit keygen(const KeygenRequest& request, Console& console) {
  const auto algorithm = parse_algorithm(request.algorithm);
  if (!algorithm) return complain(console, algorithm.error());
  if (auto sound = check(request, *algorithm); !sound) return complain(console, sound.error());
  const auto bits = parse_bits(request, *algorithm);
  if (!bits) return complain(console, bits.error());

  auto key = SigningKey::generate(*algorithm, *bits);
  if (!key) return complain(console, failed(key.error()));
  if (!request.no_key_id) *key = key->with_key_id(request.key_id.empty() ? key->thumbprint() : request.key_id);

  if (!request.public_out.empty()) {
    const VerifyingKey verifying = key->verifying_key();
    auto text = request.pem ? verifying.to_pem() : verifying.to_jwk();
    if (!text) return complain(console, failed(text.error()));
    if (auto done = write_new_file("--public-out", request.public_out, *text, 0644); !done) {
      return complain(console, done.error());
    }
  }
  const auto secret = request.pem ? key->to_private_pem() : key->to_private_jwk();
  if (!secret) return complain(console, failed(secret.error()));
  if (request.out.empty()) {
    console.out << secret->reveal_text();
    if (!secret->reveal_text().ends_with('\n')) console.out << '\n';
    return Exit::ok;
  }
  if (auto done = write_new_file("--out", request.out, secret->reveal_text(), 0600); !done) {
    // A public key whose private half was lost is of no use to anyone.
    if (!request.public_out.empty()) ::unlink(request.public_out.c_str());
    return complain(console, done.error());
  }
  return Exit::ok;
}

}  // namespace signet::cli
