#include "cli/sign_payload.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/input.hpp"
#include "signet/jws.hpp"

namespace signet::cli {
namespace {

constexpr std::size_t largest_payload = std::size_t{16} * 1024 * 1024;

std::expected<void, Trouble> check(const SignRequest& request) {
  const bool sets_claims = !request.claims_file.empty() || !request.issuer.empty() || !request.subject.empty() ||
                           !request.audiences.empty() || !request.expires_at.empty() || !request.not_before.empty() ||
                           !request.issued_at.empty() || request.no_expiry || request.no_issued_at ||
                           !request.id.empty() || request.no_id || !request.claims.empty() ||
                           !request.json_claims.empty() || request.no_type;
  if (sets_claims) return std::unexpected(Trouble{"--payload is signed as it is: leave out what sets claims"});
  const auto from_input =
      std::ranges::count(request.also_keys, "-") + (request.payload_file == "-") + (request.key.file == "-");
  if (from_input > 1) return std::unexpected(Trouble{"standard input can be read only once"});
  if (!request.form.empty() && request.form != "compact" && request.form != "flattened" && request.form != "general") {
    return std::unexpected(Trouble{"--form takes compact, flattened or general"});
  }
  return {};
}

std::expected<JwsSigner, Trouble> make_signer(const SignRequest& request, Console& console) {
  auto key = load_signing_key(request.key, console);
  if (!key) return std::unexpected(key.error());
  JwsSigner signer{std::move(*key)};
  for (const std::string& file : request.also_keys) {
    auto other = load_signing_key(
        {.file = file, .secret_env = {}, .algorithm = {}, .passphrase_env = request.key.passphrase_env}, console);
    if (!other) return std::unexpected(other.error());
    signer.also_by(std::move(*other));
  }
  if (!request.type.empty()) signer.type(request.type);
  if (!request.content_type.empty()) signer.content_type(request.content_type);
  for (const std::string& text : request.headers) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return std::unexpected(Trouble{"--header takes NAME=VALUE"});
    signer.header(text.substr(0, equals), text.substr(equals + 1));
  }
  if (request.unencoded) signer.unencoded();
  if (request.detached) signer.detached();
  return signer;
}

}  // namespace

Exit sign_payload(const SignRequest& request, Console& console) {
  if (auto sound = check(request); !sound) return complain(console, sound.error());
  const auto signer = make_signer(request, console);
  if (!signer) return complain(console, signer.error());
  const auto payload = read_text("--payload", request.payload_file, largest_payload, console);
  if (!payload) return complain(console, payload.error());
  const bool is_general = request.form == "general" || (request.form.empty() && !request.also_keys.empty());
  const auto message = is_general                    ? signer->sign_general(*payload)
                       : request.form == "flattened" ? signer->sign_flattened(*payload)
                                                     : signer->sign(*payload);
  if (!message) return complain(console, {fmt::format("cannot sign: {}", message.error().detail())});
  console.out << *message << '\n';
  return Exit::ok;
}

}  // namespace signet::cli
