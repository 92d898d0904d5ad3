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
constexpr Millis kLongestWait{5'000};
constexpr const char* kUnknown = "(ended before its answer)";

std::int64_t number_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

/// What a process has under way, by its file; nothing where that is none.
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
  SKEIN_DO(files_.make_directories(folder_));
  SKEIN_TRY(FileLock lock, FileLock::acquire(join_path(folder_, kAll), kLongestWait));
  return Turn(*this, std::move(lock));
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
    const auto text = read_file(all_.files_, path);
    if (!text && text.error().code() == Code::not_found) continue;  // It has just ended.
    const auto one = text ? read_sum(Json::parse(*text, nullptr, false)) : std::nullopt;
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
  // Whose turn it is writes alone.
  return write_file_by(all_.files_, join_path(all_.folder_, kNew), path,
                       json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", false);
}

Status SharedReservations::settle_left_one(const std::string& name) {
  const std::string path = join_path(folder_, name);
  const auto text = read_file(files_, path);
  const Json json = text ? Json::parse(*text, nullptr, false) : Json();
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
