#include "padlock/x509/name_constraints.h"

#include <algorithm>
#include <array>
#include <string>

#include "padlock/x509/host_name.h"
#include "padlock/x509/mail_and_uri.h"
#include "padlock/x509/names.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

/// A directory name ready to compare: per relative name its attributes, each as type and folded value.
using DirectoryName = std::vector<std::vector<Attribute>>;

/// ASCII lower case, inner white space as one space, none at the ends: RFC 5280, section 7.1, for ASCII. Other
/// characters compare as they are written.
std::string folded(std::string_view value) {
  std::string out;
  for (const char c : to_lower_ascii(value)) {
    if (c != ' ') out += c;
    if (c == ' ' && !out.empty() && out.back() != ' ') out += c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

DirectoryName folded_name(Bytes der) {
  DirectoryName name = parse_relative_names(der).value_or(DirectoryName{});  // it was read once already
  for (auto& attributes : name) {
    for (Attribute& attribute : attributes) attribute.value = folded(attribute.value);
  }
  return name;
}

/// Relative names are sets (RFC 5280, section 7.1): as many attributes, each with its like.
bool same_relative_name(const std::vector<Attribute>& a, const std::vector<Attribute>& b) {
  const auto in_b = [&b](const Attribute& wanted) {
    return std::ranges::any_of(
        b, [&](const Attribute& one) { return one.type == wanted.type && one.value == wanted.value; });
  };
  return a.size() == b.size() && std::ranges::all_of(a, in_b);
}

bool directory_within(const DirectoryName& name, const DirectoryName& base) {
  return name.size() >= base.size() && std::ranges::equal(base, std::span(name).first(base.size()), same_relative_name);
}

bool address_within(Bytes address, Bytes base) {
  const std::size_t length = address.size();
  if (base.size() != 2 * length) return false;  // the other family
  for (std::size_t i = 0; i < length; ++i) {
    if (((address[i] ^ base[i]) & base[length + i]) != 0) return false;
  }
  return true;
}

/// `*.X` could stand for an excluded base that is one label below X.
bool wildcard_could_match(std::string_view presented, std::string_view base) {
  return presented.starts_with("*.") && matches_host(presented, base);
}

/// Mask octets are ones, then zeros (RFC 5280, section 4.2.1.10, as RFC 4632 has them).
bool is_mask(Bytes mask) {
  bool ended = false;
  for (const std::uint8_t octet : mask) {
    for (unsigned bit = 8; bit-- > 0;) {
      const bool set = (octet >> bit & 1) != 0;
      if (set && ended) return false;
      ended = ended || !set;
    }
  }
  return true;
}

bool well_formed(const GeneralName& base) {
  const Bytes value = base.value;
  switch (base.form) {
    case GeneralNameForm::dNSName: return value.empty() || is_host_name(as_text(value));
    case GeneralNameForm::iPAddress:
      return (value.size() == 8 || value.size() == 32) && is_mask(value.subspan(value.size() / 2));
    case GeneralNameForm::rfc822Name: return is_mail_constraint(as_text(value));
    case GeneralNameForm::uniformResourceIdentifier: return is_uri_constraint(as_text(value));
    default: return true;
  }
}

/// A name or a base, with what comparing it needs.
struct Prepared {
  GeneralName name;
  DirectoryName directory;  ///< for directoryName
};

Prepared prepare(const GeneralName& name) {
  return {name, name.form == GeneralNameForm::directoryName ? folded_name(name.value) : DirectoryName{}};
}

std::vector<Prepared> prepare_all(std::span<const GeneralName> names) {
  std::vector<Prepared> prepared;
  prepared.reserve(names.size());
  for (const GeneralName& name : names) prepared.push_back(prepare(name));
  return prepared;
}

/// Mail addresses in a subject count as rfc822Name (RFC 5280, section 4.2.1.10).
void add_mail_of_subject(const DirectoryName& subject, std::vector<Prepared>& names) {
  for (const auto& attributes : subject) {
    for (const Attribute& attribute : attributes) {
      if (attribute.type != der::oid::emailAddress) continue;
      const Bytes text = as_bytes(attribute.value);
      names.push_back({{GeneralNameForm::rfc822Name, {text.begin(), text.end()}}, {}});
    }
  }
}

/// Everything that constraints apply to: subjectAltName, a subject that is not empty, mail addresses in it.
std::vector<Prepared> names_of(const Certificate& certificate) {
  std::vector<Prepared> names = prepare_all(certificate.subject_alternative_names);
  if (certificate.subject.empty()) return names;
  names.push_back(prepare({GeneralNameForm::directoryName, certificate.subject.der}));
  const DirectoryName subject = names.back().directory;
  add_mail_of_subject(subject, names);
  return names;
}

/// A mailbox or URI that holds no host cannot be compared, nor can the forms that nobody reads.
bool comparable(const GeneralName& name) {
  switch (name.form) {
    case GeneralNameForm::dNSName:
    case GeneralNameForm::iPAddress:
    case GeneralNameForm::directoryName: return true;
    case GeneralNameForm::rfc822Name: return is_mailbox(as_text(name.value));
    case GeneralNameForm::uniformResourceIdentifier: return host_of_uri(as_text(name.value)).has_value();
    default: return false;
  }
}

bool within(const Prepared& name, const Prepared& base) {
  switch (name.name.form) {
    case GeneralNameForm::dNSName: return is_within(as_text(name.name.value), as_text(base.name.value));
    case GeneralNameForm::iPAddress: return address_within(name.name.value, base.name.value);
    case GeneralNameForm::rfc822Name: return mail_within(as_text(name.name.value), as_text(base.name.value));
    case GeneralNameForm::uniformResourceIdentifier:
      return uri_within(as_text(name.name.value), as_text(base.name.value));
    default: return directory_within(name.directory, base.directory);
  }
}

/// Excluded is decided against the name: a wildcard is excluded by any name that it could stand for.
bool excluded_by(const Prepared& name, const Prepared& base) {
  const bool dns = name.name.form == GeneralNameForm::dNSName;
  return within(name, base) || (dns && wildcard_could_match(as_text(name.name.value), as_text(base.name.value)));
}

/// The constraints of one CA, applied to one name after the other.
class Constraints {
 public:
  Constraints(const NameConstraints& constraints, Budget& budget)
      : permitted_(prepare_all(constraints.permitted)), excluded_(prepare_all(constraints.excluded)), budget_(budget) {}

  /// The first base that is no good name of its form.
  Result<void> check_form() const {
    for (const auto* const list : {&permitted_, &excluded_}) {
      for (const Prepared& base : *list) {
        if (!well_formed(base.name))
          return broken(rules::malformed_name_constraint, "the constraint " + text_of(base.name) + " is malformed");
      }
    }
    return {};
  }

  Result<void> check(const Prepared& name) {
    const auto same_form = [&name](const Prepared& base) { return base.name.form == name.name.form; };
    const bool permits_form = std::ranges::any_of(permitted_, same_form);
    const bool excludes_form = std::ranges::any_of(excluded_, same_form);
    if (!permits_form && !excludes_form) return {};
    if (!comparable(name.name))
      return broken(rules::unsupported_name_constraint, "the name " + text_of(name.name) + " is of a constrained form");
    if (PADLOCK_TRY(any_matches(excluded_, name, excluded_by)))
      return broken(rules::name_constraint, text_of(name.name) + " is excluded");
    if (permits_form && !PADLOCK_TRY(any_matches(permitted_, name, within)))
      return broken(rules::name_constraint, text_of(name.name) + " is not among the permitted names");
    return {};
  }

 private:
  Result<bool> any_matches(std::span<const Prepared> bases, const Prepared& name,
                           bool (*matches)(const Prepared&, const Prepared&)) {
    for (const Prepared& base : bases) {
      if (!budget_.take_name_comparison()) {
        return broken(rules::name_budget_exceeded,
                      "the chain needs more than " + std::to_string(max_name_comparisons) + " name comparisons");
      }
      if (base.name.form == name.name.form && matches(name, base)) return true;
    }
    return false;
  }

  std::vector<Prepared> permitted_;
  std::vector<Prepared> excluded_;
  Budget& budget_;
};

/// The names of each certificate of a path; none for self-issued CAs, whose names are free.
std::vector<std::vector<Prepared>> names_of_path(std::span<const std::shared_ptr<const Certificate>> path) {
  std::vector<std::vector<Prepared>> names;
  for (std::size_t depth = 0; depth + 1 < path.size(); ++depth) {
    const bool free = depth > 0 && path[depth]->self_issued();
    names.push_back(free ? std::vector<Prepared>{} : names_of(*path[depth]));
  }
  return names;
}

std::string by(const Certificate& ca) { return ", says " + (ca.subject.empty() ? "a CA above" : ca.subject.text()); }

}  // namespace

std::optional<Fault> check_name_constraints(std::span<const std::shared_ptr<const Certificate>> path, Budget& budget) {
  const auto constrains = [](const auto& certificate) { return certificate->name_constraints.has_value(); };
  if (std::ranges::none_of(path, constrains)) return std::nullopt;
  const auto names = names_of_path(path);
  for (std::size_t ca = path.size(); ca-- > 0;) {
    if (!path[ca]->name_constraints) continue;
    Constraints constraints(*path[ca]->name_constraints, budget);
    if (auto good = constraints.check_form(); !good) return Fault{good.error(), path[ca], ca};
    for (std::size_t depth = 0; depth < ca; ++depth) {
      for (const Prepared& name : names[depth]) {
        auto good = constraints.check(name);
        if (good) continue;
        good.error().what += by(*path[ca]);
        return Fault{good.error(), path[depth], depth};
      }
    }
  }
  return std::nullopt;
}

}  // namespace padlock::x509
