// hiredis as a table of functions, loaded when first used: most runs have no shared tier and pay nothing for it.
#pragma once

#include <hiredis/hiredis.h>

namespace skein::cache {

/// The functions that we call, named as hiredis' own without "redis".
struct RedisLibrary {
  decltype(&::redisConnectWithTimeout) connect = nullptr;
  decltype(&::redisConnectUnixWithTimeout) connect_unix = nullptr;
  decltype(&::redisSetTimeout) set_timeout = nullptr;
  decltype(&::redisAppendCommandArgv) append = nullptr;
  decltype(&::redisGetReply) get_reply = nullptr;
  decltype(&::redisFormatCommandArgv) format = nullptr;
  decltype(&::redisFreeCommand) free_command = nullptr;
  decltype(&::redisReaderFeed) reader_feed = nullptr;
  decltype(&::redisReaderGetReply) reader_reply = nullptr;
  decltype(&::redisFree) free = nullptr;
  decltype(&::freeReplyObject) free_reply = nullptr;

  /// The library, kept until the program ends; null where it is not installed. Thread-safe.
  [[nodiscard]] static const RedisLibrary* get();
};

}  // namespace skein::cache
