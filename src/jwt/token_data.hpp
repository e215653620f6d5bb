#pragma once
// What a VerifiedToken owns: one block of memory with the decoded parts behind it, and an index of the claims.
// Everything in it is a view into that block, so moving the token moves nothing.

#include <array>
#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <forward_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/key.hpp"
#include "signet/limits.hpp"
#include "signet/verified_token.hpp"
#include "src/jose/json_check.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/registered_claims.hpp"
#include "src/revocation/lookup.hpp"

namespace signet::jwt {

// Strings of the JSON with their escapes resolved. Addresses stay.
class ResolvedText {
 public:
  [[nodiscard]] std::string_view name_of(const json::FoundMember& member) {
    return member.name_has_escapes ? resolve(member.raw_name) : member.raw_name;
  }
  // Precondition: the value is a string.
  [[nodiscard]] std::string_view text_of(const json::FoundMember& member) {
    const auto text = member.value.text();
    const auto raw = text.substr(1, text.size() - 2);
    return member.value_has_escapes ? resolve(raw) : raw;
  }

 private:
  [[nodiscard]] std::string_view resolve(std::string_view raw);

  std::forward_list<std::string> copies_;
};

// The header members that decide how a token is read (RFC 7515 section 4.1). Everything else in a header is ignored,
// keys and addresses of keys included (cases 9, 10).
struct Header {
  std::optional<json::View> json;
  std::string_view algorithm;
  std::optional<std::string_view> key_id;
  std::optional<std::string_view> type;
};

struct Claim {
  std::string_view name;
  std::uint64_t key;  // json::name_key of it
  json::View value;
  std::string_view text;  // a string's characters; empty for other kinds
};

struct TokenData {
  struct Discard {
    void operator()(TokenData* token) const noexcept { TokenRelease{}(token); }
  };
  using Unshared = std::unique_ptr<TokenData, Discard>;

  // Decodes the three parts into the block: in `buffer` when there is one and they fit, else from the heap. Errors:
  // token_too_large, token_malformed.
  [[nodiscard]] static std::expected<Unshared, Error> decode(const CompactParts& parts, const Limits& limits,
                                                             TokenBuffer* buffer = nullptr);

  // Errors: token_malformed, token_too_large, critical_header.
  [[nodiscard]] std::expected<void, Error> parse_header(std::span<const std::string> understood, const Limits& limits);

  // Call it when the signature holds (case 50). `revocations` is asked for what it finds. Errors: token_malformed.
  [[nodiscard]] std::expected<void, Error> parse_claims(const Limits& limits, revocation::Lookup& revocations);

  // Asks for the same of claims that were parsed before.
  void ask(revocation::Lookup& revocations) const noexcept;

  [[nodiscard]] const Claim* find(std::string_view name) const noexcept;

  // The claim, whatever its shape; null when absent.
  [[nodiscard]] const Claim* find(Registered claim) const noexcept {
    const auto index = known_[static_cast<std::size_t>(claim)];
    return index == absent ? nullptr : &at(index);
  }
  [[nodiscard]] bool malformed(Registered claim) const noexcept { return malformed_[static_cast<std::size_t>(claim)]; }

  // Empty or nullopt when the claim is absent or malformed.
  [[nodiscard]] std::string_view text(Registered claim) const noexcept;
  [[nodiscard]] std::optional<Time> instant(Registered claim) const noexcept;

  std::string_view header_text;
  std::string_view payload_text;
  std::span<const std::byte> signature;

  Header header;
  Algorithm algorithm{};
  std::optional<json::View> claims;
  std::optional<VerifyingKey> verified_by;  // of a token that a cache keeps

 private:
  friend struct TokenRelease;
  friend TokenHandle share(const TokenData& token) noexcept;
  class Reader;

  TokenData() noexcept { known_.fill(absent); }
  [[nodiscard]] const Claim& at(std::size_t index) const noexcept {
    return index < inline_members ? *first_[index] : rest_[index - inline_members];
  }

  // Most tokens have no more top-level members than this; the others pay for a vector.
  static constexpr std::size_t inline_members = 16;
  static constexpr std::uint32_t absent = ~std::uint32_t{0};
  std::array<std::optional<Claim>, inline_members> first_;
  std::size_t count_ = 0;
  std::vector<Claim> rest_;
  std::array<std::uint32_t, registered_claims.size()> known_;  // where each stands
  std::bitset<registered_claims.size()> malformed_;
  std::array<Time, 3> instants_{};  // exp, nbf, iat
  ResolvedText resolved_;
  std::size_t block_bytes_ = 0;  // 0: in a buffer of the caller's
  mutable std::atomic<std::size_t> holders_ = 1;
};

// Another handle to the same token. Precondition: it is not in a buffer.
[[nodiscard]] TokenHandle share(const TokenData& token) noexcept;

}  // namespace signet::jwt
