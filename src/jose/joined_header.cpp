#include "src/jose/joined_header.hpp"

#include <algorithm>

#include "src/jose/base64url.hpp"

namespace signet::jose {
namespace {

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{"header: "}.append(what)});
}

}  // namespace

std::expected<JoinedHeader, Error> JoinedHeader::of(const std::array<std::string_view, 3>& texts,
                                                    const Limits& limits) {
  JoinedHeader joined;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    const auto part = json::parse(texts[i], limits);
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
  for (const Place place : {Place::protected_header, Place::shared_header, Place::own_header}) {
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

std::expected<std::optional<std::vector<std::byte>>, Error> JoinedHeader::bytes(std::string_view name) const {
  const auto text = this->text(name);
  if (!text) return std::unexpected(text.error());
  const std::optional<std::string>& present = *text;
  if (!present) return std::optional<std::vector<std::byte>>{};
  auto bytes = base64url_decode(*present);
  if (!bytes) return malformed(name);
  return bytes;
}

}  // namespace signet::jose
