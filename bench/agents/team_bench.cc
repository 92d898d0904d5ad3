// Agents at work: what a sandbox costs beside `git worktree add`, reading and merging large change sets, and whole
// plans of agents that only wait, against the time that they cannot be quicker than.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "agents/manifest.h"
#include "agents/merged_sets.h"
#include "agents/sandbox.h"
#include "agents/team_plan.h"
#include "base/executor.h"
#include "bench/harness/bench.h"
#include "bench/harness/processes.h"

namespace {

using namespace skein;
namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// A git repository of `count` small files in folders of 100, committed. Made once.
std::string repository(int count) {
  const std::string folder = bench::trees_folder() + "/sandbox-" + std::to_string(count);
  if (fs::exists(folder + "/.git/committed")) return folder;
  fs::remove_all(folder);
  for (int i = 0; i < count; ++i)
    write(folder + "/" + std::to_string(i / 100) + "/" + std::to_string(i) + ".txt", std::to_string(i) + "\n");
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-c", "user.name=b", "-c", "user.email=b@localhost"});
    return bench::process_ms(words, folder) >= 0;
  };
  if (!git({"init", "-q"}) || !git({"add", "-A"}) || !git({"commit", "-qm", "b"})) return {};
  write(folder + "/.git/committed", "");
  return folder;
}

void sandboxes(bench::Report& report, int count, const std::string& state) {
  const std::string name = "agents.sandbox." + std::to_string(count);
  if (!report.wants(name)) return;
  const std::string folder = repository(count);
  InlineExecutor executor;
  const auto base = repo::scan(folder, {}, executor);
  if (!base) return;
  agents::SandboxOptions options;
  options.folder = state;
  options.hide = agents::default_hidden_files();
  // The steps of a run look for hidden files once.
  agents::HiddenFiles hidden(*base);
  report.note(name + ".hidden_files", 1000 * bench::seconds([&] { bench::keep(hidden.of(options.hide).size()); }),
              "ms");
  options.hidden = &hidden;
  std::vector<double> ms;
  for (int i = 0; i < 11; ++i)
    ms.push_back(1000 * bench::seconds([&] {
                   const auto sandbox = agents::Sandbox::make(*base, options);
                   if (!sandbox) std::abort();
                   Command command;
                   command.argv = {"/bin/true"};
                   if (!(*sandbox)->run(std::move(command), {})) std::abort();
                 }));
  report.figure(name, bench::median(ms), "ms", bench::Op::at_most, 20);
  const std::string tree = state + "/worktree";
  const double worktree = bench::process_ms({"git", "worktree", "add", "-q", "--detach", tree}, folder);
  report.peer(name, worktree, "ms", "git worktree add");
  [[maybe_unused]] const double removed = bench::process_ms({"git", "worktree", "remove", "--force", tree}, folder);
}

/// A private copy, where no overlay is to be had, beside `cp -a` of the same files, in turns. Nothing is removed before
/// the end: files that are made just after others were removed take longer (docs/performance.md).
void copies(bench::Report& report, int count, const std::string& state) {
  const std::string name = "agents.copy." + std::to_string(count);
  if (!report.wants(name)) return;
  const std::string folder = repository(count);
  ThreadPool pool(static_cast<int>(std::max(2U, std::thread::hardware_concurrency())));
  const auto base = repo::scan(folder, {}, pool);
  if (!base) return;
  agents::SandboxOptions options;
  options.folder = state;
  options.isolation = agents::IsolationPath::plain;
  options.executor = &pool;
  std::vector<double> made, removed, copied;
  std::vector<std::unique_ptr<agents::Sandbox>> sandboxes;
  int copies_made = 0;
  const auto copy = [&] {
    const std::string to = state + "/copied/" + std::to_string(copies_made++);
    fs::create_directories(to);
    copied.push_back(bench::process_ms({"sh", "-c", "cp -a \"$0\"/[0-9]* \"$1\"", folder, to}, state));
  };
  const auto make = [&] {
    made.push_back(1000 * bench::seconds([&] {
                     auto done = agents::Sandbox::make(*base, options);
                     if (!done) std::abort();
                     sandboxes.push_back(std::move(*done));
                   }));
  };
  copy();  // The first reads the files from the disk.
  copied.clear();
  for (int i = 0; i < 3; ++i) {
    i % 2 == 0 ? copy() : make();
    i % 2 == 0 ? make() : copy();
  }
  for (auto& sandbox : sandboxes) removed.push_back(1000 * bench::seconds([&] { sandbox.reset(); }));
  fs::remove_all(state + "/copied");
  if (std::ranges::any_of(copied, [](double ms) { return ms <= 0; })) {
    std::fprintf(stderr, "cp -a failed: there is nothing to compare %s with\n", name.c_str());
    std::exit(1);
  }
  const double peer = bench::median(copied);
  report.figure(name, bench::median(made) / peer, "x of cp -a", bench::Op::at_most, 1.2);
  report.peer(name, peer, "ms", "cp -a");
  report.note(name + ".removed", bench::median(removed), "ms");
}

