// A service behind a login server, whose keys and revocations arrive by themselves: who logs out there is out here.
//   example_revocable_service http://127.0.0.1:8080 [PORT [deny|allow|status-lists]]
// The last word says what to do while the login server cannot be heard; or to go by its status lists, as with a server
// that is not Signet.

#include <signet/http/httplib.hpp>
#include <signet/remote_issuer.hpp>

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: " << argv[0] << " ISSUER [PORT [deny|allow|status-lists]]\n", 2;
  signet::RemoteIssuerOptions options;
  const std::string_view mode = argc > 3 ? argv[3] : "deny";
  if (mode == "allow") options.when_stale = signet::WhenStale::allow();
  if (mode == "status-lists") options.revocations = signet::RemoteRevocations::status_lists;
  options.on_event = [](signet::RemoteEvent event, std::string_view detail) {
    std::cerr << signet::to_string(event) << ": " << detail << '\n';
  };
  const auto auth = signet::RemoteIssuer::connect(argv[1], options);
  if (!auth) return std::cerr << auth.error().detail() << '\n', 1;
  const auto verifier = auth->verifier("api");
  if (!verifier) return std::cerr << verifier.error().detail() << '\n', 1;
  const signet::http::Guard guard{*verifier};

  httplib::Server server;
  server.Get("/hello", signet::http::require(guard, [](const httplib::Request&, httplib::Response& answer,
                                                       const signet::http::Principal& who) {
               answer.set_content("hello " + std::string{who.subject()} + "\n", "text/plain");
             }));
  server.Get("/readyz", [&auth](const httplib::Request&, httplib::Response& answer) {
    answer.status = auth->ready() ? 200 : 503;
  });
  server.Get("/metrics", [&auth](const httplib::Request&, httplib::Response& answer) {
    answer.set_content(signet::to_prometheus({auth->health()}), "text/plain; version=0.0.4");
  });
  // How late what is known may be; for a monitor.
  server.Get("/health", [&auth](const httplib::Request&, httplib::Response& answer) {
    const auto health = auth->health();
    const auto staleness = health.staleness ? std::to_string(health.staleness->count()) : "null";
    answer.set_content("{\"staleness_ms\":" + staleness + ",\"seq\":" + std::to_string(health.revocation_seq) +
                           ",\"connections\":" + std::to_string(health.connections) +
                           ",\"snapshots\":" + std::to_string(health.snapshots) + "}\n",
                       "application/json");
  });

  int port = argc > 2 ? std::atoi(argv[2]) : 8081;
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    port = -1;
  }
  if (port < 0) return std::cerr << "cannot listen\n", 1;
  std::cout << "listening on http://127.0.0.1:" << port << std::endl;
  return server.listen_after_bind() ? 0 : 1;
}
