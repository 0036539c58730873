#include "conformance/tls_states/letters.h"

#include <array>
#include <cstdlib>

#include "conformance/tls_states/table.h"

namespace padlock::tls_states {

using namespace padlock::tls;
using testing::Message;
using testing::to_message;

namespace {
constexpr auto heartbeat = static_cast<ContentType>(24);
}

Content content_of(const std::string& row) {
  if (row == "empty-handshake-record") return {ContentType::handshake, {}};
  if (row == "data") return {ContentType::application_data, {'d', 'a', 't', 'a'}};
  if (row == "empty-data") return {ContentType::application_data, {}};
  if (row == "close_notify") return {ContentType::alert, {1, 0}};
  if (row == "user_canceled") return {ContentType::alert, {1, 90}};
  if (row == "no_renegotiation-as-a-warning") return {ContentType::alert, {1, 100}};
  if (row == "handshake_failure") return {ContentType::alert, {2, 40}};
  if (row == "alert-without-a-name") return {ContentType::alert, {2, 255}};
  if (row == "alert-of-one-byte") return {ContentType::alert, {2}};
  if (row == "alert-of-three-bytes") return {ContentType::alert, {2, 40, 0}};
  if (row == "empty-alert-record") return {ContentType::alert, {}};
  if (row == "clear-change_cipher_spec" || row == "sealed-change_cipher_spec")
    return {ContentType::change_cipher_spec, {1}};
  if (row == "clear-change_cipher_spec-of-2") return {ContentType::change_cipher_spec, {2}};
  if (row == "clear-change_cipher_spec-twice") return {ContentType::change_cipher_spec, {1, 1}};
  if (row == "clear-heartbeat" || row == "sealed-heartbeat") return {heartbeat, {1, 0, 0}};
  if (row == "clear-unknown-record") return {static_cast<ContentType>(99), {1}};
  std::abort();  // a row that nobody can say
}

Message message_without_context(const std::string& row) {
  const auto type = static_cast<HandshakeType>(type_of(row).value());
  if (row == "KeyUpdate") return testing::key_update(0);
  if (row == "KeyUpdate-that-asks") return testing::key_update(1);
  if (row == "KeyUpdate-of-2") return testing::key_update(2);
  if (row == "KeyUpdate-of-two-bytes") return compose(type, [](Writer& body) { body.u16(0); });
  if (row == "NewSessionTicket") return testing::new_session_ticket();
  if (row == "CertificateRequest") return to_message(CertificateRequest{{}, list_of(default_signature_schemes()), {}});
  if (row == "HelloRequest" || row == "EndOfEarlyData" || row == "ServerHelloDone")
    return compose(type, [](Writer&) {});
  return compose(type, [](Writer& body) { body.bytes(std::array<std::uint8_t, 32>{}); });
}

Message garbage(std::uint8_t type) {
  return compose(static_cast<HandshakeType>(type), [](Writer& body) { body.u8(0); });
}

}  // namespace padlock::tls_states
