// limbo FILE.json[.gz]: path validation against x509-limbo's cases (its schema 1). Prints each case whose result is not
// the expected one, each skipped one with its reason, and last `limbo: N passed, N failed, N skipped`. Exit 1 if a
// case failed, 2 if the file cannot be read.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "padlock/crypto/provider.h"
#include "padlock/der/pem.h"
#include "padlock/x509/verify.h"

namespace {

using nlohmann::json;
using padlock::WallTime;

/// The whole of a file; zlib reads plain files as they are. Nothing if it cannot be opened or is damaged.
std::optional<std::string> read_file(const std::string& path) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (file == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 65536> block{};
  int taken = 0;
  while ((taken = gzread(file.get(), block.data(), block.size())) > 0)
    text.append(block.data(), static_cast<std::size_t>(taken));
  return taken == 0 ? std::optional(std::move(text)) : std::nullopt;
}

/// "2024-04-01T00:00:00.005+00:00", whole seconds; all cases are in UTC. Without a time: now.
WallTime time_of(const json& value) {
  using namespace std::chrono;
  if (value.is_null()) return floor<seconds>(system_clock::now());
  const std::string text = value.get<std::string>();
  const auto number = [&text](std::size_t at, std::size_t count) { return std::stoi(text.substr(at, count)); };
  const year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                            day(static_cast<unsigned>(number(8, 2)))};
  return sys_days(date) + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
}

std::vector<std::uint8_t> der_of(const std::string& pem) {
  auto blocks = padlock::der::find_all(pem, "CERTIFICATE");
  return blocks && blocks->size() == 1 ? std::move(blocks->front().bytes) : std::vector<std::uint8_t>{};
}

/// Why a case is not run: what it needs is not built. Empty: it is run.
std::string reason_to_skip(const json& test) {
  const auto has_feature = [&test](std::string_view feature) {
    return std::ranges::any_of(test["features"], [feature](const json& one) { return one == feature; });
  };
  const auto is_mail = [](const json& name) { return name["kind"] == "RFC822"; };
  if (has_feature("has-crl") || !test["crls"].empty()) return "certificate revocation lists are not built yet";
  if (has_feature("pedantic-public-suffix-wildcard")) return "wildcards over public suffixes need a list of them";
  if (std::ranges::any_of(test["expected_peer_names"], is_mail)) return "mail names are not built yet";
  if (!test["expected_peer_name"].is_null() && is_mail(test["expected_peer_name"]))
    return "mail names are not built yet";
  const json& usages = test["key_usage"];
  if (!usages.empty() && usages != json{"digitalSignature"}) return "TLS asks for no other key usage";
  return "";
}

padlock::x509::Verdict verify(const json& test, padlock::crypto::Provider& provider) {
  padlock::x509::TrustStore store;
  for (const json& pem : test["trusted_certs"]) {
    auto root = padlock::x509::parse_certificate(der_of(pem));
    if (root) store.add(*root, padlock::x509::TrustSource::given_file);
  }
  std::vector<std::vector<std::uint8_t>> chain{der_of(test["peer_certificate"])};
  for (const json& pem : test["untrusted_intermediates"]) chain.push_back(der_of(pem));
  const std::string name = test["expected_peer_name"].is_null() ? "" : test["expected_peer_name"]["value"];
  padlock::x509::VerifyInput input{.chain = chain, .server_name = name, .now = time_of(test["validation_time"])};
  if (test["validation_kind"] == "CLIENT") input.purpose = padlock::x509::Purpose::client_auth;
  if (test["key_usage"].empty()) input.key_usage.reset();
  if (!test["max_chain_depth"].is_null()) input.max_intermediates = test["max_chain_depth"].get<std::size_t>();
  return padlock::x509::verify_chain(input, store, provider);
}

struct Counts {
  unsigned passed = 0, failed = 0, skipped = 0;
};

void run(const json& test, padlock::crypto::Provider& provider, Counts& counts) {
  const std::string id = test["id"];
  const std::string skip = reason_to_skip(test);
  if (!skip.empty()) {
    std::cout << "skipped " << id << ": " << skip << "\n";
    ++counts.skipped;
    return;
  }
  const auto verdict = verify(test, provider);
  if (verdict.trusted == (test["expected_result"] == "SUCCESS")) {
    ++counts.passed;
    return;
  }
  ++counts.failed;
  std::cout << "FAILED " << id << ": " << (verdict.error ? verdict.error->to_string() : "accepted") << "\n";
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values, std::next(values, count));
  if (arguments.size() != 2) {
    std::cerr << "usage: limbo FILE.json[.gz]\n";
    return 2;
  }
  const auto text = read_file(arguments[1]);
  const json suite = text ? json::parse(*text, nullptr, false) : json(json::value_t::discarded);
  if (suite.is_discarded() || suite.value("version", 0) != 1) {
    std::cerr << "limbo: " << arguments[1] << " is no limbo file of version 1\n";
    return 2;
  }
  const auto provider = padlock::crypto::make_provider();
  Counts counts;
  for (const json& test : suite["testcases"]) run(test, *provider, counts);
  std::cout << "limbo: " << counts.passed << " passed, " << counts.failed << " failed, " << counts.skipped
            << " skipped\n";
  return counts.failed == 0 ? 0 : 1;
}
