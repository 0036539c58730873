#include "padlock/x509/extension_value.h"

#include "padlock/der/reader.h"
#include "padlock/x509/parse.h"

namespace padlock::x509 {
namespace {

/// Extensions are the last of TBSCertificate (RFC 5280, section 4.1.2).
Result<std::optional<Bytes>> find(Bytes tbs, const der::Oid& oid) {
  der::Reader message(tbs, "TBSCertificate");
  der::Reader in = PADLOCK_TRY(message.sequence("tbsCertificate"));
  while (!in.empty() && !in.next_is(der::tag::context_constructed(3))) {
    static_cast<void>(PADLOCK_TRY(in.any("field")));
  }
  der::Reader tagged = PADLOCK_TRY(in.constructed("extensions", der::tag::context_constructed(3)));
  der::Reader list = PADLOCK_TRY(tagged.sequence("extensions"));
  while (!list.empty()) {
    const auto field = PADLOCK_TRY(parse_extension_field(list));
    if (field.extension.oid == oid) return std::optional(field.value.peek());
  }
  return std::optional<Bytes>();
}

}  // namespace

std::optional<Bytes> find_extension_value(const Certificate& certificate, const der::Oid& oid) {
  if (certificate.find_extension(oid) == nullptr) return std::nullopt;
  return find(certificate.tbs(), oid).value_or(std::nullopt);  // it was parsed and is good
}

}  // namespace padlock::x509
