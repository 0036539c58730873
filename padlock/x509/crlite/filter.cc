#include "padlock/x509/crlite/filter.h"

#include <algorithm>
#include <bit>
#include <string>

#include "padlock/base/reader.h"
#include "padlock/crypto/hash.h"
#include "padlock/x509/crlite/rules.h"
#include "padlock/x509/limits.h"

namespace padlock::x509::crlite {

namespace {

constexpr std::uint8_t version_4 = 4;
constexpr std::size_t coverage_bytes = 32 + 8 + 8;                    // CoverageEntry
constexpr std::size_t issuer_bytes = 32 + 4 + 1 + 4 + 4 + 4 + 1 + 2;  // IssuerEntry without exceptions
constexpr std::size_t word_bytes = 8;

/// struct { uint32 word_count; uint64 words[word_count]; } BitColumn;
Result<BitColumn> parse_bit_column(Reader& in) {
  const std::size_t word_count = PADLOCK_TRY(in.u32("word_count"));
  return BitColumn{PADLOCK_TRY(in.bytes("words", word_count * word_bytes))};
}

/// Exception exceptions[count], each opaque<1..2^8-1>: what they take up.
Result<Bytes> parse_exceptions(Reader& in) {
  const std::size_t count = PADLOCK_TRY(in.u16("exception_count"));
  const Bytes from = in.peek();
  for (std::size_t i = 0; i < count; ++i) PADLOCK_TRY(in.vec8("exception", 1));
  return from.first(from.size() - in.remaining());
}

/// They were parsed before, so that each ends where it says.
bool holds(Bytes exceptions, Bytes serial) {
  while (!exceptions.empty()) {
    const std::size_t length = exceptions.front();
    if (std::ranges::equal(exceptions.subspan(1, length), serial)) return true;
    exceptions = exceptions.subspan(1 + length);
  }
  return false;
}

}  // namespace

// A certificate's equation.

std::uint64_t BitColumn::word(std::uint64_t index) const {
  if (index >= words.size() / word_bytes) return 0;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : words.subspan(index * word_bytes, word_bytes)) value = value << 8 | byte;
  return value;
}

std::uint64_t BitColumn::bits(std::uint64_t from) const {
  const std::uint64_t index = from / 64;
  const unsigned shift = from % 64;
  if (shift == 0) return word(index);
  return word(index) >> shift | word(index + 1) << (64 - shift);
}

/// The digest is four little-endian numbers. They are the coefficients, lowest bit first, and the last of them says
/// where the rows begin.
Equation::Equation(const Question& question) {
  crypto::Hash hash(crypto::HashAlgorithm::sha256);
  hash.update(question.issuer_spki_hash);
  hash.update(question.serial);
  const crypto::Digest digest = hash.finish();
  Bytes rest = digest.bytes();
  for (std::uint64_t& coefficient : coefficients_) {
    for (std::size_t i = word_bytes; i > 0; --i) coefficient = coefficient << 8 | rest[i - 1];
    rest = rest.subspan(word_bytes);
  }
  place_ = coefficients_.back();
  coefficients_.front() |= 1;
}

bool Equation::product(const BitColumn& column, std::uint32_t offset, std::uint32_t m) const {
  std::uint64_t row = offset + place_ % std::max<std::uint32_t>(m, 1);
  std::uint64_t sum = 0;
  for (const std::uint64_t coefficients : coefficients_) {
    sum ^= coefficients & column.bits(row);
    row += 64;
  }
  return std::popcount(sum) % 2 != 0;
}

// The filter.

std::uint64_t Filter::newest() const {
  return coverage_.empty() ? 0 : std::ranges::max_element(coverage_, {}, &Coverage::high)->high;
}

bool Filter::covers(const SignedCertificateTimestamp& timestamp) const {
  const auto log = std::ranges::lower_bound(coverage_, timestamp.id, {}, &Coverage::id);
  return log != coverage_.end() && log->id == timestamp.id && log->low <= timestamp.timestamp &&
         timestamp.timestamp <= log->high;
}

/// The section Revocation check procedure, step 2: coverage comes before the issuer.
Answer Filter::ask(const Question& question) const {
  const auto covered = [&](const SignedCertificateTimestamp& timestamp) { return covers(timestamp); };
  if (std::ranges::none_of(question.timestamps, covered)) return Answer::not_covered;
  const auto issuer = std::ranges::lower_bound(issuers_, question.issuer_spki_hash, {}, &Issuer::spki_hash);
  if (issuer == issuers_.end() || issuer->spki_hash != question.issuer_spki_hash) return Answer::not_enrolled;
  return contains(*issuer, question) != issuer->inverted ? Answer::revoked : Answer::not_revoked;
}

/// Membership in the encoded set, before inversion. A member's equation is 0 in the approximate matrix and in the exact
/// one; others fail one of the two, or are exceptions. A block without rows, where every equation is 0, holds nobody.
bool Filter::contains(const Issuer& issuer, const Question& question) const {
  if (issuer.approx_m == 0) return false;
  const Equation equation(question);
  for (const BitColumn& column : std::span(approximate_).first(issuer.approx_rank)) {
    if (equation.product(column, issuer.approx_offset, issuer.approx_m)) return false;
  }
  return !equation.product(exact_, issuer.exact_offset, issuer.exact_m) && !holds(issuer.exceptions, question.serial);
}

