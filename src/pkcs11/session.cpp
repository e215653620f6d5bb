#include "src/pkcs11/session.hpp"

#include <array>
#include <string>

namespace signet {
namespace {

std::unexpected<Error> not_found(std::string why) {
  return std::unexpected(Error{ErrorCode::key_not_found, std::move(why)});
}

// Fields of fixed width, padded with blanks.
template <std::size_t size>
bool is_called(const CK_UTF8CHAR (&field)[size], std::string_view name) {
  const std::string_view padded{reinterpret_cast<const char*>(field), size};
  return padded.substr(0, padded.find_last_not_of(' ') + 1) == name;
}

bool is_named(const CK_TOKEN_INFO& token, const Pkcs11Uri& uri) {
  return (uri.token.empty() || is_called(token.label, uri.token)) &&
         (uri.serial.empty() || is_called(token.serialNumber, uri.serial));
}

std::expected<CK_SLOT_ID, Error> slot_of(CK_FUNCTION_LIST& call, const Pkcs11Uri& uri) {
  CK_ULONG count = 0;
  CK_RV answer = call.C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (answer == CKR_OK) answer = call.C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (answer != CKR_OK) return pkcs11_failed("the PKCS#11 module lists no slots", answer);
  slots.resize(count);
  std::optional<CK_SLOT_ID> found;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO token{};
    if (call.C_GetTokenInfo(slot, &token) != CKR_OK || !is_named(token, uri)) continue;
    if (found) return not_found("several tokens are called as in " + uri.text());
    found = slot;
  }
  if (!found) return not_found("the token of " + uri.text() + " is not there");
  return *found;
}

}  // namespace

std::expected<CK_SESSION_HANDLE, Error> open_session(Pkcs11Module& module, const Pkcs11Module::Visit& visit,
                                                     const Pkcs11Uri& uri) {
  CK_FUNCTION_LIST& call = visit.call();
  const auto slot = slot_of(call, uri);
  if (!slot) return std::unexpected(slot.error());
  CK_SESSION_HANDLE session = 0;
  const CK_RV answer = call.C_OpenSession(*slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
  if (answer != CKR_OK) return pkcs11_failed("the token opens no session", answer);
  if (auto in = module.log_in(visit, session); !in) {
    call.C_CloseSession(session);
    return std::unexpected(std::move(in).error());
  }
  return session;
}

std::expected<CK_OBJECT_HANDLE, Error> find_key(CK_FUNCTION_LIST& call, CK_SESSION_HANDLE session, CK_OBJECT_CLASS type,
                                                const Pkcs11Uri& uri) {
  std::string label = uri.object, id = uri.id;
  std::vector<CK_ATTRIBUTE> wanted{{CKA_CLASS, &type, sizeof type}};
  if (!label.empty()) wanted.push_back({CKA_LABEL, label.data(), label.size()});
  if (!id.empty()) wanted.push_back({CKA_ID, id.data(), id.size()});
  std::array<CK_OBJECT_HANDLE, 2> found{};
  CK_ULONG count = 0;
  CK_RV answer = call.C_FindObjectsInit(session, wanted.data(), wanted.size());
  if (answer == CKR_OK) {
    answer = call.C_FindObjects(session, found.data(), found.size(), &count);
    call.C_FindObjectsFinal(session);
  }
  if (answer != CKR_OK) return pkcs11_failed("the token does not look for keys", answer);
  const std::string half = type == CKO_PRIVATE_KEY ? "private" : "public";
  if (count == 0) return not_found("the token has no " + half + " key at " + uri.text());
  if (count > 1) return not_found("the token has two " + half + " keys at " + uri.text());
  return found.front();
}

}  // namespace signet
