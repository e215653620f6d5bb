#include "server/http/router.hpp"

#include <algorithm>
#include <stdexcept>

namespace signet::server::http {

namespace {

void append_methods(std::string& allow, std::span<const Route> routes, const std::vector<std::size_t>& places) {
  auto append = [&allow](std::string_view method) {
    for (std::size_t at = 0; (at = allow.find(method, at)) != std::string::npos; ++at)
      if ((at == 0 || allow[at - 1] == ' ') && (at + method.size() == allow.size() || allow[at + method.size()] == ','))
        return;
    if (!allow.empty()) allow += ", ";
    allow += method;
  };
  for (auto place : places) {
    append(routes[place].method);
    if (routes[place].method == "GET") append("HEAD");
  }
}

}  // namespace

void Router::add(std::string_view method, std::string_view path, Lane lane, Handler handler, Admission admit) {
  if (!path.starts_with('/') || path.contains("//"))
    throw std::invalid_argument("a route's path begins with '/' and has no empty segment: " + std::string(path));
  auto slash = path.rfind('/');
  auto last = path.substr(slash + 1);
  bool prefixed = last.size() > 2 && last.front() == '{' && last.back() == '}';
  auto literal = prefixed ? path.substr(0, slash + 1) : path;
  if (literal.find_first_of("{}") != std::string_view::npos)
    throw std::invalid_argument("a route's parameter is its last segment: " + std::string(path));

  auto& places = (prefixed ? prefixed_ : literal_)[std::string(literal)];
  if (std::ranges::any_of(places, [&](auto place) { return routes_[place].method == method; }))
    throw std::invalid_argument("two routes for " + std::string(method) + " " + std::string(path));
  places.push_back(routes_.size());
  routes_.push_back({std::string(method), std::string(path), lane, std::move(handler), std::move(admit)});
}

const Route* Router::find_method(const Paths& paths, std::string_view path, std::string_view method) const {
  auto found = paths.find(path);
  if (found == paths.end()) return nullptr;
  const Route* get = nullptr;
  for (auto place : found->second) {
    if (routes_[place].method == method) return &routes_[place];
    if (routes_[place].method == "GET") get = &routes_[place];
  }
  return method == "HEAD" ? get : nullptr;
}

const Route* Router::find(std::string_view method, std::string_view path, std::string_view& parameter,
                          std::string& allow) const {
  parameter = {};
  if (const auto* route = find_method(literal_, path, method)) return route;

  auto slash = path.rfind('/');
  auto prefix = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash + 1);
  auto last = path.substr(prefix.size());
  if (!last.empty()) {
    if (const auto* route = find_method(prefixed_, prefix, method)) {
      parameter = last;
      return route;
    }
  }
  if (auto found = literal_.find(path); found != literal_.end()) append_methods(allow, routes_, found->second);
  if (auto found = prefixed_.find(prefix); !last.empty() && found != prefixed_.end())
    append_methods(allow, routes_, found->second);
  return nullptr;
}

}  // namespace signet::server::http
