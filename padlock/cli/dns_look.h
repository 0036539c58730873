#pragma once

#include <string>
#include <vector>

#include "padlock/acme/persistent_record.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/dns/message.h"
#include "padlock/net/address.h"

// What commands ask name servers.

namespace padlock::cli {

/// "HOST[:PORT]" as it was typed; empty: the system's. Errors: `rules::doctor_option`, those of resolving.
Result<std::vector<net::Endpoint>> name_servers_of(const std::string& named);

/// The answer of the first of them that answers. Errors: those of net::ask_name_server.
Result<dns::Message> ask_first(const std::vector<net::Endpoint>& servers, const dns::Name& name, dns::Type type,
                               crypto::Provider& provider);

/// It is an answer: records, or that there are none.
bool is_an_answer(const dns::Message& message);

/// The same, and it is an answer. Errors: those of `ask_first`; dns::rules::server_failed.
Result<dns::Message> ask_for_records(const std::vector<net::Endpoint>& servers, const dns::Name& name, dns::Type type,
                                     crypto::Provider& provider);

/// What the TXT records for dns-persist-01 of a name make of this proof, now. Errors: those of
/// `ask_for_records`.
Result<acme::PersistentFault> look_at_persistent_records(const std::vector<net::Endpoint>& servers,
                                                         const acme::Identifier& identifier,
                                                         const acme::PersistentProof& proof,
                                                         crypto::Provider& provider);

}  // namespace padlock::cli
