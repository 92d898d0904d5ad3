// What each summary cost and saved, one JSON line a summary in <state>/logs/summaries.jsonl: for `skein log stats`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "engine/schema.h"

namespace skein::summary {

struct SummaryRecord {
  int format = 1;  ///< A line of another format is passed over.
  std::int64_t at_us = 0;
  std::string log;     ///< Id of the stored log or of the reference to a file; may be empty.
  std::string source;  ///< The command or the file.
  std::vector<std::string> tools;
  std::string verdict;
  std::int64_t bytes_in = 0, bytes_out = 0;
  std::int64_t tokens_in = 0, tokens_out = 0;
  bool tokens_in_exact = true;
  std::int64_t wall_us = 0;

  template <class V>
  static void describe(V& v) {
    v.field("format", &SummaryRecord::format, "Version of the stored form.");
    v.field("at_us", &SummaryRecord::at_us, "When, in microseconds since 1970.");
    v.field("log", &SummaryRecord::log, "The stored log, or the reference to a file; may be empty.");
    v.field("source", &SummaryRecord::source, "The command or the file.");
    v.field("tools", &SummaryRecord::tools, "The recognisers that found something of theirs.");
    v.field("verdict", &SummaryRecord::verdict, "pass, fail or unknown.");
    v.field("bytes_in", &SummaryRecord::bytes_in, "Of the log.");
    v.field("bytes_out", &SummaryRecord::bytes_out, "That were printed.");
    v.field("tokens_in", &SummaryRecord::tokens_in, "Of the log, o200k_base.");
    v.field("tokens_out", &SummaryRecord::tokens_out, "That were printed, o200k_base.");
    v.field("tokens_in_exact", &SummaryRecord::tokens_in_exact, "False: reckoned from the log's beginning and end.");
    v.field("wall_us", &SummaryRecord::wall_us, "What the summary took, beside storing the log.");
  }
};

/// Adds a line. Beyond 1 MiB the older half goes. Errors: of the file system.
Status add_summary_record(FileSystem& files, const std::string& folder, const SummaryRecord& record);
/// All of them, the oldest first; what is no record is passed over.
[[nodiscard]] Result<std::vector<SummaryRecord>> summary_records(FileSystem& files, const std::string& folder);

/// The tokens of a text: exact up to 512 KiB, else reckoned from as much of its beginning and end.
struct CountedTokens {
  std::int64_t tokens = 0;
  bool exact = true;
};
/// `sample` is the whole text, or its beginning and end where it has more than `bytes` of them.
[[nodiscard]] CountedTokens reckon_tokens(std::string_view sample, std::uint64_t bytes);

}  // namespace skein::summary
