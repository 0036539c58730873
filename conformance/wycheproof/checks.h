#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "padlock/crypto/provider.h"

namespace padlock::wycheproof {

/// True if the operation of one test worked and gave the values that the file has; else why it is skipped, in words.
using Answer = std::expected<bool, std::string>;

/// `group`: one of testGroups, `test`: one of its tests. May throw nlohmann::json's exceptions on a malformed file.
using Check = Answer (*)(crypto::Provider& provider, const nlohmann::json& group, const nlohmann::json& test);

struct Suite {
  std::string_view algorithm;    ///< as the file's "algorithm" has it
  std::string_view schema;       ///< how its "schema" begins
  Check check;                   ///< nullptr: not in use yet
  std::string_view skip_reason;  ///< why, if not in use
  bool on_both_aead_backends = false;
};

/// What is done with a file, or nullptr if it is of no primitive that we know.
const Suite* find_suite(std::string_view algorithm, std::string_view schema);

/// Whether the test must work: "valid" must, "invalid" must not; of "acceptable" TLS wants the strict side.
bool must_work(const nlohmann::json& test);

}  // namespace padlock::wycheproof