/// Takes the parts in their order.
class FilterParser {
 public:
  explicit FilterParser(Bytes file) : in_(file, "FilterFile") {}

  Result<Filter> parse() {
    PADLOCK_TRY(parse_beginning());
    PADLOCK_TRY(parse_coverage());
    PADLOCK_TRY(parse_issuers());
    PADLOCK_TRY(parse_approximate_filter());
    filter_.exact_ = PADLOCK_TRY(parse_bit_column(in_));
    PADLOCK_TRY(in_.finish());
    return std::move(filter_);
  }

 private:
  Result<void> parse_beginning() {
    const unsigned version = PADLOCK_TRY(in_.u8("version"));
    if (version != version_4)
      return broken(rules::filter_version, "the filter is of version " + std::to_string(version));
    const unsigned reserved = PADLOCK_TRY(in_.u8("reserved0"));
    if (reserved != 0) return broken(rules::filter_reserved, "the reserved byte is " + std::to_string(reserved));
    return {};
  }

  /// struct { LogID log_id; TimestampInterval interval; } CoverageEntry;   in any order
  Result<void> parse_coverage() {
    const std::size_t count = PADLOCK_TRY(in_.u16("coverage count"));
    auto& coverage = filter_.coverage_;
    coverage.reserve(std::min(count, in_.remaining() / coverage_bytes));
    for (std::size_t i = 0; i < count; ++i) {
      Filter::Coverage one{};
      copy_bytes(PADLOCK_TRY(in_.bytes("log_id", one.id.size())), one.id);
      one.low = PADLOCK_TRY(in_.u64("low"));
      one.high = PADLOCK_TRY(in_.u64("high"));
      coverage.push_back(one);
    }
    std::ranges::sort(coverage, {}, &Filter::Coverage::id);
    const auto twice = std::ranges::adjacent_find(coverage, {}, &Filter::Coverage::id);
    if (twice == coverage.end()) return {};
    return broken(rules::filter_coverage, "the filter covers the log " + to_hex(twice->id) + " twice");
  }

  /// struct { IssuerSPKIHash issuer; IssuerBlock block; } IssuerEntry;   by issuer
  Result<void> parse_issuers() {
    const std::size_t count = PADLOCK_TRY(in_.u32("issuer count"));
    auto& issuers = filter_.issuers_;
    issuers.reserve(std::min(count, in_.remaining() / issuer_bytes));
    for (std::size_t i = 0; i < count; ++i) {
      auto issuer = PADLOCK_TRY(parse_issuer());
      if (!issuers.empty() && issuers.back().spki_hash >= issuer.spki_hash) {
        return broken(rules::filter_issuer_order,
                      "issuer " + std::to_string(i) + " does not come behind the one before it");
      }
      issuers.push_back(issuer);
    }
    return {};
  }

  Result<Filter::Issuer> parse_issuer() {
    Filter::Issuer issuer{};
    copy_bytes(PADLOCK_TRY(in_.bytes("issuer", issuer.spki_hash.size())), issuer.spki_hash);
    issuer.approx_m = PADLOCK_TRY(in_.u32("approx_m"));
    issuer.approx_rank = PADLOCK_TRY(in_.u8("approx_rank"));
    issuer.approx_offset = PADLOCK_TRY(in_.u32("approx_offset"));
    issuer.exact_m = PADLOCK_TRY(in_.u32("exact_m"));
    issuer.exact_offset = PADLOCK_TRY(in_.u32("exact_offset"));
    const unsigned inverted = PADLOCK_TRY(in_.u8("inverted"));
    if (inverted > 1) return broken(rules::filter_inverted, "inverted is " + std::to_string(inverted));
    issuer.inverted = inverted == 1;
    issuer.exceptions = PADLOCK_TRY(parse_exceptions(in_));
    return issuer;
  }

  /// struct { uint8 count; BitColumn columns[count]; } ApproximateFilter;
  Result<void> parse_approximate_filter() {
    const std::size_t count = PADLOCK_TRY(in_.u8("column count"));
    filter_.approximate_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) filter_.approximate_.push_back(PADLOCK_TRY(parse_bit_column(in_)));
    const auto widest = std::ranges::max_element(filter_.issuers_, {}, &Filter::Issuer::approx_rank);
    if (widest == filter_.issuers_.end() || widest->approx_rank <= count) return {};
    return broken(rules::filter_rank, "an issuer is of rank " + std::to_string(unsigned{widest->approx_rank}) +
                                          ", there are " + std::to_string(count) + " columns");
  }

  Reader in_;
  Filter filter_;
};

Result<Filter> parse_filter(Bytes file) {
  if (file.size() > max_crlite_filter_bytes)
    return broken(rules::filter_too_large, "the filter has " + std::to_string(file.size()) + " bytes");
  auto filter = FilterParser(file).parse();
  if (filter) return filter;
  const Rule* const rule = filter.error().rule;
  const bool of_reader = rule == &padlock::rules::field_truncated || rule == &padlock::rules::vector_length ||
                         rule == &padlock::rules::trailing_bytes;
  return of_reader ? broken(rules::filter_malformed, std::move(filter).error().what) : std::unexpected(filter.error());
}

}  // namespace padlock::x509::crlite
