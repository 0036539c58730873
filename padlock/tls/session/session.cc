#include "padlock/tls/session/session.h"

#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {

constexpr std::uint8_t format = 3;

void write_time(Writer& out, WallTime time) { out.u64(static_cast<std::uint64_t>(time.time_since_epoch().count())); }

Result<WallTime> parse_time(Reader& in, std::string_view field) {
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(PADLOCK_TRY(in.u64(field)))));
}

/// Nothing is not the same as an empty text.
void write_text(Writer& out, const std::optional<std::string>& text) {
  out.u8(text ? 1 : 0);
  if (text) out.vec16([&](Writer& content) { content.bytes(as_bytes(*text)); });
}

Result<std::optional<std::string>> parse_text(Reader& in, std::string_view field) {
  if (PADLOCK_TRY(in.u8(field)) == 0) return std::nullopt;
  return std::string(as_text(PADLOCK_TRY(in.vec16(field)).rest()));
}

}  // namespace

Session Session::duplicate() const {
  return {.version = version,
          .cipher_suite = cipher_suite,
          .secret = secret.duplicate(),
          .authenticated = authenticated,
          .issued = issued,
          .ticket_age_add = ticket_age_add,
          .max_early_data_size = max_early_data_size,
          .server_name = server_name,
          .alpn = alpn,
          .client_authentication = client_authentication,
          .peer_chain = peer_chain};
}

std::size_t written_size_limit(const Session& session) {
  constexpr std::size_t numbers_and_lengths = 48;
  std::size_t size = numbers_and_lengths + session.secret.size() + session.client_authentication.size();
  for (const auto& text : {session.server_name, session.alpn}) size += text ? text->size() : 0;
  for (const auto& certificate : session.peer_chain) size += 3 + certificate.size();
  return size;
}

void write_session(Writer& out, const Session& session) {
  out.u8(format);
  out.u16(static_cast<std::uint16_t>(session.version));
  out.u16(static_cast<std::uint16_t>(session.cipher_suite));
  out.vec8([&](Writer& secret) { secret.bytes(session.secret.reveal()); });
  write_time(out, session.authenticated);
  write_time(out, session.issued);
  out.u32(session.ticket_age_add);
  out.u32(session.max_early_data_size);
  write_text(out, session.server_name);
  write_text(out, session.alpn);
  out.vec16([&](Writer& text) { text.bytes(as_bytes(session.client_authentication)); });
  out.vec24([&](Writer& chain) {
    for (const auto& each : session.peer_chain) chain.vec24([&](Writer& certificate) { certificate.bytes(each); });
  });
}

Result<Session> parse_session(Reader in) {
  Session session;
  if (PADLOCK_TRY(in.u8("format")) != format) return broken(rules::session_unreadable, "another format");
  session.version = PADLOCK_TRY(parse_code_point<ProtocolVersion>(in, "version"));
  session.cipher_suite = PADLOCK_TRY(parse_code_point<CipherSuite>(in, "cipher_suite"));
  session.secret = crypto::HashSecret(PADLOCK_TRY(in.vec8("secret", 32, 48)).rest());
  session.authenticated = PADLOCK_TRY(parse_time(in, "authenticated"));
  session.issued = PADLOCK_TRY(parse_time(in, "issued"));
  session.ticket_age_add = PADLOCK_TRY(in.u32("ticket_age_add"));
  session.max_early_data_size = PADLOCK_TRY(in.u32("max_early_data_size"));
  session.server_name = PADLOCK_TRY(parse_text(in, "server_name"));
  session.alpn = PADLOCK_TRY(parse_text(in, "alpn"));
  session.client_authentication = std::string(as_text(PADLOCK_TRY(in.vec16("client_authentication")).rest()));
  Reader chain = PADLOCK_TRY(in.vec24("peer_chain"));
  CertificateChain::Certificates certificates;
  while (!chain.empty()) certificates.push_back(PADLOCK_TRY(copy_of(chain.vec24("certificate", 1))));
  session.peer_chain = std::move(certificates);
  PADLOCK_TRY(in.finish());
  return session;
}

}  // namespace padlock::tls
