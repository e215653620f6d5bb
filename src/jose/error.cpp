#include "signet/error.hpp"

#include <algorithm>

namespace signet {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::token_malformed:
      return "token_malformed";
    case ErrorCode::token_too_large:
      return "token_too_large";
    case ErrorCode::critical_header:
      return "critical_header";
    case ErrorCode::algorithm_not_allowed:
      return "algorithm_not_allowed";
    case ErrorCode::key_not_found:
      return "key_not_found";
    case ErrorCode::bad_signature:
      return "bad_signature";
    case ErrorCode::type_mismatch:
      return "type_mismatch";
    case ErrorCode::decryption_failed:
      return "decryption_failed";
    case ErrorCode::token_expired:
      return "token_expired";
    case ErrorCode::token_not_yet_valid:
      return "token_not_yet_valid";
    case ErrorCode::token_issued_in_future:
      return "token_issued_in_future";
    case ErrorCode::token_too_old:
      return "token_too_old";
    case ErrorCode::claim_missing:
      return "claim_missing";
    case ErrorCode::claim_malformed:
      return "claim_malformed";
    case ErrorCode::issuer_mismatch:
      return "issuer_mismatch";
    case ErrorCode::audience_mismatch:
      return "audience_mismatch";
    case ErrorCode::subject_mismatch:
      return "subject_mismatch";
    case ErrorCode::claim_rejected:
      return "claim_rejected";
    case ErrorCode::token_revoked:
      return "token_revoked";
    case ErrorCode::proof_invalid:
      return "proof_invalid";
    case ErrorCode::proof_nonce_missing:
      return "proof_nonce_missing";
    case ErrorCode::keys_unavailable:
      return "keys_unavailable";
    case ErrorCode::revocations_stale:
      return "revocations_stale";
    case ErrorCode::key_malformed:
      return "key_malformed";
    case ErrorCode::key_too_weak:
      return "key_too_weak";
    case ErrorCode::key_mismatch:
      return "key_mismatch";
    case ErrorCode::key_unsupported:
      return "key_unsupported";
    case ErrorCode::key_set_malformed:
      return "key_set_malformed";
    case ErrorCode::invalid_configuration:
      return "invalid_configuration";
    case ErrorCode::json_malformed:
      return "json_malformed";
    case ErrorCode::input_output:
      return "input_output";
    case ErrorCode::signer_failed:
      return "signer_failed";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

std::string Error::detail() const {
  std::string text = detail_;
  for (const auto& failure : failures_) {
    if (!text.empty()) text += "; ";
    text += to_string(failure.code);
    text += ": ";
    text += failure.claim;
  }
  return text.empty() ? std::string{to_string(code_)} : text;
}

bool Error::is(ErrorCode code) const noexcept {
  return code_ == code || std::ranges::any_of(failures_, [&](const Failure& failure) { return failure.code == code; });
}

}  // namespace signet
