// The cache in testdata/crlite, made by clubcard-crlite and upki: each filter says of each certificate what Mozilla's
// own code says, and the index leads to those that upki asks.
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "padlock/x509/crlite/filter.h"
#include "padlock/x509/crlite/index.h"
#include "padlock/x509/crlite/rules.h"
#include "padlock/x509/crlite/status.h"
#include "padlock/x509/crlite/test_cache.h"

namespace padlock::x509::crlite {
namespace {

using testing::Octets;

const std::vector<std::string> names{"20261115-0-default.filter", "20261125-1-default.delta"};

/// A file of testdata; tests run in the project's root.
Octets stored(const std::string& name) {
  std::ifstream in("padlock/x509/testdata/crlite/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A line of answers.txt.
struct Line {
  std::string text;
  Question question;
  std::string upki;
  std::map<std::string, std::string> filters;  // name: clubcard-crlite's answer
};

template <class Array>
Array array_of(const std::string& hex) {
  Array array{};
  copy_bytes(from_hex(hex).value(), array);
  return array;
}

/// "LOG:TIME,LOG:TIME", "-" for none.
std::vector<SignedCertificateTimestamp> timestamps_of(const std::string& text) {
  std::vector<SignedCertificateTimestamp> timestamps;
  std::istringstream pairs(text);
  for (std::string pair; text != "-" && std::getline(pairs, pair, ',');)
    timestamps.push_back({array_of<LogId>(pair.substr(0, 64)), parse_decimal(pair.substr(65)).value()});
  return timestamps;
}

Line line_of(const std::string& text) {
  std::istringstream words(text);
  std::string issuer, serial, timestamps;
  Line line;
  line.text = text;
  words >> issuer >> serial >> timestamps >> line.upki;
  line.question = {array_of<SpkiHash>(issuer), from_hex(serial).value(), timestamps_of(timestamps)};
  for (std::string word; words >> word;) line.filters[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  return line;
}

std::vector<Line> lines() {
  std::vector<Line> lines;
  std::ifstream in("padlock/x509/testdata/crlite/answers.txt");
  for (std::string text; std::getline(in, text);) lines.push_back(line_of(text));
  return lines;
}

/// As clubcard-crlite calls it.
std::string_view name_of(Answer answer) {
  switch (answer) {
    case Answer::not_covered: return "NotCovered";
    case Answer::not_enrolled: return "NotEnrolled";
    case Answer::not_revoked: return "Good";
    case Answer::revoked: break;
  }
  return "Revoked";
}

/// As upki calls it.
std::string_view name_of(const RevocationStatus& status) {
  if (status.state == RevocationState::revoked) return "CertainlyRevoked";
  return status.state == RevocationState::good ? "NotRevoked" : "NotCoveredByRevocationData";
}

constexpr WallTime soon_after = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);  // the delta is of 2026-11-25

TEST(CrliteFilter, SaysOfEachCertificateWhatClubcardSays) {
  std::map<std::string, std::size_t> seen;
  for (const std::string& name : names) {
    const Octets file = stored(name);
    const auto filter = parse_filter(file);
    ASSERT_TRUE(filter) << filter.error().to_string();
    for (const Line& line : lines()) {
      const std::string said(name_of(filter->ask(line.question)));
      EXPECT_EQ(said, line.filters.at(name)) << name << ": " << line.text;
      ++seen[said];
    }
  }
  EXPECT_EQ(seen.size(), 4U) << "each answer is there";
}

TEST(CrliteCache, SaysOfEachCertificateWhatUpkiSays) {
  const auto index = parse_index(stored("index.bin"));
  ASSERT_TRUE(index) << index.error().to_string();
  EXPECT_EQ(index->filters(), 2U);
  EXPECT_EQ(index->logs(), 3U);
  for (const Line& line : lines()) {
    std::vector<FilterAnswer> answers;
    const auto covering = index->covering(line.question);
    ASSERT_TRUE(covering);
    for (const std::string& name : *covering) {
      const Octets file = stored(name);
      const auto filter = parse_filter(file);
      ASSERT_TRUE(filter);
      answers.push_back({filter->ask(line.question), filter->newest()});
    }
    // upki tells no age. The base alone is eleven days old, too old for `good`.
    auto status = status_of(answers, soon_after);
    if (status.why && status.why->rule == &rules::stale) status = status_of(answers, soon_after - std::chrono::days(5));
    EXPECT_EQ(name_of(status), line.upki) << line.text;
  }
}

TEST(CrliteFilter, ReachesAsFarAsItsNewestLog) {
  const Octets file = stored(names.back());
  const auto filter = parse_filter(file);
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->newest(), 1'795'592'000'000U);
  EXPECT_EQ(filter->issuers(), 2U);
}

/// Asks it everything: whatever it says, it must not read where it may not.
void exhaust(const Octets& file, const std::vector<Line>& lines) {
  const auto filter = parse_filter(file);
  if (!filter) return;
  for (const Line& line : lines) EXPECT_GE(filter->ask(line.question), Answer::not_covered);
}

std::vector<Line> some_lines() {
  std::vector<Line> some;
  const auto all = lines();
  for (std::size_t i = 0; i < all.size(); i += 12) some.push_back(all[i]);
  return some;
}

TEST(CrliteFilter, CutAnywhereIsRefused) {
  for (const std::string& name : names) {
    const Octets whole = stored(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto filter = parse_filter(cut);
      ASSERT_FALSE(filter) << size;
      EXPECT_EQ(filter.error().rule, &rules::filter_malformed) << size;
    }
  }
}

TEST(CrliteFilter, WithAnyBitChangedIsRefusedOrAnswers) {
  const auto questions = some_lines();
  for (const std::string& name : names) {
    Octets file = stored(name);
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      file[bit / 8] ^= mask;
      exhaust(file, questions);
      file[bit / 8] ^= mask;
    }
  }
}

TEST(CrliteIndex, CutAnywhereIsRefused) {
  const Octets whole = stored("index.bin");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto index = parse_index(Bytes(whole).first(size));
    ASSERT_FALSE(index) << size;
    EXPECT_TRUE(index.error().rule == &rules::index_truncated || index.error().rule == &rules::index_section) << size;
  }
}

TEST(CrliteIndex, WithAnyBitChangedIsRefusedOrAnswers) {
  const auto questions = some_lines();
  Octets file = stored("index.bin");
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    file[bit / 8] ^= mask;
    if (const auto index = parse_index(file)) {
      for (const Line& line : questions) EXPECT_LE(index->covering(line.question).value().size(), 2U);
    }
    file[bit / 8] ^= mask;
  }
}

}  // namespace
}  // namespace padlock::x509::crlite
