#pragma once
// Questions to the scripts of tests/e2e/node, which answer them with npm's jose. SIGNET_SOURCE is the repository.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/json.hpp"

namespace signet::test {

inline const std::filesystem::path node_folder = std::filesystem::path{SIGNET_SOURCE} / "tests/e2e/node";

// One answer a request, from one run of node.
inline std::vector<std::string> ask(const std::string& script, const std::vector<std::string>& requests) {
  const auto file = std::filesystem::temp_directory_path() / ("signet_node_" + std::to_string(::getpid()) + ".jsonl");
  std::ofstream out{file};
  for (const auto& request : requests) out << request << '\n';
  out.close();
  const std::string command = "cd '" + node_folder.string() + "' && node " + script + " < '" + file.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{::popen(command.c_str(), "r"), ::pclose};
  std::vector<std::string> answers{""};
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    if (c == '\n') {
      answers.emplace_back();
    } else {
      answers.back() += static_cast<char>(c);
    }
  }
  answers.pop_back();
  std::filesystem::remove(file);
  return answers;
}

inline std::optional<std::string> member(const std::string& answer, std::string_view name) {
  const auto object = json::parse(answer);
  const auto value = object ? object->find(name) : std::nullopt;
  return value ? value->string() : std::nullopt;
}

class JoseInterop : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(node_folder / "node_modules/jose")) {
      GTEST_SKIP() << "scripts/setup installs the node packages";
    }
  }
};

}  // namespace signet::test
