#include "src/jwt/token_data.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "src/jose/base64url.hpp"
#include "src/jwt/header.hpp"

namespace signet::jwt {

namespace {

Error malformed_part(std::string_view part, std::string_view what) {
  return Error{ErrorCode::token_malformed, std::string{part}.append(": ").append(what)};
}

// One strict JSON object and nothing else (cases 29, 30, 46, 47, 48).
std::expected<json::View, Error> parse_object(std::string_view part, std::string_view text, const Limits& limits) {
  auto value = json::parse(text, limits);
  if (!value) return std::unexpected(malformed_part(part, value.error().detail()));
  if (value->kind() != json::Kind::object) return std::unexpected(malformed_part(part, "not a JSON object"));
  return *value;
}

}  // namespace

std::string_view ResolvedText::of(const json::View& value) {
  if (const auto plain = value.plain_string()) return *plain;
  return copies_.emplace_front(*value.string());
}

std::string_view ResolvedText::of_name(std::string_view raw_name, const json::Members::iterator& at) {
  if (raw_name.find('\\') == std::string_view::npos) return raw_name;
  return copies_.emplace_front((*at).name);
}

std::expected<std::unique_ptr<TokenData>, Error> TokenData::decode(const CompactParts& parts, const Limits& limits) {
  const auto header_size = jose::base64url_decoded_size(parts.header.size());
  const auto payload_size = jose::base64url_decoded_size(parts.payload.size());
  const auto signature_size = jose::base64url_decoded_size(parts.signature.size());
  if (header_size > limits.header_bytes) return std::unexpected(Error{ErrorCode::token_too_large, "the header"});

  std::unique_ptr<TokenData> data{new (TokenData::Room{header_size + payload_size + signature_size}) TokenData};
  auto* at = reinterpret_cast<std::byte*>(data.get()) + sizeof(TokenData);
  const auto decode_part = [&](std::string_view encoded,
                               std::size_t size) -> std::optional<std::span<const std::byte>> {
    std::span<const std::byte> part{at, size};
    if (!jose::base64url_decode_into(encoded, at)) return std::nullopt;
    at += size;
    return part;
  };
  const auto as_text = [](std::span<const std::byte> bytes) {
    return std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  };
  const auto header = decode_part(parts.header, header_size);
  if (!header) return std::unexpected(malformed_part("header", "not base64url"));
  const auto payload = decode_part(parts.payload, payload_size);
  if (!payload) return std::unexpected(malformed_part("claims", "not base64url"));
  const auto signature = decode_part(parts.signature, signature_size);
  if (!signature) return std::unexpected(malformed_part("signature", "not base64url"));

  data->header_text = as_text(*header);
  data->payload_text = as_text(*payload);
  data->signature = *signature;
  return data;
}

std::expected<void, Error> TokenData::parse_header(std::span<const std::string> understood, const Limits& limits) {
  auto object = parse_object("header", header_text, limits);
  if (!object) return std::unexpected(std::move(object.error()));
  auto read = read_header(*object, understood, limits, resolved_);
  if (!read) return std::unexpected(std::move(read.error()));
  header = *read;
  return {};
}

std::expected<void, Error> TokenData::parse_claims(const Limits& limits) {
  auto object = parse_object("claims", payload_text, limits);
  if (!object) return std::unexpected(std::move(object.error()));
  claims = *object;

  const auto members = claims->members();
  for (auto at = members.begin(); at != members.end(); ++at) {
    const auto value = at.value();
    add({.name = resolved_.of_name(at.raw_name(), at),
         .value = value,
         .text = value.kind() == json::Kind::string ? resolved_.of(value) : std::string_view{}});
  }
  // Only now do the claims stay where they are.
  for (std::size_t i = 0; i < count_; ++i) {
    const Claim& claim = i < inline_members ? *first_[i] : rest_[i - inline_members];
    if (const auto which = registered(claim.name)) known[static_cast<std::size_t>(*which)] = &claim;
  }
  return {};
}

void TokenData::add(const Claim& claim) {
  if (count_ < inline_members) {
    first_[count_] = claim;
  } else {
    rest_.push_back(claim);
  }
  ++count_;
}

const Claim* TokenData::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < std::min(count_, inline_members); ++i) {
    if (first_[i]->name == name) return &*first_[i];
  }
  for (const auto& claim : rest_) {
    if (claim.name == name) return &claim;
  }
  return nullptr;
}

bool TokenData::malformed(Registered claim) const noexcept {
  const auto* found = find(claim);
  return found != nullptr && !has_shape(found->value, row(claim).shape);
}

std::string_view TokenData::text(Registered claim) const noexcept {
  const auto* found = find(claim);
  return found != nullptr ? found->text : std::string_view{};
}

std::optional<Time> TokenData::instant(Registered claim) const noexcept {
  const auto* found = find(claim);
  return found != nullptr ? numeric_date(found->value) : std::nullopt;
}

}  // namespace signet::jwt
