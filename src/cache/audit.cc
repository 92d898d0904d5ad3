#include "cache/audit.h"

#include <unistd.h>

#include <algorithm>

#include <nlohmann/json.hpp>

namespace skein::cache {
namespace {

constexpr std::string_view kName = "audit";
constexpr std::string_view kSchema = "skein.audit/1";

}  // namespace

Status add_audit(FileSystem& files, const std::string& state, const AuditEntry& entry) {
  nlohmann::ordered_json line;
  line["schema"] = kSchema;
  line["at_us"] = entry.at.time_since_epoch().count();
  line["who"] = entry.who;
  line["what"] = entry.what;
  line["how"] = entry.how;
  line["entries"] = entry.entries;
  line["bytes"] = entry.bytes;
  SKEIN_TRY(auto file, files.open(join_path(state, kName), OpenMode::append));
  SKEIN_DO(file->append(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"));
  return file->sync();
}

Result<std::vector<AuditEntry>> read_audit(FileSystem& files, const std::string& state) {
  std::vector<AuditEntry> entries;
  const auto text = read_file(files, join_path(state, kName));
  if (!text) {
    if (text.error().code() == Code::not_found) return entries;
    return std::unexpected(text.error());
  }
  for (std::size_t at = 0; at < text->size();) {
    const auto end = text->find('\n', at);
    const auto line = std::string_view(*text).substr(at, end == std::string::npos ? end : end - at);
    at = end == std::string::npos ? text->size() : end + 1;
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || json.value("schema", "") != kSchema) continue;
    const auto number = [&](const char* key) {
      return json.contains(key) && json[key].is_number_integer() ? json[key].get<std::int64_t>() : 0;
    };
    const auto word = [&](const char* key) {
      return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
    };
    entries.push_back({WallTime(Micros(number("at_us"))), word("who"), word("what"), word("how"), number("entries"),
                       number("bytes")});
  }
  return entries;
}

Result<std::size_t> trim_audit(FileSystem& files, const std::string& state, WallTime before) {
  const std::string path = join_path(state, kName);
  const auto text = read_file(files, path);
  if (!text) {
    if (text.error().code() == Code::not_found) return std::size_t{0};
    return std::unexpected(text.error());
  }
  std::string kept;
  std::size_t gone = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end);
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const bool is_old = json.is_object() && json.contains("at_us") && json["at_us"].is_number_integer() &&
                        WallTime(Micros(json["at_us"].get<std::int64_t>())) < before;
    if (is_old)
      ++gone;
    else
      kept += line;  // Also what cannot be read: it is somebody's record.
  }
  if (gone > 0) SKEIN_DO(write_file_atomically(files, path, kept, true));
  return gone;
}

std::string current_user() { return fmt::format("uid {}", ::getuid()); }

}  // namespace skein::cache
