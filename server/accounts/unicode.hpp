#pragma once
// Text as code points, and the classes of them that PRECIS (RFC 8264) speaks of.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet::server::unicode {

using CodePoint = std::int32_t;

// Code points that are zeroed when they go: they may be a password's.
class CodePoints {
 public:
  explicit CodePoints(std::size_t size) : points_(size) {}
  CodePoints(CodePoints&&) noexcept = default;
  CodePoints& operator=(CodePoints&&) = delete;
  ~CodePoints();

  [[nodiscard]] std::vector<CodePoint>& points() noexcept { return points_; }
  [[nodiscard]] const std::vector<CodePoint>& points() const noexcept { return points_; }

 private:
  std::vector<CodePoint> points_;
};

enum class Form : std::uint8_t {
  nfc,
  nfkc_casefold,  // NFKC after full case folding
};

// The text in that form; nullopt when it is not UTF-8 (overlong forms and surrogates are not).
[[nodiscard]] std::optional<CodePoints> normalize(std::string_view utf8, Form form);

[[nodiscard]] std::string encode(std::span<const CodePoint> points);

[[nodiscard]] bool is_space(CodePoint point) noexcept;  // Zs
[[nodiscard]] bool is_mark(CodePoint point) noexcept;   // M*
[[nodiscard]] CodePoint to_lower(CodePoint point) noexcept;

// RFC 8264 section 4.2, without the code points that are allowed in some contexts only.
[[nodiscard]] bool in_identifier_class(CodePoint point) noexcept;
// RFC 8264 section 4.3, likewise.
[[nodiscard]] bool in_freeform_class(CodePoint point) noexcept;

// The Bidi rule (RFC 5893 section 2); also true for text that has nothing of right-to-left in it.
[[nodiscard]] bool satisfies_bidi_rule(std::span<const CodePoint> points) noexcept;

}  // namespace signet::server::unicode
