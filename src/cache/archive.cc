#include "cache/archive.h"

#include <algorithm>
#include <unordered_set>

#include "cache/contents.h"
#include "store/pack_records.h"
#include "store/record_log.h"

namespace skein::cache {
namespace {

constexpr std::string_view kResults = "skein.cache-archive/1";
constexpr std::string_view kBackup = "skein.backup/1";
constexpr std::size_t kWriteAbove = std::size_t{8} << 20;

enum class Kind : std::uint32_t { blob = 1, result = 2, file = 3, head = 4, end = 5 };
std::uint32_t type_of(Kind kind) { return static_cast<std::uint32_t>(kind); }

/// Writes beside the target and renames at the end.
class Writer {
 public:
  static Result<Writer> open(FileSystem& files, const std::string& path, std::string_view schema) {
    const std::string temporary = path + ".part";
    if (auto old = files.remove(temporary); !old && old.error().code() != Code::not_found)
      return std::unexpected(old.error());
    SKEIN_TRY(auto log, store::RecordLogWriter::open(files, temporary, store::LogKind::archive));
    log.add(type_of(Kind::head), schema);
    return Writer(files, path, std::move(log));
  }
  Status add(Kind kind, std::string_view payload) {
    log_.add(type_of(kind), payload);
    return log_.buffered().size() < kWriteAbove ? Status() : log_.write();
  }
  Result<std::uint64_t> finish() {
    log_.add(type_of(Kind::end), {});  // What is cut short shows.
    SKEIN_DO(log_.write());
    SKEIN_DO(log_.sync());
    SKEIN_DO(files_.rename(path_ + ".part", path_));
    SKEIN_DO(files_.sync_directory(parent_path(path_)));
    return log_.end();
  }

