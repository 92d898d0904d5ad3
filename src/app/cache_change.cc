// `skein cache clear`, `gc` and `verify`: they take entries away.
#include <algorithm>

#include "app/machinery.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "cache/audit.h"
#include "cache/contents.h"
#include "cache/namespaces.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

struct Change {
  std::int64_t entries = 0;
  std::int64_t dependents = 0;
  std::int64_t left = 0;
  std::int64_t freed_bytes = 0;
  bool done = false;

  template <class V>
  static void describe(V& v) {
    v.field("entries", &Change::entries, "Results that go, those that stand on them included.");
    v.field("dependents", &Change::dependents, "Of these, results that go because they stand on others.");
    v.field("left", &Change::left, "Results that stay.");
    v.field("freed_bytes", &Change::freed_bytes, "Freed on disk.");
    v.field("done", &Change::done, "False: only said.");
  }
};

std::string render(const Change& change, const engine::Style&) {
  return fmt::format("{} results {} ({} of them stand on others), {} {}; {} stay\n", text::format_count(change.entries),
                     change.done ? "removed" : "would go", text::format_count(change.dependents),
                     text::format_bytes(Bytes{change.freed_bytes}), change.done ? "freed" : "to free",
                     text::format_count(change.left));
}

Status refuse_while_running(FileSystem& files, const std::string& state) {
  SKEIN_TRY(const auto runs, engine::list_runs(files, state));
  for (const auto& run : runs)
    if (is_running(state, run))
      return std::unexpected(
          Error(Code::unavailable, fmt::format("run {} still goes on, and may need what would go", run))
              .or_do("wait for its end"));
  return {};
}

/// What stays, by declared key and by dropped positions. Two results may share a declared key: then both go.
std::unordered_set<Digest> staying(const std::vector<cache::Entry>& entries, std::vector<bool>& gone) {
  std::unordered_set<Digest> dropped;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (gone[i]) dropped.insert(entries[i].declared);
  std::unordered_set<Digest> stay;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    gone[i] = dropped.contains(entries[i].declared);
    if (!gone[i]) stay.insert(entries[i].declared);
  }
  return stay;
}

Result<Change> count_change(store::Store& store, const std::vector<cache::Entry>& entries,
                            const std::unordered_set<Digest>& stay) {
  Change change;
  for (const auto& entry : entries) ++(stay.contains(entry.declared) ? change.left : change.entries);
  SKEIN_TRY(const auto now, store.stats());
  SKEIN_TRY(const auto left, store.gc([&](const Digest& declared) { return stay.contains(declared); }, {}, true));
  change.freed_bytes = static_cast<std::int64_t>(now.pack_bytes - std::min(now.pack_bytes, left.pack_bytes));
  return change;
}

Status drop(const Services& services, engine::Session& session, const std::vector<cache::Entry>& entries,
            const std::unordered_set<Digest>& stay, std::string_view what, std::string how, const Change& change) {
  SKEIN_TRY(const auto left, session.store().gc([&](const Digest& declared) { return stay.contains(declared); }, {}));
  static_cast<void>(left);
  cache::Counts counts;
  for (const auto& entry : entries)
    if (!stay.contains(entry.declared)) ++counts[entry.agent.substr(0, entry.agent.find('@'))].evictions;
  const auto now = services.clock.wall();
  SKEIN_DO(cache::add_counts(services.files, session.folder(), counts, now));
  return cache::add_audit(
      services.files, session.folder(),
      {now, cache::current_user(), std::string(what), std::move(how), change.entries, change.freed_bytes});
}

struct ClearInput {
  std::optional<std::string> name;
  std::optional<std::chrono::seconds> older_than;
  std::optional<std::string> agent;
  bool yes = false;

  template <class V>
  static void describe(V& v) {
    v.field("namespace", &ClearInput::name, "Only results of this namespace.", {.value_name = "NAME"});
    v.field("older_than", &ClearInput::older_than, "Only results made longer ago than this, such as 30d.", {.min = 1});
    v.field("agent", &ClearInput::agent, "Only results of this agent, with or without its version.",
            {.value_name = "AGENT"});
    v.field("yes", &ClearInput::yes, "Do not ask.");
  }
};

