// What a user can ask for, as one table: the command line, HTTP routes, MCP tools, help, completions and schemas are
// all made from it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "engine/schema.h"

namespace skein::engine {

class Observer;  // engine/events.h

/// What an operation may do; a client can ask for fewer.
enum class Permission { read, write_state, write_files, run_code, spend };
enum class Surface { cli, http, mcp };
/// How far skein may reach.
enum class Mode {
  local,      ///< Loopback and unix sockets only.
  burst,      ///< Remote providers too.
  airgapped,  ///< No socket at all, held by the kernel.
};

std::span<const Choice<Permission>> choices_of(Permission);
std::span<const Choice<Surface>> choices_of(Surface);
std::span<const Choice<Mode>> choices_of(Mode);

/// How text for people is rendered.
struct Style {
  bool color = false;
  int width = 80;  ///< Columns, at least 20.
  bool verbose = false;
};

/// The values of the settings by their dotted key; app/settings.h has them all, typed.
class SettingsReader {
 public:
  virtual ~SettingsReader() = default;
  /// The value of `key`, default or set; null for a key that does not exist.
  [[nodiscard]] virtual Json value(std::string_view key) const = 0;
};

/// Takes the lines of an operation that streams. Not thread-safe.
class LineSink {
 public:
  virtual ~LineSink() = default;
  /// One line or several, without the last newline. Errors: `cancelled` when nobody reads any more: end soon and
  /// quietly.
  virtual Status line(std::string_view text) = 0;
  /// Lets the reader have all lines so far: for an operation that goes on for long. Errors: as `line`.
  virtual Status flush() { return {}; }
};

/// What a handler works with, beside its input. References live as long as the call.
struct Context {
  std::string workspace;                     ///< Absolute path of the folder to work on, links resolved.
  const SettingsReader* settings = nullptr;  ///< Never null for an operation with `uses_workspace`.
  Mode mode = Mode::local;
  int jobs = 1;         ///< Threads to compute on, at least 1; 1 with --serial.
  bool serial = false;  ///< Off switches: outputs are byte-equal with or without.
  bool no_cache = false;
  bool no_cutoff = false;
  std::vector<std::string> refresh;  ///< Names of steps to do again whatever the cache holds: `runs retry`.
  bool json = false;                 ///< A streaming operation gives JSON lines.
  bool quiet = false;
  Style style;                              ///< Of lines that stream.
  std::stop_token stop;                     ///< Asked to end: finish what runs, save, return `cancelled`.
  Observer* observer = nullptr;             ///< Gets the engine's events; may be null.
  std::optional<int>* exit_code = nullptr;  ///< Where not null: what the process is to end with, whatever the answer.
  LineSink* lines = nullptr;                ///< Never null for an operation that streams.
  std::function<void(std::string_view)> note;     ///< One line that the user should read; may be empty.
  std::function<bool(std::string_view)> confirm;  ///< Asks yes or no; empty where nobody can answer.

  /// The value of a setting whose key the table has (a wrong key is a programmer's mistake).
  template <class T>
  [[nodiscard]] T setting(std::string_view key) const {
    SKEIN_CHECK(settings != nullptr);
    T value{};
    SKEIN_CHECK(read_json(settings->value(key), value).has_value());
    return value;
  }
};

/// What the handler of an operation gave, its type erased.
class Answer {
 public:
  virtual ~Answer() = default;
  /// The typed output, with `schema` first.
  [[nodiscard]] virtual Json json() const = 0;
  /// For people; ends with a newline unless empty.
  [[nodiscard]] virtual std::string text(const Style& style) const = 0;
  /// False: the operation did what it should, and the work it was about failed (exit code 1).
  [[nodiscard]] virtual bool succeeded() const = 0;
};

/// A command line and what it does.
struct Example {
  std::string_view command;  ///< "skein docs --out site"
  std::string_view what;
};

/// All that describes an operation but its types. The texts are literals.
struct OperationInfo {
  std::string_view name;         ///< Words: "runs list". The last may be a verb, the others group.
  std::string_view summary;      ///< One line of at most 60 characters, no full stop.
  std::string_view description;  ///< Paragraphs, separated by empty lines.
  std::vector<Example> examples = {};
  std::vector<Permission> permissions = {Permission::read};
  std::vector<Surface> surfaces = {Surface::cli, Surface::http, Surface::mcp};
  int version = 1;             ///< Of the output's schema: "skein.runs.list/1".
  bool uses_workspace = true;  ///< False: needs no workspace and no settings (starts fastest).
  bool streams = false;        ///< Gives its result line by line through Context::lines.
  bool owns_signals = false;   ///< Its handler deals with Ctrl-C and the like itself: `exec` hands them on.
  bool records_runs = false;   ///< Its work is a run with a journal: `runs resume` may do it again.
};

/// One row of the table. Cheap to make: its schemas are built when asked for.
class Operation {
 public:
  /// `Input` and `Output` are described types. `render` shows an output to people. An `Output` with a member function
  /// `bool succeeded() const` can say that the work failed.
  template <class Input, class Output>
  static Operation make(OperationInfo info, std::function<Result<Output>(const Context&, Input)> handler,
                        std::string (*render)(const Output&, const Style&));

