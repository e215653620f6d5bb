#include "src/jwt/token_data.hpp"

#include <new>
#include <utility>

#include "src/jose/base64url.hpp"
#include "src/jose/json_text.hpp"
#include "src/jwt/header.hpp"
#include "src/jwt/token_block.hpp"

namespace signet::jwt {

namespace {

Error malformed_part(std::string_view part, std::string_view what) {
  return Error{ErrorCode::token_malformed, std::string{part}.append(": ").append(what)};
}

// One strict JSON object and nothing else (cases 29, 30, 46, 47, 48).
std::expected<json::View, Error> parse_object(std::string_view part, std::string_view text, const Limits& limits,
                                              json::MemberSink& sink) {
  auto value = json::parse(text, limits, &sink);
  if (!value) return std::unexpected(malformed_part(part, value.error().detail()));
  if (value->kind() != json::Kind::object) return std::unexpected(malformed_part(part, "not a JSON object"));
  return value;
}

// The claims that a revocation can name, with its kind.
struct Named {
  Registered claim;
  RevocationKind kind;
};
constexpr std::array claims_that_name{
    Named{Registered::sub, RevocationKind::subject},
    Named{Registered::jti, RevocationKind::token},
    Named{Registered::client_id, RevocationKind::client},
    Named{Registered::sid, RevocationKind::session},
};

// The kind by the claim; of no other claim is it asked.
constexpr auto kind_of = [] {
  std::array<RevocationKind, registered_claims.size()> kinds{};
  for (const auto& [claim, kind] : claims_that_name) kinds[static_cast<std::size_t>(claim)] = kind;
  return kinds;
}();

// The claims that revocations of some kinds name, a bit each, by the bits of the kinds.
constexpr auto claims_of = [] {
  std::array<std::uint32_t, revocation::Lookup::sets_of_kinds> sets{};
  for (std::uint32_t kinds = 0; kinds < sets.size(); ++kinds) {
    for (const auto& [claim, kind] : claims_that_name) {
      if ((kinds >> static_cast<unsigned>(kind) & 1) != 0)
        sets[kinds] |= std::uint32_t{1} << static_cast<unsigned>(claim);
    }
  }
  return sets;
}();

constexpr std::size_t instants = 3;
static_assert(static_cast<std::size_t>(Registered::exp) < instants &&
              static_cast<std::size_t>(Registered::nbf) < instants &&
              static_cast<std::size_t>(Registered::iat) < instants);

}  // namespace

std::string_view ResolvedText::resolve(std::string_view raw) { return copies_.emplace_front(json::unescaped(raw)); }

void TokenRelease::operator()(const TokenData* token) const noexcept {
  // Who holds it alone needs no shared write to find that out.
  if (token->holders_.load(std::memory_order_acquire) != 1 &&
      token->holders_.fetch_sub(1, std::memory_order_acq_rel) != 1) {
    return;
  }
  const auto block_bytes = token->block_bytes_;
  token->~TokenData();
  if (block_bytes != 0) give_back_block(const_cast<TokenData*>(token), block_bytes);
}

TokenHandle share(const TokenData& token) noexcept {
  token.holders_.fetch_add(1, std::memory_order_relaxed);
  return TokenHandle{&token};
}

std::expected<TokenData::Unshared, Error> TokenData::decode(const CompactParts& parts, const Limits& limits,
                                                            TokenBuffer* buffer) {
  const auto header_size = jose::base64url_decoded_size(parts.header.size());
  const auto payload_size = jose::base64url_decoded_size(parts.payload.size());
  const auto signature_size = jose::base64url_decoded_size(parts.signature.size());
  if (header_size > limits.header_bytes) return std::unexpected(Error{ErrorCode::token_too_large, "the header"});

  // The block is larger than the struct, by room for the decoded parts.
  const auto whole = sizeof(TokenData) + header_size + payload_size + signature_size;
  const bool fits = buffer != nullptr && whole <= buffer->bytes_.size();
  Unshared data{new (fits ? buffer->bytes_.data() : take_block(whole)) TokenData};
  data->block_bytes_ = fits ? 0 : whole;
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
  HeaderReader reader{resolved_};
  auto object = parse_object("header", header_text, limits, reader);
  if (!object) return std::unexpected(std::move(object.error()));
  auto read = std::move(reader).header(*object, understood, limits);
  if (!read) return std::unexpected(std::move(read.error()));
  header = *read;
  return {};
}

// Keeps the claims as they are found.
class TokenData::Reader final : public json::MemberSink {
 public:
  Reader(TokenData& token, revocation::Lookup& revocations) noexcept
      : token_{token}, revocations_{revocations}, asked_{claims_of[revocations.kinds()]} {}

  void take(const json::FoundMember& member) override {
    const bool is_text = member.value.kind() == json::Kind::string;
    const Claim claim{.name = token_.resolved_.name_of(member),
                      .key = member.key,
                      .value = member.value,
                      .text = is_text ? token_.resolved_.text_of(member) : std::string_view{}};
    if (const auto which = registered(claim.name, member.key)) know(*which, claim);
    if (token_.count_ < inline_members) {
      token_.first_[token_.count_] = claim;
    } else {
      token_.rest_.push_back(claim);
    }
    ++token_.count_;
  }

 private:
  void know(Registered which, const Claim& claim) {
    const auto index = static_cast<std::size_t>(which);
    if ((asked_ >> index & 1) != 0) revocations_.ask(kind_of[index], claim.text);
    token_.known_[index] = static_cast<std::uint32_t>(token_.count_);
    if (row(which).shape == Shape::instant) {
      const auto time = numeric_date(claim.value);
      token_.malformed_[index] = !time;
      token_.instants_[index] = time.value_or(Time{});
    } else {
      token_.malformed_[index] = !has_shape(claim.value, row(which).shape);
    }
  }

  TokenData& token_;
  revocation::Lookup& revocations_;
  std::uint32_t asked_;  // the claims that some of them name, a bit each
};

std::expected<void, Error> TokenData::parse_claims(const Limits& limits, revocation::Lookup& revocations) {
  Reader reader{*this, revocations};
  auto object = parse_object("claims", payload_text, limits, reader);
  if (!object) return std::unexpected(std::move(object.error()));
  claims = *object;
  return {};
}

void TokenData::ask(revocation::Lookup& revocations) const noexcept {
  for (const auto& [claim, kind] : claims_that_name) revocations.ask(kind, text(claim));
}

const Claim* TokenData::find(std::string_view name) const noexcept {
  const auto key = json::name_key(name);
  if (const auto which = registered(name, key)) return find(*which);
  for (std::size_t i = 0; i < count_; ++i) {
    if (const Claim& claim = at(i); json::is_same_name(claim.name, claim.key, name, key)) return &claim;
  }
  return nullptr;
}

std::string_view TokenData::text(Registered claim) const noexcept {
  const auto* found = find(claim);
  return found != nullptr ? found->text : std::string_view{};
}

std::optional<Time> TokenData::instant(Registered claim) const noexcept {
  if (find(claim) == nullptr || malformed(claim)) return std::nullopt;
  return instants_[static_cast<std::size_t>(claim)];
}

}  // namespace signet::jwt
