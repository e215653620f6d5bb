#include "cli/keygen.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/input.hpp"
#include "cli/key_file.hpp"
#include "signet/encryption_key.hpp"
#include "src/jwe/algorithms.hpp"

namespace signet::cli {
namespace {

constexpr unsigned default_rsa_bits = 3072;

// What a key of any kind is to the command line.
struct Kind {
  std::string_view name;
  bool is_rsa;
  bool is_secret;
};

std::expected<unsigned, Trouble> parse_bits(const KeygenRequest& request, const Kind& kind) {
  if (request.bits.empty()) return default_rsa_bits;
  if (!kind.is_rsa) {
    return std::unexpected(Trouble{fmt::format("--bits is for RSA keys; {} has one size", kind.name)});
  }
  unsigned bits = 0;
  const char* const end = request.bits.data() + request.bits.size();
  const auto [stopped, error] = std::from_chars(request.bits.data(), end, bits);
  if (error != std::errc{} || stopped != end || bits < 2048 || bits > 8192 || bits % 8 != 0) {
    return std::unexpected(Trouble{"--bits takes 2048 to 8192, a multiple of 8"});
  }
  return bits;
}

std::expected<AgreementCurve, Trouble> parse_curve(const KeygenRequest& request, const Kind& kind) {
  if (request.curve.empty()) return AgreementCurve::P256;
  if (!kind.name.starts_with("ECDH-ES")) {
    return std::unexpected(Trouble{fmt::format("--curve is for ECDH-ES keys; {} takes none", kind.name)});
  }
  for (std::size_t i = 0; i < jwe::agreement_curves.size(); ++i) {
    if (jose::facts(jwe::agreement_curves[i]).name == request.curve) return static_cast<AgreementCurve>(i);
  }
  return std::unexpected(Trouble{"--curve takes P-256, P-384, P-521, X25519 or X448"});
}

std::expected<void, Trouble> check(const KeygenRequest& request, const Kind& kind) {
  if (request.no_key_id && !request.key_id.empty()) {
    return std::unexpected(Trouble{"--kid and --no-kid exclude each other"});
  }
  if (request.pem && (!request.key_id.empty() || request.no_key_id)) {
    return std::unexpected(Trouble{"PEM has no place for a key id: leave out --kid and --no-kid, or --pem"});
  }
  if (kind.is_secret && request.pem) {
    return std::unexpected(Trouble{fmt::format("--pem: an {} key is a secret and has no PEM form", kind.name)});
  }
  if (kind.is_secret && !request.public_out.empty()) {
    return std::unexpected(
        Trouble{fmt::format("--public-out: an {} key has no public part; whoever has it can do all", kind.name)});
  }
  if (request.public_out == "-" || request.out == "-") {
    return std::unexpected(
        Trouble{"--out and --public-out take file names; without --out the key goes to standard output"});
  }
  return {};
}

Trouble failed(const Error& error) { return {fmt::format("cannot make the key: {}", error.detail())}; }

// A key's texts, as they are written.
struct Texts {
  Secret secret;
  std::string public_half;  // empty: not wanted
};

// `Public` is what the key gives away: verifying_key or encryption_key.
template <class Key, class Public>
std::expected<Texts, Error> texts_of(const KeygenRequest& request, const Key& key, Public public_half) {
  auto secret = request.pem ? key.to_private_pem() : key.to_private_jwk();
  if (!secret) return std::unexpected(std::move(secret).error());
  Texts texts{std::move(*secret), {}};
  if (request.public_out.empty()) return texts;
  auto text = request.pem ? public_half(key).to_pem() : public_half(key).to_jwk();
  if (!text) return std::unexpected(std::move(text).error());
  texts.public_half = std::move(*text);
  return texts;
}

std::expected<Texts, Error> make_signing_key(const KeygenRequest& request, Algorithm algorithm, unsigned bits) {
  auto key = SigningKey::generate(algorithm, bits);
  if (!key) return std::unexpected(std::move(key).error());
  if (!request.no_key_id) *key = key->with_key_id(request.key_id.empty() ? key->thumbprint() : request.key_id);
  return texts_of(request, *key, [](const SigningKey& one) { return one.verifying_key(); });
}

std::expected<Texts, Error> make_decryption_key(const KeygenRequest& request, std::expected<DecryptionKey, Error> key) {
  if (!key) return std::unexpected(std::move(key).error());
  if (!request.no_key_id) {
    auto key_id = request.key_id.empty() ? key->thumbprint() : std::expected<std::string, Error>{request.key_id};
    if (!key_id) return std::unexpected(std::move(key_id).error());
    *key = key->with_key_id(std::move(*key_id));
  }
  return texts_of(request, *key, [](const DecryptionKey& one) { return one.encryption_key(); });
}

// What may have been meant by a name that is no signature algorithm.
std::string for_encryption(std::string_view name) {
  if (name == "RSA") return "; an RSA key is for one of those, RS256 say, or for encryption: RSA-OAEP-256";
  if (!name.starts_with("ECDH") && !name.starts_with("RSA-") && !name.starts_with("A")) return {};
  std::string names;
  for (const auto& row : jwe::key_management_algorithms) {
    const bool has_keys = row.name != "dir" && !row.name.starts_with("PBES2");
    if (has_keys) names.append(" ").append(row.name);
  }
  return "; for encryption" + names;
}

// For signatures, or for encryption: the two have no name in common.
std::expected<Texts, Trouble> make_key(const KeygenRequest& request) {
  const auto management = key_management_from_name(request.algorithm);
  const auto direct = content_encryption_from_name(request.algorithm);
  const std::string_view name = request.algorithm;
  Kind kind{name, name.starts_with("RS") || name.starts_with("PS"), direct || !name.starts_with("ECDH-ES")};
  std::optional<Algorithm> algorithm;
  if (!management && !direct) {
    const auto parsed = parse_algorithm(request.algorithm);
    if (!parsed) return std::unexpected(Trouble{parsed.error().text + for_encryption(name)});
    algorithm = *parsed;
    kind.is_secret = is_symmetric(*algorithm);
  } else if (name.starts_with("RSA")) {
    kind.is_secret = false;
  } else if (name == "dir" || name.starts_with("PBES2")) {
    return std::unexpected(
        Trouble{fmt::format("{} has no keys of its own: {}", name,
                            name == "dir" ? "name the content encryption, say A256GCM" : "it takes a password")});
  }
  if (auto sound = check(request, kind); !sound) return std::unexpected(sound.error());
  const auto bits = parse_bits(request, kind);
  if (!bits) return std::unexpected(bits.error());
  const auto curve = parse_curve(request, kind);
  if (!curve) return std::unexpected(curve.error());
  const auto generate = [&] {
    if (direct) return DecryptionKey::generate_direct(*direct);
    return name.starts_with("ECDH-ES") ? DecryptionKey::generate(*management, *curve)
                                       : DecryptionKey::generate(*management, *bits);
  };
  auto texts = algorithm ? make_signing_key(request, *algorithm, *bits) : make_decryption_key(request, generate());
  if (!texts) return std::unexpected(failed(texts.error()));
  return std::move(*texts);
}

}  // namespace

Exit keygen(const KeygenRequest& request, Console& console) {
  const auto texts = make_key(request);
  if (!texts) return complain(console, texts.error());
  if (!request.public_out.empty()) {
    if (auto done = write_new_file("--public-out", request.public_out, texts->public_half, 0644); !done) {
      return complain(console, done.error());
    }
  }
  const auto secret = texts->secret.reveal_text();
  if (request.out.empty()) {
    console.out << secret;
    if (!secret.ends_with('\n')) console.out << '\n';
    return Exit::ok;
  }
  if (auto done = write_new_file("--out", request.out, secret, 0600); !done) {
    // A public key whose private half was lost is of no use to anyone.
    if (!request.public_out.empty()) ::unlink(request.public_out.c_str());
    return complain(console, done.error());
  }
  return Exit::ok;
}

}  // namespace signet::cli
