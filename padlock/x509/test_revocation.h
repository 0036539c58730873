#pragma once

// Revocation lists and OCSP responses for tests: as in test_certificates.h, every field of a draft can be set to
// anything.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/crypto/hash.h"
#include "padlock/x509/crl.h"
#include "padlock/x509/ocsp.h"
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

/// DER of a GeneralizedTime, as OCSP has all times.
inline Octets general_time(WallTime time) {
  return der::make_der([&](der::Writer& out) { out.generalized_time(time); });
}
inline Octets tagged(unsigned number, const Octets& inside) {
  return der::make_der([&](der::Writer& out) { out.context(number, [&](der::Writer& body) { body.raw(inside); }); });
}

/// A CertID for the certificate of this serial number, of the issuer with this name and key.
inline Octets cert_id(std::string_view issuer, std::size_t issuer_key, const Octets& serial,
                      crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha1) {
  const bool sha256 = hash == crypto::HashAlgorithm::sha256;
  const Octets public_key = subject_public_key_of(key(issuer_key).public_key().parts());
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& id) {
      id.raw(algorithm(sha256 ? der::oid::sha256 : der::oid::sha1, true));
      id.octet_string(crypto::hash_of(hash, name(issuer)));
      id.octet_string(crypto::hash_of(hash, public_key));
      id.raw(serial);
    });
  });
}

inline const Octets good_status{0x80, 0x00};
inline const Octets unknown_status{0x82, 0x00};
inline Octets revoked_status(std::optional<std::uint8_t> reason = {}, WallTime date = test_now - std::chrono::days(3)) {
  Octets inside = general_time(date);
  if (reason) {
    const Octets code = tagged(0, der::make_der([&](der::Writer& out) { out.enumerated(*reason); }));
    inside.insert(inside.end(), code.begin(), code.end());
  }
  return tagged(1, inside);
}

/// A SingleResponse, of the leaf with serial number 1 of "Intermediate" (key 1).
struct SingleDraft {
  Octets id = cert_id("Intermediate", 1, {0x02, 0x01, 0x01});
  Octets status = good_status;
  Octets this_update = general_time(test_now - std::chrono::days(1));
  std::optional<Octets> next_update = general_time(test_now + std::chrono::days(6));
  std::vector<DraftExtension> extensions{};
};

inline void write_tagged_extensions(der::Writer& out, const std::vector<DraftExtension>& extensions) {
  if (extensions.empty()) return;
  out.context(1, [&](der::Writer& tag) {
    tag.sequence([&](der::Writer& list) {
      for (const DraftExtension& one : extensions) list.raw(one.der);
    });
  });
}

struct ResponseDraft {
  std::uint8_t status = 0;
  std::optional<bool> with_bytes{};  ///< nothing: as the status says
  der::Oid type = der::oid::ocspBasic;
  Octets version{};
  Octets responder = tagged(1, name("Intermediate"));
  Octets produced_at = general_time(test_now - std::chrono::days(1));
  std::vector<SingleDraft> singles{SingleDraft{}};
  std::vector<DraftExtension> extensions{};
  Octets signature_algorithm = algorithm(der::oid::ecdsaWithSHA256);
  std::size_t signer = 1;
  std::vector<Octets> certificates{};
  Octets trailer{};
};

inline Octets write_tbs(const ResponseDraft& draft) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& data) {
      for (const Octets& field : {draft.version, draft.responder, draft.produced_at}) data.raw(field);
      data.sequence([&](der::Writer& list) {
        for (const SingleDraft& one : draft.singles) {
          list.sequence([&](der::Writer& single) {
            for (const Octets& field : {one.id, one.status, one.this_update}) single.raw(field);
            if (one.next_update) single.raw(tagged(0, *one.next_update));
            write_tagged_extensions(single, one.extensions);
          });
        }
      });
      write_tagged_extensions(data, draft.extensions);
    });
  });
}

inline Octets write_basic(const ResponseDraft& draft) {
  const Octets tbs = write_tbs(draft);
  const crypto::PrivateKey& signer = key(draft.signer);
  const Octets signature = signer.sign(signer.schemes().front(), tbs).value();
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& basic) {
      basic.raw(tbs);
      basic.raw(draft.signature_algorithm);
      basic.bit_string(signature);
      if (draft.certificates.empty()) return;
      basic.context(0, [&](der::Writer& tag) {
        tag.sequence([&](der::Writer& list) {
          for (const Octets& one : draft.certificates) list.raw(one);
        });
      });
    });
  });
}

inline Octets sign(const ResponseDraft& draft) {
  Octets der = der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& response) {
      response.enumerated(draft.status);
      if (!draft.with_bytes.value_or(draft.status == 0)) return;
      response.context(0, [&](der::Writer& tag) {
        tag.sequence([&](der::Writer& bytes) {
          bytes.object_identifier(draft.type);
          bytes.octet_string(write_basic(draft));
        });
      });
    });
  });
  der.insert(der.end(), draft.trailer.begin(), draft.trailer.end());
  return der;
}

/// A responder's certificate (key 5), made by "Intermediate" (key 1).
inline Draft responder_draft() {
  Draft draft = leaf_draft(5, "Intermediate", 1, {});
  draft.subject = name("Responder");
  draft.serial = {0x02, 0x01, 0x70};
  set_extension(draft, extended_key_usage({der::oid::ocspSigning}));
  draft.extensions.push_back(
      extension(der::oid::ocspNoCheck, false, der::make_der([](der::Writer& out) { out.null(); })));
  return draft;
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
