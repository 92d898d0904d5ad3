#include "engine/usage_codec.h"

#include <algorithm>

namespace skein::engine {

void encode_usage(ByteWriter& writer, const Usage& usage) {
  for (const std::int64_t value :
       {usage.wall.count(), usage.user_cpu.count(), usage.system_cpu.count(), usage.queued.count(),
        usage.peak_memory.value, usage.bytes_read.value, usage.bytes_written.value, usage.reads, usage.writes,
        usage.network_received.value, usage.network_sent.value, usage.input_tokens.value, usage.cached_tokens.value,
        usage.output_tokens.value, usage.reasoning_tokens.value, usage.money.value})
    writer.varint(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)));
}

Usage decode_usage(ByteReader& reader) {
  const auto next = [&] { return static_cast<std::int64_t>(reader.varint()); };
  Usage usage;
  usage.wall = Micros(next());
  usage.user_cpu = Micros(next());
  usage.system_cpu = Micros(next());
  usage.queued = Micros(next());
  usage.peak_memory = {next()};
  usage.bytes_read = {next()};
  usage.bytes_written = {next()};
  usage.reads = next();
  usage.writes = next();
  usage.network_received = {next()};
  usage.network_sent = {next()};
  usage.input_tokens = {next()};
  usage.cached_tokens = {next()};
  usage.output_tokens = {next()};
  usage.reasoning_tokens = {next()};
  usage.money = {next()};
  return usage;
}

}  // namespace skein::engine
