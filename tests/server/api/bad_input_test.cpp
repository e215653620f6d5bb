// One table of bad bodies, over every endpoint that reads one.

#include <gtest/gtest.h>

#include <algorithm>

#include "server/api/problem.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

using namespace std::string_literals;

struct Case {
  std::string_view what;
  std::string body;
};

// Each has the members of every endpoint, so that nothing but the fault stands in the way.
std::vector<Case> bad_json() {
  const auto members =
      R"("username":"ada","password":"p","refresh_token":"t","current_password":"p","new_password":"p")"s;
  const auto deep = std::string(5000, '[') + std::string(5000, ']');
  std::string numbers, nulls, lists, doubled, deepened;
  for (const char* name : {"username", "password", "refresh_token", "current_password", "new_password"}) {
    const auto quoted = "\""s + name + "\":";
    const auto comma = numbers.empty() ? "" : ",";
    numbers += comma + quoted + "1";
    nulls += comma + quoted + "null";
    lists += comma + quoted + "[\"a\"]";
    doubled += comma + quoted + "\"a\"," + quoted + "\"b\"";
    deepened += comma + quoted + deep;
  }
  return {
      {"nothing", ""},
      {"not JSON", "hello"},
      {"cut off", "{" + members},
      {"an array", "[]"},
      {"null", "null"},
      {"a string", "\"username\""},
      {"a number", "1"},
      {"no members", "{}"},
      {"numbers for strings", "{" + numbers + "}"},
      {"nulls", "{" + nulls + "}"},
      {"lists", "{" + lists + "}"},
      {"members twice", "{" + doubled + "}"},
      {"bytes after the end", "{" + members + "} x"},
      {"invalid UTF-8", "{\"username\":\"\xff\xfe\"}"},
      {"overlong UTF-8", "{\"password\":\"\xc0\xaf\"}"},
      {"a byte order mark", "\xef\xbb\xbf{" + members + "}"},
      {"UTF-16", "{\0\"\0u\0"s},
      {"a lone surrogate", R"({"username":"\ud800"})"},
      {"deep", "{" + deepened + "}"},
      {"deep and open", "{\"username\":" + std::string(60'000, '[')},
      {"huge", "{\"username\":\"" + std::string(60'000, 'a')},
      {"many members",
       [] {
         std::string all = "{";
         for (int i = 0; i < 5000; ++i) all += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":0";
         return all + "}";
       }()},
      {"an unknown member", R"({"usrname":"ada"})"},
      {"a member of another case", R"({"Username":"ada","Password":"p","Refresh_token":"t"})"},
  };
}

const char* const json_endpoints[] = {"/signup", "/login", "/refresh", "/password"};

std::string access_token(World& world) {
  world.sign_up("ada");
  return world.log_in("ada").access;
}

// cases 29-32, 46-48
TEST(BadInput, is_a_bad_request_at_every_endpoint_that_reads_json) {
  World world;
  const auto access = access_token(world);
  for (const char* path : json_endpoints) {
    for (const Case& bad : bad_json()) {
      auto answer = world.post(path, bad.body, path == "/password"s ? access : "");
      EXPECT_EQ(answer.status(), 400) << path << ": " << bad.what << ": " << answer.response.body.substr(0, 200);
      EXPECT_EQ(answer.error(), "invalid_request") << path << ": " << bad.what;
      EXPECT_LT(answer.response.body.size(), 500U) << path << ": " << bad.what;
    }
  }
}

TEST(BadInput, names_the_member_that_is_wrong) {
  World world;
  EXPECT_NE(world.post("/login", R"({"username":"ada"})").text("error_description").find("password"),
            std::string::npos);
  EXPECT_NE(world.post("/login", R"({"username":1,"password":"p"})").text("error_description").find("username"),
            std::string::npos);
  EXPECT_NE(world.post("/login", R"({"username":"a","password":"p","cookies":"yes"})")
                .text("error_description")
                .find("cookies"),
            std::string::npos);
}

TEST(BadInput, of_another_content_type_is_not_read) {
  World world;
  const auto access = access_token(world);
  const auto body = R"({"username":"ada","password":"p"})";
  for (const char* path : json_endpoints) {
    for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/json-patch+json",
                             "application/jsonp", "nonsense", "multipart/form-data; boundary=x"}) {
      HeaderList headers{{"Authorization", "Bearer " + access}};
      if (*type) headers.emplace_back("Content-Type", type);
      auto answer = world.call("POST", path, headers, body);
      EXPECT_EQ(answer.status(), 415) << path << " " << type;
      EXPECT_EQ(answer.error(), "unsupported_media_type");
    }
    auto twice = world.call("POST", path,
                            {{"Content-Type", "application/json"},
                             {"Content-Type", "application/json"},
                             {"Authorization", "Bearer " + access}},
                            body);
    EXPECT_EQ(twice.status(), 415) << path;
    auto packed = world.call(
        "POST", path,
        {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}, {"Authorization", "Bearer " + access}},
        body);
    EXPECT_EQ(packed.status(), 415) << path;
  }
}

TEST(BadInput, is_no_matter_of_how_the_content_type_is_spelled) {
  World world;
  world.sign_up("ada");
  const auto body = json::Object{}.set("username", "ada").set("password", good_password).text();
  for (const char* type :
       {"Application/JSON", "application/json; charset=utf-8", "application/json ;charset=\"utf-8\""}) {
    EXPECT_EQ(world.call("POST", "/login", {{"Content-Type", type}}, body).status(), 200) << type;
  }
}

TEST(BadInput, that_is_strange_but_well_formed_gets_an_answer_from_the_list) {
  World world;
  const auto strange = [](std::string_view member, std::string_view value) {
    return json::Object{}.set("username", "ada").set("password", "p").set(member, value).text();
  };
  for (const std::string& value :
       {""s, std::string(10'000, 'a'), "a\0b"s, "\u202e"s, "\U0001F600"s, "' OR 1=1 --"s, "../../etc/passwd"s}) {
    auto signup = world.post(
        "/signup", R"({"username":)" + [&] {
          std::string quoted;
          json::append_string(quoted, value);
          return quoted;
        }() + R"(,"password":"correct horse battery staple 42"})");
    EXPECT_TRUE(signup.status() == 422 || signup.status() == 201) << value.substr(0, 20) << signup.response.body;
    auto refresh = world.post("/refresh", json::Object{}.set("refresh_token", value).text());
    EXPECT_EQ(refresh.error(), "invalid_grant");
  }
  EXPECT_EQ(world.post("/login", strange("x", "y")).error(), "invalid_request");
}

TEST(BadInput, never_gets_an_error_that_is_not_on_the_list) {
  World world;
  world.sign_up("ada");
  for (const Endpoint& endpoint : endpoints()) {
    const auto access = world.log_in("ada").access;  // one of them signs out
    std::string path{endpoint.path};
    if (auto brace = path.find('{'); brace != std::string::npos) path.replace(brace, std::string::npos, "%00..%2f");
    for (const Case& bad : bad_json()) {
      for (const char* type : {"application/json", "application/x-www-form-urlencoded", ""}) {
        for (const std::string& authorization : {""s, "Bearer x"s, "Bearer " + access, "Basic \xff"s}) {
          HeaderList headers;
          if (*type) headers.emplace_back("Content-Type", type);
          if (!authorization.empty()) headers.emplace_back("Authorization", authorization);
          auto answer = world.call(endpoint.method, path, headers, bad.body);
          EXPECT_LT(answer.status(), 500) << path << ": " << bad.what;
          if (answer.error().empty()) continue;
          EXPECT_NE(std::ranges::find(problems(), answer.error(), &ProblemRow::name), problems().end())
              << answer.error();
        }
      }
    }
  }
}

}  // namespace
}  // namespace signet::server::api
