#include "padlock/server/config/check_url.h"

#include "padlock/http/message/url.h"
#include "padlock/net/address.h"
#include "padlock/x509/host_name.h"

namespace padlock::server {

bool check_private_url(ConfigTable& table, std::string_view key, const std::string& text, std::string_view example) {
  const auto url = http::parse_url(text);
  if (!url) {
    table.problem(key, in_quotes(text) + " is no URL",
                  "write " + std::string(key) + " = " + in_quotes(std::string(example)));
    return false;
  }
  const auto address = x509::parse_ip_address(url->host);
  const bool here = address ? net::is_loopback(*address) : net::is_localhost_name(url->host);
  if (url->secure() || here) return true;
  table.problem(key, in_quotes(text) + " is plain http to another machine",
                "write https, or take a server on this machine");
  return false;
}

}  // namespace padlock::server
