#include "server/api/status_lists.hpp"

#include <string>
#include <utility>

#include "server/api/etag.hpp"
#include "server/revocation/status_bits.hpp"
#include "server/revocation/wire.hpp"
#include "server/sessions/access_token.hpp"
#include "signet/json.hpp"

namespace signet::server::api {
namespace {

using namespace std::chrono_literals;

constexpr auto lifetime = 5min;
constexpr auto renewal = 1min;
constexpr auto reused = 1s;
// A list is longer than what was given out of it when it was made: places that are given out while verifiers hold it
// are in it already, as valid.
constexpr std::int64_t spare_places = 64 * 1024;

std::int64_t seconds(Time time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

}  // namespace

std::expected<std::shared_ptr<const StatusLists::Token>, StatusError> StatusLists::list(std::string_view name,
                                                                                        std::string_view issuer,
                                                                                        const SigningKey& key) {
  const auto id = status_list_of_uri(issuer, std::string{issuer}.append("/status/").append(name));
  const auto now = clock_.now();
  if (!id) return std::unexpected(StatusError{StatusFailure::unknown, {}});
  std::shared_ptr<const Token> made;
  {
    const std::lock_guard lock{mutex_};
    if (auto found = made_.find(*id); found != made_.end()) made = found->second;
  }
  if (made && made->signed_by != key.thumbprint()) made.reset();
  if (made && now - made->made_at < reused) return made;

  std::optional<std::int64_t> places;
  auto read = store_.read([&](Transaction& transaction) { places = transaction.status_list_size(*id); });
  if (!read) return std::unexpected(StatusError{StatusFailure::unavailable, read.error().detail});
  if (!places) return std::unexpected(StatusError{StatusFailure::unknown, {}});
  auto bytes = feed_.status_bits(*id);
  if (!bytes)
    return std::unexpected(StatusError{StatusFailure::unavailable, "the revocation log could not be read lately"});
  auto bits = compressed(std::move(*bytes), static_cast<std::size_t>(*places + spare_places));
  if (made && made->bits == bits && now - made->made_at < renewal) return made;

  const auto json =
      json::Object{}
          .set("sub", status_list_uri(issuer, *id))
          .set("iss", issuer)
          .set("iat", seconds(now))
          .set("exp", seconds(now + lifetime))
          .set("ttl", status_ttl.count())
          .set("status_list",
               json::Object{}.set("bits", 1).set("lst", bits).set("aggregation_uri", std::string{issuer} + "/status"))
          .text();
  auto text = sign_document(key, "statuslist+jwt", json);
  if (!text) return std::unexpected(StatusError{StatusFailure::unavailable, text.error().detail()});
  auto etag = etag_of(*text);
  auto token =
      std::make_shared<const Token>(Token{std::move(*text), std::move(etag), key.thumbprint(), std::move(bits), now});
  const std::lock_guard lock{mutex_};
  std::erase_if(made_, [oldest = oldest_status_list(now)](const auto& each) { return each.first < oldest; });
  made_.insert_or_assign(*id, token);
  return token;
}

Stored<std::vector<std::string>> StatusLists::all(std::string_view issuer) {
  std::vector<std::string> uris;
  auto read = store_.read([&](Transaction& transaction) {
    uris.clear();
    for (const auto list : transaction.status_lists()) uris.push_back(status_list_uri(issuer, list));
  });
  if (!read) return std::unexpected(read.error());
  return uris;
}

}  // namespace signet::server::api
