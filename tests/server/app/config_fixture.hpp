#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <expected>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "server/app/config.hpp"

namespace signet::server::app {

inline constexpr const char* variables[] = {"SIGNET_CONFIG",      "SIGNET_LISTEN",       "SIGNET_MONITOR_LISTEN",
                                            "SIGNET_DATA",        "SIGNET_ISSUER",       "SIGNET_SECRET",
                                            "SIGNET_SECRET_FILE", "SIGNET_DATABASE_URL", "SIGNET_DATABASE_URL_FILE"};

// Reads configuration files of its own, with none of the variables set.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string name = (std::filesystem::temp_directory_path() / "signet-config-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (const char* variable : variables) unsetenv(variable);
  }
  ~ConfigTest() override {
    for (const char* variable : variables) unsetenv(variable);
    std::filesystem::remove_all(folder_);
  }

  std::string file(const std::string& text, const std::string& name = "signet.toml") {
    const auto path = (folder_ / name).string();
    std::ofstream{path} << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }

  std::expected<Config, ConfigError> load(const std::string& toml, Flags flags = {}) {
    flags.config = file(toml);
    return load_config(flags);
  }

  Config good(const std::string& toml, Flags flags = {}) {
    auto config = load(toml, std::move(flags));
    if (config) return std::move(*config);
    for (const auto& problem : config.error().problems) ADD_FAILURE() << problem;
    return {};
  }

  std::vector<std::string> problems(const std::string& toml) {
    auto config = load(toml);
    return config ? std::vector<std::string>{} : config.error().problems;
  }

  // The one problem, without the folder.
  std::string problem(const std::string& toml) {
    auto all = problems(toml);
    EXPECT_EQ(all.size(), 1U) << toml;
    if (all.empty()) return "";
    EXPECT_TRUE(all.front().starts_with((folder_ / "signet.toml").string())) << all.front();
    return all.front().substr(folder_.string().size() + 1);
  }

  std::filesystem::path folder_;
};

}  // namespace signet::server::app
