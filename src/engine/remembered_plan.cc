#include "engine/remembered_plan.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <type_traits>

#include "base/checksum.h"

namespace skein::engine {
namespace {

constexpr std::array<char, 8> kMagic = {'s', 'k', 'e', 'i', 'n', 'p', 'l', 'n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kNothing = 0xffffffff;

struct Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t steps;
  std::uint64_t checksum;  ///< XXH3 of all bytes after this field.
  std::uint32_t artifacts;
  std::uint32_t inputs;
  std::uint64_t extra_bytes;
  std::array<std::uint8_t, 32> request;
};
static_assert(sizeof(Header) == 72 && std::is_trivially_copyable_v<Header> && sizeof(Digest) == 32);
constexpr std::size_t kSummed = offsetof(Header, checksum) + sizeof(std::uint64_t);

std::unexpected<Error> damaged() {
  return fail(Code::data_corrupt, "what is remembered of the last plan is damaged; all is planned again");
}

/// The parts of a file, one after the other, as written and as read.
struct Sections {
  std::span<const std::uint64_t> tags;
  std::span<const Digest> digests;
  std::span<const std::uint32_t> first_input, first_output, inputs, first_consumer, consumers, by_tag;
};

template <class T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// The bytes of a file, one piece after the other, with `changed` of the digests. Views of all arguments; the header is
/// in `head`.
std::vector<std::string_view> pieces_of(const Sections& parts, const std::map<std::uint32_t, Digest>& changed,
                                        const Digest& request, std::string_view extra, Header& head) {
  head = {};
  head.magic = kMagic;
  head.version = kVersion;
  head.steps = static_cast<std::uint32_t>(parts.tags.size());
  head.artifacts = static_cast<std::uint32_t>(parts.digests.size());
  head.inputs = static_cast<std::uint32_t>(parts.inputs.size());
  head.extra_bytes = extra.size();
  head.request = request.bytes;
  const std::string_view head_bytes(reinterpret_cast<const char*>(&head), sizeof head);
  std::vector<std::string_view> pieces{head_bytes, bytes_of(parts.tags)};
  std::size_t at = 0;
  for (const auto& [artifact, digest] : changed) {
    pieces.push_back(bytes_of(parts.digests.subspan(at, artifact - at)));
    pieces.push_back(digest.view());
    at = artifact + std::size_t{1};
  }
  pieces.push_back(bytes_of(parts.digests.subspan(at)));
  for (const auto numbers :
       {parts.first_input, parts.first_output, parts.inputs, parts.first_consumer, parts.consumers, parts.by_tag})
    pieces.push_back(bytes_of(numbers));
  pieces.push_back(extra);
  Checksum checksum;
  checksum.add(head_bytes.substr(kSummed));
  for (const auto piece : std::span(pieces).subspan(1)) checksum.add(piece);
  head.checksum = checksum.value();
  return pieces;
}

/// Offsets that begin at 0, never fall and end at `end`.
bool are_offsets(std::span<const std::uint32_t> offsets, std::size_t end) {
  return offsets.front() == 0 && offsets.back() == end && std::ranges::is_sorted(offsets);
}

bool all_below(std::span<const std::uint32_t> numbers, std::size_t end) {
  return std::ranges::all_of(numbers, [end](std::uint32_t number) { return number < end; });
}

/// Offsets from counts: counts[i] is that of i on the way in, its first place on the way out, with the end behind.
void to_offsets(std::vector<std::uint32_t>& counts) {
  counts.push_back(0);
  std::exclusive_scan(counts.begin(), counts.end(), counts.begin(), std::uint32_t{0});
}

}  // namespace

Result<RememberedPlan> RememberedPlan::open(const std::string& path) {
  RememberedPlan plan;
  SKEIN_TRY(plan.file_, store::MappedFile::open(path));
  const std::string_view bytes = plan.file_->bytes();
  Header head{};
  if (bytes.size() < sizeof head) return damaged();
  std::memcpy(&head, bytes.data(), sizeof head);
  const std::uint64_t steps = head.steps, artifacts = head.artifacts, inputs = head.inputs;
  const std::uint64_t expected = sizeof head + 8 * steps + sizeof(Digest) * artifacts +
                                 4 * (2 * (steps + 1) + inputs + (artifacts + 1) + inputs + steps) + head.extra_bytes;
  if (head.magic != kMagic || head.version != kVersion || head.extra_bytes > bytes.size() || expected != bytes.size() ||
      checksum64(bytes.substr(kSummed)) != head.checksum)
    return damaged();
  plan.request_.bytes = head.request;
  const char* at = bytes.data() + sizeof head;
  const auto take = [&at]<class T>(std::span<const T>& part, std::uint64_t count) {
    part = {reinterpret_cast<const T*>(at), static_cast<std::size_t>(count)};
    at += part.size_bytes();
  };
  take(plan.tags_, steps);
  take(plan.digests_, artifacts);
  take(plan.first_input_, steps + 1);
  take(plan.first_output_, steps + 1);
  take(plan.inputs_, inputs);
  take(plan.first_consumer_, artifacts + 1);
  take(plan.consumers_, inputs);
  take(plan.by_tag_, steps);
  plan.extra_ = {at, static_cast<std::size_t>(head.extra_bytes)};
  if (!are_offsets(plan.first_input_, inputs) || !are_offsets(plan.first_output_, artifacts) ||
      !are_offsets(plan.first_consumer_, inputs) || !all_below(plan.inputs_, artifacts) ||
      !all_below(plan.consumers_, steps) || !all_below(plan.by_tag_, steps))
    return damaged();
  return plan;
}

std::optional<std::uint32_t> RememberedPlan::find(std::uint64_t wanted) const {
  const auto found = std::ranges::lower_bound(by_tag_, wanted, {}, [this](std::uint32_t step) { return tags_[step]; });
  if (found == by_tag_.end() || tags_[*found] != wanted) return std::nullopt;
  return *found;
}

Status RememberedPlan::save_renewed(FileSystem& files, const std::string& path,
                                    const std::map<std::uint32_t, Digest>& changed, std::string_view extra) const {
  // Most of it goes from file to file, without being put together.
  Header head;
  const auto pieces =
      pieces_of({tags_, digests_, first_input_, first_output_, inputs_, first_consumer_, consumers_, by_tag_}, changed,
                request_, extra, head);
  const std::string temporary = path + ".next";
  {
    SKEIN_TRY(auto file, files.open(temporary, OpenMode::create));
    for (const auto piece : pieces)
      if (auto written = file->append(piece); !written) {
        [[maybe_unused]] const auto removed = files.remove(temporary);  // A full disk gets its bytes back.
        return written;
      }
  }
  return files.rename(temporary, path);
}

Result<std::string> remember(const Plan& plan, std::span<const std::uint64_t> tags, std::span<const Digest> artifacts,
                             const Digest& request, std::string_view extra) {
  std::vector<std::uint64_t> kept_tags;
  std::vector<Digest> digests;
  std::vector<std::uint32_t> first_input, first_output, inputs, first_consumer, consumers;
  std::vector<std::uint32_t> number(plan.artifact_count(), kNothing);  // Of an artifact, in what is remembered.
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (tags[i] == 0) continue;
    kept_tags.push_back(tags[i]);
    first_output.push_back(static_cast<std::uint32_t>(digests.size()));
    for (const auto output : plan.step(static_cast<StepId>(i)).outputs) {
      number[index_of(output)] = static_cast<std::uint32_t>(digests.size());
      digests.push_back(artifacts[index_of(output)]);
      if (digests.back().is_none()) return fail(Code::internal, "not all of the plan was made");
    }
  }
  first_output.push_back(static_cast<std::uint32_t>(digests.size()));
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (tags[i] == 0) continue;
    first_input.push_back(static_cast<std::uint32_t>(inputs.size()));
    for (const auto input : plan.step(static_cast<StepId>(i)).inputs) {
      if (number[index_of(input)] == kNothing)
        return fail(Code::internal, "a remembered step takes what is not remembered");
      inputs.push_back(number[index_of(input)]);
    }
  }
  first_input.push_back(static_cast<std::uint32_t>(inputs.size()));
  first_consumer.resize(digests.size());
  for (const auto input : inputs) ++first_consumer[input];
  to_offsets(first_consumer);
  consumers.resize(inputs.size());
  auto next = first_consumer;
  for (std::size_t step = 0; step < kept_tags.size(); ++step)
    for (std::uint32_t i = first_input[step]; i < first_input[step + 1]; ++i)
      consumers[next[inputs[i]]++] = static_cast<std::uint32_t>(step);
  std::vector<std::uint32_t> by_tag(kept_tags.size());
  std::iota(by_tag.begin(), by_tag.end(), 0U);
  std::ranges::sort(by_tag, {}, [&](std::uint32_t step) { return kept_tags[step]; });
  Header head;
  std::string bytes;
  for (const auto piece :
       pieces_of({kept_tags, digests, first_input, first_output, inputs, first_consumer, consumers, by_tag}, {},
                 request, extra, head))
    bytes += piece;
  return bytes;
}

}  // namespace skein::engine
