#include "padlock/x509/signed_certificate_timestamp.h"

#include <optional>
#include <string>

#include "padlock/base/reader.h"
#include "padlock/der/reader.h"
#include "padlock/x509/limits.h"

namespace padlock::x509 {

namespace {

using Timestamps = std::vector<SignedCertificateTimestamp>;

constexpr std::uint8_t v1 = 0;

/// struct {
///   Version sct_version; LogID id; uint64 timestamp; CtExtensions extensions<0..2^16-1>;
///   digitally-signed struct { ... };
/// } SignedCertificateTimestamp;                                            (RFC 6962, section 3.2)
/// Nothing: another version, whose form is not known (section 3.3).
Result<std::optional<SignedCertificateTimestamp>> parse_timestamp(Reader in) {
  if (PADLOCK_TRY(in.u8("sct_version")) != v1) return std::nullopt;
  SignedCertificateTimestamp timestamp;
  copy_bytes(PADLOCK_TRY(in.bytes("id", timestamp.id.size())), timestamp.id);
  timestamp.timestamp = PADLOCK_TRY(in.u64("timestamp"));
  PADLOCK_TRY(in.vec16("extensions"));
  PADLOCK_TRY(in.bytes("algorithm", 2));
  PADLOCK_TRY(in.vec16("signature"));
  PADLOCK_TRY(in.finish());
  return timestamp;
}

/// opaque SerializedSCT<1..2^16-1>;
/// struct { SerializedSCT sct_list<1..2^16-1>; } SignedCertificateTimestampList;   (RFC 6962, section 3.3)
Result<Timestamps> parse_list(Reader in) {
  Reader list = PADLOCK_TRY(in.vec16("sct_list", 1));
  PADLOCK_TRY(in.finish());
  Timestamps timestamps;
  for (std::size_t count = 0; !list.empty(); ++count) {
    if (count == max_signed_certificate_timestamps)
      return broken(rules::malformed_timestamp_list, "there are more than " + std::to_string(count));
    auto timestamp = PADLOCK_TRY(parse_timestamp(PADLOCK_TRY(list.vec16("SerializedSCT", 1))));
    if (timestamp) timestamps.push_back(*timestamp);
  }
  return timestamps;
}

/// The extension's value is an OCTET STRING that holds the list.
Result<Timestamps> parse_extension(Bytes value) {
  der::Reader in(value, "SignedCertificateTimestampList");
  const Bytes list = PADLOCK_TRY(in.octet_string("sct_list"));
  PADLOCK_TRY(in.finish());
  return parse_list(Reader(list, "SignedCertificateTimestampList"));
}

}  // namespace

Result<Timestamps> embedded_timestamps(const Certificate& certificate) {
  if (certificate.signed_certificate_timestamp_list.empty()) return Timestamps{};
  auto timestamps = parse_extension(certificate.signed_certificate_timestamp_list);
  if (!timestamps) {
    return broken(rules::malformed_timestamp_list,
                  "its signed certificate timestamps are not readable: " + timestamps.error().what);
  }
  return timestamps;
}

}  // namespace padlock::x509
