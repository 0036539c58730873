// limbo FILE.json[.gz]: path validation against x509-limbo's cases (its schema 1). Prints each case whose result is not
// the expected one, with what Padlock says about it, and last `limbo: N passed, N failed, 0 skipped`; none is skipped.
// Exit 1 if a case failed, 2 if the file cannot be read.
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
#include "padlock/x509/revocation.h"
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

/// The names that the peer must have; each is one verification.
struct Wanted {
  std::string host{};
  std::string mail{};
  std::optional<padlock::x509::KeyUsage> key_usage{};
};

std::optional<padlock::x509::KeyUsage> key_usage_of(std::string_view name) {
  for (unsigned bit = 0; bit < 9; ++bit) {
    const auto usage = static_cast<padlock::x509::KeyUsage>(1U << bit);
    if (padlock::x509::name_of(usage) == name) return usage;
  }
  return std::nullopt;
}

std::vector<Wanted> wanted_of(const json& test) {
  std::vector<json> names = test["expected_peer_names"].get<std::vector<json>>();
  if (!test["expected_peer_name"].is_null()) names.push_back(test["expected_peer_name"]);
  std::vector<Wanted> all;
  for (const json& name : names) {
    if (name["kind"] == "RFC822") all.push_back({.mail = name["value"]});
    if (name["kind"] != "RFC822") all.push_back({.host = name["value"]});
  }
  for (const json& usage : test["key_usage"]) all.push_back({.key_usage = key_usage_of(usage.get<std::string>())});
  if (all.empty()) all.emplace_back();
  return all;
}

padlock::x509::TrustStore store_of(const json& test) {
  padlock::x509::TrustStore store;
  for (const json& pem : test["trusted_certs"]) {
    auto root = padlock::x509::parse_certificate(der_of(pem));
    if (root) store.add(*root, padlock::x509::TrustSource::given_file);
  }
  return store;
}

/// The lists of a case; whoever gives some wants them to decide. Those that cannot be read say nothing.
padlock::x509::RevocationEvidence evidence_of(const json& test) {
  padlock::x509::RevocationEvidence evidence;
  for (const json& pem : test["crls"]) {
    auto list = padlock::x509::read_certificate_list(padlock::as_bytes(pem.get_ref<const std::string&>()));
    if (list) evidence.lists.push_back(*std::move(list));
  }
  return evidence;
}

/// The first verification that refuses, or the last one: all of what is wanted must hold.
padlock::x509::Verdict verify(const json& test, padlock::crypto::Provider& provider) {
  const auto store = store_of(test);
  std::vector<std::vector<std::uint8_t>> chain{der_of(test["peer_certificate"])};
  for (const json& pem : test["untrusted_intermediates"]) chain.push_back(der_of(pem));
  auto evidence = evidence_of(test);
  using padlock::x509::RevocationMode;
  padlock::x509::Verdict verdict;
  for (const Wanted& wanted : wanted_of(test)) {
    padlock::x509::VerifyInput input{.chain = chain,
                                     .server_name = wanted.host,
                                     .mail_address = wanted.mail,
                                     .now = time_of(test["validation_time"]),
                                     .key_usage = wanted.key_usage,
                                     .revocation = test["crls"].empty() ? RevocationMode::off : RevocationMode::hard,
                                     .evidence = &evidence};
    if (test["validation_kind"] == "CLIENT") input.purpose = padlock::x509::Purpose::client_auth;
    if (!test["max_chain_depth"].is_null()) input.max_intermediates = test["max_chain_depth"].get<std::size_t>();
    verdict = padlock::x509::verify_chain(input, store, provider);
    if (!verdict.trusted) break;
  }
  return verdict;
}

struct Counts {
  unsigned passed = 0, failed = 0;
};

void run(const json& test, padlock::crypto::Provider& provider, Counts& counts) {
  const std::string id = test["id"];
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
  std::cout << "limbo: " << counts.passed << " passed, " << counts.failed << " failed, 0 skipped\n";
  return counts.failed == 0 ? 0 : 1;
}
