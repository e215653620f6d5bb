#include "src/jwt/policy.hpp"

namespace signet::jwt {
namespace {

constexpr std::string_view status_claim = "status";

Error failure(ErrorCode code) { return Error{{Failure{code, std::string{status_claim}}}}; }

struct Place {
  std::string uri;
  std::uint64_t index;
};

// The object `status_list` of the claim (section 6.2 of the draft).
std::optional<Place> place_of(const json::View& status) {
  const auto list = status.find("status_list");
  const auto idx = list ? list->find("idx") : std::nullopt, uri = list ? list->find("uri") : std::nullopt;
  const auto index = idx ? idx->integer() : std::nullopt;
  auto address = uri ? uri->string() : std::nullopt;
  if (!index || *index < 0 || !address || address->empty()) return std::nullopt;
  return Place{std::move(*address), static_cast<std::uint64_t>(*index)};
}

}  // namespace

std::optional<Error> Policy::refuse_status(const TokenData& token, std::string_view compact, Time now) const {
  const auto* claim = token.find(status_claim);
  if (claim == nullptr) return status_required ? std::optional{failure(ErrorCode::claim_missing)} : std::nullopt;
  const auto place = place_of(claim->value);
  if (!place) return failure(ErrorCode::claim_malformed);
  const auto answer = status_lists->look_up(place->uri, place->index, now);
  if (answer.staleness) {
    if (!answer.status) return failure(ErrorCode::claim_malformed);
    if (*answer.status != TokenStatus::valid) return failure(ErrorCode::token_revoked);
  }
  return when_status_stale.refusal(answer.staleness, compact);
}

}  // namespace signet::jwt
