// Whether who connects to a name comes to this machine, for `padlock doctor`.
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/acme_cas.h"
#include "padlock/certs/acme_challenges.h"
#include "padlock/certs/file_store.h"
#include "padlock/cli/acme_service.h"
#include "padlock/cli/admin_client.h"
#include "padlock/cli/admin_place.h"
#include "padlock/cli/doctor_checks.h"
#include "padlock/cli/hooks.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/cli/wait_for.h"
#include "padlock/client/fetch.h"
#include "padlock/net/connect.h"
#include "padlock/net/listener.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/rules.h"

namespace padlock::cli {
namespace {

constexpr std::chrono::seconds port_patience{5};
constexpr std::size_t head_bytes = 8'192;

std::string random_text(crypto::Provider& provider) {
  std::array<std::uint8_t, 24> bytes{};
  if (!provider.random(bytes)) return {};
  return to_base64url(bytes);
}

/// A challenge that no CA has asked for: what shows that it is us.
acme::ChallengeAnswer make_probe(crypto::Provider& provider) {
  return {.type = acme::ChallengeType::http_01,
          .identifier = {},
          .token = random_text(provider),
          .key_authorization = random_text(provider)};
}

// ---- a listener of our own ------------------------------------------------------------------------------------------

/// Answers on one port while it lives, on a thread of its own: on that of http what stands on the board, as a server
/// would; on that of https a line of text, as there is no certificate yet.
class ProbeListener {
 public:
  static Result<std::unique_ptr<ProbeListener>> open(const server::Config& config, std::uint16_t port,
                                                     std::shared_ptr<certs::ChallengeBoard> board, std::string line) {
    const auto options = server_options(config);
    std::unique_ptr<ProbeListener> made(new ProbeListener(std::move(board), std::move(line)));
    std::optional<Error> last;
    for (const net::IpAddress& address : options.addresses) {
      auto sockets = net::open_listeners({address, port}, 1);
      if (sockets) {
        made->listeners_.push_back(std::make_unique<net::Listener>(made->loop_, std::move(sockets->front())));
      } else if (!options.skip_unavailable_addresses || sockets.error().rule != &net::rules::address_not_available) {
        last = sockets.error();
      }
    }
    if (last) return std::unexpected(*std::move(last));
    for (const auto& one : made->listeners_) asio::co_spawn(made->loop_, made->accept(*one), asio::detached);
    made->thread_ = std::thread([loop = &made->loop_] { loop->run(); });
    return made;
  }
  ProbeListener(const ProbeListener&) = delete;
  ProbeListener& operator=(const ProbeListener&) = delete;
  ~ProbeListener() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  ProbeListener(std::shared_ptr<certs::ChallengeBoard> board, std::string line)
      : board_(std::move(board)), line_(std::move(line)) {}

