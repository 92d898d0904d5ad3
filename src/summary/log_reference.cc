#include "summary/log_reference.h"

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/digest.h"
#include "summary/log_store.h"
#include "text/printable.h"
#include "text/quantity.h"
#include "text/redact.h"

namespace skein::summary {
namespace {

using engine::Json;

constexpr int kReferenceFormat = 1;
constexpr std::size_t kIdBytes = 6;

/// Calls `visit` with each block of the file until it returns false.
Status each_block(const File& file, const std::function<bool(std::string)>& visit) {
  for (std::uint64_t at = 0;;) {
    SKEIN_TRY(std::string block, file.read_at(at, FileSum::kBlock));
    at += block.size();
    const bool is_last = block.size() < FileSum::kBlock;
    if (!block.empty() && !visit(std::move(block))) return {};
    if (is_last) return {};
  }
}

/// Of lines that come in pieces, those that are asked for.
class Lines {
 public:
  Lines(std::uint64_t first, std::uint64_t last, const std::function<bool(const LogPiece&)>& visit)
      : first_(first), last_(last), visit_(visit) {}

  /// False when no more are wanted.
  bool take(std::string_view bytes) {
    while (line_ < first_ && !bytes.empty()) skip_line(bytes);
    if (line_ < first_ || bytes.empty()) return true;
    const std::string_view all = bytes;
    if (last_ == ~std::uint64_t{0}) {
      bytes = {};
    } else {
      while (line_ <= last_ && !bytes.empty()) skip_line(bytes);
    }
    return visit_({LogStream::out, 0, all.substr(0, all.size() - bytes.size())}) && line_ <= last_;
  }

 private:
  void skip_line(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    if (end != std::string_view::npos) ++line_;
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  }

  std::uint64_t first_, last_, line_ = 1;
  const std::function<bool(const LogPiece&)>& visit_;
};

}  // namespace

void FileSum::add(std::string_view block) { sum_ = checksum64(block, sum_); }
std::string FileSum::text() const { return fmt::format("xxh3-256k:{:016x}", sum_); }

std::int64_t modified_us(const std::string& path) {
  struct stat known{};
  if (::stat(path.c_str(), &known) != 0) return 0;
  return std::int64_t{known.st_mtim.tv_sec} * 1'000'000 + known.st_mtim.tv_nsec / 1000;
}

Result<std::string> keep_reference(FileSystem& files, const std::string& folder, LogReference reference,
                                   const std::string& time_name) {
  SKEIN_DO(files.make_directories(folder));
  SKEIN_TRY(auto logs, list_logs(files, folder));
  std::vector<std::string> old;
  std::erase_if(logs, [&](const LogFile& log) {
    if (!log.is_reference) return false;
    const auto known = read_reference(files, log.path);
    if (!known || known->path != reference.path) return false;
    old.push_back(log.path);
    return true;
  });
  std::uint64_t sum = checksum64(reference.path + "\n" + reference.digest);
  do {
    reference.id = fmt::format("{:016x}", sum).substr(0, kIdBytes);
    sum = sum * 0x9E3779B97F4A7C15ULL + 1;
  } while (std::ranges::any_of(logs, [&](const LogFile& log) { return log.id == reference.id; }));
  const std::string path = join_path(folder, fmt::format("{}-{}.ref", time_name, reference.id));
  SKEIN_DO(write_file_atomically(
      files, path, engine::write_json(reference).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", false));
  for (const std::string& one : old)
    if (one != path) SKEIN_DO(files.remove(one));
  return reference.id;
}

Result<LogReference> read_reference(FileSystem& files, const std::string& path) {
  SKEIN_TRY(const std::string text, read_file(files, path));
  LogReference reference;
  const auto json = engine::parse_json(text);
  if (!json || !engine::read_json(*json, reference) || reference.path.empty())
    return fail(Code::data_corrupt, "{} is no readable reference to a log", path);
  if (reference.format > kReferenceFormat)
    return fail(Code::unsupported_version, "{} was written by a newer skein (format {}, this one reads {})", path,
                reference.format, kReferenceFormat);
  return reference;
}

Result<std::string> change_of(FileSystem& files, const LogReference& reference) {
  const std::string shown = text::printable(reference.path);
  const auto file = files.open(reference.path, OpenMode::read);
  if (!file && file.error().code() == Code::not_found)
    return std::unexpected(
        Error(Code::not_found, fmt::format("{} is gone, and log {} only refers to it", shown, reference.id))
            .or_do(fmt::format("`skein log rm {}` forgets it", reference.id)));
  if (!file) return std::unexpected(file.error());
  SKEIN_TRY(const std::uint64_t size, (*file)->size());
  if (static_cast<std::int64_t>(size) != reference.bytes)
    return fmt::format("{} has changed since it was summarised: it had {} bytes and has {} now", shown,
                       text::format_count(reference.bytes), text::format_count(static_cast<std::int64_t>(size)));
  if (reference.modified_us != 0 && modified_us(reference.path) == reference.modified_us) return std::string();
  FileSum sum;
  SKEIN_DO(each_block(**file, [&](std::string block) {
    sum.add(block);
    return true;
  }));
  if (sum.text() == reference.digest) return std::string();
  return fmt::format("{} has changed since it was summarised: it has as many bytes, but others", shown);
}

Status pieces_of_file(FileSystem& files, const std::string& path, std::uint64_t first, std::uint64_t last,
                      const std::function<bool(const LogPiece&)>& visit, std::vector<LogSecret>* secrets) {
  if (first == 0 || last < first) return {};
  SKEIN_TRY(const auto file, files.open(path, OpenMode::read));
  Lines lines(first, last, visit);
  text::SecretStream stream;
  std::vector<text::SecretSpan> spans;
  bool more = true;
  SKEIN_DO(each_block(*file, [&](std::string block) {
    stream.feed(std::move(block), [&](std::string bytes) { more = more && lines.take(bytes); }, spans);
    return more;
  }));
  if (more) {
    std::string rest;
    stream.finish(rest, spans);
    static_cast<void>(lines.take(rest));
  }
  if (secrets != nullptr)
    for (const auto& span : spans) secrets->push_back({span.offset, span.size, std::string(span.kind)});
  return {};
}

}  // namespace skein::summary
