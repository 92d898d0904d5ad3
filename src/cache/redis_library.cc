#include "cache/redis_library.h"

#include <dlfcn.h>

namespace skein::cache {
namespace {

// Our headers are of this version; another soname means another ABI.
constexpr const char* kSoname = "libhiredis.so.0.14";

template <class Function>
bool take(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool load(RedisLibrary& redis) {
  void* library = ::dlopen(kSoname, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return false;
  const bool complete =
      take(library, "redisConnectWithTimeout", redis.connect) &&
      take(library, "redisConnectUnixWithTimeout", redis.connect_unix) &&
      take(library, "redisSetTimeout", redis.set_timeout) && take(library, "redisAppendCommandArgv", redis.append) &&
      take(library, "redisGetReply", redis.get_reply) && take(library, "redisFree", redis.free) &&
      take(library, "redisFormatCommandArgv", redis.format) && take(library, "redisFreeCommand", redis.free_command) &&
      take(library, "redisReaderFeed", redis.reader_feed) && take(library, "redisReaderGetReply", redis.reader_reply) &&
      take(library, "freeReplyObject", redis.free_reply);
  if (!complete) ::dlclose(library);
  return complete;
}

}  // namespace

const RedisLibrary* RedisLibrary::get() {
  static const RedisLibrary* const kLibrary = []() -> const RedisLibrary* {
    static RedisLibrary library;
    return load(library) ? &library : nullptr;
  }();
  return kLibrary;
}

}  // namespace skein::cache
