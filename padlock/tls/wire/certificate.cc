#include "padlock/tls/wire/certificate.h"

#include <string>
#include <utility>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/certificate_status.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/compressed_certificate.h"

namespace padlock::tls {

namespace {

Result<bool> parse_extension(CertificateEntry& entry, ExtensionType type, Reader& data) {
  switch (type) {
    case ExtensionType::status_request: entry.ocsp_response = PADLOCK_TRY(parse_certificate_status(data)); return true;
    case ExtensionType::signed_certificate_timestamp:
      entry.signed_certificate_timestamps = PADLOCK_TRY(parse_signed_certificate_timestamps(data));
      return true;
    default: return false;
  }
}

Result<CertificateEntry> parse_certificate_entry(Reader& in) {
  CertificateEntry entry;
  entry.cert_data = PADLOCK_TRY(copy_of(in.vec24("cert_data", 1)));
  entry.extension_types = PADLOCK_TRY(
      parse_extensions(in, 0, [&](ExtensionType type, Reader& data) { return parse_extension(entry, type, data); }));
  return entry;
}

void write_certificate_entry(Writer& out, Bytes cert_data, const LeafExtensions& beside) {
  out.vec24([&](Writer& body) { body.bytes(cert_data); });
  out.vec16([&](Writer& extensions) {
    if (!beside.ocsp_response.empty())
      write_extension(extensions, ExtensionType::status_request,
                      [&](Writer& data) { write_certificate_status(data, beside.ocsp_response); });
    if (!beside.signed_certificate_timestamps.empty())
      write_extension(extensions, ExtensionType::signed_certificate_timestamp,
                      [&](Writer& data) { data.bytes(beside.signed_certificate_timestamps); });
  });
}

Result<bool> parse_extension(CertificateRequest& message, ExtensionType type, Reader& data) {
  switch (type) {
    case ExtensionType::signature_algorithms:
      message.signature_algorithms = PADLOCK_TRY(parse_code_points<SignatureScheme>(
          data.vec16("supported_signature_algorithms", 2, 0xfffe), "signature_scheme"));
      return true;
    case ExtensionType::compress_certificate:
      message.compress_certificate = PADLOCK_TRY(parse_compression_algorithms(data));
      return true;
    case ExtensionType::certificate_authorities:
      message.certificate_authorities = PADLOCK_TRY(parse_certificate_authorities(data, 3));
      return true;
    default: return false;
  }
}

}  // namespace

Result<Certificate> parse_certificate(Reader in) {
  Certificate message;
  message.certificate_request_context = PADLOCK_TRY(copy_of(in.vec8("certificate_request_context")));
  Reader certificate_list = PADLOCK_TRY(in.vec24("certificate_list"));
  while (!certificate_list.empty()) {
    if (message.certificate_list.size() == limits::certificates) {
      return broken(rules::too_many_certificates,
                    "the chain has more than " + std::to_string(limits::certificates) + " certificates");
    }
    message.certificate_list.push_back(PADLOCK_TRY(parse_certificate_entry(certificate_list)));
  }
  PADLOCK_TRY(in.finish());
  return message;
}

void write_certificate(Writer& out, const Certificate& message) {
  out.vec8([&](Writer& context) { context.bytes(message.certificate_request_context); });
  out.vec24([&](Writer& list) {
    for (const CertificateEntry& entry : message.certificate_list)
      write_certificate_entry(list, entry.cert_data, {entry.ocsp_response, entry.signed_certificate_timestamps});
  });
}

void write_certificate(Writer& out, Bytes certificate_request_context, std::span<const std::vector<std::uint8_t>> chain,
                       const LeafExtensions& leaf) {
  out.vec8([&](Writer& context) { context.bytes(certificate_request_context); });
  out.vec24([&](Writer& list) {
    bool first = true;
    for (const std::vector<std::uint8_t>& cert_data : chain) {
      write_certificate_entry(list, cert_data, std::exchange(first, false) ? leaf : LeafExtensions{});
    }
  });
}

Result<CertificateRequest> parse_certificate_request(Reader in) {
  CertificateRequest message;
  message.certificate_request_context = PADLOCK_TRY(copy_of(in.vec8("certificate_request_context")));
  message.extension_types = PADLOCK_TRY(
      parse_extensions(in, 2, [&](ExtensionType type, Reader& data) { return parse_extension(message, type, data); }));
  PADLOCK_TRY(in.finish());
  return message;
}

void write_certificate_request(Writer& out, const CertificateRequest& message) {
  out.vec8([&](Writer& context) { context.bytes(message.certificate_request_context); });
  out.vec16([&](Writer& extensions) {
    if (message.signature_algorithms) {
      write_extension(extensions, ExtensionType::signature_algorithms, [&](Writer& data) {
        data.vec16([&](Writer& list) { write_code_points<SignatureScheme>(list, *message.signature_algorithms); });
      });
    }
    if (message.compress_certificate) {
      write_extension(extensions, ExtensionType::compress_certificate,
                      [&](Writer& data) { write_compression_algorithms(data, *message.compress_certificate); });
    }
    if (!message.certificate_authorities.empty()) {
      write_extension(extensions, ExtensionType::certificate_authorities,
                      [&](Writer& data) { write_certificate_authorities(data, message.certificate_authorities); });
    }
  });
}

Result<CertificateVerify> parse_certificate_verify(Reader in) {
  CertificateVerify message;
  message.algorithm = PADLOCK_TRY(parse_code_point<SignatureScheme>(in, "algorithm"));
  message.signature = PADLOCK_TRY(copy_of(in.vec16("signature")));
  PADLOCK_TRY(in.finish());
  return message;
}

void write_certificate_verify(Writer& out, const CertificateVerify& message) {
  out.u16(static_cast<std::uint16_t>(message.algorithm));
  out.vec16([&](Writer& signature) { signature.bytes(message.signature); });
}

}  // namespace padlock::tls
