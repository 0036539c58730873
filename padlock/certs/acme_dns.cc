#include "padlock/certs/acme_dns.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/limits.h"
#include "padlock/certs/rules.h"
#include "padlock/client/async_fetch.h"
#include "padlock/http/message/url.h"
#include "padlock/net/atomic_file.h"

namespace padlock::certs {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds update_patience{30};

std::string text_in(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace

Result<std::map<std::string, AcmeDnsAccount>> parse_acme_dns_accounts(std::string_view text) {
  std::map<std::string, AcmeDnsAccount> accounts;
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object()) return broken(rules::acme_dns_accounts, "it is no JSON object");
  for (const auto& [domain, value] : document.items()) {
    if (!value.is_object()) return broken(rules::acme_dns_accounts, escaped(domain) + " has no account");
    AcmeDnsAccount account{text_in(value, "server_url"), text_in(value, "username"), text_in(value, "password"),
                           text_in(value, "subdomain")};
    const auto url = http::parse_url(account.server_url);
    if (!url || !url->secure() || account.username.empty() || account.password.empty() || account.subdomain.empty())
      return broken(rules::acme_dns_accounts, "the account of " + escaped(domain) + " is not whole");
    accounts[to_lower_ascii(domain)] = std::move(account);
  }
  return accounts;
}

Result<AcmeDnsAccount> AcmeDnsAnswers::account_for(const acme::Identifier& identifier) const {
  const SecretBytes text = PADLOCK_TRY(net::read_private_file(file_, max_value_bytes));
  auto accounts = PADLOCK_TRY(parse_acme_dns_accounts(as_text(text.reveal())));
  const std::string domain = identifier.wildcard() ? identifier.value.substr(2) : identifier.value;
  const auto found = accounts.find(domain);
  if (found == accounts.end())
    return broken(rules::acme_dns_accounts, escaped(file_.native()) + " has no account for " + domain);
  return std::move(found->second);
}

/// POST /update (https://github.com/acme-dns/acme-dns, "Update endpoint").
net::Awaitable<Result<void>> AcmeDnsAnswers::add(const acme::ChallengeAnswer& answer) {
  const auto account = account_for(answer.identifier);
  PADLOCK_CO_TRY(account);
  const std::string body =
      Json{{"subdomain", account->subdomain}, {"txt", acme::dns_01_value(answer.key_authorization)}}.dump();
  std::string url = account->server_url;
  while (url.ends_with('/')) url.pop_back();
  client::FetchRequest request{.url = url + "/update", .method = "POST", .fields = {}, .without = {}, .body = {}};
  request.fields.add("X-Api-User", account->username);
  request.fields.add("X-Api-Key", account->password);
  request.fields.add("Content-Type", "application/json");
  request.body.emplace(as_bytes(body).begin(), as_bytes(body).end());
  client::FetchOptions options;
  options.trust = trust_;
  options.revocation.fetch = false;
  options.max_time = update_patience;
  const client::FetchOutcome outcome = co_await client::async_fetch(std::move(request), options);
  if (outcome.error) co_return std::unexpected(*outcome.error);
  if (outcome.response->status == 200) co_return Result<void>();
  co_return broken(rules::acme_dns_refused, escaped(url) + " answers " + std::to_string(outcome.response->status) +
                                                " to the record of " + acme::dns_01_name(answer.identifier));
}

}  // namespace padlock::certs
