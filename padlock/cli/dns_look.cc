#include "padlock/cli/dns_look.h"

#include <chrono>
#include <optional>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/wait_for.h"
#include "padlock/dns/rules.h"
#include "padlock/net/clock.h"
#include "padlock/net/name_server.h"
#include "padlock/net/resolver.h"

namespace padlock::cli {
namespace {

constexpr std::chrono::seconds resolve_patience{5}, dns_patience{5};

}  // namespace

Result<std::vector<net::Endpoint>> name_servers_of(const std::string& named) {
  if (named.empty()) return net::system_name_servers();
  const auto parsed = net::parse_host_and_port(named, net::dns_port);
  if (!parsed) return broken(rules::doctor_option, "'" + escaped(named) + "' is no name server");
  return wait_for(net::resolve(parsed->host, parsed->port, net::deadline_in(resolve_patience)));
}

Result<dns::Message> ask_first(const std::vector<net::Endpoint>& servers, const dns::Name& name, dns::Type type,
                               crypto::Provider& provider) {
  std::optional<Result<dns::Message>> last;
  for (const net::Endpoint& server : servers) {
    const dns::Question question{name, type};
    last.emplace(wait_for(net::ask_name_server(server, question, true, provider, net::deadline_in(dns_patience))));
    if (*last) break;
  }
  return *std::move(last);
}

bool is_an_answer(const dns::Message& message) {
  return message.code == dns::ResponseCode::NoError || message.code == dns::ResponseCode::NXDomain;
}

Result<dns::Message> ask_for_records(const std::vector<net::Endpoint>& servers, const dns::Name& name, dns::Type type,
                                     crypto::Provider& provider) {
  dns::Message answer = PADLOCK_TRY(ask_first(servers, name, type, provider));
  if (is_an_answer(answer)) return answer;
  return broken(dns::rules::server_failed, "the question for " + dns::name_of(type) + " records of " +
                                               name.to_string() + " is answered " + dns::name_of(answer.code));
}

/// Aliases are followed by whom we ask.
Result<acme::PersistentFault> look_at_persistent_records(const std::vector<net::Endpoint>& servers,
                                                         const acme::Identifier& identifier,
                                                         const acme::PersistentProof& proof,
                                                         crypto::Provider& provider) {
  const auto name = PADLOCK_TRY(dns::Name::parse(acme::persistent_record_name(identifier)));
  const dns::Message answer = PADLOCK_TRY(ask_for_records(servers, name, dns::Type::TXT, provider));
  std::vector<std::string> texts;
  for (const dns::Record& record : answer.answers) {
    if (record.type != dns::Type::TXT) continue;
    if (auto text = dns::parse_txt(record.data)) texts.push_back(*std::move(text));
  }
  return acme::judge_persistent_records(texts, proof, identifier, net::now().wall);
}

}  // namespace padlock::cli
