#include "cache/redis_connection.h"

#include <signal.h>
#include <sys/time.h>

#include <array>
#include <cerrno>

namespace skein::cache {
namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kChunk = 16u << 10;

/// hiredis writes without MSG_NOSIGNAL: while this lives, a server that went away ends no process.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutPipeSignal() {
    const timespec at_once{};
    if (!was_pending_)
      while (sigtimedwait(&pipe_, nullptr, &at_once) == -1 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

RedisReply taken(const redisReply& reply, int depth = 0) {
  RedisReply result;
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      result.kind = reply.type == REDIS_REPLY_ERROR ? RedisReply::Kind::error : RedisReply::Kind::text;
      result.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_INTEGER:
      result.kind = RedisReply::Kind::number;
      result.number = reply.integer;
      break;
    case REDIS_REPLY_ARRAY:
      result.kind = RedisReply::Kind::list;
      if (depth < kDeepest)
        for (std::size_t i = 0; i < reply.elements; ++i) result.list.push_back(taken(*reply.element[i], depth + 1));
      break;
    default:
      break;
  }
  return result;
}

/// The words of a command as hiredis takes them; they point into it.
struct Words {
  explicit Words(const RedisConnection::Command& command) {
    for (const auto& word : command) {
      begins.push_back(word.data());
      sizes.push_back(word.size());
    }
  }
  [[nodiscard]] int count() const { return static_cast<int>(begins.size()); }
  std::vector<const char*> begins;
  std::vector<std::size_t> sizes;
};

RedisReply taken_and_freed(void* raw) {
  auto reply = taken(*static_cast<redisReply*>(raw));
  RedisLibrary::get()->free_reply(raw);
  return reply;
}

}  // namespace

void RedisConnection::close() {
  tls_.reset();  // It uses the socket.
  context_.reset();
}

Error RedisConnection::lost(std::string_view what) {
  const bool late = context_ != nullptr && context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
  const std::string why = context_ == nullptr  ? "no connection"
                          : late               ? fmt::format("no answer within {} ms", time_limit_.count())
                          : context_->err != 0 ? context_->errstr
                                               : "unknown";
  close();
  return {late ? Code::timed_out : Code::unavailable, fmt::format("{} {}: {}", what, address_.shown(), why)};
}

Status RedisConnection::connect() {
  const auto* library = RedisLibrary::get();
  if (library == nullptr)
    return std::unexpected(
        Error(Code::unavailable, "hiredis is not installed").or_do("install Debian's libhiredis0.14"));
  const timeval limit{time_limit_.count() / 1000, static_cast<suseconds_t>(time_limit_.count() % 1000 * 1000)};
  context_.reset(address_.socket.empty() ? library->connect(address_.host.c_str(), address_.port, limit)
                                         : library->connect_unix(address_.socket.c_str(), limit));
  if (context_ == nullptr || context_->err != 0) return std::unexpected(lost("cannot reach"));
  if (library->set_timeout(context_.get(), limit) != REDIS_OK) return std::unexpected(lost("cannot set up"));
  if (address_.tls) {
    auto channel = TlsChannel::open(context_->fd, address_.host);
    if (!channel) {
      close();
      return pass(std::move(channel).error(), "while reaching " + address_.shown());
    }
    tls_.emplace(std::move(*channel));
  }
  std::vector<Command> greeting;
  if (!address_.password.empty())
    greeting.push_back(address_.user.empty() ? Command{"AUTH", address_.password}
                                             : Command{"AUTH", address_.user, address_.password});
  if (address_.database != 0) greeting.push_back({"SELECT", std::to_string(address_.database)});
  if (greeting.empty()) return {};
  SKEIN_TRY(const auto answers, exchange(greeting));
  for (const auto& answer : answers)
    if (answer.kind == RedisReply::Kind::error) {
      close();
      return fail(Code::unavailable, "{} refuses: {}", address_.shown(), answer.text);
    }
  return {};
}

Result<std::vector<RedisReply>> RedisConnection::exchange(std::span<const Command> commands) {
  if (tls_) {
    auto answers = exchange_over_tls(commands);
    if (!answers) {
      close();
      return pass(std::move(answers).error(), "while asking " + address_.shown());
    }
    return answers;
  }
  const auto* library = RedisLibrary::get();
  for (const auto& command : commands) {
    Words words(command);
    if (library->append(context_.get(), words.count(), words.begins.data(), words.sizes.data()) != REDIS_OK)
      return std::unexpected(lost("cannot write to"));
  }
  std::vector<RedisReply> answers;
  answers.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    void* raw = nullptr;
    errno = 0;
    if (library->get_reply(context_.get(), &raw) != REDIS_OK || raw == nullptr)
      return std::unexpected(lost("cannot read from"));
    answers.push_back(taken_and_freed(raw));
  }
  return answers;
}

Result<std::vector<RedisReply>> RedisConnection::exchange_over_tls(std::span<const Command> commands) {
  const auto* library = RedisLibrary::get();
  std::string request;
  for (const auto& command : commands) {
    Words words(command);
    char* formed = nullptr;
    const int size = library->format(&formed, words.count(), words.begins.data(), words.sizes.data());
    if (size < 0) return fail(Code::resource_exhausted, "no memory for a command");
    request.append(formed, static_cast<std::size_t>(size));
    library->free_command(formed);
  }
  SKEIN_DO(tls_->write(request));
  std::vector<RedisReply> answers;
  answers.reserve(commands.size());
  std::array<char, kChunk> chunk;
  while (answers.size() < commands.size()) {
    void* raw = nullptr;
    if (library->reader_reply(context_->reader, &raw) != REDIS_OK)
      return fail(Code::unavailable, "an answer is no Redis server's: {}", context_->reader->errstr);
    if (raw != nullptr) {
      answers.push_back(taken_and_freed(raw));
      continue;
    }
    SKEIN_TRY(const auto got, tls_->read(chunk));
    if (library->reader_feed(context_->reader, chunk.data(), got) != REDIS_OK)
      return fail(Code::unavailable, "an answer is no Redis server's: {}", context_->reader->errstr);
  }
  return answers;
}

Result<std::vector<RedisReply>> RedisConnection::call(std::span<const Command> commands) {
  const WithoutPipeSignal guard;
  if (context_ == nullptr) SKEIN_DO(connect());
  return exchange(commands);
}

}  // namespace skein::cache
