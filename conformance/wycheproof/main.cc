// wycheproof DIR: every file of DIR that belongs to a primitive in use, AEADs on both back ends.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "conformance/wycheproof/checks.h"

namespace padlock::wycheproof {
namespace {

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::map<std::string, std::size_t> reasons{};

  void skip(const std::string& reason, std::size_t count) {
    skipped += count;
    reasons[reason] += count;
  }
  void add(const Tally& other) {
    passed += other.passed;
    failed += other.failed;
    for (const auto& [reason, count] : other.reasons) skip(reason, count);
  }
};

std::string counts(const Tally& tally) {
  return std::to_string(tally.passed) + " passed, " + std::to_string(tally.failed) + " failed, " +
         std::to_string(tally.skipped) + " skipped";
}

Tally run_tests(const nlohmann::json& file, const std::string& label, Check check, crypto::Provider& provider) {
  Tally tally;
  for (const auto& group : file.at("testGroups")) {
    for (const auto& test : group.at("tests")) {
      const Answer worked = check(provider, group, test);
      if (!worked) {
        tally.skip(worked.error(), 1);
      } else if (*worked == must_work(test)) {
        ++tally.passed;
      } else {
        ++tally.failed;
        std::cout << "FAILED " << label << " tcId " << test.at("tcId") << " (" << test.value("comment", "") << ", "
                  << test.at("result") << "): " << (*worked ? "was accepted\n" : "did not work\n");
      }
    }
  }
  std::cout << label << ": " << counts(tally) << '\n';
  return tally;
}

Tally run_file(const std::filesystem::path& path, crypto::Provider& libcrypto, crypto::Provider& fastest) {
  std::ifstream in(path);
  const auto file = nlohmann::json::parse(in);
  const std::string name = path.filename().string();
  const auto tests = file.at("numberOfTests").get<std::size_t>();
  const Suite* const suite = find_suite(file.value("algorithm", ""), file.value("schema", ""));
  Tally tally;
  if (suite == nullptr || suite->check == nullptr) {
    tally.skip(suite == nullptr ? name + ": of no primitive that Padlock has" : std::string(suite->skip_reason), tests);
    std::cout << name << ": " << counts(tally) << '\n';
    return tally;
  }
  if (!suite->on_both_aead_backends) return run_tests(file, name, suite->check, fastest);
  tally = run_tests(file, name + " on libcrypto", suite->check, libcrypto);
  if (fastest.description() == libcrypto.description()) {
    tally.skip("AEADs on libipsec-mb: it is not usable here (package, VAES or AVX-512 missing)", tests);
  } else {
    tally.add(run_tests(file, name + " on libipsec-mb", suite->check, fastest));
  }
  return tally;
}

std::vector<std::filesystem::path> json_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

int run(const std::filesystem::path& folder) {
  const auto libcrypto = crypto::make_provider(crypto::AeadBackend::libcrypto);
  const auto fastest = crypto::make_provider();
  std::cout << "provider: " << fastest->description() << '\n';
  Tally all;
  for (const auto& path : json_files(folder)) all.add(run_file(path, *libcrypto, *fastest));
  for (const auto& [reason, count] : all.reasons) std::cout << "skipped " << count << ": " << reason << '\n';
  std::cout << "wycheproof: " << counts(all) << '\n';
  return all.failed == 0 && all.passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace padlock::wycheproof

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, std::next(argv, argc));
  if (arguments.size() != 2) {
    std::cerr << "usage: wycheproof DIR   (a folder of Wycheproof's testvectors_v1)\n";
    return 2;
  }
  try {
    return padlock::wycheproof::run(arguments[1]);
  } catch (const std::exception& error) {
    std::cerr << "wycheproof: " << error.what() << '\n';
    return 1;
  }
}
