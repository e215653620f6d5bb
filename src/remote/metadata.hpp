#pragma once

#include <expected>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "signet/error.hpp"
#include "signet/remote_issuer.hpp"

namespace signet::remote {

// What an issuer says of itself (RFC 8414 section 2). An empty address: it names none.
struct Metadata {
  std::string jwks_uri;
  std::string introspection_endpoint;
  std::string revocation_stream;
  std::string revocation_snapshot;
  std::string status_lists;  // the aggregation (section 9.1 of draft-ietf-oauth-status-list)
};

// `issuer` must be the document's, byte for byte (RFC 8414 section 3.3). Errors: issuer_mismatch, json_malformed,
// invalid_configuration for an address that may not be asked.
[[nodiscard]] std::expected<Metadata, Error> parse_metadata(std::string_view text, std::string_view issuer,
                                                            const Limits& limits);

// Finds the metadata of one issuer, and keeps it. Thread-safe.
class Discovery {
 public:
  Discovery(std::string issuer, std::string ca_file, const RemoteTiming& timing, const Limits& limits)
      : issuer_{std::move(issuer)}, ca_file_{std::move(ca_file)}, timing_{timing}, limits_{limits} {}

  // Asks when nothing is known yet, or `again`, when what is known led to nothing; where that fails, what is known has
  // to do. Errors: those of parse_metadata, input_output.
  [[nodiscard]] std::expected<Metadata, Error> metadata(bool again, const std::stop_token& stop);
  // What is known already; never asks.
  [[nodiscard]] std::optional<Metadata> known() const;

  // Where RFC 8414 section 3.1 and OpenID Connect Discovery section 4 put it.
  [[nodiscard]] static std::string oauth_url(std::string_view issuer);
  [[nodiscard]] static std::string openid_url(std::string_view issuer);

 private:
  [[nodiscard]] std::expected<Metadata, Error> ask(const std::string& url, const std::stop_token& stop) const;

  std::string issuer_;
  std::string ca_file_;
  RemoteTiming timing_;
  Limits limits_;
  std::mutex asking_;
  mutable std::mutex mutex_;
  std::optional<Metadata> known_;
};

}  // namespace signet::remote
