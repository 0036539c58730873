#include <array>
#include <string>

#include <nlohmann/json.hpp>

#include "padlock/http/message/date.h"
#include "padlock/server/limits.h"
#include "padlock/server/log.h"

namespace padlock::server {
namespace {

std::string_view address_of(std::string_view client) {
  client = client.substr(0, client.rfind(':'));
  if (client.starts_with('[')) client = client.substr(1, client.size() - 2);
  return client;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" as "06/Nov/1994:08:49:37 +0000".
std::string common_log_time(WallTime time) {
  std::string date = http::to_http_date(time).substr(5, 20);
  date[2] = date[6] = '/';
  date[11] = ':';
  return date + " +0000";
}

std::string combined(const RequestRecord& record) {
  const auto quoted = [](std::string_view text) { return "\"" + quotable(text.empty() ? "-" : text) + "\""; };
  const std::string request =
      std::string(record.method) + " " + std::string(record.target) + " " + std::string(record.version);
  return std::string(address_of(record.client)) + " - - [" + common_log_time(record.time) + "] " + quoted(request) +
         " " + std::to_string(record.status) + " " + std::to_string(record.body_bytes) + " " + quoted(record.referer) +
         " " + quoted(record.user_agent);
}

/// Milliseconds with two digits behind the point.
double hundredths_of(std::chrono::nanoseconds time) {
  const auto hundredths = time.count() / 10'000;
  return static_cast<double>(hundredths) / 100;
}

std::string json(const RequestRecord& record) {
  nlohmann::ordered_json line{{"time", padlock::to_string(record.time)},
                              {"client", record.client},
                              {"method", record.method},
                              {"host", record.authority},
                              {"target", record.target},
                              {"version", record.version},
                              {"status", record.status},
                              {"bytes", record.body_bytes},
                              {"milliseconds", hundredths_of(record.took)},
                              {"protection", record.protection},
                              {"complete", record.complete}};
  if (!record.referer.empty()) line["referer"] = record.referer;
  if (!record.user_agent.empty()) line["user_agent"] = record.user_agent;
  if (!record.client_subject.empty()) line["client_subject"] = record.client_subject;
  constexpr int one_line = -1;
  return line.dump(one_line, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

/// With what a client chose shortened: escaped sixfold, all of it still fits a line.
RequestRecord shortened(RequestRecord record) {
  constexpr std::size_t most = limits::log_line_bytes / 40;
  for (std::string_view* const text :
       {&record.method, &record.authority, &record.target, &record.referer, &record.user_agent, &record.client_subject})
    *text = text->substr(0, most);
  return record;
}

}  // namespace

std::string format_request(const RequestRecord& record, RequestFormat format) {
  if (format == RequestFormat::plain) return format_request(record);
  const auto write = format == RequestFormat::json ? json : combined;
  std::string line = write(record);
  return line.size() <= limits::log_line_bytes ? line : write(shortened(record));
}

}  // namespace padlock::server
