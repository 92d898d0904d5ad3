#include "engine/journal.h"

#include <algorithm>

#include <fmt/chrono.h>

#include "base/bytes.h"
#include "engine/usage_codec.h"

namespace skein::engine {
namespace {

enum Type : std::uint32_t { kStart = 1, kStep = 2, kFailure = 3, kCommit = 4, kInstalled = 5, kEnd = 6, kOutput = 7 };

struct TypeOf {
  std::uint32_t operator()(const JournalStart&) const { return kStart; }
  std::uint32_t operator()(const JournalStep&) const { return kStep; }
  std::uint32_t operator()(const JournalFailure&) const { return kFailure; }
  std::uint32_t operator()(const JournalCommit&) const { return kCommit; }
  std::uint32_t operator()(const JournalInstalled&) const { return kInstalled; }
  std::uint32_t operator()(const JournalEnd&) const { return kEnd; }
  std::uint32_t operator()(const JournalOutput&) const { return kOutput; }
};

void digests(ByteWriter& out, const std::vector<Digest>& list) {
  out.varint(list.size());
  for (const auto& digest : list) out.digest(digest);
}

std::vector<Digest> digests(ByteReader& in) {
  std::vector<Digest> list(in.count(32));
  for (auto& digest : list) digest = in.digest();
  return list;
}

constexpr std::uint64_t kMostMillionths = 1'000'000'000;

// Rounded, so that what is read back is written the same.
std::uint64_t millionths(double ratio) {
  const double value = ratio * 1e6 + 0.5;
  if (!(value >= 1)) return 0;
  return value >= static_cast<double>(kMostMillionths) ? kMostMillionths : static_cast<std::uint64_t>(value);
}

struct Encode {
  ByteWriter& out;
  void operator()(const JournalStart& r) const {
    out.text(r.run).text(r.operation).text(r.request).text(r.version).i64(r.at.time_since_epoch().count());
  }
  void operator()(const JournalStep& r) const {
    out.text(r.name).text(r.agent).u8(static_cast<std::uint8_t>(r.state)).digest(r.key);
    digests(out, r.outputs);
    encode_usage(out, r.usage);
  }
  void operator()(const JournalFailure& r) const {
    out.text(r.name).text(r.agent).text(r.code).text(r.message).varint(static_cast<std::uint64_t>(r.attempts));
    out.varint(r.parts.size());
    for (const auto& part : r.parts) out.text(part.name).text(part.value);
    digests(out, r.inputs);
    out.text(r.last_output).varint(r.not_run.size());
    for (const auto& name : r.not_run) out.text(name);
  }
  void operator()(const JournalCommit& r) const { out.text(r.target).text(r.stage).digest(r.changes); }
  void operator()(const JournalInstalled& r) const { out.varint(r.commit); }
  void operator()(const JournalOutput& r) const { out.text(r.step).text(r.name); }
  void operator()(const JournalEnd& r) const {
    out.text(r.status).varint(r.executed).varint(r.hits).varint(r.failed).varint(r.skipped);
    encode_usage(out, r.usage);
    out.varint(static_cast<std::uint64_t>(r.first_result.count()));
    out.varint(millionths(r.parallel_efficiency)).i64(r.at.time_since_epoch().count());
  }
};

WallTime wall(ByteReader& in) { return WallTime{Micros(in.i64())}; }

}  // namespace

std::string_view to_string(StepState state) {
  switch (state) {
    case StepState::executed:
      return "executed";
    case StepState::hit:
      return "hit";
    case StepState::failed:
      return "failed";
    case StepState::skipped:
      return "skipped";
    case StepState::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::uint32_t type_of(const JournalRecord& record) { return std::visit(TypeOf{}, record); }

std::string encode(const JournalRecord& record) {
  ByteWriter out;
  out.reserve(160);  // Most are steps.
  std::visit(Encode{out}, record);
  return out.take();
}

Result<std::optional<JournalRecord>> decode_record(std::uint32_t type, std::string_view payload) {
  ByteReader in(payload);
  std::optional<JournalRecord> record;
  switch (type) {
    case kStart: {
      JournalStart r;
      r.run = in.text();
      r.operation = in.text();
      r.request = in.text();
      r.version = in.text();
      r.at = wall(in);
      record = std::move(r);
      break;
    }
    case kStep: {
      JournalStep r;
      r.name = in.text();
      r.agent = in.text();
      r.state = static_cast<StepState>(in.u8());
      r.key = in.digest();
      r.outputs = digests(in);
      r.usage = decode_usage(in);
      record = std::move(r);
      break;
    }
    case kFailure: {
      JournalFailure r;
      r.name = in.text();
      r.agent = in.text();
      r.code = in.text();
      r.message = in.text();
      r.attempts = static_cast<int>(in.varint());
      r.parts.resize(in.count(2));
      for (auto& part : r.parts) {
        part.name = in.text();
        part.value = in.text();
      }
      r.inputs = digests(in);
      r.last_output = in.text();
      r.not_run.resize(in.count(1));
      for (auto& name : r.not_run) name = in.text();
      record = std::move(r);
      break;
    }
    case kCommit: {
      JournalCommit r;
      r.target = in.text();
      r.stage = in.text();
      r.changes = in.digest();
      record = std::move(r);
      break;
    }
    case kInstalled:
      record = JournalInstalled{static_cast<std::uint32_t>(in.varint())};
      break;
    case kEnd: {
      JournalEnd r;
      r.status = in.text();
      r.executed = in.varint();
      r.hits = in.varint();
      r.failed = in.varint();
      r.skipped = in.varint();
      r.usage = decode_usage(in);
      r.first_result = Micros(static_cast<std::int64_t>(in.varint()));
      r.parallel_efficiency = static_cast<double>(std::min(in.varint(), kMostMillionths)) / 1e6;
      r.at = wall(in);
      record = std::move(r);
      break;
    }
    case kOutput: {
      JournalOutput r;
      r.step = in.text();
      r.name = in.text();
      record = std::move(r);
      break;
    }
    default:
      break;
  }
  SKEIN_DO(in.finish("a journal record"));
  return record;
}

Status read_journal(FileSystem& files, const std::string& path,
                    const std::function<bool(const JournalRecord&)>& visit) {
  SKEIN_TRY(auto file, files.open(path, OpenMode::read));
  Status status;
  const auto end = store::scan_records(*file, store::LogKind::journal, 0, [&](const store::Record& raw) {
    auto record = decode_record(raw.type, raw.payload);
    if (!record) return status = std::unexpected(std::move(record).error()), false;
    return !*record || visit(**record);
  });
  if (!end) return pass(std::move(end).error(), "while reading " + path);
  if (!status) return pass(std::move(status).error(), "while reading " + path);
  return {};
}

Result<JournalEnds> read_journal_ends(FileSystem& files, const std::string& path) {
  SKEIN_TRY(const auto file, files.open(path, OpenMode::read));
  // The first record is small; a scan would read megabytes.
  constexpr std::size_t kStartBytes = 64 * 1024;
  SKEIN_TRY(const auto size, file->size());
  if (size < store::kRecordLogHeaderBytes + store::kRecordHeaderBytes)
    return fail(Code::not_found, "{} has no beginning: the run was killed at once", path);
  SKEIN_TRY(const auto head, file->read_at(store::kRecordLogHeaderBytes, 2 * sizeof(std::uint32_t)));
  ByteReader head_reader(head);
  const std::uint32_t start_bytes = head_reader.u32();
  if (head_reader.u32() == kEnd) return fail(Code::not_found, "{} has no beginning: the run was killed at once", path);
  if (start_bytes > kStartBytes) return fail(Code::data_corrupt, "{} begins with no start of a run", path);
  JournalEnds ends;
  SKEIN_TRY(const auto last, store::last_record(*file, store::LogKind::journal, kEnd));
  SKEIN_TRY(const auto first, store::read_record(*file, store::kRecordLogHeaderBytes, start_bytes));
  SKEIN_TRY(auto start, decode_record(kStart, first));
  ends.start = std::get<JournalStart>(std::move(*start));
  if (last) {
    SKEIN_TRY(auto end, decode_record(kEnd, *last));
    ends.end = std::get<JournalEnd>(std::move(*end));
  }
  return ends;
}

std::string make_run_id(WallTime at, std::uint64_t random) {
  std::string id =
      fmt::format("{:%Y%m%d-%H%M%S}-",
                  fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count()));
  for (int i = 0; i < 4; ++i, random /= 26) id += static_cast<char>('a' + random % 26);
  return id;
}

bool is_run_id(std::string_view text) {
  if (text.size() != 20) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool fits = i == 8 || i == 15 ? c == '-' : i < 15 ? c >= '0' && c <= '9' : c >= 'a' && c <= 'z';
    if (!fits) return false;
  }
  return true;
}

std::string journal_path(const std::string& state_folder, const std::string& run) {
  return join_path(state_folder, "journals/" + run + ".journal");
}

Result<std::vector<std::string>> list_runs(FileSystem& files, const std::string& state_folder) {
  std::vector<std::string> runs;
  const auto entries = files.list(join_path(state_folder, "journals"));
  if (!entries) {
    if (entries.error().code() == Code::not_found) return runs;
    return std::unexpected(entries.error());
  }
  for (const auto& entry : *entries)
    if (entry.name.ends_with(".journal") && is_run_id(std::string_view(entry.name).substr(0, entry.name.size() - 8)))
      runs.push_back(entry.name.substr(0, entry.name.size() - 8));
  return runs;
}

}  // namespace skein::engine
