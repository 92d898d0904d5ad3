// The few SQLite calls that we use, with our errors. One connection belongs to one object with a mutex of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace skein::store {

/// A prepared statement. Bind, step, read; `reset` before the next use.
class Statement {
 public:
  Statement& bind(int position, std::int64_t value);  ///< Positions count from 1.
  Statement& bind(int position, std::string_view bytes);
  Statement& bind(int position, const Digest& digest) { return bind(position, digest.view()); }
  /// True: a row is there; false: done. A failed binding shows here.
  [[nodiscard]] Result<bool> step();
  /// Steps to the end, and resets.
  Status run();
  void reset();
  [[nodiscard]] std::int64_t number(int column) const;  ///< Columns count from 0.
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = 0;
};

class Database {
 public:
  /// Opens or makes the file in WAL mode; waits up to 10 s for another process's lock. Errors: `data_corrupt` for a
  /// damaged or foreign file.
  [[nodiscard]] static Result<Database> open(const std::string& file);
  Status execute(const std::string& sql);
  /// The most memory that pages of the file may take.
  Status set_cache_mib(int mib);
  static constexpr int kUsualCacheMib = 32;
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace skein::store
