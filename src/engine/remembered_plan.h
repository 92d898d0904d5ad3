// A plan that was carried out, as the next run finds it: which step takes and makes what, by numbers, and the digests
// of all that was made, in one flat memory-mapped file. With it only what a change touches has to be planned again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "engine/plan.h"
#include "store/mapped_file.h"

namespace skein::engine {

/// What was remembered. Immutable; steps and artifacts are numbered from 0, steps in the order of their plan. Every
/// number that it gives is in range, whatever the file holds.
class RememberedPlan {
 public:
  /// Errors: `not_found`; `data_corrupt` for anything damaged, cut, foreign or of another version.
  [[nodiscard]] static Result<RememberedPlan> open(const std::string& path);

  /// The caller's, as it was given.
  [[nodiscard]] Digest request() const { return request_; }
  [[nodiscard]] std::string_view extra() const { return extra_; }

  [[nodiscard]] std::uint32_t step_count() const { return static_cast<std::uint32_t>(tags_.size()); }
  [[nodiscard]] std::uint32_t artifact_count() const { return static_cast<std::uint32_t>(digests_.size()); }
  /// What the planner calls this step.
  [[nodiscard]] std::uint64_t tag(std::uint32_t step) const { return tags_[step]; }
  /// The step of a tag. O(log n).
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t tag) const;
  /// In the order of the step.
  [[nodiscard]] std::span<const std::uint32_t> inputs(std::uint32_t step) const {
    return inputs_.subspan(first_input_[step], first_input_[step + 1] - first_input_[step]);
  }
  /// The first artifact that a step makes; the others follow, in its order.
  [[nodiscard]] std::uint32_t first_output(std::uint32_t step) const { return first_output_[step]; }
  [[nodiscard]] std::uint32_t output_count(std::uint32_t step) const {
    return first_output_[step + 1] - first_output_[step];
  }
  /// The steps that take an artifact; one that takes it twice is there twice.
  [[nodiscard]] std::span<const std::uint32_t> consumers(std::uint32_t artifact) const {
    return consumers_.subspan(first_consumer_[artifact], first_consumer_[artifact + 1] - first_consumer_[artifact]);
  }
  [[nodiscard]] std::span<const Digest> digests() const { return digests_; }

  /// Writes the same plan with other digests of some artifacts, by temporary file and rename, not synced: cut by a
  /// power failure, it fails its checksum.
  Status save_renewed(FileSystem& files, const std::string& path, const std::map<std::uint32_t, Digest>& changed,
                      std::string_view extra) const;

 private:
  RememberedPlan() = default;

  std::unique_ptr<store::MappedFile> file_;  // All below are views of it.
  Digest request_;
  std::span<const std::uint64_t> tags_;
  std::span<const Digest> digests_;
  std::span<const std::uint32_t> first_input_, first_output_, inputs_, first_consumer_, consumers_, by_tag_;
  std::string_view extra_;
};

/// The bytes of a file that remembers `plan`. `tags[i]` is the planner's number for step i, each once; steps without
/// one (0) are left out, and no other step may take what they make. `artifacts`: of a run in which all was made.
/// Errors: `internal` where that does not hold.
[[nodiscard]] Result<std::string> remember(const Plan& plan, std::span<const std::uint64_t> tags,
                                           std::span<const Digest> artifacts, const Digest& request,
                                           std::string_view extra);

}  // namespace skein::engine
