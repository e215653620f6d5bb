#pragma once
// The URL of a request in the one form that proofs are compared in.

#include <optional>
#include <string>
#include <string_view>

namespace signet::dpop {

// Without query and fragment (RFC 9449 section 4.2), normalised by syntax and scheme (RFC 3986 sections 6.2.2, 6.2.3):
// scheme and host in small letters, no default port, unreserved characters plain and other percent-encoding in capital
// letters, no dot segments, a path. Nothing: not an absolute http or https URL, or one with user information.
[[nodiscard]] std::optional<std::string> normalised_target(std::string_view url);

}  // namespace signet::dpop
