#include "engine/history.h"

#include <algorithm>

#include "base/bytes.h"

namespace skein::engine {
namespace {

constexpr std::string_view kMagic = "skeinhist1";
constexpr double kNewest = 0.125;

}  // namespace

History History::load(FileSystem& files, const std::string& path) {
  History history;
  const auto bytes = read_file(files, path);
  if (!bytes || !bytes->starts_with(kMagic)) return history;
  ByteReader reader(std::string_view(*bytes).substr(kMagic.size()));
  const std::uint64_t checksum = reader.u64();
  if (checksum != checksum64(reader.rest())) return history;
  const std::size_t count = reader.count(3);
  for (std::size_t i = 0; i < count; ++i) {
    std::string name(reader.text());
    const double mean = static_cast<double>(reader.varint());
    const std::uint64_t samples = reader.varint();
    history.agents_[std::move(name)] = {mean, samples};
  }
  if (!reader.ok()) return {};
  return history;
}

Status History::save(FileSystem& files, const std::string& path) const {
  ByteWriter body;
  body.varint(agents_.size());
  for (const auto& [name, entry] : agents_)
    body.text(name).varint(static_cast<std::uint64_t>(std::max(entry.mean_us, 0.0))).varint(entry.samples);
  ByteWriter out;
  out.u64(checksum64(body.view()));
  return write_file_atomically(files, path, std::string(kMagic).append(out.view()).append(body.view()), false);
}

void History::record(std::string_view agent, Micros duration) {
  auto found = agents_.find(agent);
  if (found == agents_.end()) found = agents_.emplace(std::string(agent), Entry{}).first;
  Entry& entry = found->second;
  const auto value = static_cast<double>(duration.count());
  entry.mean_us = entry.samples == 0 ? value : entry.mean_us + kNewest * (value - entry.mean_us);
  ++entry.samples;
}

std::optional<double> History::expected_us(std::string_view agent) const {
  const auto found = agents_.find(agent);
  if (found == agents_.end()) return std::nullopt;
  return found->second.mean_us;
}

}  // namespace skein::engine
