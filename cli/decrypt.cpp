#include "cli/decrypt.hpp"

#include <fmt/format.h>

#include "cli/input.hpp"
#include "cli/text.hpp"
#include "signet/json.hpp"
#include "signet/jwe.hpp"
#include "src/jose/base64url.hpp"

namespace signet::cli {
namespace {

constexpr std::size_t largest_message = std::size_t{24} * 1024 * 1024;

std::expected<Decrypter, Trouble> make_decrypter(const DecryptRequest& request, const DecryptionKey& key) {
  Limits limits;
  limits.token_bytes = largest_message;
  auto builder = Decrypter::builder();
  builder.key(key).limits(limits);
  if (!request.key.password_env.empty()) builder.allow_passphrases();
  if (request.allow_compression) builder.allow_compression();
  if (request.allow_unprotected_algorithm) builder.allow_unprotected_algorithms();
  auto decrypter = builder.build();
  if (!decrypter) return std::unexpected(Trouble{decrypter.error().detail()});
  return std::move(*decrypter);
}

std::string_view why(const Error& error) {
  switch (error.code()) {
    case ErrorCode::key_not_found:
      return "it was encrypted for another key: ";
    case ErrorCode::algorithm_not_allowed:
      return "it was encrypted by another algorithm than the key is for: ";
    default:
      return "";
  }
}

void refuse(const Error& error, bool json, Console& console) {
  if (json) {
    json::Object line;
    line.set("decrypted", false).set("error", to_string(error.code())).set("detail", error.detail());
    console.out << printable(line.text()) << '\n';
    return;
  }
  console.err << styled(console.err_colour, Style::bad, "signet:") << " cannot decrypt: " << why(error)
              << printable(error.detail()) << '\n';
}

}  // namespace

Exit decrypt(const DecryptRequest& request, Console& console) {
  const std::string file = request.file.empty() ? "-" : request.file;
  if (file == "-" && request.key.file == "-") return complain(console, {"standard input can be read only once"});
  const auto key = load_decryption_key(request.key, console);
  if (!key) return complain(console, key.error());
  const auto decrypter = make_decrypter(request, *key);
  if (!decrypter) return complain(console, decrypter.error());
  const auto text = read_text(file, file, largest_message, console);
  if (!text) return complain(console, text.error());

  std::string_view message = *text;
  if (message.ends_with('\n')) message.remove_suffix(1);
  const auto opened = message.starts_with('{') ? decrypter->decrypt_json(message) : decrypter->decrypt(message);
  if (!opened) {
    refuse(opened.error(), request.json, console);
    return Exit::refused;
  }
  if (!request.json) {
    console.out << opened->plaintext();
    return Exit::ok;
  }
  json::Object line;
  const auto header = opened->header();
  line.set("decrypted", true).set_raw("header", header ? one_line(header->text()) : "{}");
  line.set("plaintext", jose::base64url_encode(opened->plaintext()));
  console.out << printable(line.text()) << '\n';
  return Exit::ok;
}

}  // namespace signet::cli
