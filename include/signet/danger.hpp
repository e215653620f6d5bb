#pragma once
// Reading a token without verifying it. What comes out is what some stranger wrote: fit for showing to a person and for
// finding out which issuer to ask, never for a decision.

#include <expected>
#include <string>
#include <string_view>

#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/limits.hpp"

namespace signet::danger {

// Not a VerifiedToken, and not convertible to one (case 1).
class UnverifiedToken {
 public:
  [[nodiscard]] json::View header() const noexcept;
  [[nodiscard]] json::View claims() const noexcept;
  [[nodiscard]] std::string_view signature() const noexcept { return signature_; }  // base64url, as it stands

 private:
  friend std::expected<UnverifiedToken, Error> read_unverified(std::string_view, const Limits&);
  UnverifiedToken() = default;
  std::string header_;
  std::string claims_;
  std::string signature_;
  Limits limits_;
};

// Splits and decodes a compact token of any algorithm, `none` included; checks its form only.
// Errors: token_too_large, token_malformed.
[[nodiscard]] std::expected<UnverifiedToken, Error> read_unverified(std::string_view compact,
                                                                    const Limits& limits = {});

}  // namespace signet::danger
