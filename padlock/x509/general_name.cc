#include <algorithm>
#include <string>

#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

/// The inside of directoryName [4] is a whole Name, as an explicit tag holds it: Name is a CHOICE (X.680,
/// section 31.2.7).
Result<std::vector<std::uint8_t>> parse_directory_name(der::Reader in) {
  auto name = PADLOCK_TRY(parse_name(in, "directoryName"));
  PADLOCK_TRY(in.finish());
  return std::move(name.der);
}

/// Forms that are constructed; all others are implicit tags on strings or identifiers.
bool constructed(unsigned form) { return form == 0 || form == 3 || form == 4 || form == 5; }

/// Walks what is inside a form that nobody compares, so that it is at least DER.
Result<void> walk(der::Reader in) {
  while (!in.empty()) PADLOCK_TRY(in.any("value"));
  return {};
}

}  // namespace

Result<GeneralName> parse_general_name(der::Reader& in, std::string_view field) {
  const auto element = PADLOCK_TRY(in.any(field));
  const unsigned form = element.tag & 0x1f;
  const der::Tag expected = constructed(form) ? der::tag::context_constructed(form) : der::tag::context(form);
  if (form > 8 || element.tag != expected)
    return broken(rules::malformed_name, std::string(field) + " is no GeneralName: " + der::name_of(element.tag));
  GeneralName name{static_cast<GeneralNameForm>(form), {element.content.begin(), element.content.end()}};
  const der::Reader inside = in.inside(element, field);
  switch (name.form) {
    case GeneralNameForm::directoryName: name.value = PADLOCK_TRY(parse_directory_name(inside)); break;
    case GeneralNameForm::otherName:
    case GeneralNameForm::x400Address:
    case GeneralNameForm::ediPartyName: PADLOCK_TRY(walk(inside)); break;
    case GeneralNameForm::rfc822Name:
    case GeneralNameForm::dNSName:
    case GeneralNameForm::uniformResourceIdentifier:
      if (!ascii(element.content)) return broken(rules::malformed_name, std::string(field) + " is no IA5String");
      in.meaning(escaped(as_text(element.content)));
      break;
    case GeneralNameForm::iPAddress: break;
    case GeneralNameForm::registeredID:
      if (!der::Oid::from_content(element.content))
        return broken(rules::malformed_name, std::string(field) + " is no object identifier");
      break;
  }
  return name;
}

Result<std::vector<GeneralName>> parse_general_names(der::Reader in) {
  std::vector<GeneralName> names;
  do names.push_back(PADLOCK_TRY(parse_general_name(in, "generalName")));
  while (!in.empty());
  return names;
}

}  // namespace padlock::x509
