#include "cli/run.h"

#include <algorithm>

#include "app/killed_runs.h"
#include "app/operations.h"
#include "app/own_log.h"
#include "base/platform/machine.h"
#include "base/platform/no_sockets.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "text/printable.h"

namespace skein::cli {
namespace {

using engine::Context;
using engine::Json;

/// Lines of an operation that streams, to the console.
class ConsoleLines final : public engine::LineSink {
 public:
  explicit ConsoleLines(Console& console) : console_(console) {}
  Status line(std::string_view text) override {
    SKEIN_DO(console_.out(text));
    return console_.out("\n");
  }
  Status flush() override { return console_.flush(); }

 private:
  Console& console_;
};

/// Failures of steps, for skein's own log, and everything on to the progress line.
class LoggingObserver final : public engine::Observer {
 public:
  LoggingObserver(app::OwnLog& log, engine::Observer* next) : log_(log), next_(next) {}
  void on(const engine::Event& event) override {
    if (const auto* started = std::get_if<engine::RunStarted>(&event)) run_ = started->run;
    if (const auto* failed = std::get_if<engine::StepFailed>(&event))
      log_.write(failed->will_retry ? app::LogLevel::warning : app::LogLevel::error,
                 fmt::format("{}: {}", failed->code, failed->message), {.run = run_, .step = failed->step, .key = {}});
    if (const auto* finished = std::get_if<engine::RunFinished>(&event))
      log_.write(app::LogLevel::info, fmt::format("run {}", finished->status), {.run = run_, .step = {}, .key = {}});
    if (next_ != nullptr) next_->on(event);
  }
  bool wants_every_step() const override { return next_ != nullptr && next_->wants_every_step(); }

 private:
  app::OwnLog& log_;
  engine::Observer* next_;
  std::string run_;
};

class Command {
 public:
  Command(std::span<const std::string> words, const Surroundings& around) : words_(words), around_(around) {}

  Exit run() {
    // Asked for before the words are understood, so that a wrong word is reported as JSON too.
    json_ = std::ranges::find(words_, "--json") != words_.end();
    const Result<Exit> exit = perform();
    if (!exit) {
      const Exit reported = report(exit.error());
      return own_exit_ ? static_cast<Exit>(*own_exit_) : reported;
    }
    if (Status flushed = around_.console.flush(); !flushed) return report(flushed.error());
    return own_exit_ ? static_cast<Exit>(*own_exit_) : *exit;
  }

 private:
  Exit report(const Error& error) {
    static_cast<void>(around_.console.flush());
    if (around_.console.reader_is_gone()) return Exit::interrupted;
    around_.console.err(json_ ? error_json(error) : error_text(error, color_err_));
    return exit_of(error.code());
  }

  bool wants_color(Color color, bool is_terminal) const {
    switch (color) {
      case Color::always:
        return true;
      case Color::never:
        return false;
      case Color::automatic:
        return is_terminal && !find_variable(around_.services.environment, "NO_COLOR") &&
               find_variable(around_.services.environment, "TERM").value_or("") != "dumb";
    }
    return false;
  }

  Result<Exit> perform() {
    engine::OperationTable table = app::make_operations(around_.services);
    register_completion(table);
    SKEIN_TRY(const CommandLine line, parse(table, words_));
    const GlobalOptions& globals = line.globals;
    json_ = globals.json;
    color_err_ = wants_color(globals.color, around_.console.err_is_terminal());
    Context context;
    context.style = {wants_color(globals.color, around_.console.out_is_terminal()), around_.console.columns(),
                     globals.verbose};
    if (globals.help) {
      SKEIN_TRY(const std::string text, help(table, line.help_topic, context.style));
      SKEIN_DO(around_.console.out(text));
      return Exit::ok;
    }
    if (globals.directory) SKEIN_DO(change_directory(*globals.directory));
    context.serial = globals.serial;
    context.no_cache = globals.no_cache;
    context.no_cutoff = globals.no_cutoff;
    context.json = globals.json;
    context.quiet = globals.quiet;
    context.note = [&](std::string_view note) { say_note(note); };
    if (around_.confirm && !globals.json) context.confirm = around_.confirm;
    ConsoleLines lines(around_.console);
    context.lines = &lines;
    context.exit_code = &own_exit_;
    if (!line.operation->info().uses_workspace) {
      if (globals.mode == engine::Mode::airgapped) SKEIN_DO(forbid_sockets());
      return answer(line, context);
    }
    return in_workspace(line, context);
  }

