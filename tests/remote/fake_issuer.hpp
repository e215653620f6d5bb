#pragma once
// A login server for tests: metadata, a key set, a snapshot and a stream, each of which can be told to misbehave.

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include "signet/jws.hpp"
#include "signet/remote_issuer.hpp"
#include "signet/signet.hpp"
#include "tests/status/lst.hpp"

namespace signet::test {

using namespace std::chrono_literals;

inline Time wall_now() { return SystemClock::instance().now(); }
inline std::int64_t milliseconds(Time time) { return time.time_since_epoch().count(); }

// Waits for what happens in the background. The limit is only there to end a test that fails.
[[nodiscard]] inline bool eventually(const std::function<bool()>& condition) {
  for (const auto end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::sleep_for(2ms);
  }
  return false;
}

class FakeIssuer {
 public:
  // One connection of the stream: returns when it is over. `send` answers whether the client is still there.
  using Send = std::function<bool(std::string_view)>;
  using Script = std::function<void(int connection, std::int64_t from, const Send& send)>;

  FakeIssuer() {
    server_.Get("/.well-known/oauth-authorization-server",
                [this](const auto&, httplib::Response& answer) { answer.set_content(metadata(), "application/json"); });
    server_.Get("/jwks", [this](const httplib::Request& request, httplib::Response& answer) { keys(request, answer); });
    server_.Get("/keys-moved", [this](const auto& request, httplib::Response& answer) { keys(request, answer); });
    server_.Get("/stream-moved",
                [this](const httplib::Request& request, httplib::Response& answer) { stream(request, answer); });
    server_.Get("/moved", [](const auto&, httplib::Response& answer) { answer.set_redirect("/jwks"); });
    server_.Get("/hangs", [this](const auto&, httplib::Response&) {
      while (!stopping) std::this_thread::sleep_for(5ms);
    });
    server_.Get("/snapshot", [this](const auto&, httplib::Response& answer) {
      if (!snapshots_drip) return answer.set_content(snapshot(), "application/jwt");
      const auto text = std::make_shared<const std::string>(snapshot());
      answer.set_content_provider(text->size(), "application/jwt", [text](std::size_t at, auto, auto& sink) {
        std::this_thread::sleep_for(50ms);
        return sink.write(text->data() + at, std::min(text->size() - at, text->size() / 30 + 1));
      });
    });
    server_.Get("/stream",
                [this](const httplib::Request& request, httplib::Response& answer) { stream(request, answer); });
    server_.Get("/status", [this](const auto&, httplib::Response& answer) { aggregation(answer); });
    server_.Get("/status/(.+)", [this](const auto& request, httplib::Response& answer) { list(request, answer); });
    server_.Post("/introspect", [this](const httplib::Request& request, httplib::Response& answer) {
      ++introspections;
      // "https://api" and "s+cret", each encoded as in a form (RFC 6749 section 2.3.1).
      const bool known = request.get_header_value("Authorization") == "Basic aHR0cHMlM0ElMkYlMkZhcGk6cyUyQmNyZXQ=";
      answer.status = known ? 200 : 401;
      const std::lock_guard lock{mutex_};
      answer.set_content(request.get_param_value("token") == active_ ? R"({"active":true})" : R"({"active":false})",
                         "application/json");
    });
    server_.new_task_queue = [] { return new httplib::ThreadPool(24); };
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }

