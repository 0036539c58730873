#include "padlock/cli/local_ca.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "padlock/ca/local_ca.h"
#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/cli/rules.h"
#include "padlock/client/trust.h"
#include "padlock/client/verdict.h"
#include "padlock/der/pem.h"
#include "padlock/net/output_file.h"
#include "padlock/net/rules.h"
#include "padlock/x509/describe.h"
#include "padlock/x509/rules.h"

namespace padlock::cli {
namespace {

/// Rules that whoever typed the command can obey by typing another.
bool is_usage(const Rule& rule) {
  const std::array asked_wrongly{&x509::rules::unsupported_key,
                                 &ca::rules::malformed_ca_name,
                                 &ca::rules::malformed_ca_url,
                                 &ca::rules::ca_has_another_name,
                                 &ca::rules::domain_unfit,
                                 &ca::rules::ca_has_other_domains,
                                 &ca::rules::life_too_long,
                                 &ca::rules::nothing_to_revoke,
                                 &ca::rules::not_issued_here,
                                 &ca::rules::name_outside,
                                 &ca::rules::malformed_name,
                                 &ca::rules::name_count,
                                 &net::rules::file_missing,
                                 &net::rules::key_readable_by_others,
                                 &net::rules::directory_open_to_others};
  return rule.code.starts_with("cli.") || rule.code.starts_with("ca.request.") ||
         rule.code.starts_with("x509.request.") || std::ranges::find(asked_wrongly, &rule) != asked_wrongly.end();
}

}  // namespace

Result<std::filesystem::path> own_state_directory() {
  const auto state = client::state_directory();
  if (!state) return broken(rules::no_home, "there is no place for the local CA");
  struct stat status{};
  if (::stat(state->c_str(), &status) == 0 && status.st_uid != ::geteuid()) {
    return broken(rules::state_of_another, escaped(state->native()) + " belongs to another user");
  }
  return *state;
}

Result<std::shared_ptr<const x509::Certificate>> existing_root(const std::filesystem::path& state) {
  const auto provider = crypto::make_provider();
  auto root = PADLOCK_TRY(ca::LocalCa::find_root(state, *provider));
  if (!root) return broken(rules::no_local_ca, "there is no local CA in " + escaped(state.native()));
  return root;
}

Result<void> add_domains(const std::vector<std::string>& typed, ca::Settings& settings) {
  for (const std::string& text : typed) {
    std::string domain = PADLOCK_TRY(ca::canonical_domain(text));
    if (std::ranges::find(settings.domains, domain) == settings.domains.end())
      settings.domains.push_back(std::move(domain));
  }
  return {};
}

std::string describe_root(const x509::Certificate& root) {
  return root.subject.short_text() + ", valid until " + client::minute_text(root.not_after) + "\nSHA-256 " +
         x509::fingerprint(root) + "\n";
}

Result<void> export_der(const ExportFlags& flags, std::string_view label, const std::vector<Bytes>& documents) {
  std::string text;
  for (const Bytes document : documents)
    text += flags.der ? std::string(as_text(document)) : der::write_pem(label, document);
  if (flags.file.empty() || flags.file == "-") return net::write_all(STDOUT_FILENO, as_bytes(text));
  auto file = PADLOCK_TRY(net::OutputFile::create(flags.file));
  PADLOCK_TRY(file.write(as_bytes(text)));
  return file.commit();
}

bool print(std::string_view text) { return net::write_all(STDOUT_FILENO, as_bytes(text)).has_value(); }

int stopped_by(const Error& error) {
  print_error(error);
  return is_usage(*error.rule) ? usage : failed;
}

}  // namespace padlock::cli
