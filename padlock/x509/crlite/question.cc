#include "padlock/x509/crlite/question.h"

#include "padlock/crypto/hash.h"

namespace padlock::x509::crlite {

namespace {

/// A certificate's serial number as its DER has it: positive, so 00 comes before a first octet with its highest bit
/// set.
std::vector<std::uint8_t> der_content(Bytes serial) {
  std::vector<std::uint8_t> content;
  content.reserve(serial.size() + 1);
  if (!serial.empty() && (serial.front() & 0x80) != 0) content.push_back(0);
  content.insert(content.end(), serial.begin(), serial.end());
  return content;
}

}  // namespace

Result<Question> question_about(const Certificate& certificate, const Certificate& issuer) {
  Question question{.serial = der_content(certificate.serial),
                    .timestamps = PADLOCK_TRY(embedded_timestamps(certificate))};
  copy_bytes(crypto::hash_of(crypto::HashAlgorithm::sha256, issuer.subject_public_key_info), question.issuer_spki_hash);
  return question;
}

}  // namespace padlock::x509::crlite
