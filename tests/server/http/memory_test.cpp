// What happens when memory runs out, and what is in memory that is given back. A binary of its own, for it replaces
// `operator new`.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "server/api/body.hpp"
#include "server/http/intake.hpp"
#include "src/crypto/secure_memory.hpp"
#include "tests/server/http/failing_allocator.hpp"
#include "tests/server/http/harness.hpp"

namespace signet::server::http {
namespace {

using namespace std::chrono_literals;
using test::Client;

// One loop, which lets one of its allocations fail when it is told: GET /famine/NUMBER.
class Memory : public testing::Test {
 protected:
  Memory() {
    Router router;
    router.add("GET", "/famine/{after}", Lane::loop, [](const Request& request) {
      test::allocations_until_failure = std::stoul(std::string(request.route_parameter));
      return Response{};
    });
    router.add("GET", "/plenty", Lane::loop, [](const Request&) {
      test::allocations_until_failure = ~std::size_t{0};
      return Response{};
    });
    router.add("GET", "/store", Lane::store, [](const Request&) { return Response{}; });
    ServerOptions options{.listen = "127.0.0.1:0", .store = {1, 16}};
    options.limits.connections_per_address = 4;
    server_ = std::move(*Server::bind(std::move(options), std::move(router)));
    server_->start();
  }

  static std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  }
  [[nodiscard]] Client connect() const { return Client(server_->address()); }

  std::unique_ptr<Server> server_;
};

TEST_F(Memory, an_allocation_that_fails_costs_one_connection_and_never_the_server) {
  for (int after = 0; after < 40; ++after) {
    std::ignore = connect().ask(get("/famine/" + std::to_string(after)));
    std::ignore = connect().ask(get("/store"));
    // The connection on which it fails may be this one; the one after it is served.
    std::ignore = connect().ask(get("/plenty"));
    auto answer = connect().ask(get("/plenty"));
    ASSERT_TRUE(answer) << after;
    EXPECT_EQ(answer->status, 200);
  }
  EXPECT_GT(server_->counters().failed_handlers, 0) << "some did fail";
  while (server_->counters().connections > 0) std::this_thread::yield();  // each gives its place back
}

std::string sized(std::string_view body) {
  return "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// Gives the bytes to an intake in pieces of that size, taking out what requests there are.
void take_in(std::string_view bytes, std::size_t piece) {
  const ServerLimits limits;
  Intake intake(limits);
  while (!bytes.empty()) {
    auto room = intake.room();
    auto count = std::min({room.size(), bytes.size(), piece});
    std::ranges::copy(bytes.substr(0, count), room.begin());
    intake.add(count);
    bytes.remove_prefix(count);
    while (intake.next() == Intake::Next::request) intake.done();
  }
}

TEST(Wiping, nothing_that_was_received_is_left_in_memory_that_is_given_back) {
  const std::string secret{test::watched};
  const auto request = sized(R"({"password":")" + secret + R"("})");
  const std::string chunk = "15\r\n" + secret + "\r\n";
  const std::string cases[]{
      request,
      request + request.substr(0, request.size() - 2),                                 // the second is cut off
      request + sized(std::string(40'000, ' ') + secret),                              // needs a larger buffer
      "GET /" + secret + " HTTP/1.1\r\nAuthorization: Bearer " + secret + "\r\n\r\n",  // refused: no Host
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n" + request,
  };
  test::unwiped = 0;
  for (const auto& bytes : cases)
    for (std::size_t piece : {7U, 100U, 100'000U}) take_in(bytes, piece);
  EXPECT_EQ(test::unwiped, 0);
  *std::make_unique<std::string>(secret + secret) += "seen";
  EXPECT_GT(test::unwiped, 0) << "so what is looked for would have been found";
}

TEST(Wiping, a_json_form_wipes_its_texts) {
  static constexpr api::Field fields[]{{"username", api::FieldKind::text}, {"password", api::FieldKind::text}};
  static constexpr Header headers[]{{"Content-Type", "application/json"}};
  for (const std::string_view start : {"", "\\u0041\\n"}) {  // also with escapes, which are resolved elsewhere
    auto body = std::make_unique<crypto::SecretText>();
    for (auto part :
         {std::string_view{R"({"username":"a","password":")"}, start, test::watched, std::string_view{"\"}"}})
      body->insert(body->end(), part.begin(), part.end());
    test::unwiped = 0;
    {
      Request request;
      request.headers = headers;
      request.body = {body->data(), body->size()};
      auto form = api::parse_json(request, fields);
      ASSERT_TRUE(form);
      ASSERT_TRUE(form->text("password").ends_with(test::watched));
      auto moved = std::move(*form);
      EXPECT_EQ(moved.text("username"), "a");
    }
    EXPECT_EQ(test::unwiped, 0);
  }
}

}  // namespace
}  // namespace signet::server::http
