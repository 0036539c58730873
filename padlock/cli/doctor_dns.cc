// What DNS says of a name, for `padlock doctor`: asked by ourselves, as a CA would.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "padlock/acme/identifier.h"
#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/certs/acme_issuer.h"
#include "padlock/cli/dns_look.h"
#include "padlock/cli/doctor_checks.h"
#include "padlock/dns/message.h"

namespace padlock::cli {
namespace {

std::string host_of(const DoctorWish& wish) { return wish.name.starts_with("*.") ? wish.name.substr(2) : wish.name; }

std::optional<net::IpAddress> address_in(const dns::Record& record) {
  const bool v4 = record.type == dns::Type::A && record.data.size() == 4;
  const bool v6 = record.type == dns::Type::AAAA && record.data.size() == 16;
  if (!v4 && !v6) return std::nullopt;
  net::IpAddress address{.bytes = {}, .length = static_cast<std::uint8_t>(record.data.size())};
  copy_bytes(record.data, address.bytes);
  return address;
}

// ---- CAA (RFC 8659) -------------------------------------------------------------------------------------------------

struct Caa {
  dns::Name at;
  std::vector<dns::CertificationAuthority> records;
};

/// The records of the name, or of the closest name above that has some (section 3). Aliases are followed by whom we
/// ask.
Result<Caa> find_caa(const DoctorWish& wish, crypto::Provider& provider) {
  for (dns::Name name = PADLOCK_TRY(dns::Name::parse(host_of(wish))); !name.is_root(); name = name.parent()) {
    const dns::Message answer = PADLOCK_TRY(ask_for_records(wish.name_servers, name, dns::Type::CAA, provider));
    Caa caa{name, {}};
    for (const dns::Record& record : answer.answers) {
      if (record.type != dns::Type::CAA) continue;
      caa.records.push_back(PADLOCK_TRY(dns::parse_caa(record.data)));
    }
    if (!caa.records.empty()) return caa;
  }
  return Caa{};
}

/// "letsencrypt.org" of "letsencrypt.org; validationmethods=dns-01" (section 4.2).
std::string issuer_in(std::string_view value) {
  value = value.substr(0, value.find(';'));
  const std::size_t first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return to_lower_ascii(value.substr(first, value.find_last_not_of(" \t") + 1 - first));
}

bool has(const Caa& caa, std::string_view tag) {
  return std::ranges::find(caa.records, tag, &dns::CertificationAuthority::tag) != caa.records.end();
}

/// Which of the records speak of this name (section 4.3).
std::string_view tag_for(const DoctorWish& wish, const Caa& caa) {
  return wish.name.starts_with("*.") && has(caa, "issuewild") ? "issuewild" : "issue";
}

/// Whom they allow; nothing: everybody (section 4.2).
std::optional<std::vector<std::string>> allowed_by(const Caa& caa, std::string_view tag) {
  if (!has(caa, tag)) return std::nullopt;
  std::vector<std::string> issuers;
  for (const auto& record : caa.records) {
    if (record.tag != tag) continue;
    std::string issuer = issuer_in(record.value);
    if (!issuer.empty()) issuers.push_back(std::move(issuer));
  }
  return issuers;
}

/// A tag that nobody knows and that must be known forbids all (section 4.1).
const dns::CertificationAuthority* find_unknown_critical(const Caa& caa) {
  const auto found = std::ranges::find_if(caa.records, [](const dns::CertificationAuthority& record) {
    return record.critical && record.tag != "issue" && record.tag != "issuewild" && record.tag != "iodef" &&
           record.tag != "issuemail" && record.tag != "issuevmc" && record.tag != "contactemail" &&
           record.tag != "contactphone";
  });
  return found == caa.records.end() ? nullptr : &*found;
}

Check caa(Grade verdict, std::string text, std::string advice = {}) {
  return {"caa", verdict, std::move(text), std::move(advice)};
}

Check judge_caa(const DoctorWish& wish, const LookedUpCa* ca, const Caa& found) {
  const std::string where = found.at.to_string();
  if (const auto* const unknown = find_unknown_critical(found))
    return caa(Grade::bad, where + " has a critical CAA record \"" + escaped(unknown->tag) + "\" that CAs do not know",
               "remove it, or no CA certifies the name");
  const std::string tag(tag_for(wish, found));
  const auto allowed = allowed_by(found, tag);
  if (!allowed) return caa(Grade::good, "the CAA records of " + where + " say nothing of who may certify it");
  const std::string allow =
      "the CAA records of " + where + " allow " + (allowed->empty() ? "no CA" : "only " + list_of(*allowed, escaped));
  if (ca == nullptr || ca->directory.caa_identities.empty()) {
    if (allowed->empty()) return caa(Grade::bad, allow, "add one that names yours");
    return caa(Grade::warning, allow, "see whether that is your CA, which does not say what it is called there");
  }
  const auto is_ours = [&](const std::string& one) {
    return std::ranges::find(ca->directory.caa_identities, one) != ca->directory.caa_identities.end();
  };
  if (std::ranges::any_of(*allowed, is_ours)) return caa(Grade::good, allow + ", which " + escaped(ca->name) + " is");
  return caa(Grade::bad, allow + ", and " + escaped(ca->name) + " is " + list_of(ca->directory.caa_identities, escaped),
             "add the record `" + where + ". CAA 0 " + tag + " \"" + escaped(ca->directory.caa_identities.front()) +
                 "\"`, or take another CA");
}

Check dns_check(Grade verdict, std::string text, std::string advice = {}) {
  return {"dns", verdict, std::move(text), std::move(advice)};
}

Check no_address(const dns::Name& name, dns::ResponseCode code) {
  if (code == dns::ResponseCode::NXDomain)
    return dns_check(Grade::bad, name.to_string() + " does not exist (NXDomain)",
                     "look how it is written, or add an A or AAAA record with this machine's public address");
  return dns_check(Grade::bad, name.to_string() + " has neither A nor AAAA records",
                   "add one with this machine's public address");
}

}  // namespace

std::vector<Check> look_at_addresses(const DoctorWish& wish, crypto::Provider& provider,
                                     std::optional<std::vector<net::IpAddress>>& addresses) {
  const auto identifier = acme::make_identifier(wish.name);
  if (identifier && identifier->type == acme::Identifier::Type::ip) {
    addresses.emplace();
    if (const auto literal = x509::parse_ip_address(wish.name)) addresses->push_back(*literal);
    return {dns_check(Grade::good, escaped(wish.name) + " is an address")};
  }
  const auto name = dns::Name::parse(host_of(wish));
  if (!name) return {dns_check(Grade::bad, name.error().what, "write a host name, as certificates have them")};
  std::vector<net::IpAddress> found;
  std::vector<std::string> shown;
  auto code = dns::ResponseCode::NoError;
  for (const dns::Type type : {dns::Type::A, dns::Type::AAAA}) {
    const auto answer = ask_first(wish.name_servers, *name, type, provider);
    if (!answer)
      return {dns_check(Grade::bad, answer.error().what, "check the network, or name another name server by --dns")};
    if (!is_an_answer(*answer)) {
      addresses.emplace();
      return {dns_check(Grade::bad,
                        "the question for " + dns::name_of(type) + " records of " + name->to_string() +
                            " is answered " + dns::name_of(answer->code),
                        "look at the zone's servers, and at DNSSEC if it is signed")};
    }
    code = answer->code;
    for (const dns::Record& record : answer->answers) {
      if (record.type != type) continue;
      if (const auto address = address_in(record)) {
        found.push_back(*address);
        shown.push_back(x509::to_string(*address));
      }
    }
  }
  addresses = std::move(found);
  if (wish.name.starts_with("*.")) return {dns_check(Grade::good, "a name with `*.` is proved by DNS alone")};
  if (addresses->empty()) return {no_address(*name, code)};
  return {dns_check(Grade::good, name->to_string() + " leads to " + list_of(shown, escaped))};
}

std::vector<Check> look_at_persistent_record(const DoctorWish& wish, const LookedUpCa* ca,
                                             const std::filesystem::path& state, crypto::Provider& provider) {
  const auto& settings = wish.config.acme;
  const auto identifier = acme::make_identifier(wish.name);
  const auto persistent = acme::ChallengeType::dns_persist_01;
  const bool wanted = settings && std::ranges::find(settings->challenges, persistent) != settings->challenges.end();
  if (!wanted || !identifier || !acme::can_prove(persistent, *identifier)) return {};
  const auto check = [](Grade verdict, std::string text, std::string advice = {}) {
    return std::vector<Check>{{"persist", verdict, std::move(text), std::move(advice)}};
  };
  const std::string ask = "`padlock acme persist-record " + escaped(wish.name) + "` says which record to set";
  certs::StoreFolder store(state);
  const auto account = certs::stored_account_url(*settings, store);
  if (!account) return check(Grade::bad, account.error().what, "read the check \"store\"");
  if (account->empty()) return check(Grade::bad, "there is no account at the CA that a record could name", ask);
  if (ca == nullptr || ca->directory.caa_identities.empty())
    return check(Grade::warning, "the CA does not say what records call it", ask);
  const acme::PersistentProof proof{ca->directory.caa_identities, *account};
  const auto fault = look_at_persistent_records(wish.name_servers, *identifier, proof, provider);
  if (!fault) return check(Grade::bad, fault.error().what, "look at the zone's servers");
  const std::string what =
      "the TXT record at " + acme::persistent_record_name(*identifier) + " " + std::string(acme::words_of(*fault));
  return *fault == acme::PersistentFault::none ? check(Grade::good, what) : check(Grade::bad, what, ask);
}

std::vector<Check> look_at_caa(const DoctorWish& wish, const LookedUpCa* ca, crypto::Provider& provider) {
  if (!dns::Name::parse(host_of(wish)) || x509::parse_ip_address(wish.name)) return {};
  const auto found = find_caa(wish, provider);
  if (!found)
    return {caa(Grade::bad, found.error().what, "CAs issue nothing without an answer: look at the zone's servers")};
  if (found->records.empty()) return {caa(Grade::good, "there are no CAA records: every CA may certify the name")};
  return {judge_caa(wish, ca, *found)};
}

}  // namespace padlock::cli
