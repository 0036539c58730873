#include "padlock/certs/dns_answers.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace padlock::certs {
namespace {

std::vector<acme::ChallengeAnswer> of_type(std::span<const acme::ChallengeAnswer> answers, bool dns) {
  std::vector<acme::ChallengeAnswer> chosen;
  std::ranges::copy_if(answers, std::back_inserter(chosen), [dns](const acme::ChallengeAnswer& one) {
    return (one.type == acme::ChallengeType::dns_01) == dns;
  });
  return chosen;
}

}  // namespace

net::Awaitable<Result<void>> DnsAnswers::show(std::span<const acme::ChallengeAnswer> answers) {
  const auto others = of_type(answers, false), own = of_type(answers, true);
  auto shown = co_await others_->show(others);
  PADLOCK_CO_TRY(shown);
  for (const acme::ChallengeAnswer& answer : own) {
    auto added = co_await add(answer);
    PADLOCK_CO_TRY(added);
  }
  if (own.empty()) co_return Result<void>();
  auto settled = co_await settle(own);
  co_return settled;
}

net::Awaitable<void> DnsAnswers::hide(std::span<const acme::ChallengeAnswer> answers) {
  const auto others = of_type(answers, false), own = of_type(answers, true);
  for (const acme::ChallengeAnswer& answer : own) co_await remove(answer);
  co_await others_->hide(others);
}

}  // namespace padlock::certs
