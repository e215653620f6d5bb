#include "server/revocation/wire.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "signet/json.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server {
namespace {

constexpr std::size_t epoch_digits = 16;

bool is_hexadecimal(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string milliseconds(Time time) { return std::to_string(time.time_since_epoch().count()); }

void append_rest(std::string& out, const Revocation& revocation) {
  out.append(R"(,"kind":")").append(to_string(revocation.kind));
  json::append_string(out.append(R"(","key":)"), revocation.key);
  out.append(R"(,"cutoff":)").append(milliseconds(revocation.cutoff));
  out.append(R"(,"expires_at":)").append(milliseconds(revocation.expires_at)).append("}");
}

}  // namespace

std::optional<LogPosition> LogPosition::parse(std::string_view text) {
  if (text.size() < epoch_digits + 2 || text[epoch_digits] != ':') return std::nullopt;
  LogPosition position{.epoch = std::string{text.substr(0, epoch_digits)}};
  const auto digits = text.substr(epoch_digits + 1);
  const auto* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, position.seq);
  const bool plain = digits == "0" || (digits.front() >= '1' && digits.front() <= '9');
  if (error != std::errc{} || end != last || !plain || !is_hexadecimal(position.epoch)) return std::nullopt;
  return position;
}

std::string LogPosition::text() const { return epoch + ':' + std::to_string(seq); }

void append_json(std::string& out, const LoggedRevocation& row) {
  append_rest(out.append(R"({"seq":)").append(std::to_string(row.seq)), row.revocation);
}

void append_revocation_event(std::string& out, std::string_view epoch, const LoggedRevocation& row,
                             std::int64_t after) {
  const auto seq = std::to_string(row.seq);
  out.append("id: ").append(epoch).append(":").append(seq);
  out.append("\nevent: revocation\ndata: {\"seq\":").append(seq);
  append_rest(out.append(R"(,"after":)").append(std::to_string(after)), row.revocation);
  out.append("\n\n");
}

void append_begin(std::string& out, Time now) {
  out.append("event: begin\ndata: {\"time\":").append(milliseconds(now)).append("}\n\n");
}

void append_heartbeat(std::string& out, const LogPosition& position, Time as_of) {
  out.append("id: ").append(position.text()).append("\nevent: heartbeat\ndata: {\"seq\":");
  out.append(std::to_string(position.seq)).append(",\"time\":").append(milliseconds(as_of)).append("}\n\n");
}

void append_reset(std::string& out, const LogPosition& position) {
  out.append("event: reset\ndata: {\"epoch\":\"").append(position.epoch).append("\",\"seq\":");
  out.append(std::to_string(position.seq)).append("}\n\n");
}

std::string snapshot_json(std::string_view issuer, const LogPosition& position, Time issued_at, Time expires_at,
                          std::span<const LoggedRevocation> rows, std::span<const SnapshotList> lists) {
  const auto seconds = [](Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  };
  std::string revocations = "[";
  for (const auto& row : rows) {
    if (revocations.size() > 1) revocations += ',';
    append_json(revocations, row);
  }
  revocations += ']';
  json::Array status_lists;
  for (const auto& list : lists)
    status_lists.add(json::Object{}.set("uri", list.uri).set("bits", 1).set("lst", list.lst));
  return json::Object{}
      .set("iss", issuer)
      .set("iat", seconds(issued_at))
      .set("exp", seconds(expires_at))
      .set("epoch", position.epoch)
      .set("seq", position.seq)
      .set_raw("revocations", revocations)
      .set("lists", status_lists)
      .text();
}

std::expected<std::string, Error> sign_document(const SigningKey& key, std::string_view type, std::string_view json) {
  json::Object header;
  header.set("alg", name(key.algorithm())).set("typ", type);
  if (!key.key_id().empty()) header.set("kid", key.key_id());
  auto document = jose::base64url_encode(header.text()) + '.' + jose::base64url_encode(json);
  const auto signature = key.sign(document);
  if (!signature) return std::unexpected(signature.error());
  return std::move(document.append(".").append(jose::base64url_encode(*signature)));
}

}  // namespace signet::server
