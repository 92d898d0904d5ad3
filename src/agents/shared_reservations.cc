#include "agents/shared_reservations.h"

#include <fmt/format.h>

#include "agents/ledger.h"
#include "base/random.h"

namespace skein::agents {
namespace {

using engine::Json;

constexpr std::string_view kSchema = "skein.reserved/1";
constexpr std::string_view kLock = ".lock";
constexpr const char* kAll = "all.lock";  // Held by whose turn it is.
constexpr const char* kNew = "all.new";
constexpr std::size_t kMostBytes = 65'536;  // Of a file; it then begins anew.
constexpr std::uint64_t kTail = 32'768;     // Holds the last line: a path has 4,096 bytes at most, of 6 when escaped.
constexpr Millis kLongestWait{5'000};
constexpr const char* kUnknown = "(ended before its answer)";

std::int64_t number_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

/// The last line of a process's file that is whole. Errors: of reading.
Result<Json> last_line(FileSystem& files, const std::string& path) {
  SKEIN_TRY(const auto file, files.open(path, OpenMode::read));
  SKEIN_TRY(const std::uint64_t size, file->size());
  const std::uint64_t from = size > kTail ? size - kTail : 0;
  SKEIN_TRY(std::string text, file->read_at(from, static_cast<std::size_t>(size - from)));
  text.resize(text.rfind('\n') + 1);  // None: nothing is left.
  if (text.empty()) return Json();
  text.pop_back();
  return Json::parse(std::string_view(text).substr(text.rfind('\n') + 1), nullptr, false);
}

/// What a process has under way, by the last line of its file; nothing where that is none.
std::optional<SharedReservations::Sum> read_sum(const Json& json) {
  if (!json.is_object() || json.value("schema", Json()) != kSchema) return {};
  return SharedReservations::Sum{{number_of(json, "money_micros")}, {number_of(json, "tokens")}};
}

}  // namespace

SharedReservations::SharedReservations(FileSystem& files, const Clock& clock, std::string state, std::string workspace)
    : files_(files),
      clock_(clock),
      state_(std::move(state)),
      folder_(join_path(state_, "reserved")),
      workspace_(std::move(workspace)) {
  SystemRandom random;
  name_ = fmt::format("{:016x}", random.next());
}

SharedReservations::~SharedReservations() {
  if (!held_) return;
  [[maybe_unused]] const auto removed = files_.remove(join_path(folder_, name_));
  [[maybe_unused]] const auto unlocked = files_.remove(join_path(folder_, name_ + std::string(kLock)));
}

Result<SharedReservations::Turn> SharedReservations::turn() {
  auto lock = FileLock::acquire(join_path(folder_, kAll), kLongestWait);
  if (!lock && lock.error().code() == Code::not_found) {
    SKEIN_DO(files_.make_directories(folder_));
    lock = FileLock::acquire(join_path(folder_, kAll), kLongestWait);
  }
  if (!lock) return std::unexpected(std::move(lock).error());
  return Turn(*this, std::move(*lock));
}

Result<SharedReservations::Sum> SharedReservations::Turn::others() {
  Sum sum;
  SKEIN_TRY(const auto entries, all_.files_.list(all_.folder_));
  for (const DirectoryEntry& entry : entries) {
    if (entry.name.contains('.') || entry.name == all_.name_) continue;
    const std::string path = join_path(all_.folder_, entry.name);
    if (!FileLock::is_held(path + std::string(kLock))) {
      SKEIN_DO(all_.settle_left_one(entry.name));
      continue;
    }
    const auto line = last_line(all_.files_, path);
    if (!line && line.error().code() == Code::not_found) continue;  // It has just ended.
    const auto one = line ? read_sum(*line) : std::nullopt;
    if (!one) return fail(Code::data_corrupt, "{} does not say what is reserved", path);
    sum.money += one->money;
    sum.tokens += one->tokens;
  }
  return sum;
}

Status SharedReservations::Turn::publish(const Sum& own) {
  const std::string path = join_path(all_.folder_, all_.name_);
  if (!all_.held_) {
    SKEIN_TRY(FileLock held, FileLock::try_acquire(path + std::string(kLock)));
    all_.held_.emplace(std::move(held));
  }
  const Json json{{"schema", kSchema},
                  {"workspace", all_.workspace_},
                  {"money_micros", own.money.value},
                  {"tokens", own.tokens.value}};
  const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (all_.own_ != nullptr && all_.written_ + line.size() <= kMostBytes) {
    all_.written_ += line.size();
    auto added = all_.own_->append(line);
    if (!added) all_.own_.reset();  // It may hold a part of it: the next one begins anew.
    return added;
  }
  // Whose turn it is writes alone.
  SKEIN_DO(write_file_by(all_.files_, join_path(all_.folder_, kNew), path, line, false));
  SKEIN_TRY(all_.own_, all_.files_.open(path, OpenMode::append));
  all_.written_ = line.size();
  return {};
}

Status SharedReservations::settle_left_one(const std::string& name) {
  const std::string path = join_path(folder_, name);
  const Json json = last_line(files_, path).value_or(Json());
  if (const auto sum = read_sum(json); sum && (sum->money.value > 0 || sum->tokens.value > 0)) {
    LedgerEntry entry;
    if (json.contains("workspace") && json["workspace"].is_string()) entry.workspace = json["workspace"];
    entry.call.at = clock_.wall();
    entry.call.agent = entry.call.model = kUnknown;
    entry.call.usage.output = sum->tokens;
    entry.call.money = sum->money;
    entry.call.estimated = true;
    SKEIN_DO(add_to_ledger(files_, state_, entry));
  }
  for (const std::string& file : {path, path + std::string(kLock)})
    if (auto removed = files_.remove(file); !removed && removed.error().code() != Code::not_found) return removed;
  return {};
}

}  // namespace skein::agents
