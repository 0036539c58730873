#pragma once

// Filters and indexes for tests, every field of which can be set to anything. They have no equations to solve: a block
// without rows holds nobody, or everybody if it is inverted. Real ones are in testdata/crlite.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/writer.h"
#include "padlock/x509/crlite/index.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509::crlite::testing {

using x509::testing::Octets;

inline LogId log_id(std::uint8_t number) {
  LogId id{};
  id.fill(number);
  return id;
}

inline std::uint64_t milliseconds(WallTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

/// A leaf's extension with these timestamps (RFC 6962, section 3.3).
inline x509::testing::DraftExtension timestamp_list(const std::vector<SignedCertificateTimestamp>& timestamps,
                                                    const Octets& extra = {}) {
  std::vector<std::uint8_t> list;
  Writer out(list);
  out.vec16([&](Writer& sct_list) {
    for (const SignedCertificateTimestamp& one : timestamps) {
      sct_list.vec16([&](Writer& sct) {
        sct.u8(0);
        sct.bytes(one.id);
        sct.u64(one.timestamp);
        sct.vec16([](Writer&) {});
        sct.u16(0x0403);
        sct.vec16([](Writer& signature) { signature.u16(0xabcd); });
      });
    }
    sct_list.bytes(extra);
  });
  return x509::testing::extension(der::oid::signedCertificateTimestamps, false,
                                  der::make_der([&](der::Writer& value) { value.octet_string(list); }));
}

struct CoverageDraft {
  LogId log = log_id(1);
  std::uint64_t low = 1000, high = 2000;
};

struct IssuerDraft {
  SpkiHash hash{};
  std::uint32_t approx_m = 0;
  std::uint8_t rank = 0;
  std::uint8_t inverted = 0;
  std::vector<Octets> exceptions{};
};

struct FilterDraft {
  std::uint8_t version = 4;
  std::uint8_t reserved = 0;
  std::vector<CoverageDraft> coverage{CoverageDraft{}};
  std::vector<IssuerDraft> issuers{IssuerDraft{}};
  std::vector<std::vector<std::uint64_t>> columns{};
  std::vector<std::uint64_t> exact{};
  Octets trailer{};
};

inline void write_column(Writer& out, const std::vector<std::uint64_t>& words) {
  out.u32(static_cast<std::uint32_t>(words.size()));
  for (const std::uint64_t word : words) out.u64(word);
}

inline Octets write(const FilterDraft& draft) {
  Octets file;
  Writer out(file);
  out.u8(draft.version);
  out.u8(draft.reserved);
  out.u16(static_cast<std::uint16_t>(draft.coverage.size()));
  for (const CoverageDraft& one : draft.coverage) {
    out.bytes(one.log);
    out.u64(one.low);
    out.u64(one.high);
  }
  out.u32(static_cast<std::uint32_t>(draft.issuers.size()));
  for (const IssuerDraft& one : draft.issuers) {
    out.bytes(one.hash);
    out.u32(one.approx_m);
    out.u8(one.rank);
    for (int i = 0; i < 3; ++i) out.u32(0);  // approx_offset, exact_m, exact_offset
    out.u8(one.inverted);
    out.u16(static_cast<std::uint16_t>(one.exceptions.size()));
    for (const Octets& serial : one.exceptions) out.vec8([&](Writer& exception) { exception.bytes(serial); });
  }
  out.u8(static_cast<std::uint8_t>(draft.columns.size()));
  for (const auto& column : draft.columns) write_column(out, column);
  write_column(out, draft.exact);
  out.bytes(draft.trailer);
  return file;
}

struct EntryDraft {
  std::uint16_t filter = 0;
  std::uint64_t low = 1000, high = 2000;
};

struct LogDraft {
  LogId id = log_id(1);
  std::vector<EntryDraft> entries{EntryDraft{}};
  std::optional<std::uint64_t> offset{};  ///< nothing: where they lie
};

struct IndexDraft {
  std::string magic = "upkiidx1";
  std::vector<std::string> names{"a.filter"};
  std::vector<LogDraft> logs{LogDraft{}};
};

inline Octets write(const IndexDraft& draft) {
  Octets file;
  Writer out(file);
  out.bytes(as_bytes(draft.magic));
  out.u16(static_cast<std::uint16_t>(draft.names.size()));
  out.u32(static_cast<std::uint32_t>(draft.logs.size()));
  for (std::string name : draft.names) {
    name.resize(32);
    out.bytes(as_bytes(name));
  }
  std::uint64_t offset = 14 + 32 * draft.names.size() + 42 * draft.logs.size();
  for (const LogDraft& log : draft.logs) {
    out.bytes(log.id);
    out.u64(log.offset.value_or(offset));
    out.u16(static_cast<std::uint16_t>(log.entries.size()));
    offset += 18 * log.entries.size();
  }
  for (const LogDraft& log : draft.logs) {
    for (const EntryDraft& entry : log.entries) {
      out.u16(entry.filter);
      out.u64(entry.low);
      out.u64(entry.high);
    }
  }
  return file;
}

}  // namespace padlock::x509::crlite::testing
