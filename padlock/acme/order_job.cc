#include "padlock/acme/order_job.h"

#include <algorithm>
#include <utility>

#include "padlock/acme/json_document.h"
#include "padlock/acme/limits.h"
#include "padlock/acme/rules.h"
#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/x509/certification_request.h"

namespace padlock::acme {
namespace {

using namespace order_states;

std::string names_of(std::span<const std::string> types) { return types.empty() ? "nothing" : list_of(types, shown); }

std::unexpected<Error> wrong_state(std::string_view what, Status status, const std::optional<Problem>& problem) {
  if (problem) return acme::broken(*problem, what);
  return padlock::broken(rules::order_state, std::string(what) + " is " + std::string(name_of(status)));
}

/// The next look at something that the server is busy with.
Result<Step> wait(std::string_view what, const Reply& reply, std::chrono::nanoseconds give_up_at, Instant now) {
  const auto pause = std::max(reply.retry_after.value_or(limits::poll_interval), std::chrono::seconds(1));
  if (now.monotonic + pause > give_up_at) {
    return padlock::broken(rules::taking_too_long, std::string(what) + " would take longer than " +
                                                       std::to_string(std::chrono::minutes(limits::polling).count()) +
                                                       " minutes");
  }
  return WaitFor{pause};
}

/// The first kind that the user wants, the server offers and the name allows (RFC 8555, section 7.5.1).
Result<Challenge> choose_challenge(const Authorization& authorization, std::span<const ChallengeType> wanted) {
  for (const ChallengeType type : wanted) {
    const auto found = std::ranges::find(authorization.challenges, type, &Challenge::type);
    if (found != authorization.challenges.end() && can_prove(type, authorization.identifier)) return *found;
  }
  return padlock::broken(rules::no_challenge_fits, authorization.identifier.value + ": the CA offers " +
                                                       names_of(authorization.offered) +
                                                       ", and none of it is allowed and possible here");
}

/// Nothing is shown: a person has set the record before. It names our account, whatever the CA says: a record for
/// somebody else's would allow them to have certificates (docs/threats.md, A12).
Result<void> take_persistent(const Identifier& identifier, const std::string& account_url, PersistentProof& proof) {
  if (!proof.account_uri.empty() && proof.account_uri != account_url)
    return padlock::broken(rules::persistent_for_others, identifier.value + ": the challenge names the account " +
                                                             shown(proof.account_uri) + ", ours is " + account_url);
  proof.account_uri = account_url;
  return {};
}

/// The record that was looked for, for whoever sets it.
std::string wanted_record(const Identifier& identifier, const PersistentProof& proof) {
  const auto record = persistent_record_for(identifier, proof);
  const auto text = record ? write_persistent_record(*record) : Result<std::string>(std::unexpected(record.error()));
  if (!text) return "; " + text.error().what;
  return "; the TXT record that proves it is " + persistent_record_name(identifier) + " with " + zone_strings(*text);
}

Error failure_of(const Authorization& authorization) {
  const std::string what = "the validation of " + authorization.identifier.value;
  for (const Challenge& challenge : authorization.challenges) {
    if (challenge.error) return acme::broken(*challenge.error, what).error();
  }
  return {&rules::validation_failed, what + " failed, and the CA does not say why"};
}

}  // namespace

// ---- newOrder (RFC 8555, section 7.4) -------------------------------------------------------------------------------

Result<Step> OrderJob::begin(Session& session, Instant /*now*/) { return order(session); }

Result<Step> OrderJob::order(const Session& session) {
  const auto& profiles = session.directory()->profiles;
  if (!wish_.profile.empty() && std::ranges::find(profiles, wish_.profile) == profiles.end())
    return padlock::broken(rules::unknown_profile,
                           "there is no profile `" + escaped(wish_.profile) + "`: the CA offers " + names_of(profiles));
  Json payload{{"identifiers", Json::array()}};
  for (const Identifier& one : wish_.identifiers)
    payload["identifiers"].push_back({{"type", name_of(one.type)}, {"value", one.value}});
  if (!wish_.profile.empty()) payload["profile"] = wish_.profile;
  if (!wish_.replaces.empty()) payload["replaces"] = wish_.replaces;
  state_ = Ordered{};
  return Call{.url = session.directory()->new_order, .payload = write_json(payload), .doing = "the new order"};
}

Result<Step> OrderJob::take(Ordered /*state*/, const Reply& reply, Session& session, Instant now) {
  Order order = PADLOCK_TRY(parse_order(reply.body, session.origin()));
  if (order.identifiers != wish_.identifiers) {
    return padlock::broken(rules::order_for_others,
                           "the order is for " + std::to_string(order.identifiers.size()) + " names, not for ours");
  }
  if (reply.location.empty()) return padlock::broken(rules::location_missing, "the order has no URL");
  std::string url = PADLOCK_TRY(session.origin().check(reply.location, "the order's URL"));
  if (order.status == Status::ready)
    return finalize({std::move(url), false, now.monotonic + limits::polling}, order.finalize);
  if (order.status != Status::pending) return wrong_state("the new order", order.status, order.error);
  return read_next({std::move(url), std::move(order), {}}, session);
}

// ---- authorizations (section 7.5) -----------------------------------------------------------------------------------

Result<Step> OrderJob::read_next(Reading state, const Session& session) {
  if (state.read.size() == state.order.authorizations.size()) return publish(state, session);
  std::string url = state.order.authorizations[state.read.size()];
  state_ = std::move(state);
  return Call{.url = std::move(url), .doing = "an authorization"};
}

Result<Step> OrderJob::take(Reading state, const Reply& reply, Session& session, Instant /*now*/) {
  auto authorization = PADLOCK_TRY(parse_authorization(reply.body, session.origin()));
  const bool ours = std::ranges::binary_search(state.order.identifiers, authorization.identifier);
  if (!ours || std::ranges::find(state.read, authorization.identifier, &Authorization::identifier) != state.read.end())
    return padlock::broken(rules::order_for_others,
                           "an authorization of the order is for " + shown(authorization.identifier.value));
  state.read.push_back(std::move(authorization));
  return read_next(std::move(state), session);
}

Result<Step> OrderJob::publish(const Reading& state, const Session& session) {
  Publishing next{state.order_url, {}};
  PublishAnswers publish;
  for (std::size_t at = 0; at < state.read.size(); ++at) {
    const Authorization& one = state.read[at];
    if (one.status == Status::valid) continue;
    if (one.status != Status::pending)
      return wrong_state("the authorization of " + one.identifier.value, one.status, std::nullopt);
    Challenge challenge = PADLOCK_TRY(choose_challenge(one, wish_.challenges));
    if (challenge.type == ChallengeType::dns_persist_01) {
      PADLOCK_TRY(take_persistent(one.identifier, session.account_url(), challenge.persistent));
    } else {
      publish.answers.push_back({challenge.type, one.identifier, challenge.token,
                                 make_key_authorization(challenge.token, session.key().thumbprint())});
    }
    next.proofs.push_back({state.order.authorizations[at], one.identifier, std::move(challenge)});
  }
  state_ = std::move(next);
  return publish;
}

// ---- challenges (section 7.5.1) -------------------------------------------------------------------------------------

Result<Step> OrderJob::go_on(Session& /*session*/, Instant now) {
  if (auto* const publishing = std::get_if<Publishing>(&state_)) {
    if (publishing->proofs.empty())
      return look_at_order({publishing->order_url, false, now.monotonic + limits::polling});
    return announce_next({std::move(*publishing), 0}, now);
  }
  if (auto* const validating = std::get_if<Validating>(&state_)) return look_at_next(std::move(*validating));
  return look_at_order(std::get<Finalizing>(std::move(state_)));
}

Result<Step> OrderJob::announce_next(Announcing state, Instant now) {
  if (state.next == state.proofs.size()) {
    Publishing& base = state;
    return look_at_next({std::move(base), 0, now.monotonic + limits::polling, {}});
  }
  std::string url = state.proofs[state.next].challenge.url;
  state_ = std::move(state);
  return Call{.url = std::move(url), .payload = "{}", .doing = "a challenge"};
}

Result<Step> OrderJob::take(Announcing state, const Reply& /*reply*/, Session& /*session*/, Instant now) {
  ++state.next;
  return announce_next(std::move(state), now);
}

/// When all have been looked at, what was shown goes: it is answered while it is pending, and no longer.
Result<Step> OrderJob::look_at_next(Validating state) {
  if (state.next == state.proofs.size()) {
    if (state.failure) return std::unexpected(*std::move(state.failure));
    state_ = Publishing{std::move(state.order_url), {}};
    return PublishAnswers{};
  }
  std::string url = state.proofs[state.next].authorization_url;
  state_ = std::move(state);
  return Call{.url = std::move(url), .doing = "an authorization"};
}

Result<Step> OrderJob::take(Validating state, const Reply& reply, Session& session, Instant now) {
  const auto authorization = PADLOCK_TRY(parse_authorization(reply.body, session.origin()));
  const Identifier& identifier = state.proofs[state.next].identifier;
  if (authorization.identifier != identifier)
    return padlock::broken(rules::order_for_others, "the authorization of " + identifier.value + " is now for " +
                                                        shown(authorization.identifier.value));
  if (authorization.status == Status::pending) {
    const auto give_up_at = state.give_up_at;
    auto step = wait("the validation of " + identifier.value, reply, give_up_at, now);
    state_ = std::move(state);
    return step;
  }
  if (authorization.status == Status::invalid) {
    failed_.push_back(identifier);
    if (!state.failure) state.failure = failure_of(authorization);
    const Challenge& challenge = state.proofs[state.next].challenge;
    if (challenge.type == ChallengeType::dns_persist_01 && state.failure)
      state.failure->what += wanted_record(identifier, challenge.persistent);
  } else if (authorization.status != Status::valid) {
    return wrong_state("the authorization of " + identifier.value, authorization.status, std::nullopt);
  }
  ++state.next;
  return look_at_next(std::move(state));
}

// ---- finalize (section 7.4) -----------------------------------------------------------------------------------------

Result<Step> OrderJob::look_at_order(Finalizing state) {
  std::string url = state.order_url;
  state_ = std::move(state);
  return Call{.url = std::move(url), .doing = "the order"};
}

Result<Step> OrderJob::finalize(Finalizing state, const std::string& finalize_url) {
  std::vector<x509::GeneralName> names;
  names.reserve(wish_.identifiers.size());
  for (const Identifier& one : wish_.identifiers) names.push_back(general_name_of(one));
  const auto request = PADLOCK_TRY(x509::make_certification_request(names, *wish_.key));
  state.told = true;
  state_ = std::move(state);
  return Call{
      .url = finalize_url, .payload = write_json({{"csr", to_base64url(request)}}), .doing = "the end of the order"};
}

Result<Step> OrderJob::take(Finalizing state, const Reply& reply, Session& session, Instant now) {
  const Order order = PADLOCK_TRY(parse_order(reply.body, session.origin()));
  if (order.identifiers != wish_.identifiers)
    return padlock::broken(rules::order_for_others, "the order is for other names than before");
  if (order.status == Status::valid && state.told) {
    if (!order.certificate) return malformed_field("order", "certificate", "is missing though the order is valid");
    return download({}, *order.certificate);
  }
  if (order.status == Status::ready && !state.told) return finalize(std::move(state), order.finalize);
  const bool busy =
      order.status == Status::processing || order.status == (state.told ? Status::ready : Status::pending);
  if (!busy) return wrong_state("the order", order.status, order.error);
  auto step = wait("the certificate", reply, state.give_up_at, now);
  state_ = std::move(state);
  return step;
}

// ---- the chain (section 7.4.2) --------------------------------------------------------------------------------------

Result<Step> OrderJob::download(Downloading state, std::string url) {
  state_ = std::move(state);
  return Call{.url = std::move(url), .accept = "application/pem-certificate-chain", .doing = "the certificate"};
}

Result<Step> OrderJob::take(Downloading state, const Reply& reply, Session& session, Instant now) {
  auto chain = PADLOCK_TRY(read_certificate_chain(as_text(reply.body)));
  PADLOCK_TRY(check_certificate_chain(chain, wish_.identifiers, wish_.key->public_key().parts(), now.wall, *provider_));
  if (wish_.preferred_root.empty() || leads_to(chain, wish_.preferred_root)) {
    chain_ = std::move(chain);
    return Finished{};
  }
  if (!state.first) {
    state.first = std::move(chain);
    state.alternates = reply.alternates;
  }
  return choose(std::move(state), session);
}

/// The next of the other chains; without one the first is good enough.
Result<Step> OrderJob::choose(Downloading state, const Session& session) {
  if (state.alternates.empty()) {
    chain_ = std::move(state.first);
    return Finished{};
  }
  std::string url = PADLOCK_TRY(session.origin().check(state.alternates.front(), "another chain's URL"));
  state.alternates.erase(state.alternates.begin());
  return download(std::move(state), std::move(url));
}

// ---- what is common -------------------------------------------------------------------------------------------------

/// Nothing is asked in this state.
Result<Step> OrderJob::take(const Publishing& /*state*/, const Reply& /*reply*/, Session& /*session*/,
                            Instant /*now*/) {
  return padlock::broken(rules::order_state, "a reply came where none was asked for");
}

Result<Step> OrderJob::on_reply(const Reply& reply, Session& session, Instant now) {
  return std::visit([&](auto&& state) { return take(std::forward<decltype(state)>(state), reply, session, now); },
                    std::move(state_));
}

/// A certificate can be had without saying which it replaces (RFC 9773, section 5), and the first chain without others.
Result<Step> OrderJob::on_refusal(const Refusal& refusal, Session& session, Instant /*now*/) {
  const bool for_what_it_says =
      refusal.problem && refusal.error.rule != &rules::rate_limited && refusal.error.rule != &rules::server_internal;
  if (std::holds_alternative<Ordered>(state_) && !wish_.replaces.empty() && for_what_it_says) {
    wish_.replaces.clear();
    return order(session);
  }
  if (auto* const downloading = std::get_if<Downloading>(&state_); downloading != nullptr && downloading->first)
    return choose(std::move(*downloading), session);
  return std::unexpected(refusal.error);
}

}  // namespace padlock::acme
