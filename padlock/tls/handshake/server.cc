#include "padlock/tls/handshake/server.h"

#include <array>
#include <utility>

#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/server12.h"
#include "padlock/tls/handshake/server13.h"
#include "padlock/tls/handshake/stepping.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

namespace server {

static Result<ServerState> answer_hello(std::shared_ptr<const ClientHello> hello, const HandshakeMessage& message,
                                        const ServerConfig& config, Outbox& out) {
  const auto version = PADLOCK_TRY(choose_version(*hello, versions_of(config.policy, config.max_version)));
  out.info.version = version.value;
  out.chose("version", name_of(version.value), version.reason);
  if (version.value == ProtocolVersion::TLS_1_3) {
    return server13::on_client_hello(std::move(hello), message, config, out);
  }
  return server12::on_client_hello(std::move(hello), message, config, out);
}

// `static`, for argument-dependent look-up passes unnamed namespaces over.
static Result<ServerState> on_message(WaitClientHello, const HandshakeMessage& message, const ServerConfig& config,
                                      Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::client_hello));
  auto hello = keep(PADLOCK_TRY(parse_client_hello(Reader(message.body, "ClientHello"), out.arena)), out.arena);
  out.info.server_name = hello->server_name;
  if (config.by_name && hello->server_name) out.site_config = config.by_name->find(*hello->server_name);
  return answer_hello(std::move(hello), message, out.site_config ? *out.site_config : config, out);
}

}  // namespace server

namespace {

using enum ChangeCipherSpec;
/// In the order of ServerState.
constexpr std::array<Waits, std::variant_size_v<ServerState>> server_waits = {
    {{"ClientHello", false, misplaced},
     {"ClientHello", false, dummy},
     {"our certificate", true, dummy},
     {"our signature", true, dummy},
     {"our shared secret", true, dummy},
     {"our verdict on the certificate", true, dummy},
     {"EndOfEarlyData", false, dummy},
     {"Certificate", false, dummy},
     {"CertificateVerify", false, dummy},
     {"Finished", false, dummy},
     {"our verdict on the certificate", true, dummy},
     {"our certificate", true, misplaced},
     {"our key share", true, misplaced},
     {"our signature", true, misplaced},
     {"Certificate", false, misplaced},
     {"ClientKeyExchange", false, misplaced},
     {"our shared secret", true, misplaced},
     {"our RSA block", true, misplaced},
     {"CertificateVerify", false, misplaced},
     {"change_cipher_spec", false, ChangeCipherSpec::new_keys},
     {"Finished", false, misplaced},
     {"our verdict on the certificate", true, misplaced},
     {"nothing", false, misplaced}}};

}  // namespace

Result<void> ServerHandshake::start(Outbox& out) {
  out.info.server = true;
  if (config_->cipher_suites.empty()) {
    return broken(rules::configuration_unusable, "the server's configuration names no cipher suite");
  }
  PADLOCK_TRY(check_groups(config_->groups));
  PADLOCK_TRY(check_versions(config_->policy, config_->max_version));
  PADLOCK_TRY(check_record_settings(config_->record_size_limit, config_->padding));
  PADLOCK_TRY(check_certificate_compression(config_->certificate_compression));
  return check_alpn_names(config_->alpn);
}

Result<void> ServerHandshake::on_message(const HandshakeMessage& message, Outbox& out) {
  const std::string_view expected = waits_for();
  state_ = PADLOCK_TRY(step(std::move(state_), message, *config_, out, expected));
  if (out.site_config) config_ = std::exchange(out.site_config, nullptr);
  return {};
}

Result<void> ServerHandshake::on_answer(AnyAnswer answer, Outbox& out) {
  state_ = PADLOCK_TRY(step(std::move(state_), std::move(answer), *config_, out));
  return {};
}

bool ServerHandshake::waits_for_answer() const { return server_waits.at(state_.index()).answer; }
std::string_view ServerHandshake::waits_for() const { return server_waits.at(state_.index()).what; }
ChangeCipherSpec ServerHandshake::change_cipher_spec() const {
  return server_waits.at(state_.index()).change_cipher_spec;
}

void ServerHandshake::on_change_cipher_spec(Outbox& out) {
  if (auto* waiting = std::get_if<server12::WaitChangeCipherSpec>(&state_)) {
    state_ = server12::on_change_cipher_spec(std::move(*waiting), out);
  }
}

std::optional<Connected> ServerHandshake::take_connected() { return tls::take_connected(state_); }

}  // namespace padlock::tls
