#include "padlock/tls/handshake/certificate_message.h"

#include <algorithm>
#include <string>

#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/compressed_certificate.h"

namespace padlock::tls {

namespace {

Result<std::vector<std::uint8_t>> decompress(const CompressedCertificate& message,
                                             std::span<const CertificateCompression> offered) {
  const std::string name(meaning_of(message.algorithm));
  const auto compression = std::ranges::find(offered, message.algorithm, &CertificateCompression::algorithm);
  if (compression == offered.end()) {
    return broken(rules::compression_not_offered, "the peer compressed its certificate by " + name + " (" +
                                                      std::to_string(static_cast<unsigned>(message.algorithm)) + ")");
  }
  if (message.uncompressed_length > limits::handshake_message) {
    return broken(rules::uncompressed_too_long,
                  "uncompressed_length is " + std::to_string(message.uncompressed_length) + " bytes");
  }
  std::vector<std::uint8_t> certificate(message.uncompressed_length);
  if (compression->decompress(message.compressed_certificate_message, certificate)) return certificate;
  return broken(rules::decompression_failed, std::to_string(message.compressed_certificate_message.size()) +
                                                 " bytes of " + name + " do not come out as a certificate of " +
                                                 std::to_string(certificate.size()));
}

/// The smallest of the forms that stand for `certificate`; null: there is none that both ends can use.
const CompressedForms::Form* find_form(const Credential& credential, Bytes certificate,
                                       const CompressionChoice& compression) {
  const auto same = [&](const CompressedForms& each) { return std::ranges::equal(each.certificate, certificate); };
  const auto made = std::ranges::find_if(credential.compressed_forms, same);
  if (made == credential.compressed_forms.end()) return nullptr;
  const auto form = std::ranges::find_if(made->forms, [&](const CompressedForms::Form& each) {
    return contains(compression.peers, each.algorithm) &&
           std::ranges::find(compression.ours, each.algorithm, &CertificateCompression::algorithm) !=
               compression.ours.end();
  });
  return form == made->forms.end() ? nullptr : &*form;
}

}  // namespace

bool is_certificate(const HandshakeMessage& message, std::span<const CertificateCompression> offered) {
  return message.type == HandshakeType::certificate ||
         (message.type == HandshakeType::compressed_certificate && !offered.empty());
}

Result<Certificate> take_certificate(const HandshakeMessage& message, std::span<const CertificateCompression> offered) {
  if (!is_certificate(message, offered)) return unexpected(message, "Certificate");
  const Reader body(message.body, name_of(message.type));
  if (message.type == HandshakeType::certificate) return parse_certificate(body);
  const auto certificate = PADLOCK_TRY(decompress(PADLOCK_TRY(parse_compressed_certificate(body)), offered));
  return parse_certificate(Reader(certificate, "Certificate"));
}

Bytes append_certificate(List<std::uint8_t>& flight, const Credential& credential, const LeafExtensions& beside,
                         const CompressionChoice& compression, const Outbox& out) {
  const std::size_t start = flight.size();
  const Bytes plain = append_message(flight, HandshakeType::certificate,
                                     [&](Writer& body) { write_certificate(body, {}, credential.chain, beside); });
  const Bytes certificate = plain.subspan(handshake_header_length);
  const CompressedForms::Form* const form = find_form(credential, certificate, compression);
  if (form == nullptr) return plain;
  out.chose("certificate_compression", name_of(form->algorithm), "it is the smallest form that the peer reads");
  const CompressedCertificate message{.algorithm = form->algorithm,
                                      .uncompressed_length = static_cast<std::uint32_t>(certificate.size()),
                                      .compressed_certificate_message = form->compressed};
  flight.resize(start);
  return append_message(flight, HandshakeType::compressed_certificate,
                        [&](Writer& body) { write_compressed_certificate(body, message); });
}

}  // namespace padlock::tls
