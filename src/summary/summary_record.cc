#include "summary/summary_record.h"

#include "text/tokens.h"

namespace skein::summary {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;
constexpr int kFormat = 1;

std::string path_of(const std::string& folder) { return join_path(folder, "summaries.jsonl"); }

}  // namespace

Status add_summary_record(FileSystem& files, const std::string& folder, const SummaryRecord& record) {
  const std::string line =
      engine::write_json(record).dump(-1, ' ', false, engine::Json::error_handler_t::replace) + "\n";
  {
    SKEIN_TRY(const auto file, files.open(path_of(folder), OpenMode::append));
    SKEIN_TRY(const std::uint64_t size, file->size());
    // A line whose writer was killed ends before ours begins.
    bool torn = false;
    if (size > 0) {
      SKEIN_TRY(const std::string last, file->read_at(size - 1, 1));
      torn = last != "\n";
    }
    SKEIN_DO(file->append(torn ? "\n" + line : line));
    if (size + line.size() < kMostBytes) return {};
  }
  SKEIN_TRY(const std::string all, read_file(files, path_of(folder)));
  const std::size_t middle = all.find('\n', all.size() / 2);
  return write_file_atomically(files, path_of(folder), std::string_view(all).substr(middle + 1), false);
}

Result<std::vector<SummaryRecord>> summary_records(FileSystem& files, const std::string& folder) {
  std::vector<SummaryRecord> records;
  const auto all = read_file(files, path_of(folder));
  if (!all && all.error().code() == Code::not_found) return records;
  if (!all) return std::unexpected(all.error());
  for (std::size_t at = 0; at < all->size();) {
    const std::size_t end = std::min(all->find('\n', at), all->size());
    SummaryRecord record;
    if (auto json = engine::parse_json(std::string_view(*all).substr(at, end - at));
        json && engine::read_json(*json, record) && record.format == kFormat)
      records.push_back(std::move(record));
    at = end + 1;
  }
  return records;
}

CountedTokens reckon_tokens(std::string_view sample, std::uint64_t bytes) {
  const std::int64_t counted = text::count_tokens(sample).value;
  if (sample.size() >= bytes || sample.empty()) return {counted, sample.size() >= bytes};
  return {static_cast<std::int64_t>(static_cast<double>(counted) * static_cast<double>(bytes) /
                                    static_cast<double>(sample.size())),
          false};
}

}  // namespace skein::summary
