#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/ca/settings.h"
#include "padlock/cli/command.h"
#include "padlock/x509/certificate.h"

// What `padlock trust` and `padlock ca` have in common.

namespace padlock::cli {

/// The state folder, which is this user's own: root works on nobody else's. Errors: `rules::no_home`,
/// `rules::state_of_another`.
Result<std::filesystem::path> own_state_directory();

/// The root in the state folder. Error: `rules::no_local_ca` if there is none, those of LocalCa::find_root.
Result<std::shared_ptr<const x509::Certificate>> existing_root(const std::filesystem::path& state);

/// Domains as they were typed, to the settings of a CA. Error: ca::rules::domain_unfit.
Result<void> add_domains(const std::vector<std::string>& typed, ca::Settings& settings);

/// Two lines on a root: its name and end, its fingerprint.
std::string describe_root(const x509::Certificate& root);

/// Where a document goes: a file, or standard output if `file` is empty; PEM or DER.
struct ExportFlags {
  std::string file;
  bool der = false;
};
/// `label`: of its PEM. Errors: net's of files.
Result<void> export_der(const ExportFlags& flags, std::string_view label, const std::vector<Bytes>& documents);

/// Standard output, all of it. False: nobody takes it.
bool print(std::string_view text);

/// Prints an error; gives the exit code: 2 for what was asked wrongly, 1 for what went wrong.
int stopped_by(const Error& error);

/// A command's work with its flags, whose errors become exit codes so.
template <class Flags>
Run work_of(std::shared_ptr<Flags> flags, Result<int> (*work)(const Flags&)) {
  return [flags = std::move(flags), work] {
    const auto done = work(*flags);
    return done ? *done : stopped_by(done.error());
  };
}

}  // namespace padlock::cli
