// `skein cache clear`, `gc` and `verify`: they take entries away.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "app/asked_commit.h"
#include "app/cache_collection.h"
#include "app/change_runs.h"
#include "app/machinery.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "app/store_repair.h"
#include "cache/audit.h"
#include "cache/contents.h"
#include "cache/namespaces.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

std::string_view explained(std::string_view reason) {
  if (reason == "size") return "by size: more is there than may be, and they cost the least to make again";
  if (reason == "age") return "by age: their namespace's time is over";
  if (reason == "unneeded") return "because no run and no site that is kept needs them";
  if (reason == "clear") return "because you asked for it";
  if (reason == "dependency") return "because they stand on others that go";
  return reason;
}

struct Change {
  std::int64_t entries = 0;
  std::int64_t dependents = 0;
  std::int64_t left = 0;
  std::int64_t freed_bytes = 0;
  std::int64_t repacked = 0;
  std::map<std::string, std::int64_t> by_reason{};
  bool done = false;

  template <class V>
  static void describe(V& v) {
    v.field("entries", &Change::entries, "Results that go, those that stand on them included.");
    v.field("dependents", &Change::dependents, "Of these, results that go because they stand on others.");
    v.field("left", &Change::left, "Results that stay.");
    v.field("freed_bytes", &Change::freed_bytes, "Freed on disk.");
    v.field("repacked", &Change::repacked, "Blobs of old results that are packed smaller.");
    v.field("by_reason", &Change::by_reason, "Why results go: size, age, unneeded, clear, dependency.");
    v.field("done", &Change::done, "False: only said.");
  }
};

std::string render(const Change& change, const engine::Style&) {
  std::string text = fmt::format("{} results {}, {} {}; {} stay\n", text::format_count(change.entries),
                                 change.done ? "removed" : "would go", text::format_bytes(Bytes{change.freed_bytes}),
                                 change.done ? "freed" : "to free", text::format_count(change.left));
  for (const auto& [reason, count] : change.by_reason)
    text += fmt::format("  {:>8} {}\n", text::format_count(count), explained(reason));
  if (change.repacked > 0)
    text += fmt::format("  {:>8} blobs of old results {} smaller\n", text::format_count(change.repacked),
                        change.done ? "packed" : "would be packed");
  return text;
}

Change change_of(const Collection& done) {
  Change change;
  change.entries = done.entries;
  change.left = done.left;
  change.freed_bytes = done.freed_bytes;
  change.repacked = done.repacked;
  change.by_reason = done.by_reason;
  if (const auto found = done.by_reason.find("dependency"); found != done.by_reason.end())
    change.dependents = found->second;
  return change;
}

/// What was asked for goes, and what stands on it.
CollectionPlan plan_clear(const std::vector<cache::Entry>& entries,
                          const std::function<bool(const cache::Entry&)>& asked_for) {
  using cache::EvictionReason;
  const auto going = cache::with_dependents(entries, asked_for);
  CollectionPlan plan{.gone = std::vector<std::optional<EvictionReason>>(entries.size())};
  std::unordered_set<Digest> dropped;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (going[i]) dropped.insert(entries[i].declared);
  // Two results may share a declared key: then both go.
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (dropped.contains(entries[i].declared))
      plan.gone[i] = asked_for(entries[i]) ? EvictionReason::clear : EvictionReason::dependency;
    else
      plan.packing.emplace(entries[i].declared, store::Packing::hot);
  return plan;
}

Result<Change> changed_by(const Services& services, engine::Session& session, const std::vector<cache::Entry>& entries,
                          const CollectionPlan& plan, std::string_view what, std::string how, bool dry_run) {
  SKEIN_TRY(const auto roots, applied_blobs(services, session));  // What `undo` needs stays.
  SKEIN_TRY(const auto done,
            collect(services, session.store(), session.folder(), entries, plan, roots, what, std::move(how), dry_run));
  return change_of(done);
}

struct ClearInput {
  std::optional<std::string> name;
  std::optional<std::chrono::seconds> older_than;
  std::optional<std::string> agent;
  std::optional<std::string> commit;
  bool yes = false;

  template <class V>
  static void describe(V& v) {
    v.field("namespace", &ClearInput::name, "Only results of this namespace.", {.value_name = "NAME"});
    v.field("older_than", &ClearInput::older_than, "Only results made longer ago than this, such as 30d.", {.min = 1});
    v.field("agent", &ClearInput::agent, "Only results of this agent, with or without its version.",
            {.value_name = "AGENT"});
    v.field("commit", &ClearInput::commit,
            "Only results made from this commit (HEAD, a branch, a tag, the beginning of an id), or from this tree.",
            {.value_name = "REV"});
    v.field("yes", &ClearInput::yes, "Do not ask.");
  }
};

