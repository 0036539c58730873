#include "padlock/x509/crlite/index.h"

#include <algorithm>

#include "padlock/base/reader.h"
#include "padlock/x509/crlite/rules.h"
#include "padlock/x509/limits.h"

namespace padlock::x509::crlite {

namespace {

constexpr std::string_view magic = "upkiidx1";
constexpr std::size_t file_name_bytes = 32;
constexpr std::size_t log_bytes = 32 + 8 + 2;   // LogDirEntry
constexpr std::size_t entry_bytes = 2 + 8 + 8;  // Entry

bool is_printable(char character) { return static_cast<unsigned char>(character) >= 0x20 && character != 0x7f; }

/// One that leads out of the cache's folder, or to the folder itself, names no filter.
bool names_a_file(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && !name.contains('/') && std::ranges::all_of(name, is_printable);
}

/// struct { opaque name[32]; } FilenameEntry;   zero-padded
Result<std::string> parse_file_name(Bytes slot) {
  const std::string_view text = as_text(slot);
  const std::string_view name = text.substr(0, text.find('\0'));
  const std::string_view padding = text.substr(name.size());
  if (!names_a_file(name))
    return broken(rules::index_file_name, "the index names the filter \"" + escaped(name) + "\"");
  if (padding.find_first_not_of('\0') != std::string_view::npos)
    return broken(rules::index_file_name, "something stands behind the filter's name " + escaped(name));
  return std::string(name);
}

}  // namespace

/// Takes the tables in their order, then each log's entries from where they lie.
class IndexParser {
 public:
  explicit IndexParser(Bytes file) : file_(file), in_(file, "IndexFile") {}

  Result<Index> parse() {
    PADLOCK_TRY(parse_header());
    PADLOCK_TRY(parse_file_names());
    PADLOCK_TRY(parse_logs());
    PADLOCK_TRY(check_sections());
    for (const Section& section : sections_) PADLOCK_TRY(parse_entries(section));
    return std::move(index_);
  }

 private:
  /// Where a log's entries lie in the file.
  struct Section {
    std::uint64_t offset;
    std::size_t length;
  };

  /// struct { opaque magic[8]; uint16 num_filenames; uint32 num_log_ids; } Header;
  Result<void> parse_header() {
    const Bytes begins = PADLOCK_TRY(in_.bytes("magic", magic.size()));
    if (as_text(begins) != magic)
      return broken(rules::index_magic, "the index begins with \"" + escaped(as_text(begins)) + "\"");
    num_filenames_ = PADLOCK_TRY(in_.u16("num_filenames"));
    num_log_ids_ = PADLOCK_TRY(in_.u32("num_log_ids"));
    return {};
  }

  Result<void> parse_file_names() {
    index_.names_.reserve(std::min<std::size_t>(num_filenames_, in_.remaining() / file_name_bytes));
    for (std::size_t i = 0; i < num_filenames_; ++i)
      index_.names_.push_back(PADLOCK_TRY(parse_file_name(PADLOCK_TRY(in_.bytes("name", file_name_bytes)))));
    return {};
  }

  /// struct { LogID log_id; uint64 offset; uint16 num_entries; } LogDirEntry;
  Result<void> parse_logs() {
    const std::size_t most = std::min<std::size_t>(num_log_ids_, in_.remaining() / log_bytes);
    index_.logs_.reserve(most);
    sections_.reserve(most);
    for (std::size_t i = 0; i < num_log_ids_; ++i) {
      Index::Log log{};
      copy_bytes(PADLOCK_TRY(in_.bytes("log_id", log.id.size())), log.id);
      const std::uint64_t offset = PADLOCK_TRY(in_.u64("offset"));
      log.entries = PADLOCK_TRY(in_.u16("num_entries"));
      if (!index_.logs_.empty() && index_.logs_.back().id >= log.id)
        return broken(rules::index_log_order, "log " + std::to_string(i) + " does not come behind the one before it");
      index_.logs_.push_back(log);
      sections_.push_back({offset, log.entries * entry_bytes});
    }
    return {};
  }

  /// They lie behind the tables and in the file, and no two share a byte.
  Result<void> check_sections() const {
    for (const Section& section : sections_) {
      const bool inside = section.offset >= in_.offset() && section.offset <= file_.size() &&
                          section.length <= file_.size() - section.offset;
      if (!inside) {
        return broken(rules::index_section, "a log's entries lie at " + std::to_string(section.offset) +
                                                ", the tables " + "end at " + std::to_string(in_.offset()) +
                                                ", the file at " + std::to_string(file_.size()));
      }
    }
    std::vector<Section> in_order = sections_;
    std::erase_if(in_order, [](const Section& section) { return section.length == 0; });
    std::ranges::sort(in_order, {}, &Section::offset);
    const auto overlap = std::ranges::adjacent_find(
        in_order, [](const Section& a, const Section& b) { return b.offset < a.offset + a.length; });
    if (overlap == in_order.end()) return {};
    return broken(rules::index_section, "two logs share entries, at " + std::to_string(overlap->offset));
  }

  /// struct { uint16 filter_idx; uint64 min_timestamp; uint64 max_timestamp; } Entry;
  Result<void> parse_entries(const Section& section) {
    Index::Log& log = index_.logs_.at(logs_done_++);
    log.first_entry = index_.entries_.size();
    Reader in(file_.subspan(section.offset, section.length), "Entry");
    while (!in.empty()) {
      Index::Entry entry{};
      entry.filter = PADLOCK_TRY(in.u16("filter_idx"));
      entry.min_timestamp = PADLOCK_TRY(in.u64("min_timestamp"));
      entry.max_timestamp = PADLOCK_TRY(in.u64("max_timestamp"));
      if (entry.filter >= num_filenames_) {
        return broken(rules::index_filter, "an entry names filter " + std::to_string(entry.filter) + " of " +
                                               std::to_string(num_filenames_));
      }
      index_.entries_.push_back(entry);
    }
    return {};
  }

  Bytes file_;
  Reader in_;
  std::size_t num_filenames_ = 0;
  std::size_t num_log_ids_ = 0;
  std::size_t logs_done_ = 0;
  std::vector<Section> sections_;  // of logs_
  Index index_;
};

Result<Index> parse_index(Bytes file) {
  if (file.size() > max_crlite_index_bytes)
    return broken(rules::index_too_large, "the index has " + std::to_string(file.size()) + " bytes");
  auto index = IndexParser(file).parse();
  if (!index && index.error().rule == &padlock::rules::field_truncated)
    return broken(rules::index_truncated, std::move(index).error().what);
  return index;
}

Result<std::vector<std::string>> Index::covering(const Question& question) const {
  std::vector<bool> covers(names_.size());
  for (const SignedCertificateTimestamp& one : question.timestamps) {
    const auto log = std::ranges::lower_bound(logs_, one.id, {}, &Log::id);
    if (log == logs_.end() || log->id != one.id) continue;
    for (const Entry& entry : std::span(entries_).subspan(log->first_entry, log->entries)) {
      if (entry.min_timestamp <= one.timestamp && one.timestamp <= entry.max_timestamp) covers[entry.filter] = true;
    }
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (covers[i]) names.push_back(names_[i]);
  }
  if (names.size() > max_crlite_filters)
    return broken(rules::too_many_filters, std::to_string(names.size()) + " filters cover the certificate");
  return names;
}

}  // namespace padlock::x509::crlite
