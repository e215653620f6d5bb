#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace signet::server {

// A copy of a store's file as it is at one moment, while servers go on with it: in a file that was not there before,
// mode 0600, whole or not at all, on the disk before this returns. The error says in a sentence what is wrong.
[[nodiscard]] std::expected<void, std::string> back_up_sqlite(const std::filesystem::path& file,
                                                              const std::filesystem::path& copy);

}  // namespace signet::server
