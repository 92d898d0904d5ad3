#include "engine/history.h"

#include <algorithm>

#include "base/bytes.h"

namespace skein::engine {
namespace {

constexpr std::string_view kMagic = "skeinhist2";
constexpr double kNewest = 0.125;

}  // namespace

History History::load(FileSystem& files, const std::string& path) {
  History history;
  const auto bytes = read_file(files, path);
  if (!bytes || !bytes->starts_with(kMagic)) return history;
  ByteReader reader(std::string_view(*bytes).substr(kMagic.size()));
  const std::uint64_t checksum = reader.u64();
  if (checksum != checksum64(reader.rest())) return history;
  const std::size_t count = reader.count(5);
  for (std::size_t i = 0; i < count; ++i) {
    std::string name(reader.text());
    AgentHistory& agent = history.agents_[std::move(name)];
    for (auto* mean : {&agent.executed_, &agent.attempts_}) {
      mean->us = static_cast<double>(reader.varint());
      mean->samples = reader.varint();
    }
  }
  if (!reader.ok()) return {};
  return history;
}

Status History::save(FileSystem& files, const std::string& path) const {
  ByteWriter body;
  body.varint(agents_.size());
  for (const auto& [name, agent] : agents_) {
    body.text(name);
    for (const auto* mean : {&agent.executed_, &agent.attempts_})
      body.varint(static_cast<std::uint64_t>(std::max(mean->us, 0.0))).varint(mean->samples);
  }
  ByteWriter out;
  out.u64(checksum64(body.view()));
  return write_file_atomically(files, path, std::string(kMagic).append(out.view()).append(body.view()), false);
}

void AgentHistory::Mean::add(double value) {
  us = samples == 0 ? value : us + kNewest * (value - us);
  ++samples;
}

void AgentHistory::record(Micros duration, bool executed) {
  const auto value = static_cast<double>(duration.count());
  attempts_.add(value);
  if (executed) executed_.add(value);
}

AgentHistory& History::of(std::string_view agent) {
  const auto found = agents_.find(agent);
  return found != agents_.end() ? found->second : agents_[std::string(agent)];
}

std::optional<double> History::executed_us(std::string_view agent) const {
  const auto found = agents_.find(agent);
  return found == agents_.end() ? std::nullopt : found->second.executed_us();
}

}  // namespace skein::engine
