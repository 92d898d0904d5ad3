// How fast the Markdown of a large tree is read and its claims are checked.
#include <string>

#include "base/file_system.h"
#include "bench/harness/bench.h"
#include "prose/claim.h"
#include "prose/lint.h"
#include "prose/markdown_spans.h"
#include "repo/snapshot.h"

using namespace skein;
using namespace skein::bench;

int main(int argc, char** argv) {
  Report report(argc, argv);
  if (report.wants("prose.spans")) {
    std::string page;
    while (page.size() < (4u << 20))
      page +=
          "## Part\n\nThe `src/engine/run.cc:12` of [the engine](src/engine/plan.h#L3) calls `Plan::check()` for each "
          "step, and `make -j2` builds it.\n\n- a list, *with* words\n\n```\ncode `src/x.cc`\n```\n\n";
    std::size_t claims = 0;
    const double s = median_seconds(5, [&] {
      claims = 0;
      for (const auto& span : prose::read_spans(page))
        claims += prose::read_claim(span, [](std::string_view) { return true; }).path ? 1 : 0;
    });
    keep(claims);
    report.figure("prose.spans", static_cast<double>(page.size()) / s / 1e6, "MB/s", Op::at_least, 20);
  }
  if (report.wants("prose.lint")) {
    // The Markdown that Debian's documentation packages bring, all of it: what is there depends on the machine.
    ThreadPool pool(2);
    const auto files = make_system_file_system();
    const auto snapshot = repo::scan("/usr/lib/python3/dist-packages", {}, pool);
    const std::string root = snapshot ? snapshot->root : "";
    if (!snapshot) {
      report.note("prose.lint.left_out", 0, "no_such_tree");
      return report.finish();
    }
    std::vector<std::string> pages;
    for (const auto& file : snapshot->files)
      if (file.path.ends_with(".md")) pages.push_back(file.path);
    if (pages.empty()) {
      report.note("prose.lint.left_out", 0, "no_markdown");
      return report.finish();
    }
    std::size_t bytes = 0;
    const double s = median_seconds(3, [&] {
      const auto found = prose::lint(*snapshot, pages, nullptr, *files, pool);
      bytes = found ? found->bytes : 0;
    });
    report.note("prose.lint.markdown", static_cast<double>(bytes) / s / 1e6, "MB/s");
    report.note("prose.lint", s * 1e3, "ms");
  }
  return report.finish();
}
