#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "signet/error.hpp"
#include "signet/secret.hpp"

namespace signet::server {

// The text of a file that only its owner may read: a regular file of this user or of root, mode 0600 or less, no link.
// Errors: input_output.
[[nodiscard]] std::expected<Secret, Error> read_private_file(const std::filesystem::path& path);

// The text of a file that an operator has put there for this process, without one line end: links are followed, and a
// group may read it, for so Kubernetes and systemd hand secrets over. Refused when anybody may read it, or others than
// its owner write it. The error does not name the path, which may be the secret itself, given in the wrong place.
// Errors: input_output.
[[nodiscard]] std::expected<Secret, Error> read_secret_file(const std::filesystem::path& path);

// What makes a file or directory of ours unfit for what only we may change ("can be written by others: …"): its owner,
// its mode, a link in place of a file. Nothing when it is fine, or is not there.
[[nodiscard]] std::optional<std::string> distrusted_file(const std::filesystem::path& path);
// A directory may be a link (systemd makes them); what the link leads to counts.
[[nodiscard]] std::optional<std::string> distrusted_directory(const std::filesystem::path& path);
// The mode alone: a key that another program renews has its own owner.
[[nodiscard]] std::optional<std::string> writable_by_others(const std::filesystem::path& path);

// Makes the file with that text, mode 0600, and its directories, mode 0700. Whole or not at all, also after a power
// cut. False when it exists already: then nothing was changed. Errors: input_output.
[[nodiscard]] std::expected<bool, Error> make_private_file(const std::filesystem::path& path, const Secret& text);

// Replaces what the file holds, as whole and as durable as above. The file has to be there, and fit for a secret.
// Errors: input_output.
[[nodiscard]] std::expected<void, Error> replace_private_file(const std::filesystem::path& path, const Secret& text);

}  // namespace signet::server
