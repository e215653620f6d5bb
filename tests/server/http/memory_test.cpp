// What happens when memory runs out. A binary of its own, for it replaces `operator new`.
#include <gtest/gtest.h>

#include <thread>

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

}  // namespace
}  // namespace signet::server::http