 private:
  Writer(FileSystem& files, std::string path, store::RecordLogWriter log)
      : files_(files), path_(std::move(path)), log_(std::move(log)) {}
  FileSystem& files_;
  std::string path_;
  store::RecordLogWriter log_;
};

/// Gives every record between head and end. Errors: `data_corrupt` unless all of the file is valid.
Result<std::uint64_t> read_archive(FileSystem& files, const std::string& path, std::string_view schema,
                                   const std::function<Status(const store::Record&)>& visit) {
  const auto read = [&]() -> Result<std::uint64_t> {
    SKEIN_TRY(const auto file, files.open(path, OpenMode::read));
    SKEIN_TRY(const auto size, file->size());
    bool first = true;
    bool ended = false;
    Status failed;
    SKEIN_TRY(const auto end, store::scan_records(*file, store::LogKind::archive, 0, [&](const store::Record& record) {
                if (first) {
                  first = false;
                  if (record.type == type_of(Kind::head) && record.payload == schema) return true;
                  const bool known = record.payload == kResults || record.payload == kBackup;
                  failed = known ? Status(fail(Code::invalid_argument, "this is {}, not {}",
                                               record.payload == kBackup ? "a backup" : "an export of results",
                                               schema == kBackup ? "a backup" : "an export of results"))
                                 : Status(fail(Code::unsupported_version, "its form '{}' is not known to this skein",
                                               record.payload.substr(0, 40)));
                } else if (record.type == type_of(Kind::end)) {
                  ended = true;
                } else {
                  failed = visit(record);
                }
                return failed.has_value() && !ended;
              }));
    if (!failed) return std::unexpected(failed.error());
    if (!ended || end != size) return fail(Code::data_corrupt, "damaged or cut short at byte {} of {}", end, size);
    return size;
  };
  auto result = read();
  if (!result) return pass(std::move(result).error(), "while reading " + path);
  return result;
}

Status check_blob(const store::BlobRecord& blob) {
  SKEIN_TRY(const auto raw, store::unpack(blob.codec, blob.stored, blob.raw_bytes));
  if (sha256(raw) == blob.digest) return {};
  return fail(Code::data_corrupt, "a blob is not what its digest says");
}

/// Journals and single files of a state folder that cannot be made again.
bool is_backed_up(std::string_view path) {
  if (path == "history" || path == "audit" || path == "cache-counts") return true;
  constexpr std::string_view kJournals = "journals/";
  return path.starts_with(kJournals) && path.ends_with(".journal") &&
         path.find('/', kJournals.size()) == std::string_view::npos;
}

}  // namespace

Result<ArchiveReport> export_results(FileSystem& files, store::Store& store, const std::string& path) {
  SKEIN_TRY(auto writer, Writer::open(files, path, kResults));
  ArchiveReport report;
  std::unordered_set<Digest> written;
  const auto export_one = [&](const store::ResultRecord& record) -> Status {
    auto result = engine::decode_result(record.declared, record.key, record.payload);
    if (!result) return {};
    const auto is_private = holds_secret(store, *result);
    if (!is_private) {
      if (is_private.error().code() != Code::not_found && is_private.error().code() != Code::data_corrupt)
        return std::unexpected(is_private.error());
      ++report.left_damaged;
      return {};
    }
    if (*is_private) {
      ++report.left_private;
      return {};
    }
    for (const auto& digest : record.blobs) {
      if (!written.insert(digest).second) continue;
      SKEIN_TRY(const auto bytes, store.get_blob(digest));
      SKEIN_DO(writer.add(Kind::blob, store::encode_blob(digest, bytes)));
      ++report.blobs;
    }
    ++report.results;
    return writer.add(Kind::result, store::encode_result(record));
  };
  Status failed;
  std::vector<store::ResultRecord> newest_first;
  SKEIN_DO(store.for_each_result([&](const store::ResultRecord& record) {
    newest_first.push_back(record);
    return true;
  }));
  // The oldest first, so that an import keeps their order.
  for (auto record = newest_first.rbegin(); record != newest_first.rend(); ++record) SKEIN_DO(export_one(*record));
  SKEIN_TRY(report.bytes, writer.finish());
  return report;
}

Result<ArchiveReport> import_results(FileSystem& files, store::Store& store, const std::string& path) {
  std::unordered_set<Digest> blobs;
  SKEIN_TRY(const auto size, read_archive(files, path, kResults, [&](const store::Record& record) -> Status {
              if (record.type == type_of(Kind::blob)) {
                SKEIN_TRY(const auto blob, store::decode_blob(record.payload));
                SKEIN_DO(check_blob(blob));
                blobs.insert(blob.digest);
              } else if (record.type == type_of(Kind::result)) {
                SKEIN_TRY(const auto result, store::decode_result(record.payload));
                for (const auto& digest : result.blobs)
                  if (!blobs.contains(digest))
                    return fail(Code::data_corrupt, "a result stands before its blob {}", digest.short_hex());
                SKEIN_TRY(const auto whole, engine::decode_result(result.declared, result.key, result.payload));
                if (engine::complete_key(result.declared, whole.reads) != result.key)
                  return fail(Code::data_corrupt, "a result does not fit its key {}", result.key.short_hex());
              }
              return {};
            }));
  ArchiveReport report;
  report.bytes = size;
  SKEIN_TRY(const auto again, read_archive(files, path, kResults, [&](const store::Record& record) -> Status {
              if (record.type == type_of(Kind::blob)) {
                SKEIN_TRY(const auto blob, store::decode_blob(record.payload));
                SKEIN_TRY(const auto raw, store::unpack(blob.codec, blob.stored, blob.raw_bytes));
                ++report.blobs;
                return store.put_blob(blob.digest, raw);
              }
              if (record.type != type_of(Kind::result)) return {};
              SKEIN_TRY(const auto result, store::decode_result(record.payload));
              SKEIN_TRY(const auto known, store.find_results(result.declared));
              if (std::ranges::any_of(known, [&](const auto& one) { return one.key == result.key; })) return {};
              ++report.results;
              return store.put_result(result);
            }));
  static_cast<void>(again);
  SKEIN_DO(store.flush());
  return report;
}

Result<BackupReport> write_backup(FileSystem& files, const std::string& state, const std::string& path) {
  BackupReport report;
  std::vector<std::string> names{"history", "audit", "cache-counts"};
  if (const auto journals = files.list(join_path(state, "journals")))
    for (const auto& entry : *journals) names.push_back("journals/" + entry.name);
  SKEIN_TRY(auto writer, Writer::open(files, path, kBackup));
  for (const auto& name : names) {
    if (!is_backed_up(name)) continue;
    const auto bytes = read_file(files, join_path(state, name));
    if (!bytes) {
      if (bytes.error().code() == Code::not_found) continue;
      return std::unexpected(bytes.error());
    }
    ByteWriter payload;
    payload.text(name).text(*bytes);
    SKEIN_DO(writer.add(Kind::file, payload.view()));
    report.files.push_back(name);
  }
  SKEIN_TRY(report.bytes, writer.finish());
  return report;
}

Result<BackupReport> restore_backup(FileSystem& files, const std::string& state, const std::string& path) {
  BackupReport report;
  const auto each = [&](const std::function<Status(const std::string&, std::string_view)>& visit) {
    return read_archive(files, path, kBackup, [&](const store::Record& record) -> Status {
      if (record.type != type_of(Kind::file)) return {};
      ByteReader reader(record.payload);
      const std::string name(reader.text());
      const auto bytes = reader.text();
      SKEIN_DO(reader.finish("a file of a backup"));
      if (!is_backed_up(name)) return fail(Code::data_corrupt, "it holds a file that no backup holds");
      return visit(name, bytes);
    });
  };
  SKEIN_TRY(report.bytes, each([](const std::string&, std::string_view) { return Status(); }));
  SKEIN_DO(files.make_directories(join_path(state, "journals")));
  SKEIN_TRY(const auto again, each([&](const std::string& name, std::string_view bytes) -> Status {
              const std::string target = join_path(state, name);
              if (files.open(target, OpenMode::read)) {
                ++report.kept;
                return {};
              }
              report.files.push_back(name);
              return write_file_atomically(files, target, bytes, true);
            }));
  static_cast<void>(again);
  return report;
}

}  // namespace skein::cache
