#pragma once
// Which handler answers which method and path, and where it runs.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/http/message.hpp"

namespace signet::server::http {

// Where a handler runs, so that what is slow cannot hold up what is fast. Each lane but `loop` is a bounded queue with
// threads of its own; a full one answers 503 with Retry-After at once.
enum class Lane : std::uint8_t {
  loop,      // on the event loop: answers from memory, never waits
  store,     // may wait for the database
  password,  // hashes passwords
};

using Handler = std::function<Response(const Request&)>;

// Looks at a request before it takes a place in its lane; an answer turns it away. On the event loop: cheap, and never
// waits.
using Admission = std::function<std::optional<Response>(const Request&)>;

struct Route {
  std::string method;
  std::string path;  // literal segments; at most one `{name}` segment, last
  Lane lane;
  Handler handler;
  Admission admit;  // may be empty: everything is admitted
};

class Router {
 public:
  // Throws std::invalid_argument for a path that is not as above, or a second route for the same method and path.
  void add(std::string_view method, std::string_view path, Lane lane, Handler handler, Admission admit = {});

  // The route, or null with `allow` filled when the path exists under other methods (405), else empty (404).
  // HEAD finds GET. `parameter` is what stood for {…}. A literal path goes before one with a parameter. Allocates
  // nothing when it finds.
  [[nodiscard]] const Route* find(std::string_view method, std::string_view path, std::string_view& parameter,
                                  std::string& allow) const;

  [[nodiscard]] std::span<const Route> routes() const noexcept { return routes_; }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  // The routes of one path, one a method, as places in `routes_`.
  using Paths = std::unordered_map<std::string, std::vector<std::size_t>, Hash, std::equal_to<>>;

  [[nodiscard]] const Route* find_method(const Paths& paths, std::string_view path, std::string_view method) const;

  std::vector<Route> routes_;
  Paths literal_;   // by the whole path
  Paths prefixed_;  // by what stands before the parameter, with its '/'
};

}  // namespace signet::server::http
