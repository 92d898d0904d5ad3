// A model provider for tests: OpenAI chat completions and responses, Anthropic messages, streamed and not, on loopback.
// It answers what a script says, also wrongly, and keeps what it was asked. Written on plain sockets, so that it shares
// no code with what it tests.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace skein::test {

/// A call of a tool by the model.
struct ScriptedCall {
  std::string name;
  std::string arguments;  ///< JSON.
};

struct ScriptedUsage {
  std::int64_t input = 0;        ///< All of it, with what was cached.
  std::int64_t cached = 0;       ///< Of the input, read from the cache.
  std::int64_t cache_write = 0;  ///< Of the input, written to the cache.
  std::int64_t output = 0;       ///< All of it, with reasoning.
  std::int64_t reasoning = 0;
};

enum class Fault {
  none,
  hang,       ///< Reads the request and says nothing.
  stall,      ///< Sends the head and half of the answer, then nothing.
  cut,        ///< Sends half of the answer and closes.
  malformed,  ///< Half of the answer is no JSON.
};

/// One answer.
struct Reply {
  std::string match{};                   ///< Only for a request whose body holds this; empty: any.
  std::string match_also{};              ///< And this.
  std::string text{};                    ///< What the model says.
  std::vector<ScriptedCall> calls{};     ///< Then it calls these.
  std::optional<ScriptedUsage> usage{};  ///< Told as it is, right or wrong; without: counted, four bytes a token.
  bool no_usage = false;                 ///< It tells none.
  int status = 200;                      ///< Another one: an error in the dialect's shape, with `text` as message.
  int retry_after = -1;                  ///< Seconds of a Retry-After header; negative: none.
  Fault fault = Fault::none;
  int delay_ms = 0;    ///< Before the head.
  int drip_ms = 0;     ///< Between two events of a stream.
  int piece = 16;      ///< Bytes of text in an event of a stream.
  bool again = false;  ///< Is not used up.
};

/// A request as it came.
struct Asked {
  std::string method, path;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;
};

/// Listens on 127.0.0.1 until it goes. Where the script has nothing (more) for a request, it says "done". An answer is
/// no longer than the request's output limit allows, counted as above, unless `usage` is told.
class ModelServer {
 public:
  explicit ModelServer(std::vector<Reply> script = {}, std::uint16_t port = 0);
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }  ///< 0 where it could not listen.
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void add(Reply reply);
  [[nodiscard]] std::vector<Asked> asked() const;
  /// Requests whose client went away before the answer's end.
  [[nodiscard]] int left() const { return left_; }
  /// Waits until `count` requests came; false after `wait_ms`.
  [[nodiscard]] bool wait_for(std::size_t count, int wait_ms = 10'000) const;

 private:
  struct Connection;
  void accept_all(const std::stop_token& stop);
  void serve(int socket);
  Reply reply_for(const std::string& body);

  int listening_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;  // Guards what follows.
  mutable std::condition_variable came_;
  std::vector<Reply> script_;
  std::vector<Asked> asked_;
  std::set<int> sockets_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
  std::atomic<int> left_ = 0;
  std::jthread accepting_;
};

/// A script from JSON: a list of objects with the members of Reply ("usage" with those of ScriptedUsage, "calls" as
/// [{"name", "arguments": {…}}], "fault" by name). Nothing where it is none; `why` says what is wrong.
[[nodiscard]] std::optional<std::vector<Reply>> parse_script(std::string_view json, std::string& why);

}  // namespace skein::test