  ~FakeIssuer() {
    stopping = true;
    while (!server_.is_running()) std::this_thread::yield();
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string epoch() const {
    return under_lock([&] { return epoch_; });
  }

  void play(Script script) {
    under_lock([&] { script_ = std::move(script); });
  }
  // A new database, with this one row.
  void begin_epoch(std::string epoch, std::string session) {
    under_lock([&] {
      epoch_ = std::move(epoch);
      log_ = {std::move(session)};
    });
  }
  void sign_snapshots_with(const SigningKey& key) {
    under_lock([&] { snapshot_key_ = key; });
  }
  void change_key(std::string key_id) {
    auto key = SigningKey::generate(Algorithm::ES256).value().with_key_id(std::move(key_id));
    under_lock([&] { snapshot_key_ = key_ = key; });
  }
  // A claim (or `typ`) of the snapshots, a member of the metadata: JSON, nothing to leave it out.
  void in_snapshots(const std::string& claim, std::string json) {
    under_lock([&] { snapshot_claims_[claim] = std::move(json); });
  }
  void in_metadata(const std::string& name, std::string json) {
    under_lock([&] { metadata_[name] = std::move(json); });
  }
  void only_active(std::string token) {
    under_lock([&] { active_ = std::move(token); });
  }
  void revoke(std::string session) {
    under_lock([&] { log_.push_back(std::move(session)); });
  }

  // The stream's events.
  [[nodiscard]] std::string event(std::int64_t seq) const { return event(seq, seq, seq - 1); }
  [[nodiscard]] std::string event(std::int64_t seq, std::int64_t numbered, std::int64_t after) const {
    return under_lock([&] {
      return "id: " + epoch_ + ":" + std::to_string(numbered) +
             "\nevent: revocation\ndata: " + row(seq, numbered).set("after", after).text() + "\n\n";
    });
  }
  [[nodiscard]] static std::string heartbeat(std::int64_t seq, Time time = wall_now()) {
    return "event: heartbeat\ndata: {\"seq\":" + std::to_string(seq) +
           ",\"time\":" + std::to_string(milliseconds(time)) + "}\n\n";
  }

  [[nodiscard]] static std::string begin() {
    return "event: begin\ndata: {\"time\":" + std::to_string(milliseconds(wall_now())) + "}\n\n";
  }

  // What a good server does: all rows after `seq`, then heartbeats, by a clock that may be wrong.
  void follow(std::int64_t seq, const Send& send) const {
    while (!stopping) {
      const auto last = under_lock([&] { return static_cast<std::int64_t>(log_.size()); });
      std::string text;
      while (seq < last) text += event(++seq);
      if (!send(text + heartbeat(seq, wall_now() + std::chrono::milliseconds{clock_ahead}))) return;
      std::this_thread::sleep_for(5ms);
    }
  }

  [[nodiscard]] KeySet key_set() const {
    return KeySet::of({under_lock([&] { return key_; }).verifying_key()}).value();
  }

  // An access token of this issuer.
  [[nodiscard]] std::string token(std::string_view session) const { return signed_token(claims().set("sid", session)); }
  // The same with a place in a status list.
  [[nodiscard]] std::string token(int index, std::string_view list) const {
    return signed_token(claims().set(
        "status", json::Object{}.set("status_list", json::Object{}.set("idx", index).set("uri", list_url(list)))));
  }

  // A status list of one bit a place, each taken back that is named.
  void put_list(const std::string& name, std::vector<int> taken_back) {
    under_lock([&] { lists_[name] = std::move(taken_back); });
  }
  [[nodiscard]] std::string list_url(std::string_view name) const { return url() + "/status/" + std::string{name}; }
  // A claim (or `typ`) of the lists: JSON, nothing to leave it out.
  void in_lists(const std::string& claim, std::string json) {
    under_lock([&] { list_claims_[claim] = std::move(json); });
  }

  std::atomic<int> keys_asked = 0, keys_unchanged = 0, connections = 0, introspections = 0;
  std::atomic<int> lists_asked = 0, lists_unchanged = 0, slow_list_asked = 0;
  std::atomic<std::int64_t> clock_ahead = 0;  // milliseconds
  std::atomic<bool> slow_list_hangs = false;  // the one of that name
  std::atomic<bool> snapshots_drip = false;   // each takes a second and a half
  std::atomic<bool> gone = false;             // from the first addresses of the keys and of the stream
  std::atomic<bool> keys_without_etag = false, keys_down = false, keys_hang = false, lists_down = false,
                    without_begin = false, stopping = false;

 private:
  template <class Work>
  std::invoke_result_t<Work> under_lock(Work work) const {
    const std::lock_guard lock{mutex_};
    return work();
  }

  void keys(const httplib::Request& request, httplib::Response& answer) {
    ++keys_asked;
    while (keys_hang && !stopping) std::this_thread::sleep_for(2ms);
    if (keys_down || (gone && request.path == "/jwks")) {
      answer.status = keys_down ? 500 : 404;
      return;
    }
    const auto key = under_lock([&] { return key_; });
    const auto etag = "\"" + key.key_id() + "\"";
    if (!keys_without_etag) answer.set_header("ETag", etag);
    answer.set_header("Cache-Control", "public, max-age=300");
    if (request.get_header_value("If-None-Match") == etag) {
      ++keys_unchanged;
      answer.status = 304;
    } else {
      answer.set_content(key_set().to_json(), "application/json");
    }
  }

  [[nodiscard]] Claims claims() const {
    return Claims{}.issuer(url()).audience("api").subject("user-42").issued_at(wall_now() - 1s).expires_in(1h);
  }
  [[nodiscard]] std::string signed_token(const Claims& claims) const {
    return Signer{under_lock([&] { return key_; })}.type("at+jwt").sign(claims).value();
  }

  void list(const httplib::Request& request, httplib::Response& answer) {
    ++lists_asked;
    if (request.matches[1] == "slow") {
      ++slow_list_asked;
      while (slow_list_hangs && !stopping) std::this_thread::sleep_for(2ms);
    }
    const std::lock_guard lock{mutex_};
    const auto found = lists_.find(request.matches[1]);
    if (lists_down || found == lists_.end()) {
      answer.status = lists_down ? 500 : 404;
      return;
    }
    std::vector<std::uint8_t> bytes(2);
    for (const int index : found->second) bytes[static_cast<std::size_t>(index / 8)] |= std::uint8_t(1 << index % 8);
    const auto lst = lst_of(bytes);
    answer.set_header("ETag", '"' + lst + '"');
    if (request.get_header_value("If-None-Match") == '"' + lst + '"') {
      ++lists_unchanged;
      answer.status = 304;
      return;
    }
    auto changes = list_claims_;
    const auto type = changes.extract("typ"), media_type = changes.extract("media_type");
    const auto now = milliseconds(wall_now()) / 1000;
    const auto claims = object({{"sub", '"' + list_url(found->first) + '"'},
                                {"iss", '"' + url() + '"'},
                                {"iat", std::to_string(now)},
                                {"exp", std::to_string(now + 600)},
                                {"ttl", "0.05"},
                                {"status_list", json::Object{}.set("bits", 1).set("lst", lst).text()}},
                               changes);
    answer.set_content(JwsSigner{key_}.type(type ? type.mapped() : "statuslist+jwt").sign(claims).value(),
                       media_type ? media_type.mapped() : "application/statuslist+jwt");
  }

  void aggregation(httplib::Response& answer) const {
    const std::lock_guard lock{mutex_};
    json::Array uris;
    for (const auto& [name, taken_back] : lists_) uris.add(list_url(name));
    answer.set_content(json::Object{}.set("status_lists", uris).text(), "application/json");
  }

  void stream(const httplib::Request& request, httplib::Response& answer) {
    const bool first_address = request.path == "/stream";
    if (gone && first_address) {
      answer.status = 404;
      return;
    }
    const auto from = request.get_param_value("from");
    const auto colon = std::min(from.find(':'), from.size());
    const bool ours = from.substr(0, colon) == epoch();
    const std::int64_t seq = ours ? std::stoll(from.substr(colon + 1)) : 0;
    const int connection = ++connections;
    answer.set_chunked_content_provider("text/event-stream", [=, this](std::size_t, httplib::DataSink& sink) {
      const Send send = [&](std::string_view text) {
        return !(gone && first_address) && sink.write(text.data(), text.size());
      };
      const auto script = under_lock([&] { return script_; });
      if (!without_begin) send(begin());
      if (!ours) {
        send("event: reset\ndata: {\"epoch\":\"" + epoch() + "\",\"seq\":0}\n\n");
      } else if (script) {
        script(connection, seq, send);
      } else {
        follow(seq, send);
      }
      sink.done();
      return true;
    });
  }

  [[nodiscard]] json::Object row(std::int64_t seq, std::int64_t numbered) const {
    return json::Object{}
        .set("seq", numbered)
        .set("kind", "session")
        .set("key", log_.at(static_cast<std::size_t>(seq - 1)))
        .set("cutoff", milliseconds(wall_now()))
        .set("expires_at", milliseconds(wall_now() + 1h));
  }

  // `members` as an object, but for what `changes` says.
  static std::string object(std::map<std::string, std::string> members,
                            const std::map<std::string, std::string>& changes) {
    for (const auto& [name, value] : changes) members[name] = value;
    json::Object object;
    for (const auto& [name, value] : members) {
      if (!value.empty()) object.set_raw(name, value);
    }
    return object.text();
  }

  [[nodiscard]] std::string metadata() const {
    const auto quoted = [&](const char* path) { return '"' + url() + path + '"'; };
    return under_lock([&] {
      return object({{"issuer", quoted("")},
                     {"jwks_uri", quoted("/jwks")},
                     {"introspection_endpoint", quoted("/introspect")},
                     {"signet_revocation_stream", quoted("/stream")},
                     {"signet_revocation_snapshot", quoted("/snapshot")}},
                    metadata_);
    });
  }

  [[nodiscard]] std::string snapshot() const {
    return under_lock([&] {
      json::Array rows;
      for (std::size_t i = 1; i <= log_.size(); ++i) {
        rows.add(row(static_cast<std::int64_t>(i), static_cast<std::int64_t>(i)));
      }
      auto changes = snapshot_claims_;
      const auto type = changes.extract("typ");
      const auto now = milliseconds(wall_now()) / 1000;
      const auto claims = object({{"iss", '"' + url() + '"'},
                                  {"iat", std::to_string(now)},
                                  {"exp", std::to_string(now + 600)},
                                  {"epoch", '"' + epoch_ + '"'},
                                  {"seq", std::to_string(log_.size())},
                                  {"revocations", rows.text()}},
                                 changes);
      return JwsSigner{snapshot_key_}.type(type ? type.mapped() : "revocations+jwt").sign(claims).value();
    });
  }

  mutable std::mutex mutex_;
  SigningKey key_ = SigningKey::generate(Algorithm::ES256).value().with_key_id("first");
  SigningKey snapshot_key_ = key_;
  std::string epoch_ = "00112233445566aa";
  std::vector<std::string> log_;
  std::map<std::string, std::string> snapshot_claims_, list_claims_, metadata_;
  std::map<std::string, std::vector<int>> lists_;
  std::string active_;
  Script script_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace signet::test
