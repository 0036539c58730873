#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "padlock/base/text.h"
#include "padlock/ca/local_ca.h"
#include "padlock/client/fetch.h"
#include "padlock/crypto/provider.h"
#include "padlock/net/clock.h"
#include "padlock/tls/testing/credentials.h"

namespace padlock::client::testing {

/// A state folder with a local CA, and the files that tests name.
class Fetching : public ::testing::Test {
 protected:
  Fetching() {
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    options_.trust.state_directory = folder_ / "state";
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);  // no CRLite cache but a test's own
    options_.max_time = std::chrono::seconds(10);
    options_.on_body = [this](Bytes bytes) -> Result<void> {
      body_ += as_text(bytes);
      return {};
    };
    ::setenv("SSL_CERT_FILE", bundle().c_str(), 1);
    ::unsetenv("SSL_CERT_DIR");
  }
  ~Fetching() override {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("XDG_CACHE_HOME");
    std::filesystem::remove_all(folder_);
  }

  /// A bundle with a root that no test's server uses.
  std::string bundle() {
    write("bundle.pem", to_pem(tls::testing::credential()->chain.back()));
    return folder_ / "bundle.pem";
  }
  static std::string to_pem(Bytes der) {
    return "-----BEGIN CERTIFICATE-----\n" + to_base64(der) + "\n-----END CERTIFICATE-----\n";
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string path(const std::string& name) const { return folder_ / name; }

  ca::LocalCa local_ca() { return *ca::LocalCa::open_or_create(folder_ / "state", *provider_, net::now().wall); }
  std::shared_ptr<const tls::Credential> credential(std::vector<std::string> names = {"localhost"}) {
    auto authority = local_ca();
    return ca::credential_for(*authority.issue(names, net::now().wall));
  }
  FetchOutcome fetched(const std::string& url) {
    request_.url = url;
    return fetch(request_, options_);
  }
  const Rule* rule_of(const std::string& url) {
    const auto outcome = fetched(url);
    return outcome.error ? outcome.error->rule : nullptr;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-fetch-" + std::to_string(::getpid()));
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  FetchRequest request_;
  FetchOptions options_;
  std::string body_;
};

}  // namespace padlock::client::testing
