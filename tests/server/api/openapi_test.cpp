// docs/openapi.yaml against what the program does: a scan of the text, which keeps to two spaces a level.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"

namespace signet::server::api {
namespace {

std::vector<std::string> lines_of_openapi() {
  std::ifstream file{SIGNET_SOURCE_DIR "/docs/openapi.yaml"};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::size_t indent(const std::string& line) { return line.find_first_not_of(' '); }

// "METHOD /path" of every operation that is described.
std::set<std::string> described_operations() {
  std::set<std::string> out;
  bool in_paths = false;
  std::string path;
  for (const std::string& line : lines_of_openapi()) {
    if (line.empty() || line.find_first_not_of(' ') == std::string::npos) continue;
    if (indent(line) == 0) in_paths = line == "paths:";
    if (!in_paths) continue;
    if (indent(line) == 2) path = line.substr(2, line.size() - 3);
    if (indent(line) != 4) continue;
    auto method = line.substr(4, line.find(':') - 4);
    if (!std::set<std::string>{"get", "post", "put", "delete", "patch", "head"}.contains(method)) continue;
    for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    out.insert(method + " " + path);
  }
  return out;
}

// The `enum: [...]` of the error schema, on lines of its own.
std::set<std::string> described_errors() {
  std::set<std::string> out;
  bool in_error = false, in_enum = false;
  for (const std::string& line : lines_of_openapi()) {
    if (indent(line) == 4) in_error = line == "    Error:";
    if (!in_error) continue;
    if (line == "          enum:") {
      in_enum = true;
    } else if (in_enum && line.starts_with("            - ")) {
      out.insert(line.substr(14, line.find(' ', 14) - 14));
    } else {
      in_enum = false;
    }
  }
  return out;
}

TEST(OpenApi, describes_every_route_and_no_other) {
  std::set<std::string> served;
  for (const Endpoint& endpoint : endpoints())
    served.insert(std::string{endpoint.method} + " " + std::string{endpoint.path});
  EXPECT_EQ(described_operations(), served);
}

TEST(OpenApi, lists_every_error_and_no_other) {
  std::set<std::string> answered;
  for (const ProblemRow& row : problems()) answered.insert(std::string{row.name});
  EXPECT_EQ(described_errors(), answered);
}

}  // namespace
}  // namespace signet::server::api