Result<Change> clear(const Services& services, const Context& context, const ClearInput& input) {
  const auto& all = settings_of(context).namespaces();
  if (input.name && std::ranges::none_of(all, [&](const auto& one) { return one.name == *input.name; }))
    return std::unexpected(Error(Code::invalid_argument, fmt::format("there is no namespace '{}'", *input.name))
                               .or_do("`skein cache namespaces` lists them"));
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return Change{.done = true};
  std::string commit;
  if (input.commit) {
    SKEIN_TRY(commit, asked_commit(services, context.workspace, *input.commit));
  }
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
    if (input.commit && !cache::is_source(entry.source, commit)) return false;
    return !input.older_than || time_of_run(entry.run) < time_of_run(before);
  };
  const auto plan = plan_clear(entries, asked_for);
  SKEIN_TRY(Change change, changed_by(services, *session, entries, plan, "", "", true));
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
  if (input.commit) how += (how.empty() ? "made from " : ", made from ") + commit;
  SKEIN_TRY(change, changed_by(services, *session, entries, plan, "clear", how.empty() ? "everything" : how, false));
  change.done = true;
  return change;
}

struct CacheGcInput {
  std::optional<Bytes> max_size;
  bool dry_run = false;

  template <class V>
  static void describe(V& v) {
    v.field("max_size", &CacheGcInput::max_size,
            "Results and blobs may take this much on disk; default: the setting cache.disk_size.",
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
  CollectionRules rules = collection_rules(services, context);
  if (input.max_size) rules.limit = static_cast<std::uint64_t>(input.max_size->value);
  const auto& namespaces = settings_of(context).namespaces();
  const auto how = fmt::format("at most {}", text::format_bytes(Bytes{static_cast<std::int64_t>(rules.limit)}));
  SKEIN_TRY(Change change, changed_by(services, *session, entries, plan_collection(entries, namespaces, rules), "gc",
                                      how, input.dry_run));
  if (store::Store* mine = machinery.user_store(); mine != nullptr) {
    // The user's own tier, by the same rules.
    SKEIN_TRY(const auto kept, cache::list_entries(*mine));
    SKEIN_TRY(const auto done,
              collect(services, *mine, session->folder(), kept, plan_collection(kept, namespaces, rules), {}, "gc",
                      how + ", your own tier", input.dry_run));
    change.entries += done.entries;
    change.left += done.left;
    change.freed_bytes += done.freed_bytes;
    change.repacked += done.repacked;
    for (const auto& [reason, count] : done.by_reason) change.by_reason[reason] += count;
  }
  if (input.dry_run) return change;
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
  std::int64_t quarantined = 0;
  bool repaired = false;

  template <class V>
  static void describe(V& v) {
    v.field("blobs", &CacheVerifyOutput::blobs, "Read, and compared with their digests.");
    v.field("results", &CacheVerifyOutput::results, "Read.");
    v.field("bytes", &CacheVerifyOutput::bytes, "Of all blobs, unpacked.");
    v.field("damaged", &CacheVerifyOutput::damaged, "Records, or stretches of a pack, that failed their check.");
    v.field("quarantined", &CacheVerifyOutput::quarantined,
            "Of these, set aside just now in the state folder's quarantine, where somebody can look at them.");
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
  output.quarantined = static_cast<std::int64_t>(session->store().quarantined());
  if (!input.repair || output.damaged == 0) return output;
  SKEIN_DO(repair_store(services, *session, found.damaged));
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
                      "something is damaged. It is the store's part of `skein verify`, which looks at journals and "
                      "pages too.",
       .examples = {{"skein cache verify", "look"}, {"skein cache verify --repair", "and take out what is damaged"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const CacheVerifyInput& input) {
        return cache_verify(services, context, input);
      },
      render));
  table.add(engine::Operation::make<CacheGcInput, Change>(
      {.name = "cache gc",
       .summary = "Keep what is remembered below a size",
       .description =
           "Evicts results that are too old for their namespace, and then more until the rest takes at most "
           "--max-size on disk: those first whose making took the least for each byte they hold, of equal "
           "ones the oldest. Packs smaller what is older than cache.warm_after_days and "
           "cache.cold_after_days. `skein gc` does this too, among other things.\n\nRefused while a run goes "
           "on.",
       .examples = {{"skein cache gc --dry-run", "what would go"},
                    {"skein cache gc --max-size 200MB", "another size than 1 GiB"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const CacheGcInput& input) { return cache_gc(services, context, input); },
      render));
}

}  // namespace skein::app
