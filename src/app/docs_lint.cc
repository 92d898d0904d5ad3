// `skein docs lint`.
#include <algorithm>
#include <map>
#include <memory>

#include "app/operations.h"
#include "app/rewriting.h"
#include "app/workspace_path.h"
#include "base/executor.h"
#include "docs/manifest.h"
#include "prose/lint.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct LintInput {
  std::vector<std::string> files;
  bool fix = false;

  template <class V>
  static void describe(V& v) {
    v.field("files", &LintInput::files, "Markdown files, and folders of them; none: all of the workspace.",
            {.positional = true, .value_name = "FILE", .is_path = true});
    v.field("fix", &LintInput::fix, "Rewrite what moved. Nothing else in the files is touched.");
  }
};

struct LintFinding {
  std::string file;
  std::int64_t line = 0;
  std::int64_t column = 0;
  std::string kind;
  std::string text;
  std::string message;
  std::string replacement;
  bool fixed = false;

  template <class V>
  static void describe(V& v) {
    v.field("file", &LintFinding::file, "The Markdown file, below the workspace.");
    v.field("line", &LintFinding::line, "Line, from 1.");
    v.field("column", &LintFinding::column, "Column in bytes, from 1.");
    v.field("kind", &LintFinding::kind, "\"path\", \"line\", \"symbol\" or \"anchor\".");
    v.field("text", &LintFinding::text, "What is written there.");
    v.field("message", &LintFinding::message, "What is wrong with it.");
    v.field("replacement", &LintFinding::replacement, "What would be right; empty where skein cannot tell.");
    v.field("fixed", &LintFinding::fixed, "True if it was rewritten.");
  }
};

struct LintOutput {
  std::string status;
  std::int64_t files = 0;
  std::int64_t claims = 0;
  std::int64_t stale = 0;
  std::int64_t fixed = 0;
  std::vector<LintFinding> findings;
  std::vector<std::string> written;

  template <class V>
  static void describe(V& v) {
    v.field("status", &LintOutput::status, "\"ok\", or \"stale\" where something stale is left.");
    v.field("files", &LintOutput::files, "Markdown files that were read.");
    v.field("claims", &LintOutput::claims, "Paths, lines and symbols that they name.");
    v.field("stale", &LintOutput::stale, "Findings that are left.");
    v.field("fixed", &LintOutput::fixed, "Findings that were rewritten.");
    v.field("findings", &LintOutput::findings, "All of them, by file and place.");
    v.field("written", &LintOutput::written, "Files that were rewritten.");
  }
  [[nodiscard]] bool succeeded() const { return status == "ok"; }
};

std::string render(const LintOutput& output, const engine::Style&) {
  std::string text;
  for (const auto& finding : output.findings) {
    text += fmt::format("{}:{}:{}: {}: {}", text::printable(finding.file), finding.line, finding.column,
                        finding.fixed ? "fixed" : "stale", text::printable(finding.message));
    if (!finding.replacement.empty())
      text += fmt::format("; {} `{}`", finding.fixed ? "now" : "should be", text::printable(finding.replacement));
    text += "\n";
  }
  text += fmt::format("{} files, {} paths, lines and symbols named; {} stale", text::format_count(output.files),
                      text::format_count(output.claims), text::format_count(output.stale));
  if (output.fixed > 0)
    text += fmt::format(", {} rewritten in {} files", text::format_count(output.fixed), output.written.size());
  return text + "\n";
}

Result<std::vector<std::string>> chosen_pages(const Context& context, const std::vector<std::string>& asked,
                                              const repo::Snapshot& snapshot) {
  std::vector<std::string> pages;
  std::vector<std::string> folders;
  for (const auto& path : asked) {
    SKEIN_TRY(std::string below, below_root(context.workspace, path));
    if (is_file(path))
      pages.push_back(std::move(below));
    else
      folders.push_back(below.empty() ? "" : below + "/");
  }
  if (asked.empty()) folders.emplace_back("");
  // A site's Markdown is made by `skein docs`, and nobody's to rewrite.
  std::vector<std::string> sites;
  for (const auto& file : snapshot.files)
    if (const std::string_view path = file.path; path.ends_with(docs::kManifestName)) {
      const auto folder = path.substr(0, path.size() - docs::kManifestName.size());
      if (folder.empty() || folder.ends_with('/')) sites.emplace_back(folder);
    }
  const auto is_made = [&](const std::string& path) {
    return std::ranges::any_of(sites, [&](const std::string& site) { return path.starts_with(site); });
  };
  for (const auto& file : snapshot.files)
    if (prose::is_prose(file) && !is_made(file.path) &&
        std::ranges::any_of(folders, [&](const std::string& folder) { return file.path.starts_with(folder); }))
      pages.push_back(file.path);
  std::ranges::sort(pages);
  pages.erase(std::ranges::unique(pages).begin(), pages.end());
  return pages;
}