  net::Awaitable<void> accept(net::Listener& listener) {
    for (;;) {
      auto socket = co_await listener.accept();
      if (!socket) co_return;
      asio::co_spawn(loop_, answer(*std::move(socket)), asio::detached);
    }
  }
  net::Awaitable<void> answer(net::SocketIo socket) {
    net::PlainStream stream(std::move(socket));
    const auto deadline = net::deadline_in(port_patience);
    std::string head;
    while (board_ && head.find("\r\n\r\n") == std::string::npos && head.size() < head_bytes) {
      const auto bytes = co_await stream.read(deadline);
      if (!bytes || bytes->empty()) co_return;
      head += as_text(*bytes);
    }
    const std::string text = board_ ? response_to(head) : line_;
    const std::array<Bytes, 1> pieces{as_bytes(text)};
    const auto written = co_await stream.write(pieces, deadline);
    if (written) static_cast<void>(co_await stream.close(deadline));
  }
  std::string response_to(std::string_view head) const {
    const std::size_t start = head.find(' ') + 1;
    const auto content = board_->content_at(head.substr(start, head.find(' ', start) - start));
    const std::string body = content.value_or("");
    return std::string(content ? "HTTP/1.1 200 OK" : "HTTP/1.1 404 Not Found") +
           "\r\nContent-Type: application/octet-stream\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  asio::io_context loop_{1};
  std::shared_ptr<certs::ChallengeBoard> board_;  ///< null: the line alone
  std::string line_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::thread thread_;
};

// ---- who answers there ----------------------------------------------------------------------------------------------

std::string url_host(const std::string& name) { return name.find(':') == std::string::npos ? name : "[" + name + "]"; }

/// What is at this path of the name, at this address.
Result<std::string> fetch_at(const DoctorWish& wish, const net::IpAddress& address, const std::string& path) {
  std::string body;
  client::FetchOptions options;
  options.max_time = port_patience;
  options.resolve = {{wish.name, wish.http_port, {address}}};
  options.on_body = [&](Bytes bytes) -> Result<void> {
    body += as_text(bytes.first(std::min(bytes.size(), head_bytes - std::min(head_bytes, body.size()))));
    return {};
  };
  const client::FetchRequest request{
      .url = "http://" + url_host(wish.name) + ":" + std::to_string(wish.http_port) + path,
      .fields = {},
      .without = {},
      .body = {}};
  const client::FetchOutcome outcome = client::fetch(request, options);
  if (outcome.error) return std::unexpected(*outcome.error);
  return body;
}

net::Awaitable<Result<std::string>> read_line_from(net::Endpoint server) {
  const auto deadline = net::deadline_in(port_patience);
  const std::string host = net::to_string(server);
  std::vector<net::Endpoint> servers{server};
  auto socket = co_await net::connect(host, std::move(servers), deadline);
  PADLOCK_CO_TRY(socket);
  net::PlainStream stream(*std::move(socket), net::Sender::client);
  std::string line;
  while (line.size() < head_bytes) {
    const auto bytes = co_await stream.read(deadline);
    if (!bytes || bytes->empty()) break;
    line += as_text(*bytes);
  }
  co_return line;
}

struct Port {
  std::string name;  ///< "port 80"
  std::uint16_t local, outside;
  Grade grade;  ///< of a fault
};

Check fault(const Port& port, std::string text, std::string advice) {
  return {port.name, port.grade, std::move(text), std::move(advice)};
}

Check unreachable(const Port& port, const std::string& where, const Error& error) {
  return fault(port, "nothing answers at " + where + " (" + std::string(error.rule->code) + ")",
               "lead that port to port " + std::to_string(port.local) + " of this machine, and let firewalls pass it");
}

Check somebody_else(const Port& port, const std::string& where) {
  return fault(port, "another server answers at " + where,
               "let the name lead to this machine, and the port to its port " + std::to_string(port.local));
}

/// For each address whether what is found there is what we show.
template <class Look>
std::vector<Check> judge(const Port& port, const std::vector<net::IpAddress>& addresses, const std::string& shown,
                         Look&& look) {
  std::vector<Check> faults;
  std::string good;
  for (const net::IpAddress& address : addresses) {
    const net::Endpoint endpoint{address, port.outside};
    const std::string where = net::to_string(endpoint);
    const Result<std::string> found = look(endpoint);
    if (!found) {
      faults.push_back(unreachable(port, where, found.error()));
    } else if (*found != shown) {
      faults.push_back(somebody_else(port, where));
    } else {
      good += (good.empty() ? "" : ", ") + where;
    }
  }
  if (faults.empty()) faults.push_back({port.name, Grade::good, "this machine answers at " + good});
  return faults;
}

/// What a running server of ours shows for us. Errors: those of its administration.
struct Shown {
  std::string path, content;
};
Result<Shown> ask_server(const server::Config& config) {
  using Socket = server::AdminConfig::Socket;
  const auto usual = usual_admin_socket(config.https_port);
  const std::filesystem::path socket =
      config.admin.socket == Socket::file ? config.admin.file : usual.value_or(std::filesystem::path());
  const AdminJson answer = PADLOCK_TRY(ask_admin_json(socket, "POST", "/doctor", "path"));
  return Shown{answer.json.at("path").get<std::string>(), answer.json.value("content", std::string())};
}

std::string advice_on_listening(const Port& port, const Error& error) {
  const std::string number = std::to_string(port.local);
  if (error.rule == &net::rules::port_in_use)
    return "stop what listens there: `ss -ltnp sport = " + number + "` shows it";
  if (error.rule == &net::rules::port_not_permitted)
    return "run this as the user that serves, with the capability CAP_NET_BIND_SERVICE or as root";
  return std::string(error.rule->hint);
}

Check not_bound(const Port& port, const Error& error) {
  return fault(port, error.what, advice_on_listening(port, error));
}

/// Where a server of ours has the port, which shows for http that it is us: whether it is reached.
std::vector<Check> look_for_connections(const Port& port, const std::vector<net::IpAddress>& addresses) {
  std::vector<Check> checks;
  checks.reserve(addresses.size());
  for (const net::IpAddress& address : addresses) {
    const net::Endpoint endpoint{address, port.outside};
    const std::string where = net::to_string(endpoint);
    std::vector<net::Endpoint> servers{endpoint};
    const auto connected = wait_for(net::connect(where, std::move(servers), net::deadline_in(port_patience)));
    checks.push_back(connected ? Check{port.name, Grade::good, where + " takes connections"}
                               : unreachable(port, where, connected.error()));
  }
  return checks;
}

}  // namespace

std::vector<Check> look_at_ports(const DoctorWish& wish, const std::vector<net::IpAddress>& addresses,
                                 crypto::Provider& provider) {
  const auto& challenges = wish.config.acme ? wish.config.acme->challenges : certs::AcmeSettings{}.challenges;
  const bool by_http = std::ranges::find(challenges, acme::ChallengeType::http_01) != challenges.end();
  const Port http{"port " + std::to_string(wish.http_port), wish.config.http_port, wish.http_port,
                  by_http ? Grade::bad : Grade::warning};
  const Port https{"port " + std::to_string(wish.https_port), wish.config.https_port, wish.https_port, Grade::bad};
  const auto board = std::make_shared<certs::ChallengeBoard>(provider);
  const std::vector<acme::ChallengeAnswer> probe{make_probe(provider)};
  static_cast<void>(wait_for(board->show(probe)));  // http-01 needs no certificate
  Shown shown{std::string(acme::http_01_folder) + probe.front().token, probe.front().key_authorization};
  const std::string line = random_text(provider);
  const auto own_http = ProbeListener::open(wish.config, http.local, board, {});
  const auto own_https = ProbeListener::open(wish.config, https.local, nullptr, line);
  const bool in_use = !own_http && own_http.error().rule == &net::rules::port_in_use;
  std::vector<Check> all;
  const auto served = in_use ? std::optional(ask_server(wish.config)) : std::nullopt;
  if (served && *served) shown = **served;
  if (own_http || (served && *served)) {
    all = judge(http, addresses, shown.content,
                [&](const net::Endpoint& at) { return fetch_at(wish, at.address, shown.path); });
  } else if (in_use) {
    all.push_back(fault(http,
                        "port " + std::to_string(http.local) +
                            " is another program's, or a server's of ours that cannot be asked (" +
                            served->error().what + ")",
                        "stop it, or run this as its user"));
  } else {
    all.push_back(not_bound(http, own_http.error()));
  }
  std::vector<Check> of_https;
  if (own_https) {
    of_https = judge(https, addresses, line, [](const net::Endpoint& at) { return wait_for(read_line_from(at)); });
  } else if (served && *served) {
    of_https = look_for_connections(https, addresses);
  } else {
    of_https.push_back(not_bound(https, own_https.error()));
  }
  std::ranges::move(of_https, std::back_inserter(all));
  return all;
}

// ---- an order ------------------------------------------------------------------------------------------------------

namespace {

Check not_tried(std::string text, std::string advice) {
  return {"try", Grade::bad, std::move(text), std::move(advice)};
}
Check not_tried(const Error& error) { return not_tried(error.what, std::string(error.rule->hint)); }

std::string staging_of(const std::string& directory) {
  constexpr std::string_view production = "https://acme-v02.api.letsencrypt.org/directory";
  return directory == production ? "https://acme-staging-v02.api.letsencrypt.org/directory" : std::string();
}

}  // namespace

std::vector<Check> try_order(const DoctorWish& wish, const std::filesystem::path& state, crypto::Provider& provider) {
  if (!wish.config.acme) return {not_tried("no configuration names a CA", "add [acme] with `directory`")};
  certs::AcmeSettings settings = *wish.config.acme;
  settings.directory = wish.staging.empty() ? staging_of(settings.directory) : wish.staging;
  settings.others.clear();
  if (settings.directory.empty()) return {not_tried("the CA's staging directory is not known", "name it by --staging")};
  const auto board = std::make_shared<certs::ChallengeBoard>(provider);
  const auto http = ProbeListener::open(wish.config, wish.config.http_port, board, {});
  std::erase_if(settings.challenges, [&](acme::ChallengeType type) {
    return type == acme::ChallengeType::tls_alpn_01 || (type == acme::ChallengeType::http_01 && !http);
  });
  if (settings.challenges.empty())
    return {
        not_tried("nothing can be proved to the CA while port " + std::to_string(wish.config.http_port) + " is taken",
                  "stop the server, or allow http-01 or dns-01")};
  std::unique_ptr<Hooks> hooks;
  if (!settings.dns_hook.empty()) {
    auto opened = Hooks::open({.dns = settings.dns_hook, .events = {}}, net::ServiceManager());
    if (!opened) return {not_tried(opened.error())};
    hooks = *std::move(opened);
  }
  const auto by_dns = make_dns_answers(settings, hooks.get(), provider, *board);
  certs::StoreFolder store(state);
  certs::ChallengeAnswers* answers = board.get();
  if (by_dns) answers = by_dns.get();
  auto issuer = certs::AcmeIssuer::make(settings, store, *answers, provider);
  if (!issuer) return {not_tried(issuer.error())};
  const certs::IssueRequest request{{wish.name}};
  const auto entry = wait_for((*issuer)->issue(request));
  if (!entry) return {not_tried(entry.error())};
  return {{"try", Grade::good, escaped((*issuer)->ca()) + " gave a certificate for " + escaped(wish.name)}};
}

}  // namespace padlock::cli
