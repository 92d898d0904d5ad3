// The two streams of a command and the person at them, so that the command line can be tried without a terminal.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::cli {

/// Implementations buffer `out` and write it on `flush` or when much has come together. Not thread-safe.
class Console {
 public:
  virtual ~Console() = default;
  /// Results. Errors: `cancelled` when nobody reads any more.
  virtual Status out(std::string_view text) = 0;
  virtual Status flush() = 0;
  /// True once nobody reads the results any more (`| head`): no failure worth a word.
  [[nodiscard]] virtual bool reader_is_gone() const = 0;
  /// Errors, notes and progress; at once.
  virtual void err(std::string_view text) = 0;
  [[nodiscard]] virtual bool out_is_terminal() const = 0;
  [[nodiscard]] virtual bool err_is_terminal() const = 0;
  /// Columns of the terminal; 80 where there is none.
  [[nodiscard]] virtual int columns() const = 0;
};

/// The process's own streams. Its destructor flushes.
class SystemConsole final : public Console {
 public:
  ~SystemConsole() override;
  Status out(std::string_view text) override;
  Status flush() override;
  bool reader_is_gone() const override { return reader_is_gone_; }
  void err(std::string_view text) override;
  bool out_is_terminal() const override;
  bool err_is_terminal() const override;
  int columns() const override;

  /// Asks on the terminal; anything but "y" or "yes" is no, and so is a `stop` (Ctrl-C).
  [[nodiscard]] bool ask(std::string_view question, const std::stop_token& stop);
  [[nodiscard]] static bool can_ask();

 private:
  std::string buffer_;
  bool reader_is_gone_ = false;
};

}  // namespace skein::cli
