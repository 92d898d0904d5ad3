// What all skein processes of a user have under way of the caps of a day and a month: each keeps a file of what it has
// reserved, held by a lock that the system frees when it dies. A line is added at each change, and the last one counts:
// to replace a file costs a thousand times as much, and each request waits for it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/file_system.h"
#include "base/result.h"
#include "base/units.h"

namespace skein::agents {

/// One process's part. Thread-safe as far as its turns are: one at a time holds them all up.
class SharedReservations {
 public:
  struct Sum {
    MicroDollars money{};
    Tokens tokens{};
  };
  /// While it lives no other process reserves or settles.
  class Turn {
   public:
    /// What the others have under way. What a process had that died is spent: its requests may have been answered, and
    /// nobody knows what they cost. It goes to the ledger as it was reserved. Errors: of the file system.
    [[nodiscard]] Result<Sum> others();
    /// What this process has under way from now on. Errors: of the file system.
    [[nodiscard]] Status publish(const Sum& own);

   private:
    friend class SharedReservations;
    Turn(SharedReservations& all, FileLock lock) : all_(all), lock_(std::move(lock)) {}
    SharedReservations& all_;
    FileLock lock_;
  };

  /// `state`: the user's state folder. All outlive it.
  SharedReservations(FileSystem& files, const Clock& clock, std::string state, std::string workspace);
  ~SharedReservations();
  SharedReservations(const SharedReservations&) = delete;
  SharedReservations& operator=(const SharedReservations&) = delete;

  /// Errors: `unavailable` where others hold it for too long; of the file system.
  [[nodiscard]] Result<Turn> turn();

 private:
  [[nodiscard]] Status settle_left_one(const std::string& name);

  FileSystem& files_;
  const Clock& clock_;
  const std::string state_, folder_, workspace_;
  std::string name_;              // Of our file.
  std::optional<FileLock> held_;  // From our first reservation on.
  std::unique_ptr<File> own_;     // Ours, open for the next line; whose turn it is writes.
  std::size_t written_ = 0;       // Bytes in it.
};

}  // namespace skein::agents
