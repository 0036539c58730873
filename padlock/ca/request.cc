#include "padlock/ca/request.h"

#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/x509/names.h"

namespace padlock::ca {
namespace {

constexpr auto signing = static_cast<std::uint16_t>(std::to_underlying(x509::KeyUsage::keyCertSign) |
                                                    std::to_underlying(x509::KeyUsage::cRLSign));

Result<void> check_wishes(const x509::CertificationRequest& request) {
  if (request.asks_for_ca()) return broken(rules::request_for_a_ca, "the request asks for CA:TRUE");
  if ((request.key_usage.value_or(0) & signing) != 0)
    return broken(rules::request_for_a_ca, "the request asks for a key that signs certificates or revocation lists");
  if (!request.unknown_critical_extensions.empty()) {
    return broken(rules::request_critical_extension,
                  "the request asks for the critical extension " + request.unknown_critical_extensions.front());
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> names_of_request(const x509::CertificationRequest& request,
                                                  crypto::Provider& provider) {
  PADLOCK_TRY(x509::verify_request(request, provider));
  PADLOCK_TRY(check_wishes(request));
  std::vector<std::string> names;
  for (const x509::GeneralName& name : request.subject_alternative_names) {
    const bool address = name.form == x509::GeneralNameForm::iPAddress;
    if (!address && name.form != x509::GeneralNameForm::dNSName)
      return broken(rules::request_for_other_names, "the request asks for " + x509::text_of(name));
    names.push_back(address ? to_text(name) : std::string(as_text(name.value)));
  }
  if (names.empty()) return broken(rules::request_for_other_names, "the request has no subjectAltName");
  return names;
}

}  // namespace padlock::ca
