// What the last `skein docs` of a workspace found out about its files, for commands that would else parse them again.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/machinery.h"
#include "docs/change_log.h"
#include "repo/facts.h"
#include "repo/languages.h"
#include "store/stat_table.h"

namespace skein::app {

/// Empty where nothing is remembered, also of another skein. Not movable: its parts refer to each other.
class RememberedFacts {
 public:
  RememberedFacts(const Services& services, const engine::Context& context);

  /// The facts of the file at `path` while its bytes have this digest and the rules of its language are the same;
  /// nothing where they are not known. Thread-safe.
  [[nodiscard]] std::optional<repo::FileFacts> of(const std::string& path, const Digest& content) const;
  /// The workspace's stamps and digests as they were; null where they are not known.
  [[nodiscard]] const store::StatTable* table() const { return table_ ? &*table_ : nullptr; }

 private:
  Status open(const Services& services, const engine::Context& context);

  Machinery machinery_;
  engine::Session* session_ = nullptr;  // Null: nothing is remembered.
  docs::PastSite past_;
  std::optional<store::StatTable> table_;
};

}  // namespace skein::app
