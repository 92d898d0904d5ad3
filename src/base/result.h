// What a call returns when it can fail: a value, or an Error that a user can act on.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace skein {

/// What kind of failure it is; decides the exit code and whether a retry can help.
enum class Code {
  invalid_argument,     ///< The caller or the user asked for something that cannot be.
  not_found,            ///< The named thing is not there.
  already_exists,       ///< The named thing is there and must not be.
  permission_denied,    ///< The system or a setting does not allow it.
  data_corrupt,         ///< Stored bytes fail their checksum or their format.
  unsupported_version,  ///< Written by a newer skein.
  unavailable,          ///< Transient: a lock is held, a server does not answer; a retry may help.
  resource_exhausted,   ///< Disk full, out of memory, too many files.
  cancelled,            ///< Stopped by the user or by a run that ended.
  timed_out,            ///< Took longer than its limit.
  budget,               ///< Would cross a budget.
  failed_check,         ///< Work was done and is not good: a program failed, a check did not pass.
  conflict,             ///< Somebody else changed the same.
  untrusted,            ///< Comes from a repository that the user has not trusted.
  io,                   ///< Any other failure of the system.
  internal,             ///< A mistake of ours.
};

/// The stable name of a code, as printed in JSON and stored in journals.
[[nodiscard]] std::string_view to_string(Code code);
/// The code of a name that `to_string` gave; `internal` for anything else.
[[nodiscard]] Code parse_code(std::string_view name);

/// A failure: what happened, in words a user can act on, and where it happened.
class Error {
 public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  /// What was being done, innermost first.
  [[nodiscard]] const std::vector<std::string>& context() const { return context_; }

  /// Adds what was being done: `.with("while reading pages/index.md")`.
  [[nodiscard]] Error with(std::string what) && {
    context_.push_back(std::move(what));
    return std::move(*this);
  }
  [[nodiscard]] Error with(std::string what) const& { return Error(*this).with(std::move(what)); }

  /// What the user can do about it, in one sentence; may be empty.
  [[nodiscard]] const std::string& way_out() const { return way_out_; }
  /// Says what to do: `.or_do("run `skein doctor`")`. The innermost advice stays.
  [[nodiscard]] Error or_do(std::string what) && {
    if (way_out_.empty()) way_out_ = std::move(what);
    return std::move(*this);
  }
  [[nodiscard]] Error or_do(std::string what) const& { return Error(*this).or_do(std::move(what)); }

  /// One line: the message, then the context.
  [[nodiscard]] std::string to_string() const;

 private:
  Code code_;
  std::string message_;
  std::vector<std::string> context_;
  std::string way_out_;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

/// `return fail(Code::not_found, "no run {}", id);`
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

/// Passes an error on, with what was being done.
[[nodiscard]] inline std::unexpected<Error> pass(Error error, std::string what) {
  return std::unexpected(std::move(error).with(std::move(what)));
}

/// The error for a failed system call: `errno` sorted into a code, and its text.
[[nodiscard]] Error system_error(int error_number, std::string_view what);

}  // namespace skein

/// Evaluates an expression of type Result<T>; returns its error from the enclosing function, or
/// gives the value.  `SKEIN_TRY(auto file, files.open(path));`
#define SKEIN_TRY_NAME2(a, b) a##b
#define SKEIN_TRY_NAME(a, b) SKEIN_TRY_NAME2(a, b)
#define SKEIN_TRY(declaration, ...)                                                  \
  auto SKEIN_TRY_NAME(skein_try_, __LINE__) = (__VA_ARGS__);                         \
  if (!SKEIN_TRY_NAME(skein_try_, __LINE__))                                         \
    return std::unexpected(std::move(SKEIN_TRY_NAME(skein_try_, __LINE__)).error()); \
  declaration = std::move(SKEIN_TRY_NAME(skein_try_, __LINE__)).value()
/// The same for a Status: `SKEIN_DO(file.sync());`
#define SKEIN_DO(...)                                             \
  do {                                                            \
    if (auto skein_do_status = (__VA_ARGS__); !skein_do_status)   \
      return std::unexpected(std::move(skein_do_status).error()); \
  } while (false)
