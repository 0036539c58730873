#pragma once

#include <cstdint>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/x509/crlite/question.h"

namespace padlock::x509::crlite {

/// A column of bits, as 64-bit words; those that are not there are 0 (C2SP upki-revocation, section Approximate
/// filter).
struct BitColumn {
  Bytes words;  ///< 8 bytes each, big-endian; bit 0 of the column is the lowest of the first word
  /// 64 bits from this one on, the first one lowest.
  std::uint64_t bits(std::uint64_t from) const;

 private:
  std::uint64_t word(std::uint64_t index) const;
};

/// A certificate's linear equation over GF(2): the coefficients of 256 consecutive rows (Schanck, "Clubcards for the
/// WebPKI", 2025). Which rows, the block of its issuer says.
class Equation {
 public:
  /// From SHA-256(issuer_spki_hash || serial).
  explicit Equation(const Question& question);
  /// The sum of coefficient times bit, with the equation among the `m` rows from `offset` on: 0 or 1.
  bool product(const BitColumn& column, std::uint32_t offset, std::uint32_t m) const;

 private:
  std::array<std::uint64_t, 4> coefficients_{};  // the first row's is 1
  std::uint64_t place_ = 0;                      // modulo m: the row to begin at
};

/// A set of revoked certificates, checked whole (C2SP upki-revocation, section Filter file format): for the issuers
/// that it enrolls and the times of logs that it covers it knows each certificate. A view of the file, which outlives
/// it.
class Filter {
 public:
  /// What it says of a certificate. Costs a hash, two binary searches for each timestamp or issuer, and at most 1,280
  /// words of its columns.
  Answer ask(const Question& question) const;
  /// The last moment of any log that it covers, in milliseconds since 1970; 0: it covers none.
  std::uint64_t newest() const;
  std::size_t issuers() const { return issuers_.size(); }

 private:
  friend class FilterParser;
  struct Coverage {
    LogId id;
    std::uint64_t low, high;  // both inclusive
  };
  struct Issuer {
    SpkiHash spki_hash;
    std::uint32_t approx_m, approx_offset;
    std::uint32_t exact_m, exact_offset;
    std::uint8_t approx_rank;
    bool inverted;
    Bytes exceptions;  // vectors of serial numbers
  };
  bool covers(const SignedCertificateTimestamp& timestamp) const;
  bool contains(const Issuer& issuer, const Question& question) const;

  std::vector<Coverage> coverage_;  // by ID
  std::vector<Issuer> issuers_;     // by hash
  std::vector<BitColumn> approximate_;
  BitColumn exact_{};
};

/// Reads a filter of at most `max_crlite_filter_bytes`, in one pass. Errors: rules `filter_...`.
Result<Filter> parse_filter(Bytes file);

}  // namespace padlock::x509::crlite
