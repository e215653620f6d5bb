#include "cli/encrypt.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cli/input.hpp"
#include "signet/jwe.hpp"

namespace signet::cli {
namespace {

constexpr std::size_t largest_plaintext = std::size_t{16} * 1024 * 1024;

std::expected<void, Trouble> check(const EncryptRequest& request) {
  const auto& form = request.form;
  if (!form.empty() && form != "compact" && form != "flattened" && form != "general") {
    return std::unexpected(Trouble{"--form takes compact, flattened or general"});
  }
  const bool from_input = request.file.empty() || request.file == "-";
  if (std::ranges::count(request.keys, "-") + from_input > 1) {
    return std::unexpected(Trouble{"standard input can be read only once"});
  }
  return {};
}

std::expected<Encrypter, Trouble> make_encrypter(const EncryptRequest& request, Console& console) {
  EncryptionKeySource source = request.source;
  if (!request.keys.empty()) source.file = request.keys.front();
  auto key = load_encryption_key(source, console);
  if (!key) return std::unexpected(key.error());
  Encrypter encrypter{std::move(*key)};
  for (std::size_t i = 1; i < request.keys.size(); ++i) {
    source.file = request.keys[i];
    auto other = load_encryption_key(source, console);
    if (!other) return std::unexpected(other.error());
    encrypter.also_for(std::move(*other));
  }
  if (!request.content_encryption.empty()) {
    const auto algorithm = content_encryption_from_name(request.content_encryption);
    if (!algorithm) return std::unexpected(Trouble{"--enc takes A256GCM, A128CBC-HS256 and their like"});
    encrypter.content_encryption(*algorithm);
  }
  if (!request.type.empty()) encrypter.type(request.type);
  if (!request.content_type.empty()) encrypter.content_type(request.content_type);
  return encrypter;
}

}  // namespace

Exit encrypt(const EncryptRequest& request, Console& console) {
  if (auto sound = check(request); !sound) return complain(console, sound.error());
  const auto encrypter = make_encrypter(request, console);
  if (!encrypter) return complain(console, encrypter.error());
  const std::string file = request.file.empty() ? "-" : request.file;
  const auto plaintext = read_text(file, file, largest_plaintext, console);
  if (!plaintext) return complain(console, plaintext.error());
  const bool is_general = request.form == "general" || (request.form.empty() && request.keys.size() > 1);
  const auto message = is_general                    ? encrypter->encrypt_general(*plaintext)
                       : request.form == "flattened" ? encrypter->encrypt_flattened(*plaintext)
                                                     : encrypter->encrypt(*plaintext);
  if (!message) return complain(console, {fmt::format("cannot encrypt: {}", message.error().detail())});
  console.out << *message << '\n';
  return Exit::ok;
}

}  // namespace signet::cli
