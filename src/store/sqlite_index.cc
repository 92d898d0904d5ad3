#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "base/short_lock.h"
#include "fmt/ranges.h"
#include "store/index.h"
#include "store/sqlite.h"

namespace skein::store {
namespace {

constexpr std::int64_t kSchema = 1;
/// A transaction takes and frees a lock of the file, two system calls; this many look-ups share one.
constexpr int kLookUpsPerView = 1024;

class SqliteIndex final : public Index {
 public:
  static Result<std::unique_ptr<Index>> open(const std::string& file) {
    SKEIN_TRY(auto database, Database::open(file));
    SKEIN_TRY(auto version, database.prepare("PRAGMA user_version"));
    SKEIN_TRY(const bool row, version.step());
    const std::int64_t found = row ? version.number(0) : 0;
    version.reset();
    if (found > kSchema)
      return fail(Code::unsupported_version, "the index {} was written by a newer skein (format {}, this one reads {})",
                  file, found, kSchema);
    // The version is written last, and a file that has it is not written to: that would be two syncs at every start.
    if (found != kSchema)
      SKEIN_DO(database.execute(
          "CREATE TABLE IF NOT EXISTS blobs(digest BLOB PRIMARY KEY, pack INT, at INT, size INT) WITHOUT ROWID;"
          "CREATE TABLE IF NOT EXISTS results(declared BLOB, key BLOB, pack INT, at INT, size INT,"
          "  PRIMARY KEY(declared, key)) WITHOUT ROWID;"
          "CREATE INDEX IF NOT EXISTS results_by_key ON results(key);"
          "CREATE TABLE IF NOT EXISTS packs(pack INTEGER PRIMARY KEY, indexed_to INT);"
          "PRAGMA user_version = 1;"));
    auto index = std::unique_ptr<SqliteIndex>(new SqliteIndex(std::move(database)));
    SKEIN_DO(index->prepare_all());
    return index;
  }

  Result<std::optional<Location>> find_blob(const Digest& digest) override {
    const std::scoped_lock lock(mutex_);
    SKEIN_DO(begin_look_up());
    auto& query = *find_blob_;
    query.bind(1, digest);
    auto row = query.step();
    std::optional<Location> location;
    if (row && *row) location = location_at(query, 0);
    query.reset();
    if (!row) return std::unexpected(std::move(row).error());
    return location;
  }

  Result<std::vector<ResultEntry>> find_results(const Digest& declared) override {
    const std::scoped_lock lock(mutex_);
    SKEIN_DO(begin_look_up());
    SKEIN_TRY(auto entries, query_results(declared));
    if (!entries.empty() || look_ups_ == 1) return entries;
    // Not there when the view was taken; another process may have put it since.
    end_look_ups();
    SKEIN_DO(begin_look_up());
    return query_results(declared);
  }

  void refresh() override {
    const std::scoped_lock lock(mutex_);
    end_look_ups();
  }

  Result<std::vector<ResultEntry>> all_results() override {
    const std::scoped_lock lock(mutex_);
    end_look_ups();
    // Seldom asked: not worth a statement that every start prepares.
    SKEIN_TRY(auto query, database_.prepare("SELECT declared, key, pack, at, size FROM results ORDER BY pack, at"));
    std::vector<ResultEntry> entries;
    auto row = query.step();
    for (; row && *row; row = query.step())
      entries.push_back({Digest::from_bytes(query.bytes(0)).value_or(Digest{}),
                         Digest::from_bytes(query.bytes(1)).value_or(Digest{}), location_at(query, 2)});
    if (!row) return std::unexpected(std::move(row).error());
    return entries;
  }

  Status add(std::span<const BlobEntry> blobs, std::span<const ResultEntry> results, std::uint32_t pack,
             std::uint64_t indexed_to) override {
    const std::scoped_lock lock(mutex_);
    end_look_ups();
    SKEIN_DO(database_.execute("BEGIN IMMEDIATE"));
    auto status = add_rows(blobs, results, pack, indexed_to);
    if (status) status = database_.execute("COMMIT");
    if (!status) [[maybe_unused]]
      const auto ignored = database_.execute("ROLLBACK");
    return status;
  }

  Status remove_blob(const Digest& digest) override {
    const std::scoped_lock lock(mutex_);
    end_look_ups();
    return remove_blob_->bind(1, digest).run();
  }

  Status remove_result(const Digest& key) override {
    const std::scoped_lock lock(mutex_);
    end_look_ups();
    return remove_result_->bind(1, key).run();
  }

  Status remove_packs(std::span<const std::uint32_t> packs) override {
    const std::scoped_lock lock(mutex_);
    end_look_ups();
    // One walk over the tables for all of them; a large cache, since what goes lies all over the index of keys.
    SKEIN_DO(database_.set_cache_mib(256));
    auto status =
        database_.execute(fmt::format("BEGIN IMMEDIATE;"
                                      "DELETE FROM blobs WHERE pack IN ({0});"
                                      "DELETE FROM results WHERE pack IN ({0});"
                                      "DELETE FROM packs WHERE pack IN ({0}); COMMIT",
                                      fmt::join(packs, ",")));
    if (!status) [[maybe_unused]]
      const auto ignored = database_.execute("ROLLBACK");
    const auto usual = database_.set_cache_mib(Database::kUsualCacheMib);
    return status ? usual : status;
  }

