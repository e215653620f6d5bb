#include "tests/pkcs11/fake_module.hpp"

#include <p11-kit/pkcs11.h>
#include <signet/signet.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

namespace signet::testing {
namespace {

constexpr CK_SLOT_ID slot = 7;
constexpr CK_OBJECT_HANDLE public_half = 1, private_half = 2;

FakeToken token;
std::mutex mutex;
bool started = false;
CK_SESSION_HANDLE last_session = 0;
std::set<CK_SESSION_HANDLE> sessions;
std::map<CK_SESSION_HANDLE, CK_OBJECT_HANDLE> searches;
bool logged_in = false;

const SigningKey& key() {
  static const SigningKey one = SigningKey::generate(Algorithm::RS256, 2048).value();
  return one;
}

// The bytes of a member of the public JWK.
std::string number(const char* member) {
  const auto jwk = key().verifying_key().to_jwk().value();
  const auto text = json::parse(jwk)->find(member)->string().value();
  const auto bytes = Secret::from_base64url(text).value();
  return std::string{bytes.reveal_text()};
}

CK_RV fill(CK_ATTRIBUTE& attribute, std::string_view value) {
  if (attribute.pValue != nullptr) std::memcpy(attribute.pValue, value.data(), value.size());
  attribute.ulValueLen = value.size();
  return CKR_OK;
}

template <class Field>
void pad(Field& field, std::string_view text) {
  std::fill(std::begin(field), std::end(field), CK_UTF8CHAR{' '});
  std::ranges::copy(text, std::begin(field));
}

CK_RV state_of(CK_SESSION_HANDLE session) {
  if (!started) return CKR_CRYPTOKI_NOT_INITIALIZED;
  if (!token.present) return CKR_DEVICE_REMOVED;
  if (token.forgets.exchange(false)) sessions.clear();
  return sessions.contains(session) ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

CK_RV initialize(void*) {
  const std::lock_guard lock{mutex};
  if (std::exchange(started, true)) return CKR_CRYPTOKI_ALREADY_INITIALIZED;
  ++token.starts;
  return CKR_OK;
}
CK_RV finalize(void*) {
  const std::lock_guard lock{mutex};
  sessions.clear();
  logged_in = started = false;
  return CKR_OK;
}
CK_RV slot_list(CK_BBOOL, CK_SLOT_ID* slots, CK_ULONG* count) {
  *count = token.present ? 1 : 0;
  if (slots != nullptr && token.present) *slots = slot;
  return CKR_OK;
}
CK_RV token_info(CK_SLOT_ID, CK_TOKEN_INFO* info) {
  pad(info->label, "vault");
  pad(info->serialNumber, "42");
  return token.present ? CKR_OK : CKR_TOKEN_NOT_PRESENT;
}
CK_RV open_session(CK_SLOT_ID, CK_FLAGS, void*, CK_NOTIFY, CK_SESSION_HANDLE* session) {
  const std::lock_guard lock{mutex};
  if (!token.present) return CKR_TOKEN_NOT_PRESENT;
  *session = ++last_session;
  sessions.insert(*session);
  return CKR_OK;
}
CK_RV close_session(CK_SESSION_HANDLE session) {
  const std::lock_guard lock{mutex};
  return sessions.erase(session) == 1 ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}
CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE, CK_UTF8CHAR* pin, CK_ULONG size) {
  const std::lock_guard lock{mutex};
  if (const CK_RV state = state_of(session); state != CKR_OK) return state;
  if (logged_in) return CKR_USER_ALREADY_LOGGED_IN;
  ++token.logins;
  logged_in = std::string_view{reinterpret_cast<const char*>(pin), size} == "1234";
  return logged_in ? CKR_OK : CKR_PIN_INCORRECT;
}
CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  const std::lock_guard lock{mutex};
  if (const CK_RV state = state_of(session); state != CKR_OK) return state;
  CK_OBJECT_HANDLE found = 0;
  bool same = true;
  for (const auto& attribute : std::span{wanted, count}) {
    const std::string_view value{static_cast<const char*>(attribute.pValue), attribute.ulValueLen};
    if (attribute.type == CKA_CLASS) {
      const auto type = *static_cast<const CK_OBJECT_CLASS*>(attribute.pValue);
      found = type == CKO_PUBLIC_KEY ? public_half : logged_in ? private_half : 0;
    }
    if (attribute.type == CKA_LABEL) same = same && value == "login";
    if (attribute.type == CKA_ID) same = same && value == "\x01";
  }
  searches[session] = same ? found : 0;
  return CKR_OK;
}
CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE* objects, CK_ULONG, CK_ULONG* count) {
  const std::lock_guard lock{mutex};
  *count = searches[session] != 0 ? 1 : 0;
  *objects = searches[session];
  return state_of(session);
}
CK_RV find_final(CK_SESSION_HANDLE) { return CKR_OK; }
CK_RV attribute_value(CK_SESSION_HANDLE, CK_OBJECT_HANDLE, CK_ATTRIBUTE* attribute, CK_ULONG) {
  const CK_KEY_TYPE type = CKK_RSA;
  if (attribute->type == CKA_KEY_TYPE) return fill(*attribute, {reinterpret_cast<const char*>(&type), sizeof type});
  if (attribute->type == CKA_MODULUS) return fill(*attribute, std::string{'\0'} + number("n"));
  if (attribute->type == CKA_PUBLIC_EXPONENT) return fill(*attribute, number("e"));
  return CKR_ATTRIBUTE_TYPE_INVALID;
}
CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE object) {
  const std::lock_guard lock{mutex};
  if (const CK_RV state = state_of(session); state != CKR_OK) return state;
  if (!logged_in || object != private_half) return CKR_USER_NOT_LOGGED_IN;
  return mechanism->mechanism == CKM_SHA256_RSA_PKCS ? CKR_OK : CKR_MECHANISM_INVALID;
}
CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size, CK_BYTE* signature, CK_ULONG* length) {
  if (token.hangs) {
    ++token.hanging;
    while (token.hangs) std::this_thread::yield();
    --token.hanging;
  }
  {
    const std::lock_guard lock{mutex};
    if (const CK_RV state = state_of(session); state != CKR_OK) return state;
  }
  const auto made = key().sign({reinterpret_cast<const char*>(data), size});
  if (!made || made->size() > *length) return CKR_FUNCTION_FAILED;
  std::memcpy(signature, made->data(), made->size());
  *length = made->size();
  return CKR_OK;
}

}  // namespace
}  // namespace signet::testing

extern "C" __attribute__((visibility("default"))) signet::testing::FakeToken* fake_token() {
  return &signet::testing::token;
}

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  using namespace signet::testing;
  static CK_FUNCTION_LIST functions = [] {
    CK_FUNCTION_LIST made{};
    made.C_Initialize = initialize;
    made.C_Finalize = finalize;
    made.C_GetSlotList = slot_list;
    made.C_GetTokenInfo = token_info;
    made.C_OpenSession = open_session;
    made.C_CloseSession = close_session;
    made.C_Login = login;
    made.C_FindObjectsInit = find_init;
    made.C_FindObjects = find;
    made.C_FindObjectsFinal = find_final;
    made.C_GetAttributeValue = attribute_value;
    made.C_SignInit = sign_init;
    made.C_Sign = sign;
    return made;
  }();
  *list = &functions;
  return CKR_OK;
}
