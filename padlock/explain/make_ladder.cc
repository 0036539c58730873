#include "padlock/explain/make_ladder.h"

#include <string>

#include "padlock/base/text.h"
#include "padlock/explain/ladder_maker.h"

namespace padlock::explain {
namespace {

std::string lines_of(const Error& error) {
  std::string text =
      error.what + "\n  rule     " + to_string(error.rule->source) + "  code " + std::string(error.rule->code) + "\n";
  if (!error.rule->hint.empty()) text += "  next     " + std::string(error.rule->hint) + "\n";
  return text;
}

Outcome outcome_of(const client::FetchOutcome& fetched, WallTime now) {
  using client::SecurityLevel;
  const client::SecurityVerdict& security = fetched.security;
  Outcome outcome;
  outcome.ok = !fetched.error;
  outcome.secure = security.level == SecurityLevel::locked;
  outcome.exit_code = fetched.exit_code();
  outcome.verdict = client::verdict_line(security, false);
  outcome.explanation = client::verdict_details(security, now);
  if (!fetched.error) return outcome;
  outcome.reason = fetched.error->what;
  const bool told =
      security.level == SecurityLevel::broken && security.error && security.error->rule == fetched.error->rule;
  if (!told) outcome.explanation += lines_of(*fetched.error);
  return outcome;
}

}  // namespace

Ladder make_ladder(const trace::Trace& trace, const client::FetchOutcome& outcome, const FetchStory& story) {
  Ladder ladder = LadderMaker(trace, story).make();
  const std::string& first = outcome.redirects.empty() ? outcome.url : outcome.redirects.front();
  ladder.url = escaped(first.empty() ? story.url : first);
  ladder.outcome = outcome_of(outcome, story.now);
  if (outcome.error) ladder.stopped = "stopped here: " + outcome.error->what;
  return ladder;
}

}  // namespace padlock::explain