Result<Change> clear(const Services& services, const Context& context, const ClearInput& input) {
  const auto& all = cache::builtin_namespaces();
  if (input.name && std::ranges::none_of(all, [&](const auto& one) { return one.name == *input.name; }))
    return std::unexpected(Error(Code::invalid_argument, fmt::format("there is no namespace '{}'", *input.name))
                               .or_do("`skein cache namespaces` lists them"));
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return Change{.done = true};
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_DO(refuse_while_running(services.files, state->path));
  SKEIN_TRY(const auto entries, cache::list_entries(session->store()));
  std::string before;
  if (input.older_than) before = engine::make_run_id(services.clock.wall() - *input.older_than, 0);
  const auto asked_for = [&](const cache::Entry& entry) {
    if (input.name) {
      const auto* found = cache::namespace_of(all, entry.agent);
      if (found == nullptr || found->name != *input.name) return false;
    }
    if (input.agent && entry.agent != *input.agent && entry.agent.substr(0, entry.agent.find('@')) != *input.agent)
      return false;
    return !input.older_than || time_of_run(entry.run) < time_of_run(before);
  };
  auto gone = cache::with_dependents(entries, asked_for);
  const auto stay = staying(entries, gone);
  SKEIN_TRY(Change change, count_change(session->store(), entries, stay));
  change.dependents = change.entries - static_cast<std::int64_t>(std::ranges::count_if(entries, asked_for));
  if (change.entries == 0) {
    change.done = true;
    return change;
  }
  if (!input.yes) {
    const auto question =
        fmt::format("Remove {} results, about {}? What goes is made again when it is needed.",
                    text::format_count(change.entries), text::format_bytes(Bytes{change.freed_bytes}));
    if (!context.confirm)
      return std::unexpected(
          Error(Code::invalid_argument, question + " Nobody can be asked here").or_do("say --yes to do it"));
    if (!context.confirm(question)) return change;
  }
  std::string how = input.name ? "namespace " + *input.name : std::string();
  if (input.agent) how += (how.empty() ? "agent " : ", agent ") + *input.agent;
  if (input.older_than) how += fmt::format("{}older than {} s", how.empty() ? "" : ", ", input.older_than->count());
  SKEIN_DO(drop(services, *session, entries, stay, "clear", how.empty() ? "everything" : how, change));
  change.done = true;
  return change;
}

struct CacheGcInput {
  Bytes max_size{kGiB};
  bool dry_run = false;

  template <class V>
  static void describe(V& v) {
    v.field("max_size", &CacheGcInput::max_size, "Results and blobs may take this much on disk.",
            {.value_name = "SIZE", .min = 0});
    v.field("dry_run", &CacheGcInput::dry_run, "Only say what would go.");
  }
};

Result<Change> cache_gc(const Services& services, const Context& context, const CacheGcInput& input) {
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return Change{.done = !input.dry_run};
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_DO(refuse_while_running(services.files, state->path));
  SKEIN_TRY(const auto entries, cache::list_entries(session->store()));
  auto gone = cache::evicted(entries, static_cast<std::uint64_t>(input.max_size.value));
  const auto stay = staying(entries, gone);
  SKEIN_TRY(Change change, count_change(session->store(), entries, stay));
  if (input.dry_run) return change;
  if (change.entries > 0 || change.freed_bytes > 0)
    SKEIN_DO(drop(services, *session, entries, stay, "gc",
                  fmt::format("at most {}", text::format_bytes(input.max_size)), change));
  change.done = true;
  return change;
}

struct CacheVerifyInput {
  bool repair = false;
  template <class V>
  static void describe(V& v) {
    v.field("repair", &CacheVerifyInput::repair, "Rewrite the store without what is damaged.");
  }
};