  Result<std::uint64_t> indexed_to(std::uint32_t pack) override {
    const std::scoped_lock lock(mutex_);
    end_look_ups();
    auto& query = *indexed_to_;
    query.bind(1, std::int64_t{pack});
    auto row = query.step();
    const std::int64_t offset = row && *row ? query.number(0) : 0;
    query.reset();
    if (!row) return std::unexpected(std::move(row).error());
    return static_cast<std::uint64_t>(offset);
  }

 private:
  explicit SqliteIndex(Database database) : database_(std::move(database)) {}

  // All below REQUIRE mutex_.
  Status begin_look_up() {
    if (look_ups_ >= kLookUpsPerView) end_look_ups();
    if (look_ups_ == 0) SKEIN_DO(begin_->run());  // The view is taken by the first look-up.
    ++look_ups_;
    return {};
  }

  void end_look_ups() {
    if (look_ups_ == 0) return;
    look_ups_ = 0;
    // Nothing was written: there is nothing that could fail and matter.
    if (!end_->run()) [[maybe_unused]]
      const auto ignored = database_.execute("ROLLBACK");
  }

  Result<std::vector<ResultEntry>> query_results(const Digest& declared) {
    auto& query = *find_results_;
    query.bind(1, declared);
    std::vector<ResultEntry> entries;
    auto row = query.step();
    for (; row && *row; row = query.step())
      entries.push_back({declared, Digest::from_bytes(query.bytes(0)).value_or(Digest{}), location_at(query, 1)});
    query.reset();
    if (!row) return std::unexpected(std::move(row).error());
    return entries;
  }

  Status prepare_all() {
    const std::pair<std::optional<Statement>*, std::string_view> statements[] = {
        {&begin_, "BEGIN"},
        {&end_, "COMMIT"},
        {&find_blob_, "SELECT pack, at, size FROM blobs WHERE digest = ?"},
        {&find_results_, "SELECT key, pack, at, size FROM results WHERE declared = ? ORDER BY pack DESC, at DESC"},
        {&add_blob_,
         "INSERT INTO blobs VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET pack = excluded.pack, at = excluded.at, "
         "size = excluded.size"},
        {&add_result_,
         "INSERT INTO results VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET pack = excluded.pack, "
         "at = excluded.at, size = excluded.size"},
        {&add_pack_, "INSERT OR REPLACE INTO packs VALUES(?, ?)"},
        {&remove_blob_, "DELETE FROM blobs WHERE digest = ?"},
        {&remove_result_, "DELETE FROM results WHERE key = ?"},
        {&indexed_to_, "SELECT indexed_to FROM packs WHERE pack = ?"},
    };
    for (const auto& [slot, sql] : statements) {
      SKEIN_TRY(auto statement, database_.prepare(sql));
      slot->emplace(std::move(statement));
    }
    return {};
  }

  Status add_rows(std::span<const BlobEntry> blobs, std::span<const ResultEntry> results, std::uint32_t pack,
                  std::uint64_t indexed_to) {
    const auto bind_location = [](Statement& statement, int first, const Location& location) {
      statement.bind(first, std::int64_t{location.pack})
          .bind(first + 1, static_cast<std::int64_t>(location.offset))
          .bind(first + 2, std::int64_t{location.payload_bytes});
    };
    for (const auto& entry : blobs) {
      bind_location(add_blob_->bind(1, entry.digest), 2, entry.location);
      SKEIN_DO(add_blob_->run());
    }
    for (const auto& entry : results) {
      bind_location(add_result_->bind(1, entry.declared).bind(2, entry.key), 3, entry.location);
      SKEIN_DO(add_result_->run());
    }
    return add_pack_->bind(1, std::int64_t{pack}).bind(2, static_cast<std::int64_t>(indexed_to)).run();
  }

  static Location location_at(const Statement& row, int first) {
    return {static_cast<std::uint32_t>(row.number(first)), static_cast<std::uint64_t>(row.number(first + 1)),
            static_cast<std::uint32_t>(row.number(first + 2))};
  }

  // Guards all below. A look-up takes some microseconds, and steps of one folder read the same blobs at the same time.
  ShortMutex mutex_{4 * 64};
  Database database_;
  int look_ups_ = 0;  // In the open view; 0: none is open.
  std::optional<Statement> begin_, end_, find_blob_, find_results_, add_blob_, add_result_, add_pack_, remove_blob_,
      remove_result_, indexed_to_;
};

}  // namespace

Result<std::unique_ptr<Index>> open_sqlite_index(const std::string& file) {
  auto index = SqliteIndex::open(file);
  // Two that make it at once get in each other's way for milliseconds.
  for (int tries = 0; tries < 50 && !index && index.error().code() == Code::unavailable; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    index = SqliteIndex::open(file);
  }
  return index;
}

}  // namespace skein::store