  Result<Exit> in_workspace(const CommandLine& line, Context& context) {
    const GlobalOptions& globals = line.globals;
    app::WorkspaceRequest request;
    request.config_file = globals.config;
    for (const engine::FieldSpec& field : line.operation->input().fields) {
      const auto given = line.input.find(field.name);
      if (!field.traits.selects_workspace || given == line.input.end() || !given->is_string()) continue;
      request.folder = given->get<std::string>();
      request.exact = true;
    }
    if (globals.jobs) request.flags.push_back({"engine.jobs", Json(*globals.jobs), "--jobs"});
    if (globals.mode) request.flags.push_back({"mode.default", Json(engine::name_of(*globals.mode)), "--mode"});
    SKEIN_TRY(const app::Workspace workspace, app::open_workspace(around_.services, request));
    const app::SettingsValues& values = workspace.settings.values();
    context.workspace = workspace.root;
    context.settings = &workspace.settings;
    context.mode = values.mode.preset;
    context.jobs = globals.serial ? 1 : values.engine.jobs > 0 ? values.engine.jobs : usable_processors();
    if (!context.quiet && line.operation->info().name != "doctor")
      for (const std::string& warning : workspace.settings.warnings()) say_note(warning);
    // Before the first thread: the filter holds for all that come.
    if (context.mode == engine::Mode::airgapped) SKEIN_DO(forbid_sockets());
    if (around_.watch_interrupts && !line.operation->info().owns_signals) context.stop = around_.watch_interrupts();

    ProgressLine progress(around_.console, around_.services.clock,
                          {around_.console.err_is_terminal(), around_.console.columns(), globals.verbose});
    app::OwnLog log(log_options(workspace), around_.services.clock);
    LoggingObserver observer(log, context.quiet ? nullptr : &progress);
    context.observer = &observer;
    progress_ = &progress;
    app::finish_killed_runs(around_.services, context);
    Result<Exit> exit = answer(line, context);
    progress_ = nullptr;
    progress.finish(exit ? nullptr : &exit.error());
    if (!exit) log.write(app::LogLevel::error, exit.error().to_string());
    return exit;
  }

  app::OwnLogOptions log_options(const app::Workspace& workspace) const {
    app::OwnLogOptions options;
    options.level = workspace.settings.values().log.level;
    options.keep_secrets = workspace.settings.values().log.keep_secrets;
    options.most = workspace.settings.values().retention.logs_size;
    const auto folders = app::user_folders(around_.services.environment);
    const auto state = folders ? app::locate_state_folder(workspace.root, folders->state, around_.services.mount_of)
                               : Result<app::StateFolder>(std::unexpected(folders.error()));
    if (state) options.folder = state->path;
    if (!state) options.level = app::LogLevel::off;
    return options;
  }

  Result<Exit> answer(const CommandLine& line, const Context& context) {
    SKEIN_TRY(const auto answer, line.operation->run(context, line.input));
    const Exit exit = answer->succeeded() ? Exit::ok : Exit::failed;
    if (progress_ != nullptr) progress_->finish();
    if (line.operation->info().streams) {
      // Its lines are its result; what is left to say is for the person.
      if (!context.json && !context.quiet) {
        SKEIN_DO(around_.console.flush());
        around_.console.err(answer->text(context.style));
      }
      return exit;
    }
    const std::string text = context.json ? answer->json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                                          : answer->text(context.style);
    SKEIN_DO(around_.console.out(text));
    return exit;
  }

  void say_note(std::string_view note) {
    const std::string line =
        json_ ? Json({{"schema", "skein.note/1"}, {"note", note}}).dump(-1, ' ', false, Json::error_handler_t::replace)
              : fmt::format("skein: note: {}", text::printable(note));
    if (progress_ != nullptr)
      progress_->say(line);
    else
      around_.console.err(line + "\n");
  }

  std::span<const std::string> words_;
  const Surroundings& around_;
  bool json_ = false;
  std::optional<int> own_exit_;  // Of `exec`: the command's.
  bool color_err_ = false;
  ProgressLine* progress_ = nullptr;
};

}  // namespace

Exit run(std::span<const std::string> words, const Surroundings& surroundings) {
  return Command(words, surroundings).run();
}

}  // namespace skein::cli