  [[nodiscard]] const OperationInfo& info() const { return info_; }
  [[nodiscard]] TypeSpec input() const { return input_(); }
  [[nodiscard]] TypeSpec output() const { return output_(); }
  /// "skein.runs.list/1": the `schema` of the output.
  [[nodiscard]] std::string schema_name() const;
  [[nodiscard]] Json input_schema() const;
  [[nodiscard]] Json output_schema() const;
  [[nodiscard]] bool has_surface(Surface surface) const;

  /// Reads the input, runs the handler. Errors: `invalid_argument` for an input that does not fit, and the handler's.
  [[nodiscard]] Result<std::unique_ptr<Answer>> run(const Context& context, const Json& input) const {
    return run_(*this, context, input);
  }

 private:
  OperationInfo info_;
  TypeSpec (*input_)() = nullptr;
  TypeSpec (*output_)() = nullptr;
  std::function<Result<std::unique_ptr<Answer>>(const Operation&, const Context&, const Json&)> run_;
};

/// The operations, in the order of registration. Every product adds its own.
class OperationTable {
 public:
  /// A second operation of one name is a programmer's mistake.
  void add(Operation operation);
  [[nodiscard]] const Operation* find(std::string_view name) const;
  [[nodiscard]] std::span<const Operation> all() const { return operations_; }
  /// True if some operation's name begins with this word and has more: "runs".
  [[nodiscard]] bool is_group(std::string_view word) const;

 private:
  std::vector<Operation> operations_;
};

namespace detail {

/// `json` with `schema` as its first field.
[[nodiscard]] Json with_schema(std::string name, Json json);

template <class Output>
class TypedAnswer final : public Answer {
 public:
  TypedAnswer(std::string schema, Output output, std::string (*render)(const Output&, const Style&))
      : schema_(std::move(schema)), output_(std::move(output)), render_(render) {}
  Json json() const override { return with_schema(schema_, write_json(output_)); }
  std::string text(const Style& style) const override { return render_(output_, style); }
  bool succeeded() const override {
    if constexpr (requires { output_.succeeded(); }) return output_.succeeded();
    return true;
  }

 private:
  std::string schema_;
  Output output_;
  std::string (*render_)(const Output&, const Style&);
};

}  // namespace detail

template <class Input, class Output>
Operation Operation::make(OperationInfo info, std::function<Result<Output>(const Context&, Input)> handler,
                          std::string (*render)(const Output&, const Style&)) {
  Operation operation;
  operation.info_ = std::move(info);
  operation.input_ = &type_spec<Input>;
  operation.output_ = &type_spec<Output>;
  operation.run_ = [handler = std::move(handler), render](const Operation& self, const Context& context,
                                                          const Json& json) -> Result<std::unique_ptr<Answer>> {
    Input input{};
    SKEIN_DO(read_json(json, input));
    SKEIN_TRY(Output output, handler(context, std::move(input)));
    return std::make_unique<detail::TypedAnswer<Output>>(self.schema_name(), std::move(output), render);
  };
  return operation;
}

}  // namespace skein::engine
