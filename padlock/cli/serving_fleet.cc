// This server's part in a fleet, while it is served.
#include <utility>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serving.h"
#include "padlock/client/trust.h"
#include "padlock/net/atomic_file.h"

namespace padlock::cli {

/// Before certificates are looked for. The store itself is not asked: a node starts with what it has.
Result<void> Serving::open_fleet() {
  if (!base_.store) return {};
  const auto state = client::state_directory();
  if (!state) return broken(rules::no_state_directory, "there is no place for what a fleet shares");
  PADLOCK_TRY(net::make_private_directory(*state));
  fleet_provider_ = crypto::make_provider();
  fleet_ = PADLOCK_TRY(Fleet::open(*base_.store, *state, *fleet_provider_));
  hosting_.share(fleet_->store());
  return {};
}

void Serving::join_fleet() {
  if (!fleet_) return;
  Fleet::Server server;
  server.reread = [this](const certs::StoreKey& key) { hosting_.reread(key); };
  server.serve = [this](std::map<std::string, std::optional<std::string>> files) {
    return take_services(std::move(files));
  };
  server.use_tickets = [this](const tls::TicketRoot& root) { server_->use_tickets(root.duplicate()); };
  if (const auto folder = services_folder(); folder && base_.domain) {
    server.services = *folder;
    server.domain = *base_.domain;
  }
  fleet_->join(std::move(server));
  fleet_->show_challenges(hosting_.challenges());
}

net::Awaitable<void> Serving::look_at_fleet() {
  if (!fleet_) co_return;
  const bool was_away = fleet_->trouble().has_value();
  const bool changed = co_await fleet_->look();
  std::vector<Error> errors = fleet_->complaints();
  if (const auto& trouble = fleet_->trouble()) errors.push_back(*trouble);
  about_fleet_.about(errors);
  if (was_away && !fleet_->trouble()) say("the store " + escaped(fleet_->store().name()) + " is there again\n");
  if (changed) about_certificates_.about(hosting_.renew());
}

void Serving::leave_fleet() {
  if (fleet_) fleet_->close();
}

}  // namespace padlock::cli
