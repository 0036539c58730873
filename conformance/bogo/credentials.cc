#include "conformance/bogo/credentials.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "conformance/bogo/compression.h"
#include "padlock/tls/credential.h"
#include "padlock/tls/handshake/choose.h"

namespace padlock::bogo {

namespace {

using tls::SignatureScheme;

/// A key that signs with some of its schemes alone, in another order.
class RestrictedKey final : public crypto::PrivateKey {
 public:
  RestrictedKey(std::shared_ptr<const crypto::PrivateKey> key, std::vector<SignatureScheme> schemes)
      : key_(std::move(key)), schemes_(std::move(schemes)) {
    std::erase_if(schemes_, [&](SignatureScheme scheme) { return std::ranges::count(key_->schemes(), scheme) == 0; });
  }
  const crypto::PublicKey& public_key() const override { return key_->public_key(); }
  std::shared_ptr<const crypto::PublicKey> shared_public_key() const override { return key_->shared_public_key(); }
  std::span<const SignatureScheme> schemes() const override { return schemes_; }
  Result<std::vector<std::uint8_t>> sign(SignatureScheme scheme, Bytes message) const override {
    return key_->sign(scheme, message);
  }
  Result<SecretBytes> decrypt_raw(Bytes ciphertext) const override { return key_->decrypt_raw(ciphertext); }

 private:
  std::shared_ptr<const crypto::PrivateKey> key_;
  std::vector<SignatureScheme> schemes_;
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<Candidate> load_candidate(const Options& options, std::size_t place,
                                 const std::shared_ptr<const tls::ClientAuthentication>& client_authentication,
                                 crypto::Provider& provider) {
  const CredentialOptions& wanted = options.credentials.at(place);
  const std::string pem = read_file(wanted.cert_file);
  auto credential = PADLOCK_TRY(tls::load_credential(pem, read_file(wanted.key_file), provider));
  if (!options.decline_ocsp_callback) credential.ocsp_staple = wanted.ocsp_response;
  credential.signed_certificate_timestamps = wanted.signed_cert_timestamps;
  credential.client_authentication = client_authentication;
  if (!wanted.signing_prefs.empty()) {
    credential.key =
        std::make_shared<RestrictedKey>(credential.key, code_points<SignatureScheme>(wanted.signing_prefs));
  }
  const auto chain = PADLOCK_TRY(tls::parse_chain(pem));
  credential = tls::add_compressed_forms(std::move(credential), certificate_compression(options));
  return Candidate{.credential = std::make_shared<const tls::Credential>(std::move(credential)),
                   .number = place == 0 ? "-1" : std::to_string(place - 1),
                   .issuer = chain.back()->issuer.der,
                   .must_match_issuer = wanted.must_match_issuer};
}

bool fits(const Candidate& candidate, const tls::CertificateWanted& wanted, tls::ProtocolVersion version) {
  if (candidate.must_match_issuer && std::ranges::count(wanted.authorities, candidate.issuer) == 0) return false;
  return std::ranges::any_of(candidate.credential->key->schemes(), [&](SignatureScheme scheme) {
    return tls::may_sign_handshake(scheme, version) && std::ranges::count(wanted.schemes, scheme) > 0;
  });
}

}  // namespace

Result<std::vector<Candidate>> load_candidates(
    const Options& options, const std::shared_ptr<const tls::ClientAuthentication>& client_authentication,
    crypto::Provider& provider) {
  std::vector<Candidate> candidates;
  const auto load = [&](std::size_t place) { return load_candidate(options, place, client_authentication, provider); };
  for (std::size_t place = 1; place < options.credentials.size(); ++place) {
    if (!options.credentials[place].cert_file.empty()) candidates.push_back(PADLOCK_TRY(load(place)));
  }
  if (!options.credentials.front().cert_file.empty()) candidates.push_back(PADLOCK_TRY(load(0)));
  return candidates;
}

Result<tls::ExternalPsks> load_external_psks(const Options& options) {
  tls::ExternalPsks psks;
  for (const CredentialOptions& each : options.credentials) {
    if (each.psk_importer_key.empty()) continue;
    const auto hash = each.psk_importer_sha384 ? crypto::HashAlgorithm::sha384 : crypto::HashAlgorithm::sha256;
    psks.push_back(PADLOCK_TRY(tls::ExternalPsk::make(each.psk_importer_identity, SecretBytes(each.psk_importer_key),
                                                      each.psk_importer_context, hash)));
  }
  return psks;
}

const Candidate* find_candidate(const std::vector<Candidate>& candidates, const tls::CertificateWanted& wanted,
                                tls::ProtocolVersion version) {
  const auto found =
      std::ranges::find_if(candidates, [&](const Candidate& each) { return fits(each, wanted, version); });
  return found == candidates.end() ? nullptr : &*found;
}

Result<std::vector<std::vector<std::uint8_t>>> read_chain(const std::string& path) {
  std::vector<std::vector<std::uint8_t>> chain;
  for (const auto& certificate : PADLOCK_TRY(tls::parse_chain(read_file(path)))) chain.push_back(certificate->der);
  return chain;
}

}  // namespace padlock::bogo