void change_sets(bench::Report& report, const std::string& state) {
  if (!report.wants("agents.change_set")) return;
  constexpr int kFiles = 1'000;
  const std::string folder = repository(kFiles);
  InlineExecutor executor;
  const auto base = repo::scan(folder, {}, executor);
  if (!base) return;
  agents::SandboxOptions options;
  options.folder = state;
  const auto sandbox = agents::Sandbox::make(*base, options);
  if (!sandbox) return;
  Command command;
  command.argv = {"sh", "-c", "for f in */*.txt; do echo more >> $f; done"};
  command.environment = {"PATH=/usr/bin:/bin"};
  if (!(*sandbox)->run(std::move(command), {})) return;
  std::vector<double> ms;
  for (int i = 0; i < 5; ++i)
    ms.push_back(1000 * bench::seconds([&] {
                   const auto reading = (*sandbox)->changes();
                   if (!reading || reading->set.changes.size() != kFiles) std::abort();
                   agents::ChangeSet other = reading->set;
                   for (auto& change : other.changes) change.after.bytes = "first\n" + change.before.bytes;
                   agents::MergedSets merged;
                   if (!merged.add("one", reading->set) || !merged.add("two", other)) std::abort();
                   bench::keep(merged.conflicts().size());
                 }));
  report.figure("agents.change_set.1000", bench::median(ms), "ms", bench::Op::at_most, 200);
}

std::string agent_text(const std::string& id) {
  return "id = \"" + id +
         "\"\nversion = \"1.0.0\"\ndescription = \"Does what its task says\"\nbackend = \"process\"\n"
         "command = [\"sh\"]\n";
}

std::string step_text(const std::string& id, const std::string& agent, const std::string& task,
                      const std::vector<std::string>& after) {
  std::string text = "\n[[steps]]\nid = \"" + id + "\"\nagent = \"" + agent + "\"\ntask = \"" + task + "\"\nafter = [";
  for (const auto& other : after) text += "\"" + other + "\", ";
  return text + "]\n";
}

/// What a run of the plan takes, in a fresh workspace. Ends the program where it fails.
bench::ProcessCost plan_cost(const std::string& folder, const std::string& plan) {
  fs::remove_all(folder + "/tree");
  write(folder + "/tree/README.md", "# A\n");
  write(folder + "/tree/skein.toml", "");  // Else the repository around it would be the workspace.
  write(folder + "/plan.toml", "version = 1\n" + plan);
  const auto cost = bench::process_cost(
      {bench::skein_binary(), "run", "--plan", folder + "/plan.toml", "--accept", "never"}, folder + "/tree");
  if (cost.ms >= 0) return cost;
  std::fprintf(stderr, "the plan %s/plan.toml failed: there is nothing to measure\n", folder.c_str());
  std::exit(1);
}

void plans(bench::Report& report, const std::string& folder) {
  ::setenv("HOME", folder.c_str(), 1);
  for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"}) ::unsetenv(name);
  write(folder + "/.config/skein/agents/sh.toml", agent_text("sh"));
  if (report.wants("agents.eight_steps")) {
    std::string plan;
    for (int i = 0; i < 8; ++i)
      plan += step_text("s" + std::to_string(i), "sh", "sleep 1; echo done > " + std::to_string(i) + ".txt", {});
    report.figure("agents.eight_steps", plan_cost(folder, plan).ms / 1000, "s", bench::Op::at_most, 1.2);
  }
  if (report.wants("agents.six_groups")) {
    std::ifstream file("docs/examples/team/team.toml", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto team = agents::parse_team_plan(text, "team.toml");
    if (!team) return;
    const double path_s = agents::outlook_of(*team).critical_minutes * 0.06;
    std::string plan;
    for (const auto& step : team->steps)
      plan +=
          step_text(step.id, "sh",
                    "sleep " + std::to_string(*step.minutes * 0.06) + "; echo done > " + step.id + ".txt", step.after);
    report.figure("agents.six_groups", plan_cost(folder, plan).ms / 1000 / path_s, "x of its critical path",
                  bench::Op::at_most, 1.02);
  }
  if (report.wants("agents.waiting_1000")) {
    std::string plan = step_text("first", "sh", "sleep 2; echo done", {});
    for (int i = 0; i < 999; ++i) plan += step_text("s" + std::to_string(i), "sh", "echo done", {"first"});
    report.figure("agents.waiting_1000", plan_cost(folder, plan).peak_mib * 1.048576, "MB", bench::Op::at_most, 30);
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  if (const auto able = can_confine(); !able) {
    std::fprintf(stderr, "bench: no figures of agents: %s\n", able.error().to_string().c_str());
    return report.finish();
  }
  const std::string folder = bench::trees_folder() + "/agents";
  fs::remove_all(folder);
  fs::create_directories(folder + "/state");
  plans(report, folder);  // First: the peak of a process counts that of the one that forked it, which is small yet.
  sandboxes(report, 1'000, folder + "/state");
  sandboxes(report, 100'000, folder + "/state");
  copies(report, 100'000, folder + "/state");
  change_sets(report, folder + "/state");
  return report.finish();
}