struct CacheVerifyOutput {
  std::int64_t blobs = 0;
  std::int64_t results = 0;
  std::int64_t bytes = 0;
  std::int64_t damaged = 0;
  bool repaired = false;

  template <class V>
  static void describe(V& v) {
    v.field("blobs", &CacheVerifyOutput::blobs, "Read, and compared with their digests.");
    v.field("results", &CacheVerifyOutput::results, "Read.");
    v.field("bytes", &CacheVerifyOutput::bytes, "Of all blobs, unpacked.");
    v.field("damaged", &CacheVerifyOutput::damaged, "Records, or stretches of a pack, that failed their check.");
    v.field("repaired", &CacheVerifyOutput::repaired, "True if they were taken out.");
  }
  [[nodiscard]] bool succeeded() const { return damaged == 0 || repaired; }
};

std::string render(const CacheVerifyOutput& output, const engine::Style&) {
  std::string text = fmt::format("{} blobs ({}) and {} results read\n", text::format_count(output.blobs),
                                 text::format_bytes(Bytes{output.bytes}), text::format_count(output.results));
  if (output.damaged == 0) return text + "Nothing is damaged.\n";
  return text + fmt::format("{} damaged; {}\n", output.damaged,
                            output.repaired ? "taken out, and made again when needed"
                                            : "`skein cache verify --repair` takes this out");
}

Result<CacheVerifyOutput> cache_verify(const Services& services, const Context& context,
                                       const CacheVerifyInput& input) {
  CacheVerifyOutput output;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const auto found, session->store().verify());
  output.blobs = static_cast<std::int64_t>(found.blobs);
  output.results = static_cast<std::int64_t>(found.results);
  output.bytes = static_cast<std::int64_t>(found.raw_bytes);
  output.damaged = static_cast<std::int64_t>(found.damaged);
  if (!input.repair || output.damaged == 0) return output;
  SKEIN_DO(refuse_while_running(services.files, state->path));
  SKEIN_TRY(const auto left, session->store().gc([](const Digest&) { return true; }, {}));
  SKEIN_DO(cache::add_audit(services.files, state->path,
                            {services.clock.wall(), cache::current_user(), "repair",
                             fmt::format("{} damaged", output.damaged), static_cast<std::int64_t>(left.results), 0}));
  output.repaired = true;
  return output;
}

}  // namespace

void register_cache_changes(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<ClearInput, Change>(
      {.name = "cache clear",
       .summary = "Remove remembered results",
       .description = "Removes results, all or some, and with them every result that stands on what they made. Says "
                      "first what goes, and asks; where nobody can be asked, it needs --yes. What goes is made again "
                      "when it is needed.\n\nRefused while a run goes on.",
       .examples = {{"skein cache clear --namespace parses", "one namespace and what stands on it"},
                    {"skein cache clear --older-than 30d --yes", "without a question"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const ClearInput& input) { return clear(services, context, input); },
      render));
  table.add(engine::Operation::make<CacheVerifyInput, CacheVerifyOutput>(
      {.name = "cache verify",
       .summary = "Check every remembered byte",
       .description = "Reads every record of the store and checks it, blobs by their digest. Exit code 1 says that "
                      "something is damaged. `skein verify` does the same, and looks at journals and pages too.",
       .examples = {{"skein cache verify", "look"}, {"skein cache verify --repair", "and take out what is damaged"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const CacheVerifyInput& input) {
        return cache_verify(services, context, input);
      },
      render));
  table.add(engine::Operation::make<CacheGcInput, Change>(
      {.name = "cache gc",
       .summary = "Keep what is remembered below a size",
       .description = "Evicts results until the rest takes at most --max-size on disk: those first whose making took "
                      "the least for each byte they hold, of equal ones the oldest. `skein gc` removes by age and "
                      "use instead.\n\nRefused while a run goes on.",
       .examples = {{"skein cache gc --dry-run", "what would go"},
                    {"skein cache gc --max-size 200MB", "another size than 1 GiB"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const CacheGcInput& input) { return cache_gc(services, context, input); },
      render));
}

}  // namespace skein::app
