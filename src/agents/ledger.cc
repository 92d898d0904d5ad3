#include "agents/ledger.h"

#include <algorithm>
#include <optional>

namespace skein::agents {
namespace {

using engine::Json;

constexpr std::string_view kSchema = "skein.model_call/1";
constexpr std::string_view kFolder = "usage";

std::int64_t number_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool truth_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

/// A line of the ledger; nothing where it is none.
std::optional<LedgerEntry> entry_of(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || text_of(json, "schema") != kSchema) return {};
  LedgerEntry entry{text_of(json, "run"), text_of(json, "workspace"), {}};
  ModelCall& call = entry.call;
  call.at = WallTime(Micros(number_of(json, "at_us")));
  call.step = text_of(json, "step");
  call.agent = text_of(json, "agent");
  call.provider = text_of(json, "provider");
  call.model = text_of(json, "model");
  call.dialect = parse_dialect(text_of(json, "dialect")).value_or(Dialect::chat);
  call.status = static_cast<unsigned>(number_of(json, "status"));
  call.usage = {{number_of(json, "input")},       {number_of(json, "cached")},
                {number_of(json, "cache_write")}, {number_of(json, "cache_write_hour")},
                {number_of(json, "output")},      {number_of(json, "reasoning")}};
  call.money = {number_of(json, "money_micros")};
  call.estimated = truth_of(json, "estimated");
  call.priced = truth_of(json, "priced");
  call.duration = Micros(number_of(json, "duration_us"));
  return entry;
}

}  // namespace

std::string day_of(WallTime at) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

Status add_to_ledger(FileSystem& files, const std::string& state, const LedgerEntry& entry) {
  const ModelCall& call = entry.call;
  const Json line{{"schema", kSchema},
                  {"at_us", call.at.time_since_epoch().count()},
                  {"run", entry.run},
                  {"workspace", entry.workspace},
                  {"step", call.step},
                  {"agent", call.agent},
                  {"provider", call.provider},
                  {"model", call.model},
                  {"dialect", to_string(call.dialect)},
                  {"status", call.status},
                  {"input", call.usage.input.value},
                  {"cached", call.usage.cached.value},
                  {"cache_write", call.usage.cache_write.value},
                  {"cache_write_hour", call.usage.cache_write_hour.value},
                  {"output", call.usage.output.value},
                  {"reasoning", call.usage.reasoning.value},
                  {"money_micros", call.money.value},
                  {"estimated", call.estimated},
                  {"priced", call.priced},
                  {"duration_us", call.duration.count()}};
  const std::string folder = join_path(state, kFolder);
  const std::string path = join_path(folder, day_of(call.at).substr(0, 7));
  auto file = files.open(path, OpenMode::append);
  if (!file && file.error().code() == Code::not_found) {
    SKEIN_DO(files.make_directories(folder));
    file = files.open(path, OpenMode::append);
  }
  if (!file) return std::unexpected(std::move(file).error());
  return (*file)->append(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<std::vector<LedgerEntry>> read_ledger(FileSystem& files, const std::string& state) {
  std::vector<LedgerEntry> entries;
  const std::string folder = join_path(state, kFolder);
  const auto months = files.list(folder);
  if (!months) {
    if (months.error().code() == Code::not_found) return entries;
    return std::unexpected(months.error());
  }
  for (const DirectoryEntry& month : *months) {
    SKEIN_TRY(const std::string text, read_file(files, join_path(folder, month.name)));
    for (std::string_view rest = text; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (auto entry = entry_of(line)) entries.push_back(std::move(*entry));
    }
  }
  std::ranges::stable_sort(entries, {}, [](const LedgerEntry& one) { return one.call.at; });
  return entries;
}

SpentSoFar::Sums SpentSoFar::at(WallTime now) {
  const std::lock_guard lock(mutex_);
  const std::string day = day_of(now), month = day.substr(0, 7);
  if (month != month_) {
    read_ = 0;
    open_.clear();
    sums_ = {};
  }
  if (day != day_ && month == month_) {  // What this month's earlier days took stays counted.
    sums_.day = {};
  }
  day_ = day;
  month_ = month;
  const auto file = files_.open(join_path(join_path(state_, kFolder), month), OpenMode::read);
  const auto size = file ? (*file)->size() : std::unexpected(file.error());
  if (!size || *size <= read_) return sums_;
  const auto bytes = (*file)->read_at(read_, static_cast<std::size_t>(*size - read_));
  if (!bytes) return sums_;
  read_ += bytes->size();
  open_ += *bytes;
  std::size_t begin = 0;
  for (auto end = open_.find('\n'); end != std::string::npos; begin = end + 1, end = open_.find('\n', begin)) {
    const auto entry = entry_of(std::string_view(open_).substr(begin, end - begin));
    if (!entry) continue;
    const auto add = [&](Sum& sum) {
      sum.money += entry->call.money;
      sum.tokens += entry->call.usage.total();
    };
    add(sums_.month);
    if (day_of(entry->call.at) == day) add(sums_.day);
  }
  open_.erase(0, begin);
  return sums_;
}

}  // namespace skein::agents
