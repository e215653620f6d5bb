#include "server/app/couriers.hpp"

#include "server/app/log.hpp"
#include "server/deliveries/logout_token.hpp"
#include "server/deliveries/webhook.hpp"
#include "src/remote/http_client.hpp"

namespace signet::server::app {
namespace {

constexpr std::size_t longest_answer = 64 * 1024;

remote::HttpRequest request_to(const std::string& url, const std::string& ca_file, const DeliveryPolicy& policy) {
  remote::HttpRequest request;
  request.url = url;
  request.ca_file = ca_file;
  request.limit = longest_answer;
  request.at_most = policy.time;
  return request;
}

std::expected<void, std::string> post(const remote::HttpRequest& request, const std::stop_token& stop) {
  const auto answer = remote::perform(request, stop);
  if (!answer) return std::unexpected(answer.error().detail());
  if (answer->status < 200 || answer->status > 299)
    return std::unexpected("the receiver answered " + std::to_string(answer->status));
  return {};
}

void report(Metrics& metrics, const std::string& receiver, const Delivery& delivery, Delivered outcome,
            std::string_view why) {
  metrics.delivered(receiver, outcome);
  if (outcome == Delivered::yes) return;
  const bool last = outcome == Delivered::given_up;
  log(last ? LogLevel::error : LogLevel::warning, last ? "a delivery was given up" : "a delivery failed",
      {{"receiver", receiver},
       {"delivery", delivery.id()},
       {"audit_seq", delivery.event},
       {"account", delivery.account},
       {"session", delivery.session},
       {"attempt", std::int64_t{delivery.attempts}},
       {"detail", why}});
}

}  // namespace

Couriers::Couriers(const Config& config, Store& store, const Clock& clock, const std::shared_ptr<KeyRing>& keys,
                   Metrics& metrics) {
  for (const BackchannelLogout& party : config.backchannel_logout) {
    add(
        {.name = "logout:" + party.client_id, .topic = Topic::logouts}, store, clock, config.deliveries,
        [&config, &clock, &keys, &party](const Delivery& delivery, const auto&,
                                         const std::stop_token& stop) -> std::expected<void, std::string> {
          const auto token =
              issue_logout_token(config.issuer, party.client_id, keys->signing_key(), delivery, clock.now());
          if (!token) return std::unexpected(token.error().detail());
          auto request = request_to(party.uri, party.ca_file, config.deliveries);
          request.body = "logout_token=" + *token;
          return post(request, stop);
        },
        metrics);
  }
  for (const Webhook& webhook : config.webhooks) {
    std::string kinds;
    for (const auto& kind : webhook.events) kinds.append(kinds.empty() ? "" : " ").append(kind);
    add(
        {.name = "webhook:" + webhook.name, .topic = Topic::events, .kinds = std::move(kinds)}, store, clock,
        config.deliveries,
        [&config, &clock, &webhook](const Delivery& delivery, const std::optional<AuditEvent>& event,
                                    const std::stop_token& stop) {
          auto request = request_to(webhook.url, webhook.ca_file, config.deliveries);
          request.body = webhook_body(config.issuer, event.value());
          request.content_type = "application/json";
          request.headers = webhook_headers(webhook.secrets.value(), delivery.id(), clock.now(), *request.body);
          return post(request, stop);
        },
        metrics);
  }
}

void Couriers::add(Receiver receiver, Store& store, const Clock& clock, const DeliveryPolicy& policy,
                   Courier::Send send, Metrics& metrics) {
  metrics.expect_receiver(receiver.name);
  auto told = [&metrics, name = receiver.name](const Delivery& delivery, Delivered outcome, std::string_view why) {
    report(metrics, name, delivery, outcome, why);
  };
  couriers_.push_back(std::make_unique<Courier>(store, clock, std::move(receiver), policy, std::move(send), told));
}

Stored<void> Couriers::note() {
  for (const auto& courier : couriers_)
    if (auto noted = courier->note(); !noted) return noted;
  return {};
}

void Couriers::start() {
  for (const auto& courier : couriers_) courier->start();
}

void Couriers::wake() {
  for (const auto& courier : couriers_) courier->wake();
}

std::vector<std::pair<std::string, std::size_t>> Couriers::waiting() const {
  std::vector<std::pair<std::string, std::size_t>> waiting;
  for (const auto& courier : couriers_) waiting.emplace_back(courier->receiver().name, courier->waiting());
  return waiting;
}

}  // namespace signet::server::app
