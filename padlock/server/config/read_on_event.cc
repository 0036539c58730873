#include "padlock/server/config/read_on_event.h"

#include <string>
#include <utility>

#include "padlock/base/nearest.h"
#include "padlock/base/text.h"
#include "padlock/server/config/check_url.h"

namespace padlock::server {
namespace {

void read_events(ConfigTable& table, certs::EventSettings& settings) {
  for (const std::string& text : table.texts("events")) {
    if (const auto kind = certs::find_event_kind(text))
      settings.only.push_back(*kind);
    else
      table.problem("events", "there is no event " + in_quotes(text), suggestion(text, certs::event_kind_names()));
  }
}

}  // namespace

std::optional<certs::EventSettings> read_on_event(ConfigTable& table, const std::filesystem::path& folder) {
  certs::EventSettings settings;
  if (const auto program = table.text("exec")) settings.program = std::filesystem::absolute(folder / *program).native();
  settings.webhook = table.text("webhook").value_or("");
  // Whoever stood on its way could keep an alarm back, or raise one.
  if (!settings.webhook.empty())
    check_private_url(table, "webhook", settings.webhook, "https://hooks.example.com/padlock");
  for (const std::string& file : table.texts("ca_file")) settings.ca_files.push_back((folder / file).native());
  if (!settings.ca_files.empty() && settings.webhook.empty())
    table.problem("ca_file", "there is nothing to verify without a webhook",
                  R"(add webhook = "https://hooks.example.com/padlock")");
  read_events(table, settings);
  const bool told = !settings.program.empty() || !settings.webhook.empty();
  if (!told)
    table.problem("", "nothing says who is told",
                  R"(add exec = "/usr/local/bin/on-event" or webhook = "https://hooks.example.com/padlock")");
  table.finish();
  return told ? std::optional(std::move(settings)) : std::nullopt;
}

}  // namespace padlock::server
