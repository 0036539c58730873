#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/server/test_client.h"

// For tests: our ACME server with a client that has an account there, and what it does over and over.

namespace padlock::acme::testing {

inline constexpr std::string_view order_path = "/acme/new-order";

inline std::string type_in(const Response& response) {
  return json_in(response).value("type", "").substr(std::string("urn:ietf:params:acme:error:").size());
}

/// The rule of a refusal, by its status and its hint, which stands in the detail.
inline void expect_refused(const Response& response, const Rule& rule, std::string_view name) {
  EXPECT_EQ(response.status, rule.status) << name << as_text(response.body);
  EXPECT_EQ(response.fields.find("Content-Type"), "application/problem+json") << name;
  const TestJson problem = json_in(response);
  ASSERT_TRUE(problem.is_object()) << name;
  EXPECT_THAT(problem.value("detail", ""), ::testing::HasSubstr(std::string(rule.hint))) << name;
  EXPECT_EQ(type_in(response), problem_type_of(rule)) << name;
  EXPECT_EQ(problem.value("status", 0), rule.status) << name;
}

class AcmeServer : public ::testing::Test {
 protected:
  AcmeServer() { EXPECT_EQ(ca.register_key(client).status, 201); }

  Response order(const std::vector<std::string>& names, const TestJson& more = TestJson::object()) {
    TestJson payload = names_of(names);
    payload.update(more);
    return ca.post(client, order_path, payload);
  }
  /// The order with all its names proved.
  std::string ready_order(const std::vector<std::string>& names, const TestJson& more = TestJson::object()) {
    const Response response = order(names, more);
    EXPECT_EQ(response.status, 201) << as_text(response.body);
    const TestJson made = json_in(response);
    for (const auto& url : made.at("authorizations")) prove(url.get<std::string>());
    return std::string(response.fields.find("Location").value());
  }
  void prove(const std::string& authorization) {
    const TestJson challenges = json_in(ca.post(client, authorization)).at("challenges");
    EXPECT_EQ(ca.post(client, challenges.at(0).at("url").get<std::string>(), TestJson::object()).status, 200);
  }
  Response finalize(const std::string& order_url, const std::vector<std::uint8_t>& request) {
    return ca.post(client, order_url + "/finalize", TestJson{{"csr", to_base64url(request)}});
  }
  static std::vector<std::uint8_t> request_for(const std::vector<std::string>& names, const crypto::PrivateKey& key) {
    std::vector<x509::GeneralName> all;
    all.reserve(names.size());
    for (const std::string& one : names) all.push_back(general_name_of(make_identifier(one).value()));
    return x509::make_certification_request(all, key).value();
  }
  /// A certificate's URL.
  std::string issued(const std::vector<std::string>& names, const TestJson& more = TestJson::object()) {
    const Response response = finalize(ready_order(names, more), request_for(names, site.key()));
    EXPECT_EQ(json_in(response).value("status", ""), "valid") << as_text(response.body);
    return json_in(response).value("certificate", "");
  }
  std::shared_ptr<const x509::Certificate> leaf_at(const std::string& url) {
    const Response response = ca.post(client, url);
    EXPECT_EQ(response.status, 200);
    return read_certificate_chain(as_text(response.body)).value().certificates.front();
  }

  TestCa ca;
  Signer client, site;
};

}  // namespace padlock::acme::testing
