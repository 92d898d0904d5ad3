#include "store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <thread>

#include "base/units.h"

namespace skein::store {
namespace {

/// How long another process's lock is waited for.
constexpr Millis kPatience{10'000};
/// Of a write-ahead log that stays when its last user goes: read again at the next start, in half a millisecond.
constexpr std::uintmax_t kShortLogBytes = 1 << 20;

Error sqlite_error(sqlite3* database, int code, std::string_view what) {
  // SQLite says "disk I/O error" where a file cannot grow; the system says why.
  if (const int system = database != nullptr ? sqlite3_system_errno(database) : 0;
      (code & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT))
    return system_error(system, std::string(what));
  Code sorted = Code::io;
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      sorted = Code::data_corrupt;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // Somebody else opens the same file just now.
      sorted = Code::unavailable;
      break;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      sorted = Code::resource_exhausted;
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      sorted = Code::permission_denied;
      break;
    default:
      break;
  }
  return Error(sorted,
               fmt::format("{}: {}", what, database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code)));
}

}  // namespace

Statement& Statement::bind(int position, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_.get(), position, value); code != SQLITE_OK) bind_error_ = code;
  return *this;
}

Statement& Statement::bind(int position, std::string_view bytes) {
  const int code = sqlite3_bind_blob64(statement_.get(), position, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) bind_error_ = code;
  return *this;
}

Result<bool> Statement::step() {
  sqlite3* database = sqlite3_db_handle(statement_.get());
  if (bind_error_ != SQLITE_OK) return std::unexpected(sqlite_error(database, bind_error_, "cannot bind a value"));
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(sqlite_error(database, code, "the index cannot be used"));
}

Status Statement::run() {
  auto more = step();
  while (more && *more) more = step();
  reset();
  if (!more) return std::unexpected(std::move(more).error());
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  bind_error_ = 0;
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Database::Close::operator()(sqlite3* database) const {
  // Writing a log back into the file takes two syncs and a write a page; a short one is left for the next to go on
  // with.
  std::error_code unknown;
  const char* file = sqlite3_db_filename(database, "main");
  if (file != nullptr && *file != '\0')
    if (const auto size = std::filesystem::file_size(sqlite3_filename_wal(file), unknown);
        !unknown && size < kShortLogBytes)
      sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_close_v2(database);
}

Result<Database> Database::open(const std::string& file) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(raw, code, "cannot open " + file));
  sqlite3_busy_timeout(raw, static_cast<int>(kPatience.count()));
  // Two that make the file at once: the one that comes second to the switch to WAL is told at once that it is busy.
  const auto until = std::chrono::steady_clock::now() + kPatience;
  auto status = database.execute("PRAGMA journal_mode=WAL");
  while (!status && status.error().code() == Code::unavailable && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(Millis(2));
    status = database.execute("PRAGMA journal_mode=WAL");
  }
  if (status)
    // A large run adds to pages all over the index, group by group: checkpoints are rarer than usual, so that each page
    // is written back once for many groups.
    status = database.execute(
        "PRAGMA synchronous=NORMAL; PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY; "
        "PRAGMA wal_autocheckpoint=4000;");
  if (!status) return pass(std::move(status).error(), "while opening " + file);
  SKEIN_DO(database.set_cache_mib(kUsualCacheMib));
  return database;
}

Status Database::set_cache_mib(int mib) { return execute("PRAGMA cache_size=-" + std::to_string(mib * 1024)); }

Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(database_.get(), code, "the index cannot be used"));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(database_.get(), code, "the index cannot be used"));
  return Statement(raw);
}

}  // namespace skein::store
