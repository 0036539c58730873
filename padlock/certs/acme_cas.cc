#include "padlock/certs/acme_cas.h"

#include <algorithm>

#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/net/clock.h"

namespace padlock::certs {

Result<std::unique_ptr<AcmeCas>> AcmeCas::make(const AcmeSettings& settings, StoreFolder& store,
                                               ChallengeAnswers& answers, crypto::Provider& provider) {
  std::vector<std::unique_ptr<AcmeIssuer>> issuers;
  issuers.reserve(settings.others.size() + 1);
  issuers.push_back(PADLOCK_TRY(AcmeIssuer::make(settings, store, answers, provider)));
  for (const AcmeSettings& other : settings.others)
    issuers.push_back(PADLOCK_TRY(AcmeIssuer::make(other, store, answers, provider)));
  auto rotation = std::make_shared<CaRotation>(issuers.size());
  return std::unique_ptr<AcmeCas>(new AcmeCas(std::move(issuers), std::move(rotation)));  // the constructor is private
}

Result<std::unique_ptr<AcmeCas>> AcmeCas::another(StoreFolder& store, ChallengeAnswers& answers,
                                                  crypto::Provider& provider) const {
  auto made = PADLOCK_TRY(make(first().settings(), store, answers, provider));
  made->rotation_ = rotation_;
  return made;
}

std::vector<AcmeIssuer*> AcmeCas::all() const {
  std::vector<AcmeIssuer*> all;
  all.reserve(issuers_.size());
  for (const auto& one : issuers_) all.push_back(one.get());
  return all;
}

AcmeIssuer* AcmeCas::find(std::string_view directory) const {
  const auto found =
      std::ranges::find_if(issuers_, [&](const auto& one) { return one->settings().directory == directory; });
  return found == issuers_.end() ? nullptr : found->get();
}

net::Awaitable<Result<AcmeCas::Issued>> AcmeCas::issue(IssueRequest request, std::string replaced_at) {
  failure_ = {};
  const std::string name = request.names.front();
  std::vector<std::pair<std::string, Error>> errors;
  for (std::size_t at = 0; at < issuers_.size(); ++at) {
    AcmeIssuer& issuer = *issuers_[at];
    if (!rotation_->is_asked(at, net::now())) {
      errors.emplace_back(issuer.ca(), *rotation_->trouble(at, net::now()));
      continue;
    }
    IssueRequest own = request;
    if (issuer.settings().directory != replaced_at) own.profile = own.replaces = "";
    auto entry = co_await issuer.issue(own);
    if (entry) {
      rotation_->succeeded(at, name);
      co_return Issued{*std::move(entry), &issuer};
    }
    errors.emplace_back(issuer.ca(), entry.error());
    const AcmeIssuer::Failure& failure = issuer.last_failure();
    failure_.validations += failure.validations;
    if (issuers_.size() == 1) failure_.retry_after = failure.retry_after;
    if (!rotation_->failed(at, issuer.ca(), name, entry.error(), failure.retry_after, net::now())) break;
  }
  co_return all_failed(errors);
}

/// Of one CA it is its own words that count.
std::unexpected<Error> AcmeCas::all_failed(const std::vector<std::pair<std::string, Error>>& errors) {
  if (issuers_.size() == 1) return std::unexpected(errors.front().second);
  failure_.retry_after = rotation_->all_rest_for(net::now());
  const auto text_of = [](const auto& one) { return escaped(one.first) + ": " + one.second.what; };
  return std::unexpected(Error{errors.back().second.rule, list_of(errors, text_of, "; ")});
}

std::vector<AcmeCas::PassedOver> AcmeCas::passed_over() const {
  std::vector<PassedOver> all;
  for (std::size_t at = 0; at < issuers_.size(); ++at) {
    if (const Error* const why = rotation_->trouble(at, net::now())) all.push_back({issuers_[at]->ca(), *why});
  }
  return all;
}

}  // namespace padlock::certs
