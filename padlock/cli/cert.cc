// `padlock cert show`: what certificates say, from a file or from a server.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/cert_status.h"
#include "padlock/cli/command.h"
#include "padlock/cli/fetch_flags.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/client/probe.h"
#include "padlock/der/pem.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"
#include "padlock/net/output_file.h"
#include "padlock/x509/describe.h"

namespace padlock::cli {
namespace {

constexpr std::size_t most_file_bytes = 4 << 20;  // a whole trust bundle has a quarter of it

struct CertFlags : FetchFlags {
  bool json = false;
};

using Chain = std::vector<std::vector<std::uint8_t>>;

bool is_pem(std::string_view text) { return text.contains("-----BEGIN "); }

/// The certificates of a PEM or DER file.
Result<Chain> read_certificates(const std::string& path) {
  const auto bytes = PADLOCK_TRY(net::read_file(path, most_file_bytes));
  if (!is_pem(as_text(bytes))) return Chain{bytes};
  Chain chain;
  for (auto& block : PADLOCK_TRY(der::find_all(as_text(bytes), "CERTIFICATE"))) chain.push_back(std::move(block.bytes));
  if (chain.empty()) return broken(rules::no_certificate, escaped(path) + " holds no certificate");
  return chain;
}

/// What a server sends, trusted or not: this is a look at it.
Result<Chain> fetch_certificates(const CertFlags& flags) {
  const PreparedFetch prepared = PADLOCK_TRY(prepare_fetch(flags));
  const auto outcome = client::probe(flags.url, prepared.options);
  if (!outcome.connected() || outcome.security.connection->peer_chain.empty())
    return std::unexpected(
        outcome.error.value_or(Error{&rules::no_certificate, escaped(flags.url) + " showed no certificate"}));
  const tls::CertificateChain& sent = outcome.security.connection->peer_chain;
  return Chain(sent.begin(), sent.end());
}

/// A mistyped file's name is not looked up as a server's.
bool looks_like_a_file(std::string_view text) {
  constexpr std::array<std::string_view, 4> endings{".pem", ".crt", ".cer", ".der"};
  const bool ending = std::ranges::any_of(endings, [text](std::string_view one) { return text.ends_with(one); });
  return !text.contains("://") && (ending || text.contains('/'));
}

Result<Chain> find_certificates(const CertFlags& flags) {
  std::error_code ignored;  // whatever is no file is a server's name
  const bool file = looks_like_a_file(flags.url) || std::filesystem::exists(flags.url, ignored);
  return file ? read_certificates(flags.url) : fetch_certificates(flags);
}

using Read = Result<std::shared_ptr<const x509::Certificate>>;

std::string one_as_text(const Read& certificate, std::size_t number, WallTime now) {
  std::string text = "certificate " + std::to_string(number) + "\n";
  if (!certificate) return text + "  unreadable   " + certificate.error().to_string() + "\n";
  for (const x509::CertificateFact& fact : x509::describe(**certificate, now))
    text += "  " + column(fact.name, 13) + fact.text + "\n";
  return text;
}

std::string as_text(const std::vector<Read>& certificates) {
  std::string text;
  for (std::size_t i = 0; i < certificates.size(); ++i) text += one_as_text(certificates[i], i, net::now().wall);
  return text;
}

std::string as_json(const std::vector<Read>& certificates) {
  Json list = Json::array();
  for (const Read& one : certificates)
    list.push_back(one ? to_json(**one) : Json{{"unreadable", to_json(one.error())}});
  return dump(Json{{"certificates", std::move(list)}}, true) + "\n";
}

int show(const CertFlags& flags) {
  const auto chain = find_certificates(flags);
  if (!chain) {
    print_error(chain.error());
    return client::exit_code_of(chain.error(), client::Stage::before_connected) == usage ? usage : failed;
  }
  std::vector<Read> certificates;
  certificates.reserve(chain->size());
  for (const auto& der : *chain) certificates.push_back(x509::parse_certificate(der));
  const std::string text = flags.json ? as_json(certificates) : as_text(certificates);
  const auto written = net::write_all(STDOUT_FILENO, as_bytes(text));
  if (!written) print_error(written.error());
  const bool all_read = std::ranges::all_of(certificates, [](const Read& one) { return one.has_value(); });
  return written && all_read ? fine : failed;
}

}  // namespace

void add_cert(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("cert", "Certificates");
  command->require_subcommand(1);
  add_cert_status(*command, run);
  auto* show_command = command->add_subcommand("show", "Print what certificates say");
  const auto flags = std::make_shared<CertFlags>();
  show_command->add_option("source", flags->url, "A PEM or DER file, or a server: HOST[:PORT] or https://...")
      ->required();
  add_connection_flags(*show_command, *flags);
  show_command->add_flag("--json", flags->json, "As JSON (docs/guide/check.md)");
  show_command->callback([flags, &run] { run = [flags] { return show(*flags); }; });
}

}  // namespace padlock::cli
