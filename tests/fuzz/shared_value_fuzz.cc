// What a shared server may hold, and how its address may be written: nothing of it crashes or is believed unsealed.
#include <cstdlib>
#include <string_view>

#include "cache/envelope.h"
#include "cache/shared_address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  using namespace skein;
  if (const auto address = cache::parse_shared_address(input);
      address && address->socket.empty() == address->host.empty())
    std::abort();
  const WallTime now = WallTime() + std::chrono::hours(1);
  if (cache::unseal("key", "secret", input, now, std::chrono::hours(1))) std::abort();
  // What lies behind a true seal is parsed, too.
  const auto sealed = cache::seal("key", "", input, std::nullopt);
  const auto opened = cache::unseal("key", "", sealed, now, std::chrono::hours(1));
  if (!opened || *opened != input) std::abort();
  return 0;
}
