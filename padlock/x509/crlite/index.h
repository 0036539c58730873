#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/x509/crlite/question.h"

namespace padlock::x509::crlite {

/// The file that says which filters of a cache cover which times of which logs (C2SP upki-revocation, section Index
/// file format). Nobody signs it: who can write into the cache decides what it says.
inline constexpr std::string_view index_file_name = "index.bin";

/// An index, checked whole. About as large as its file.
class Index {
 public:
  /// The file names of the filters that cover one of the question's timestamps, each once. They name files right in the
  /// cache's folder. Error: `too_many_filters`.
  Result<std::vector<std::string>> covering(const Question& question) const;
  std::size_t filters() const { return names_.size(); }
  std::size_t logs() const { return logs_.size(); }

 private:
  friend class IndexParser;
  struct Entry {
    std::uint16_t filter;  // in names_
    std::uint64_t min_timestamp;
    std::uint64_t max_timestamp;
  };
  struct Log {
    LogId id;
    std::size_t first_entry;  // in entries_
    std::size_t entries;
  };
  std::vector<std::string> names_;
  std::vector<Log> logs_;  // by ID
  std::vector<Entry> entries_;
};

/// Reads an index of at most `max_crlite_index_bytes`, in time that grows with n log n of its logs. Errors: rules
/// `index_...`.
Result<Index> parse_index(Bytes file);

}  // namespace padlock::x509::crlite
