#include "padlock/tls/wire/certificate_status.h"

#include <string>

#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {
constexpr std::uint8_t ocsp = 1;  // CertificateStatusType, RFC 6066, section 8
}

Result<bool> parse_certificate_status_request(Reader& in) {
  const std::uint8_t status_type = PADLOCK_TRY(in.u8("status_type"));
  if (status_type != ocsp) {
    in.rest();
    return false;
  }
  in.meaning("ocsp");
  PADLOCK_TRY(in.vec16("responder_id_list"));
  PADLOCK_TRY(in.vec16("request_extensions"));
  return true;
}

void write_certificate_status_request(Writer& out) {
  out.u8(ocsp);
  out.vec16([](Writer&) {});
  out.vec16([](Writer&) {});
}

Result<std::vector<std::uint8_t>> parse_certificate_status(Reader& in) {
  const std::uint8_t status_type = PADLOCK_TRY(in.u8("status_type"));
  if (status_type != ocsp) {
    return broken(rules::status_type_unknown, "a certificate status of type " + std::to_string(status_type) + " came");
  }
  in.meaning("ocsp");
  return copy_of(in.vec24("response", 1));
}

void write_certificate_status(Writer& out, Bytes ocsp_response) {
  out.u8(ocsp);
  out.vec24([&](Writer& response) { response.bytes(ocsp_response); });
}

Result<std::vector<std::uint8_t>> parse_signed_certificate_timestamps(Reader& in) {
  std::vector<std::uint8_t> list = copy_of(in.peek());
  Reader sct_list = PADLOCK_TRY(in.vec16("sct_list", 1));
  while (!sct_list.empty()) PADLOCK_TRY(sct_list.vec16("SerializedSCT", 1));
  return list;
}

}  // namespace padlock::tls