Result<LintOutput> lint(const Services& services, const Context& context, const LintInput& input) {
  std::unique_ptr<Executor> executor;
  if (context.jobs > 1)
    executor = std::make_unique<ThreadPool>(context.jobs - 1);  // This thread helps.
  else
    executor = std::make_unique<InlineExecutor>();
  if (input.fix) SKEIN_DO(finish_rewriting(services, context));
  SKEIN_TRY(const repo::Snapshot snapshot, repo::scan(context.workspace, {}, *executor));
  SKEIN_TRY(const auto pages, chosen_pages(context, input.files, snapshot));
  const auto past = prose::Past::open(snapshot);
  SKEIN_TRY(auto report, prose::lint(snapshot, pages, past.get(), services.files, *executor, context.stop));
  LintOutput output;
  output.files = static_cast<std::int64_t>(report.files);
  output.claims = static_cast<std::int64_t>(report.claims);
  std::map<std::string, std::vector<prose::Edit>> edits;
  for (auto& finding : report.findings) {
    const bool fixed = input.fix && !finding.edits.empty();
    if (fixed) {
      auto& all = edits[finding.file];
      all.insert(all.end(), finding.edits.begin(), finding.edits.end());
    }
    ++(fixed ? output.fixed : output.stale);
    output.findings.push_back({std::move(finding.file), static_cast<std::int64_t>(finding.line),
                               static_cast<std::int64_t>(finding.column), std::string(to_string(finding.kind)),
                               std::move(finding.text), std::move(finding.message), std::move(finding.replacement),
                               fixed});
  }
  std::vector<prose::Rewrite> rewrites;
  for (auto& [file, changes] : edits) {
    SKEIN_TRY(const auto text, read_file(services.files, join_path(context.workspace, file)));
    // What was linted is what the snapshot has; a file that was edited since is refused by the step.
    const auto* known = snapshot.find(file);
    if (known != nullptr && sha256(text) != known->digest)
      return std::unexpected(Error(Code::unavailable, fmt::format("{} was changed meanwhile", file))
                                 .or_do("nothing was written: do it again"));
    rewrites.push_back({file, sha256(text), prose::with_edits(text, std::move(changes))});
    output.written.push_back(file);
  }
  SKEIN_DO(rewrite_files(services, context, "docs lint", engine::write_json(input).dump(), std::move(rewrites)));
  output.status = output.stale == 0 ? "ok" : "stale";
  return output;
}

}  // namespace

void register_docs_lint(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<LintInput, LintOutput>(
      {.name = "docs lint",
       .summary = "Check what Markdown names: paths, lines, symbols",
       .description =
           "Reads the workspace's Markdown and looks for every path, line (`file.cc:120`, `#L10-L20`) and symbol that "
           "its code spans and links (also of raw HTML) name, for headings that links name (`page.md#heading`), and "
           "for files "
           "in the command lines of fenced code that git knows to be gone. Exit code 1 says that something is not "
           "there any more. --fix rewrites what "
           "moved: files by git's renames, equal bytes or a base name that is there once, symbols by where they are "
           "defined.\n\nURLs, globs, placeholders, other code blocks and ignored paths are not looked at, and nothing "
           "is fetched. A line with `<!-- skein-lint-ignore -->` is left alone, and so is what stands between "
           "`<!-- skein-lint-off -->` and `<!-- skein-lint-on -->`. To document a folder named lint, write `skein docs "
           "./lint`.",
       .examples = {{"skein docs lint", "all Markdown of the workspace"},
                    {"skein docs lint README.md docs", "a file, and a folder"},
                    {"skein docs lint --fix", "rewrite what moved"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files},
       .records_runs = true},
      [&services](const Context& context, const LintInput& input) { return lint(services, context, input); }, render));
}

}  // namespace skein::app
