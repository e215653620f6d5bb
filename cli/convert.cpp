#include "cli/convert.hpp"

#include <optional>

#include <fmt/format.h>

#include "cli/any_key.hpp"
#include "cli/input.hpp"

namespace signet::cli {
namespace {

enum class Form : std::uint8_t { jwk, pem, der };

std::expected<Form, Trouble> form_of(const ConvertRequest& request, bool from_jwk) {
  if (request.to == "jwk" || (request.to.empty() && !from_jwk)) return Form::jwk;
  if (request.to == "pem" || request.to.empty()) return Form::pem;
  if (request.to == "der") return Form::der;
  return std::unexpected(Trouble{"--to takes jwk, pem or der"});
}

template <class Key>
std::expected<Secret, Error> private_text(const Key& key, Form form, const std::optional<Secret>& passphrase,
                                          PassphraseHash hash) {
  if (form == Form::pem) return passphrase ? key.to_private_pem(*passphrase, hash) : key.to_private_pem();
  return passphrase ? key.to_private_der(*passphrase, hash) : key.to_private_der();
}

template <class Key>
std::expected<Secret, Error> public_text(const Key& key, Form form) {
  if (form == Form::pem) {
    const auto pem = key.to_pem();
    return pem ? std::expected<Secret, Error>{Secret::from_text(*pem)} : std::unexpected(pem.error());
  }
  const auto der = key.to_der();
  return der ? std::expected<Secret, Error>{Secret::from_bytes(*der)} : std::unexpected(der.error());
}

std::expected<Secret, Error> text_of(const AnyKey& key, Form form, const std::optional<Secret>& passphrase,
                                     PassphraseHash hash) {
  if (form == Form::jwk) return to_any_jwk(key);
  if (const auto* signing = std::get_if<SigningKey>(&key)) return private_text(*signing, form, passphrase, hash);
  if (const auto* decryption = std::get_if<DecryptionKey>(&key))
    return private_text(*decryption, form, passphrase, hash);
  if (const auto* verifying = std::get_if<VerifyingKey>(&key)) return public_text(*verifying, form);
  return public_text(std::get<EncryptionKey>(key), form);
}

// The key as it is to be written.
std::expected<AnyKey, Trouble> read_key(const ConvertRequest& request, const Secret& text, Form form,
                                        Console& console) {
  const bool from_jwk = is_jwk_text(text.reveal_text());
  auto key = read_any_key(text,
                          {.flag = request.file,
                           .algorithm = request.algorithm,
                           .any_algorithm = form != Form::jwk,
                           .passphrase_file = request.passphrase_file},
                          console);
  if (!key) return key;
  if (request.public_half) {
    if (is_secret(*key)) {
      return std::unexpected(
          Trouble{"--public: this key is a secret and has no public part; whoever has it can do all"});
    }
    *key = public_half(*key);
  }
  if (!request.key_id.empty()) return with_key_id(*key, request.key_id);
  if (form != Form::jwk || from_jwk) return key;
  const auto id = thumbprint(*key);
  if (!id) return std::unexpected(Trouble{id.error().detail()});
  return with_key_id(*key, *id);
}

std::expected<void, Trouble> check(const ConvertRequest& request, Form form, const AnyKey& key,
                                   const Console& console) {
  if (!request.key_id.empty() && form != Form::jwk) {
    return std::unexpected(Trouble{"--kid: only a JWK has a place for a key id"});
  }
  if (!request.new_passphrase_file.empty() && (form == Form::jwk || !is_private(key))) {
    return std::unexpected(Trouble{"--new-passphrase-file is for a private key in PEM or DER"});
  }
  if (request.pbkdf2 && request.new_passphrase_file.empty()) {
    return std::unexpected(Trouble{"--pbkdf2 goes with --new-passphrase-file"});
  }
  if (form == Form::der && request.out.empty() && console.terminal) {
    return std::unexpected(Trouble{"DER is not for a terminal: name a file with --out"});
  }
  return {};
}

Exit write(const ConvertRequest& request, Form form, const AnyKey& key, const Secret& text, Console& console) {
  const std::string_view view = text.reveal_text();
  if (request.out.empty()) {
    console.out << view;
    if (form != Form::der && !view.ends_with('\n')) console.out << '\n';
    return Exit::ok;
  }
  const auto ending = form == Form::der ? LineEnd::as_it_is : LineEnd::added;
  auto done = write_new_file("--out", request.out, view, is_private(key) ? 0600 : 0644, ending);
  return done ? Exit::ok : complain(console, done.error());
}

}  // namespace

Exit convert(const ConvertRequest& request, Console& console) {
  const auto input = read_secret(request.file, request.file, console);
  if (!input) return complain(console, input.error());
  const auto form = form_of(request, is_jwk_text(input->reveal_text()));
  if (!form) return complain(console, form.error());
  const auto key = read_key(request, *input, *form, console);
  if (!key) return complain(console, key.error());
  if (auto sound = check(request, *form, *key, console); !sound) return complain(console, sound.error());
  std::optional<Secret> passphrase;
  if (!request.new_passphrase_file.empty()) {
    auto read = read_passphrase("--new-passphrase-file", request.new_passphrase_file, console);
    if (!read) return complain(console, read.error());
    passphrase = std::move(*read);
  }
  const auto text = text_of(*key, *form, passphrase, request.pbkdf2 ? PassphraseHash::pbkdf2 : PassphraseHash::scrypt);
  if (!text) return complain(console, {fmt::format("{}: {}", request.file, text.error().detail())});
  return write(request, *form, *key, *text, console);
}

}  // namespace signet::cli
