#include "padlock/acme/server/ca_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "padlock/acme/order_job.h"
#include "padlock/acme/server/test_server.h"

namespace padlock::acme {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the whole of a test's tools

TEST_F(AcmeServer, TakesRequestsThatOurClientMakes) {
  Session session = Session::make("https://ca.test/directory", AccountKey::make(make_key()).value()).value();
  OrderWish wish{
      .identifiers = make_identifiers(std::vector<std::string>{"shop.test", "www.shop.test", "10.0.0.1"}).value(),
      .key = make_key()};
  OrderJob job(std::move(wish), provider());
  Conversation conversation(session, job, {});
  auto action = conversation.begin(ca.now);
  for (int rounds = 0; rounds < 100 && action && !std::holds_alternative<Finished>(*action); ++rounds) {
    if (auto* const sending = std::get_if<SendRequest>(&*action)) {
      const Request& request = sending->request;
      const std::string target = request.url.substr(TestCa::origin.size());
      const Response response = request.method == "POST" ? ca.send(target, request.body, request.content_type)
                                                         : ca.get(target, request.method);
      EXPECT_LT(response.status, 300) << request.url << as_text(response.body);
      action = conversation.on_response(response, ca.now);
    } else {
      action = conversation.go_on(ca.now);
    }
  }
  ASSERT_TRUE(action) << action.error().to_string();
  ASSERT_TRUE(job.chain());
  EXPECT_EQ(job.chain()->certificates.size(), 2U);
}

TEST_F(AcmeServer, TakesEachAlgorithm) {
  for (const auto kind : {crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384, crypto::KeyKind::ecdsa_p521,
                          crypto::KeyKind::ed25519, crypto::KeyKind::rsa_2048}) {
    Signer signer(kind);
    EXPECT_EQ(ca.register_key(signer).status, 201) << signer.alg;
    EXPECT_EQ(ca.post(signer, signer.account).status, 200) << signer.alg;
  }
}

TEST_F(AcmeServer, SaysInItsDirectoryWhatThereIs) {
  const Response response = ca.get("/directory");
  const TestJson directory = json_in(response);
  for (const char* const field : {"newNonce", "newAccount", "newOrder", "revokeCert", "keyChange", "renewalInfo"})
    EXPECT_TRUE(directory.at(field).get<std::string>().starts_with("https://ca.test/acme/")) << field;
  EXPECT_EQ(directory.at("meta").at("profiles").size(), 2U);
  EXPECT_FALSE(response.fields.find("Replay-Nonce"));
}

TEST_F(AcmeServer, GivesNoncesAndLinks) {
  EXPECT_EQ(ca.get("/acme/new-nonce", "HEAD").status, 200);
  const Response response = ca.get("/acme/new-nonce");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.fields.find("Cache-Control"), "no-store");
  EXPECT_EQ(response.fields.find("Replay-Nonce").value().size(), 22U);
  EXPECT_EQ(response.fields.find("Link"), "<https://ca.test/directory>;rel=\"index\"");
  const std::string authorization = json_in(order({"shop.test"})).at("authorizations").at(0);
  const std::string challenge = json_in(ca.post(client, authorization)).at("challenges").at(0).at("url");
  const Response looked = ca.post(client, challenge);
  const auto up = [&](const http::FieldView& field) { return field.value == "<" + authorization + ">;rel=\"up\""; };
  EXPECT_TRUE(std::ranges::any_of(looked.fields.all(), up));
}

TEST_F(AcmeServer, RemembersAllAfterARestart) {
  const std::string certificate = issued({"shop.test"});
  const Response made = order({"www.shop.test"});
  ca.looks = false;
  const std::string authorization = json_in(made).at("authorizations").at(0);
  prove(authorization);
  ca.looks = true;
  ca.restart();
  EXPECT_EQ(ca.looked_at.size(), 3U) << "what was being looked at is looked at again";
  EXPECT_EQ(json_in(ca.post(client, made.fields.find("Location").value())).at("status"), "ready");
  EXPECT_EQ(leaf_at(certificate)->not_after, test_now + std::chrono::days(90));
}

/// Whatever is cut from a request, the server answers, and nothing is had by it.
TEST_F(AcmeServer, AnswersRequestsThatAreCut) {
  const std::string body =
      client.jws(ca.header(client, "https://ca.test/acme/new-order"), names_of({"shop.test"}).dump()).dump();
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Response response = ca.send(order_path, body.substr(0, size));
    EXPECT_GE(response.status, 400) << size;
  }
  EXPECT_EQ(ca.send(order_path, body).status, 201) << "none of them has used the nonce up";
}

}  // namespace
}  // namespace padlock::acme
