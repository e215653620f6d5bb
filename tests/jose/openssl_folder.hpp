#pragma once
// A folder of its own, in which the openssl command line runs.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace signet::test {

class OpensslFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "signet-keys-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] bool openssl(const std::string& arguments) const {
    return std::system(("cd " + folder_.string() + " && openssl " + arguments + " >/dev/null 2>&1").c_str()) == 0;
  }
  [[nodiscard]] std::string read(const std::string& file) const {
    std::ifstream in{folder_ / file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  void write(const std::string& file, std::string_view content) const {
    std::ofstream{folder_ / file, std::ios::binary} << content;
  }

  // A PKCS#8 key of that algorithm in `file`, made by openssl.
  void make(const std::string& algorithm, const std::string& file = "key.pem") const {
    ASSERT_TRUE(openssl("genpkey -out " + file + " -algorithm " + algorithm));
  }

  std::filesystem::path folder_;
};

}  // namespace signet::test
