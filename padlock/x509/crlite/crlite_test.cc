// Each rule of indexes, filters and answers, and what the limits let pass.
#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/crypto/hash.h"
#include "padlock/x509/crlite/filter.h"
#include "padlock/x509/crlite/index.h"
#include "padlock/x509/crlite/rules.h"
#include "padlock/x509/crlite/status.h"
#include "padlock/x509/crlite/test_cache.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/revocation.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::x509::crlite {
namespace {

using testing::EntryDraft;
using testing::FilterDraft;
using testing::IndexDraft;
using testing::log_id;
using testing::LogDraft;
using testing::milliseconds;
using testing::Octets;
using x509::testing::test_now;

template <class Value>
const Rule* rule_of(const Result<Value>& result) {
  return result ? nullptr : result.error().rule;
}
const Rule* rule_of(const RevocationStatus& status) { return status.why ? status.why->rule : nullptr; }

const Rule* broken_index(const std::function<void(IndexDraft&)>& change) {
  IndexDraft draft;
  change(draft);
  return rule_of(parse_index(write(draft)));
}
const Rule* broken_filter(const std::function<void(FilterDraft&)>& change) {
  FilterDraft draft;
  change(draft);
  const Octets file = write(draft);
  return rule_of(parse_filter(file));
}

struct Provocation {
  const Rule* rule;
  std::function<const Rule*()> provoked;
};

SpkiHash hash_of(std::uint8_t number) {
  SpkiHash hash{};
  hash.fill(number);
  return hash;
}

std::vector<Provocation> index_provocations() {
  const auto index = [](const Rule& rule, std::function<void(IndexDraft&)> change) {
    return Provocation{&rule, [change = std::move(change)] { return broken_index(change); }};
  };
  return {
      {&rules::index_too_large, [] { return rule_of(parse_index(Octets(max_crlite_index_bytes + 1))); }},
      index(rules::index_magic, [](IndexDraft& draft) { draft.magic = "upkiidx0"; }),
      {&rules::index_truncated, [] { return rule_of(parse_index(Bytes(write(IndexDraft{})).first(80))); }},
      {&rules::index_truncated,
       [] {
         Octets file = write(IndexDraft{.names = {}, .logs = {}});
         for (std::size_t i = 8; i < 14; ++i) file[i] = 0xff;  // both counts are as large as they can be
         return rule_of(parse_index(file));
       }},
      index(rules::index_file_name, [](IndexDraft& draft) { draft.names = {""}; }),
      index(rules::index_file_name, [](IndexDraft& draft) { draft.names = {"."}; }),
      index(rules::index_file_name, [](IndexDraft& draft) { draft.names = {".."}; }),
      index(rules::index_file_name, [](IndexDraft& draft) { draft.names = {"../a.filter"}; }),
      index(rules::index_file_name, [](IndexDraft& draft) { draft.names = {"/etc/passwd"}; }),
      index(rules::index_file_name, [](IndexDraft& draft) { draft.names = {"a\nb"}; }),
      index(rules::index_file_name, [](IndexDraft& draft) { draft.names = {std::string("a\0b", 3)}; }),
      index(rules::index_log_order, [](IndexDraft& draft) { draft.logs = {{log_id(2)}, {log_id(1)}}; }),
      index(rules::index_log_order, [](IndexDraft& draft) { draft.logs = {{log_id(1)}, {log_id(1)}}; }),
      index(rules::index_section, [](IndexDraft& draft) { draft.logs.front().offset = 14 + 32 + 41; }),
      index(rules::index_section, [](IndexDraft& draft) { draft.logs.front().offset = 14 + 32 + 43; }),
      index(rules::index_section, [](IndexDraft& draft) { draft.logs.front().offset = UINT64_MAX; }),
      index(rules::index_section, [](IndexDraft& draft) { draft.logs.front().offset = UINT64_MAX - 17; }),
      index(rules::index_section,
            [](IndexDraft& draft) {
              draft.logs = {{log_id(1)}, {log_id(2)}};
              draft.logs.back().offset = 14 + 32 + 84 + 17;  // the last byte of the first one's
            }),
      index(rules::index_filter, [](IndexDraft& draft) { draft.logs.front().entries.front().filter = 1; }),
  };
}

std::vector<Provocation> filter_provocations() {
  const auto filter = [](const Rule& rule, std::function<void(FilterDraft&)> change) {
    return Provocation{&rule, [change = std::move(change)] { return broken_filter(change); }};
  };
  return {
      {&rules::filter_too_large, [] { return rule_of(parse_filter(Octets(max_crlite_filter_bytes + 1))); }},
      filter(rules::filter_version, [](FilterDraft& draft) { draft.version = 3; }),
      filter(rules::filter_version, [](FilterDraft& draft) { draft.version = 5; }),
      filter(rules::filter_reserved, [](FilterDraft& draft) { draft.reserved = 1; }),
      filter(rules::filter_malformed, [](FilterDraft& draft) { draft.trailer = {0}; }),
      filter(rules::filter_malformed, [](FilterDraft& draft) { draft.issuers.front().exceptions = {{}}; }),
      {&rules::filter_malformed, [] { return rule_of(parse_filter({})); }},
      filter(rules::filter_coverage,
             [](FilterDraft& draft) { draft.coverage = {{log_id(1)}, {log_id(2)}, {log_id(1), 5, 6}}; }),
      filter(rules::filter_issuer_order, [](FilterDraft& draft) { draft.issuers = {{hash_of(2)}, {hash_of(1)}}; }),
      filter(rules::filter_issuer_order, [](FilterDraft& draft) { draft.issuers = {{hash_of(1)}, {hash_of(1)}}; }),
      filter(rules::filter_inverted, [](FilterDraft& draft) { draft.issuers.front().inverted = 2; }),
      filter(rules::filter_rank, [](FilterDraft& draft) { draft.issuers.front().rank = 1; }),
      filter(rules::filter_rank,
             [](FilterDraft& draft) {
               draft.columns.resize(254);
               draft.issuers = {{hash_of(0), 1, 255}, {hash_of(1), 1, 3}};
             }),
  };
}

RevocationStatus say(Answer answer, WallTime newest) {
  const std::array answers{FilterAnswer{answer, milliseconds(newest)}};
  return status_of(answers, test_now);
}

/// An index whose filters all cover the question.
const Rule* asked_of(std::size_t filters) {
  IndexDraft draft;
  draft.names.clear();
  draft.logs.front().entries.clear();
  for (std::size_t i = 0; i < filters; ++i) {
    draft.names.push_back("f" + std::to_string(i));
    draft.logs.front().entries.push_back({static_cast<std::uint16_t>(i)});
  }
  return rule_of(parse_index(write(draft))->covering({.timestamps = {{log_id(1), 1500}}}));
}

std::vector<Provocation> answer_provocations() {
  return {
      {&rules::too_many_filters, [] { return asked_of(max_crlite_filters + 1); }},
      {&rules::not_covered, [] { return rule_of(status_of({}, test_now)); }},
      {&rules::not_enrolled, [] { return rule_of(say(Answer::not_enrolled, test_now)); }},
      {&rules::contradicted, [] { return rule_of(say(Answer::not_covered, test_now)); }},
      {&rules::stale,
       [] { return rule_of(say(Answer::not_revoked, test_now - max_crlite_age - std::chrono::seconds(1))); }},
      {&rules::not_yet_valid,
       [] { return rule_of(say(Answer::not_revoked, test_now + max_crlite_clock_skew + std::chrono::seconds(1))); }},
  };
}

TEST(CrliteRules, AreEachProvokedByATest) {
  std::set<const Rule*> provoked;
  for (const auto& provocations : {index_provocations(), filter_provocations(), answer_provocations()}) {
    for (const Provocation& one : provocations) {
      EXPECT_EQ(one.provoked(), one.rule) << one.rule->code;
      provoked.insert(one.rule);
    }
  }
  std::set<std::string_view> codes;
  for (const Rule* rule : rules::all) {
    EXPECT_TRUE(provoked.contains(rule)) << rule->code;
    EXPECT_TRUE(codes.insert(rule->code).second) << rule->code;
    EXPECT_TRUE(rule->code.starts_with("x509.crlite.")) << rule->code;
    EXPECT_FALSE(rule->source.section.empty() || rule->hint.empty()) << rule->code;
    EXPECT_EQ(rule->alert, AlertDescription::certificate_unknown) << rule->code;
  }
  EXPECT_EQ(to_string(rules::index_magic.source), "C2SP upki-revocation, section Header");
}

TEST(CrliteRules, LetPassWhatIsAtALimit) {
  EXPECT_EQ(broken_index([](IndexDraft&) {}), nullptr);
  EXPECT_EQ(broken_index([](IndexDraft& draft) { draft.names = {std::string(32, 'n'), "...", "Ünicöde"}; }), nullptr)
      << "32 bytes need no padding";
  EXPECT_EQ(broken_index([](IndexDraft& draft) { draft.logs = {{log_id(1), {}, 14 + 32 + 42}}; }), nullptr);
  EXPECT_EQ(broken_filter([](FilterDraft&) {}), nullptr);
  EXPECT_EQ(broken_filter([](FilterDraft& draft) {
              draft.columns = {{1, 2, 3}, {}};
              draft.issuers.front().rank = 2;
              draft.issuers.front().exceptions = {Octets(255), {1}};
            }),
            nullptr);
  EXPECT_EQ(broken_filter([](FilterDraft& draft) { draft = {.coverage = {}, .issuers = {}}; }), nullptr);
  EXPECT_EQ(rule_of(parse_index(Octets(max_crlite_index_bytes))), &rules::index_magic);
  EXPECT_EQ(rule_of(parse_filter(Octets(max_crlite_filter_bytes))), &rules::filter_version);
  EXPECT_EQ(asked_of(max_crlite_filters), nullptr);
  EXPECT_EQ(rule_of(say(Answer::not_revoked, test_now - max_crlite_age)), nullptr);
  EXPECT_EQ(rule_of(say(Answer::not_revoked, test_now + max_crlite_clock_skew)), nullptr);
}

TEST(CrliteIndex, NamesEachFilterThatCoversATimestampOnce) {
  const IndexDraft draft{
      .names = {"a", "b", "c"},
      .logs = {{log_id(1), {{2, 100, 200}, {0, 150, 300}, {0, 500, 1500}}}, {log_id(2), {{1, 7, 7}, {2, 7, 7}}}}};
  const auto index = parse_index(write(draft));
  ASSERT_TRUE(index) << index.error().to_string();
  const auto covering = [&](std::vector<SignedCertificateTimestamp> timestamps) {
    return index->covering({.timestamps = std::move(timestamps)}).value();
  };
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  EXPECT_THAT(covering({}), IsEmpty());
  EXPECT_THAT(covering({{log_id(1), 99}}), IsEmpty());
  EXPECT_THAT(covering({{log_id(1), 100}}), ElementsAre("c"));
  EXPECT_THAT(covering({{log_id(1), 200}}), ElementsAre("a", "c"));
  EXPECT_THAT(covering({{log_id(1), 301}}), IsEmpty());
  EXPECT_THAT(covering({{log_id(1), 1500}}), ElementsAre("a"));
  EXPECT_THAT(covering({{log_id(2), 7}}), ElementsAre("b", "c"));
  EXPECT_THAT(covering({{log_id(2), 7}, {log_id(1), 200}}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(covering({{log_id(0), 7}, {log_id(3), 7}}), IsEmpty());
}

TEST(BitColumn, ReadsSixtyFourBitsFromAnywhereAndZerosBehindItsEnd) {
  const Octets words{0x80, 0, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0x05};
  const BitColumn column{words};
  EXPECT_EQ(column.bits(0), 0x8000000000000003U);
  EXPECT_EQ(column.bits(1), 0xc000000000000001U);
  EXPECT_EQ(column.bits(63), 0x0bU);
  EXPECT_EQ(column.bits(64), 5U);
  EXPECT_EQ(column.bits(66), 1U);
  EXPECT_EQ(column.bits(127), 0U);
  EXPECT_EQ(column.bits(128), 0U);
  EXPECT_EQ(column.bits(UINT64_MAX), 0U);
}

TEST(CrliteFilter, WithoutRowsHoldsNobodyOrEverybody) {
  FilterDraft draft;
  draft.issuers = {{hash_of(1)}, {.hash = hash_of(2), .inverted = 1}};
  const Octets file = write(draft);
  const auto filter = parse_filter(file);
  ASSERT_TRUE(filter);
  const auto ask = [&](std::uint8_t issuer, std::uint64_t timestamp) {
    return filter->ask({hash_of(issuer), {1}, {{log_id(1), timestamp}}});
  };
  EXPECT_EQ(ask(1, 1000), Answer::not_revoked);
  EXPECT_EQ(ask(2, 2000), Answer::revoked);
  EXPECT_EQ(ask(3, 1500), Answer::not_enrolled);
  EXPECT_EQ(ask(2, 999), Answer::not_covered);
  EXPECT_EQ(ask(3, 2001), Answer::not_covered) << "coverage comes before the issuer";
  EXPECT_EQ(filter->ask({hash_of(2), {1}, {}}), Answer::not_covered);
}

TEST(CrliteFilter, TakesExceptionsOut) {
  FilterDraft draft;
  draft.issuers = {{.hash = hash_of(1), .approx_m = 1, .exceptions = {{1, 2}, {7}}}};  // no bit is set: everybody is in
  const Octets file = write(draft);
  const auto filter = parse_filter(file);
  ASSERT_TRUE(filter);
  const auto ask = [&](Octets serial) { return filter->ask({hash_of(1), std::move(serial), {{log_id(1), 1000}}}); };
  EXPECT_EQ(ask({1}), Answer::revoked);
  EXPECT_EQ(ask({1, 2}), Answer::not_revoked);
  EXPECT_EQ(ask({7}), Answer::not_revoked);
  EXPECT_EQ(ask({2, 7}), Answer::revoked);
}

TEST(CrliteStatus, IsDecidedByTheStrongestAnswer) {
  const auto day = [](int days) { return milliseconds(test_now - std::chrono::days(days)); };
  const auto told = [](const std::vector<FilterAnswer>& answers) { return describe(status_of(answers, test_now)); };
  using enum Answer;
  EXPECT_EQ(told({{not_revoked, day(3)}, {not_enrolled, day(1)}, {not_covered, day(1)}}),
            "good, says the CRLite filter of 2026-03-01");
  EXPECT_EQ(told({{not_revoked, day(20)}, {not_revoked, day(2)}}), "good, says the CRLite filter of 2026-03-02");
  EXPECT_EQ(told({{not_revoked, day(1)}, {revoked, day(2)}}), "revoked, says the CRLite filter of 2026-03-02");
  EXPECT_EQ(told({{revoked, day(400)}}), "revoked, says the CRLite filter of 2025-01-28") << "of whatever age";
  EXPECT_EQ(told({{revoked, UINT64_MAX}}), "revoked, says the CRLite filter of 9999-12-31");
  EXPECT_EQ(
      told({{not_revoked, day(11)}}),
      "not checked: the CRLite filter is of 2026-02-21 09:00:00 UTC, which is too old; now is 2026-03-04 09:00:00 UTC");
  EXPECT_EQ(told({{not_covered, day(1)}, {not_enrolled, day(1)}}),
            "not checked: the CRLite cache does not enroll the certificate's issuer");
  EXPECT_EQ(told({}), "not checked: the CRLite cache does not cover the certificate");
}

// How an answer stands beside others'.

class FilteredLeaf : public ::testing::Test {
 protected:
  RevocationStatus check() {
    const auto certificate = parse_certificate(sign(leaf_, x509::testing::key(1))).value();
    const auto issuer = parse_certificate(sign(issuer_, x509::testing::key(0))).value();
    for (auto& one : evidence_.filters) one.certificate = certificate->der;
    return check_revocation(*certificate, *issuer, evidence_, true, test_now, x509::testing::provider());
  }
  void say(Answer answer) {
    const std::array answers{FilterAnswer{answer, milliseconds(test_now - std::chrono::days(1))}};
    evidence_.filters = {{{}, status_of(answers, test_now)}};
  }
  x509::testing::Draft leaf_ = x509::testing::Chain{}.leaf;
  x509::testing::Draft issuer_ = x509::testing::Chain{}.intermediate;
  RevocationEvidence evidence_;
};

TEST_F(FilteredLeaf, IsWhatTheFilterSays) {
  say(Answer::not_revoked);
  EXPECT_EQ(describe(check()), "good, says the CRLite filter of 2026-03-03");
  EXPECT_EQ(check().source, RevocationSource::crlite);
  say(Answer::revoked);
  EXPECT_EQ(describe(check()), "revoked, says the CRLite filter of 2026-03-03");
  EXPECT_EQ(check().why->rule, &x509::rules::certificate_revoked);
}

TEST_F(FilteredLeaf, IsRevokedIfAnybodySaysSo) {
  say(Answer::revoked);
  evidence_.staple = sign(x509::testing::ResponseDraft{});
  EXPECT_EQ(check().source, RevocationSource::crlite);
  say(Answer::not_revoked);
  x509::testing::ResponseDraft response;
  response.singles.front().status = x509::testing::revoked_status();
  evidence_.staple = sign(response);
  EXPECT_EQ(check().state, RevocationState::revoked);
  EXPECT_EQ(check().source, RevocationSource::staple);
}

TEST_F(FilteredLeaf, IsAskedAboutElsewhereWhereTheFilterHasNothing) {
  evidence_.filters = {{{}, status_of({}, test_now)}};
  EXPECT_EQ(check().why->rule, &x509::rules::no_revocation_source);
  EXPECT_EQ(describe(check()),
            "not checked: the certificate names no CRL and no OCSP responder; the CRLite cache does not cover the "
            "certificate");
  evidence_.staple = sign(x509::testing::ResponseDraft{});
  EXPECT_EQ(check().source, RevocationSource::staple);
  EXPECT_EQ(check().state, RevocationState::good);
}

TEST_F(FilteredLeaf, SaysWhatKeepsTheFilterFromTelling) {
  const std::array answers{FilterAnswer{Answer::not_revoked, 0}};
  evidence_.filters = {{{}, status_of(answers, test_now)}};
  EXPECT_EQ(check().why->rule, &rules::stale);
  evidence_.staple = sign(x509::testing::ResponseDraft{});
  EXPECT_EQ(check().source, RevocationSource::staple);
}

TEST_F(FilteredLeaf, NeedsItsStapleAllTheSame) {
  say(Answer::not_revoked);
  leaf_.extensions.push_back(
      x509::testing::extension_of(der::oid::tlsFeature, false, [](der::Writer& out) { out.integer(5); }));
  EXPECT_EQ(check().why->rule, &x509::rules::must_staple_missing);
}

// What is asked.

TEST(CrliteQuestion, IsAboutTheSerialNumberAsItStandsInTheCertificate) {
  x509::testing::Chain chain;
  const auto ask = [&](const Octets& serial) {
    chain.leaf.serial = serial;
    const auto leaf = parse_certificate(sign(chain.leaf, x509::testing::key(1))).value();
    const auto issuer = parse_certificate(sign(chain.intermediate, x509::testing::key(0))).value();
    const Question question = question_about(*leaf, *issuer).value();
    EXPECT_TRUE(
        std::ranges::equal(question.issuer_spki_hash,
                           crypto::hash_of(crypto::HashAlgorithm::sha256,
                                           x509::testing::public_key_info(x509::testing::key(1).public_key().parts()))
                               .bytes()));
    return question.serial;
  };
  EXPECT_EQ(ask({0x02, 0x01, 0x7f}), (Octets{0x7f}));
  EXPECT_EQ(ask({0x02, 0x02, 0x00, 0x80}), (Octets{0x00, 0x80}));
  EXPECT_EQ(ask({0x02, 0x03, 0x01, 0x00, 0x80}), (Octets{0x01, 0x00, 0x80}));
}

TEST(CrliteQuestion, FailsWithTheCertificatesTimestamps) {
  x509::testing::Chain chain;
  const auto ask = [&] {
    const auto leaf = parse_certificate(sign(chain.leaf, x509::testing::key(1))).value();
    return question_about(*leaf, *leaf);
  };
  EXPECT_TRUE(ask()->timestamps.empty());
  set_extension(chain.leaf, testing::timestamp_list({{log_id(3), 17}}));
  EXPECT_EQ(ask()->timestamps.size(), 1U);
  set_extension(chain.leaf, testing::timestamp_list({{log_id(3), 17}}, {0, 1}));
  EXPECT_EQ(rule_of(ask()), &x509::rules::malformed_timestamp_list);
}

}  // namespace
}  // namespace padlock::x509::crlite
