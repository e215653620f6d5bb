#include "server/api/answer.hpp"
#include "server/api/endpoints.hpp"
#include "server/words.hpp"

namespace signet::server::api {

// RFC 8414 section 2. There is no authorization endpoint and no token endpoint: passwords are taken by POST /login, which is
// not a grant of OAuth, so neither is announced. Left out, the two empty lists would mean the defaults of section 2.
http::Response metadata(const http::Request&, Services& services) {
  const std::string& issuer = services.tokens.issuer;
  json::Array proofs;
  for (const auto algorithm : words(services.dpop.algorithms())) proofs.add(algorithm);
  const auto body =
      json::Object{}
          .set("issuer", issuer)
          .set("jwks_uri", issuer + "/.well-known/jwks.json")
          .set("introspection_endpoint", issuer + "/introspect")
          .set("introspection_endpoint_auth_methods_supported", std::vector<std::string>{"client_secret_basic"})
          .set("revocation_endpoint", issuer + "/revoke")
          .set("revocation_endpoint_auth_methods_supported", std::vector<std::string>{"none"})
          .set("dpop_signing_alg_values_supported", proofs)
          .set("backchannel_logout_supported", true)
          .set("backchannel_logout_session_supported", true)
          .set("status_list_aggregation_endpoint", issuer + "/status")
          .set("signet_revocation_stream", issuer + "/revocations/stream")
          .set("signet_revocation_snapshot", issuer + "/revocations/snapshot")
          .set("response_types_supported", std::vector<std::string>{})
          .set("grant_types_supported", std::vector<std::string>{});
  http::Response response{.status = 200, .headers = {}, .body = body.text()};
  response.header("Content-Type", "application/json")
      .header("Cache-Control", "public, max-age=300")
      .header("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace signet::server::api
