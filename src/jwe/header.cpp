#include "src/jwe/header.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "src/jose/base64url.hpp"

namespace signet::jwe {
namespace {

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{"header: "}.append(what)});
}

}  // namespace

std::expected<JoinedHeader, Error> JoinedHeader::of(const Message& message, std::size_t recipient,
                                                    const Limits& limits) {
  JoinedHeader joined;
  const std::array<const std::string*, 3> texts{&message.protected_header, &message.shared_header,
                                                &message.recipients[recipient].header};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i]->empty()) continue;
    const auto part = json::parse(*texts[i], limits);
    if (!part || part->kind() != json::Kind::object) return malformed("not a JSON object");
    for (const json::Member& member : part->members()) names.push_back(member.name);
    joined.parts_[i] = *part;
  }
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end()) return malformed("a member in two of its parts");
  for (const std::string_view name : {"kid", "typ", "cty"}) {
    const auto text = joined.text(name);
    if (!text) return std::unexpected(text.error());
    const std::optional<std::string>& present = *text;
    if (name == "kid" && present && present->size() > limits.key_id_bytes) {
      return std::unexpected(Error{ErrorCode::token_too_large, "header: kid"});
    }
  }
  return joined;
}

std::optional<HeaderMember> JoinedHeader::find(std::string_view name) const {
  for (const Place place : {Place::protected_header, Place::shared_header, Place::recipient_header}) {
    const auto& part = parts_[static_cast<std::size_t>(place)];
    if (!part) continue;
    if (const auto value = part->find(name)) return HeaderMember{*value, place};
  }
  return std::nullopt;
}

std::expected<std::optional<std::string>, Error> JoinedHeader::text(std::string_view name) const {
  const auto member = find(name);
  if (!member) return std::optional<std::string>{};
  auto text = member->value.string();
  if (!text) return malformed(name);
  return text;
}

std::expected<std::optional<Bytes>, Error> JoinedHeader::bytes(std::string_view name) const {
  const auto text = this->text(name);
  if (!text) return std::unexpected(text.error());
  const std::optional<std::string>& present = *text;
  if (!present) return std::optional<Bytes>{};
  auto bytes = jose::base64url_decode(*present);
  if (!bytes) return malformed(name);
  return bytes;
}

}  // namespace signet::jwe
