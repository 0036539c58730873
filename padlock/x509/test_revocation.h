#pragma once

// Revocation lists for tests: as in test_certificates.h, every field of a draft can be set to anything.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/x509/crl.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509::testing {

inline Octets der_of_time(WallTime time) {
  return der::make_der([&](der::Writer& out) { out.time(time); });
}
inline Octets der_of_integer(std::uint64_t value) {
  return der::make_der([&](der::Writer& out) { out.integer(value); });
}

inline DraftExtension reason_code(std::uint8_t reason) {
  return extension(der::oid::reasonCode, false, der::make_der([&](der::Writer& out) { out.enumerated(reason); }));
}

/// An entry of a list; `serial`: the DER of an INTEGER.
inline Octets list_entry(const Octets& serial, const std::vector<DraftExtension>& extensions = {},
                         WallTime date = test_now - std::chrono::days(3)) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& entry) {
      entry.raw(serial);
      entry.time(date);
      if (extensions.empty()) return;
      entry.sequence([&](der::Writer& list) {
        for (const DraftExtension& one : extensions) list.raw(one.der);
      });
    });
  });
}

/// The fields of an issuingDistributionPoint, right or wrong.
struct DraftPoint {
  std::vector<std::string_view> urls{};
  bool relative_name = false;
  std::optional<bool> user_certs{}, ca_certs{}, indirect{}, attribute_certs{};
  bool some_reasons = false;
};

inline DraftExtension issuing_distribution_point(const DraftPoint& point) {
  return extension_of(der::oid::issuingDistributionPoint, true, [&](der::Writer& out) {
    const auto flag = [&](unsigned number, std::optional<bool> value) {
      if (value) out.context_primitive(number, Octets{static_cast<std::uint8_t>(*value ? 0xff : 0)});
    };
    if (!point.urls.empty() || point.relative_name) {
      out.context(0, [&](der::Writer& name_choice) {
        name_choice.context(point.relative_name ? 1 : 0, [&](der::Writer& names) {
          for (const std::string_view url : point.urls) write_general_name(names, uri(url));
        });
      });
    }
    flag(1, point.user_certs);
    flag(2, point.ca_certs);
    if (point.some_reasons) out.context_primitive(3, Octets{0x06, 0x40});
    flag(4, point.indirect);
    flag(5, point.attribute_certs);
  });
}

/// A cRLDistributionPoints of a certificate: one point.
inline DraftExtension distribution_point(std::string_view url, bool some_reasons = false, bool other_issuer = false) {
  return extension_of(der::oid::cRLDistributionPoints, false, [&](der::Writer& out) {
    out.sequence([&](der::Writer& point) {
      point.context(0, [&](der::Writer& name_choice) {
        name_choice.context(0, [&](der::Writer& names) { write_general_name(names, uri(url)); });
      });
      if (some_reasons) point.context_primitive(1, Octets{0x06, 0x40});
      if (other_issuer) point.context(2, [&](der::Writer& names) { write_general_name(names, directory("Other")); });
    });
  });
}

struct ListDraft {
  std::optional<unsigned> version = 1;  ///< the field's value: 1 is v2; nothing: left out, which means v1
  Octets signature_algorithm = algorithm(der::oid::ecdsaWithSHA256);
  std::optional<Octets> outer_algorithm{};  ///< nothing: the same
  Octets issuer = name("Intermediate");
  Octets this_update = der_of_time(test_now - std::chrono::days(1));
  std::optional<Octets> next_update = der_of_time(test_now + std::chrono::days(6));
  std::vector<Octets> entries{};
  bool empty_entries = false;
  std::vector<DraftExtension> extensions{};
  Octets trailer{};
};

inline Octets write_tbs(const ListDraft& draft) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& tbs) {
      if (draft.version) tbs.integer(*draft.version);
      for (const Octets& field : {draft.signature_algorithm, draft.issuer, draft.this_update}) tbs.raw(field);
      if (draft.next_update) tbs.raw(*draft.next_update);
      if (!draft.entries.empty() || draft.empty_entries) {
        tbs.sequence([&](der::Writer& list) {
          for (const Octets& entry : draft.entries) list.raw(entry);
        });
      }
      if (draft.extensions.empty()) return;
      tbs.context(0, [&](der::Writer& tagged) {
        tagged.sequence([&](der::Writer& list) {
          for (const DraftExtension& one : draft.extensions) list.raw(one.der);
        });
      });
    });
  });
}

inline Octets sign(const ListDraft& draft, const crypto::PrivateKey& signer) {
  const Octets tbs = write_tbs(draft);
  const Octets signature = signer.sign(signer.schemes().front(), tbs).value();
  Octets der = der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& list) {
      list.raw(tbs);
      list.raw(draft.outer_algorithm.value_or(draft.signature_algorithm));
      list.bit_string(signature);
    });
  });
  der.insert(der.end(), draft.trailer.begin(), draft.trailer.end());
  return der;
}

/// "good", "revoked", or the code of the rule that says why nothing is known.
inline std::string told(const RevocationStatus& status) {
  switch (status.state) {
    case RevocationState::good: return status.why ? "good, and why" : "good";
    case RevocationState::revoked: return status.why->rule->code == "x509.revocation.revoked" ? "revoked" : "revoked?";
    case RevocationState::unknown: break;
  }
  return status.why ? std::string(status.why->rule->code) : "no reason";
}

}  // namespace padlock::x509::testing
