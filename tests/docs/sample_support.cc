#include "docs/sample_support.h"

#include "docs/html.h"
#include "docs/links.h"
#include "docs/markdown.h"
#include "docs/picture.h"
#include "docs/site_index.h"
#include "docs/theme.h"

namespace skein::docs {
namespace {

using repo::Symbol;
using repo::SymbolKind;
using repo::Visibility;

constexpr std::string_view kReadme = R"(# Wagtail Parcels

[![Build](https://ci.example.org/badge.svg)](https://ci.example.org/parcels) ![logo](docs/logo.png)

<p align="center"><b>Parcel tracking</b> for small carriers.</p>

Wagtail Parcels follows parcels from *label* to **doorstep**. It reads the events of
a dozen carriers, puts them in one order, and answers `where is it?` in one call.

## Install

```sh
pip install wagtail-parcels
parcels serve --port 8080
```

## How it works

1. A [reader](parcels/readers/) asks a carrier and gives events.
2. The [timeline](parcels/timeline.py) sorts and merges them.
3. The [API](parcels/api.py#routes) answers.

| Carrier | Since | Events a day |
|:--------|:-----:|-------------:|
| North   | 1.0   |       12,000 |
| Meridian | 1.4  |        3,500 |

- [x] webhooks
- [ ] returns

See the [site](https://parcels.example.org/?a=1&b=2), the [licence](LICENSE), a [missing page](gone.md) and
[nothing good](javascript:alert(1)).
)";

Symbol symbol(std::string name, SymbolKind kind, std::uint32_t line, std::uint32_t end_line, std::string signature,
              std::string doc = {}, std::uint32_t parent = Symbol::kNoParent,
              Visibility visibility = Visibility::public_) {
  Symbol s;
  s.name = std::move(name);
  s.kind = kind;
  s.visibility = visibility;
  s.parent = parent;
  s.line = line;
  s.end_line = end_line;
  s.signature = std::move(signature);
  s.doc = std::move(doc);
  return s;
}

ModuleEntry module(std::string path, Statement purpose, Counts counts) {
  return {std::move(path), std::move(purpose), counts};
}

FileEntry file(std::string path, std::string language, std::uint64_t lines, std::uint64_t bytes, std::uint64_t symbols,
               std::string summary = {}, std::string mark = {}) {
  FileEntry entry;
  entry.path = std::move(path);
  entry.language = std::move(language);
  entry.lines = lines;
  entry.bytes = bytes;
  entry.symbols = symbols;
  entry.summary = std::move(summary);
  entry.mark = std::move(mark);
  return entry;
}

}  // namespace

SiteContext sample_site() {
  SiteContext site;
  site.project = "Wagtail Parcels";
  return site;
}

Overview sample_overview() {
  Overview o;
  o.tagline = {
      "Wagtail Parcels follows parcels from label to doorstep: it reads the events of a dozen carriers, puts "
      "them in one order, and answers in one call.",
      false, "README.md"};
  o.readme.path = "README.md";
  o.readme.markdown = kReadme;
  o.readme.targets = {
      {"LICENSE", false, false}, {"parcels/api.py"}, {"parcels/readers", true}, {"parcels/timeline.py"}};
  o.totals = {14, 212, 31'870, 1'284'551, 2'410};
  o.languages = {{"Python", 148, 24'310, 911'020},
                 {"TypeScript", 31, 5'120, 180'400},
                 {"Markdown", 12, 1'890, 81'000},
                 {"TOML", 3, 210, 5'120}};
  o.modules = {
      module("docs", {"Guides for people who run it", false, "docs/README.md"}, {2, 12, 1'890, 81'000, 0}),
      module("parcels", {"Tracking of parcels: readers, timeline and API", false, "parcels/__init__.py"},
             {6, 102, 18'200, 702'100, 1'804}),
      module("tests", {"Tests", true, "names"}, {3, 61, 6'110, 209'000, 512}),
      module("web", {"A front end in TypeScript", true, "its files"}, {3, 34, 5'330, 201'000, 94}),
  };
  o.root_files = {file("LICENSE", "", 202, 11'358, 0, "", ""), file("README.md", "Markdown", 44, 1'204, 0),
                  file("pyproject.toml", "TOML", 86, 2'310, 0, "Project settings")};
  o.root_files[0].page = false;
  o.entry_points = {{{"parcels/__main__.py"}, {"script `parcels`", false, "pyproject.toml"}},
                    {{"parcels/api.py"}, {"has a main function", true, "its code"}}};
  o.commands = {{"install", "pip install -e '.[dev]'", {"pyproject.toml has a build system", true, "pyproject.toml"}},
                {"test", "pytest -q", {"stated", false, "CONTRIBUTING.md"}},
                {"run", "parcels serve --port 8080", {"stated", false, "README.md"}},
                {"CI: test", "tox\npytest -q", {"what the job runs", false, ".github/workflows/ci.yml"}}};
  o.dependencies = {{"httpx", ">=0.27", "runtime", "pyproject.toml"},
                    {"pydantic", ">=2,<3", "runtime", "pyproject.toml"},
                    {"pytest", "", "development", "pyproject.toml"},
                    {"vite", "^5.4.0", "development", "web/package.json"}};
  o.reading_order = {{{"parcels/timeline.py"}, "used by 41 files"},
                     {{"parcels/events.py"}, "used by 38 files"},
                     {{"parcels/readers", true}, "used by 12 files"}};
  o.all_entry_points = 7;
  o.hot_spots = {{{"parcels/timeline.py"}, "31 commits, 88 decisions"}};
  o.all_dependencies = o.dependencies.size();
  o.ties = {{{"tests", true}, {"parcels", true}, 61}, {{"web", true}, {"parcels", true}, 2}};
  const Picture picture{Picture::Kind::inside,
                        {{"parcels", "parcels", PictureNode::Role::folder, 102},
                         {"tests", "tests", PictureNode::Role::folder, 61},
                         {"web", "web", PictureNode::Role::folder, 34}},
                        {{1, 0, 61, false}, {2, 0, 2, false}},
                        0,
                        {{"docs", "docs", PictureNode::Role::folder, 12}}};
  o.picture = picture_html(picture, nullptr, kOverviewHtml, "There is no picture here: Graphviz is not installed.");
  o.left_out = {
      {"vendored files", "a folder named node_modules", 4'120, 61'000'000, {"web/node_modules/vite/index.js"}},
      {"binary files", "they hold bytes that are no text", 9, 310'000, {"docs/logo.png", "web/icon.ico"}}};
  o.notes = {"This is a shallow clone: the history is not complete."};
  return o;
}

ModulePage sample_module() {
  ModulePage m;
  m.path = "parcels/readers";
  m.purpose = {"Readers ask a carrier and give events in the form of events.py.", false, "parcels/readers/__init__.py"};
  m.counts = {1, 16, 4'120, 151'300, 402};
  m.modules = {
      module("parcels/readers/legacy", {"Readers of retired interfaces", true, "names"}, {0, 3, 610, 21'000, 44})};
  m.files = {file("parcels/readers/__init__.py", "Python", 31, 940, 2, "Readers ask a carrier and give events."),
             file("parcels/readers/meridian.py", "Python", 412, 15'220, 38, "Reads Meridian's `TrackV2` service."),
             file("parcels/readers/north.py", "Python", 266, 9'871, 21, "Reads the pages of North, which has no API."),
             file("parcels/readers/schema_pb2.py", "Python", 1'204, 48'110, 80, "", "generated"),
             file("parcels/readers/sample.bin", "", 0, 8'192, 0, "", "binary")};
  m.files.back().page = false;
  m.files[1].used_names = {{"Meridian", 4}, {"track", 1}};
  m.uses = {{"parcels", 22}, {"parcels/net", 9}};
  m.used_by = {{"parcels", 3}, {"tests/readers", 16}};
  m.external = {"asyncio", "httpx", "selectolax"};
  Picture around{Picture::Kind::around,
                 {{"parcels/readers", "parcels/readers", PictureNode::Role::subject, 16},
                  {"tests/readers", "tests/readers", PictureNode::Role::folder, 9},
                  {"parcels/net", "parcels/net", PictureNode::Role::folder, 4}},
                 {{0, 2, 9, false}, {1, 0, 16, false}},
                 0,
                 {}};
  const PictureLayout layout{
      420,
      44,
      {{210, 22}, {70, 22}, {360, 22}},
      {{{272, 22}, {285, 22}, {300, 22}, {312, 22}}, {{122, 22}, {130, 22}, {140, 22}, {148, 22}}}};
  m.around = picture_html(around, &layout, module_page(m.path), "");
  m.notes = {};
  return m;
}

FilePage sample_file() {
  FilePage f;
  f.path = "parcels/timeline.py";
  f.language = "Python";
  f.bytes = 12'408;
  auto& facts = f.facts;
  facts.language = "python";
  facts.lines = 318;
  facts.code_lines = 221;
  facts.comment_lines = 58;
  facts.doc =
      "One order for the events of many carriers.\n\nCarriers disagree about clocks and names. A `Timeline` sorts "
      "events by\n"
      "the time at which they must have happened:\n\n- an event never stands before the one that caused it\n"
      "- equal events of two carriers become one\n\nExample::\n\n    timeline = Timeline()\n    timeline.add(event)\n"
      "    assert timeline.latest() is event\n";
  facts.entry_point = false;
  auto& s = facts.symbols;
  s.push_back(symbol("MAX_SKEW", SymbolKind::constant, 14, 14, "MAX_SKEW = timedelta(minutes=20)"));
  s.push_back(symbol("Clock", SymbolKind::type_alias, 16, 16, "Clock = Callable[[], datetime]"));
  s.push_back(symbol("Conflict", SymbolKind::class_, 19, 24, "class Conflict(Exception)",
                     "Two events exclude each other, as in delivered before collected."));
  s.push_back(symbol("Timeline", SymbolKind::class_, 27, 240, "class Timeline(Generic[E])",
                     "Events of one parcel, in the order in which they happened.\n\n"
                     ":param clock: gives the present; tests give a fixed one\n"
                     ":param max_skew: how far two carriers' clocks may differ\n\n"
                     ">>> Timeline().latest() is None\nTrue\n"));
  const std::uint32_t timeline = 3;
  s.push_back(symbol("_events", SymbolKind::field, 41, 41, "_events: list[E]", "", timeline, Visibility::private_));
  s.push_back(symbol("__init__", SymbolKind::method, 44, 52,
                     "def __init__(self, clock: Clock = utc_now, *, max_skew: timedelta = MAX_SKEW) -> None", "",
                     timeline));
  s.push_back(symbol("add", SymbolKind::method, 54, 96,
                     "def add(self, event: E, /, *, source: Reader | None = None) -> bool",
                     "Adds `event`; false if it is known already.\n\nRaises Conflict where it cannot be ordered: see "
                     "https://parcels.example.org/order.",
                     timeline));
  s.push_back(symbol("latest", SymbolKind::method, 98, 103, "def latest(self) -> E | None", "The last event, if any.",
                     timeline));
  s.push_back(symbol("_merge", SymbolKind::method, 105, 160,
                     "def _merge(self, mine: Sequence[E], theirs: Sequence[E]) -> Iterator[E]", "", timeline,
                     Visibility::private_));
  s.push_back(symbol("Cursor", SymbolKind::class_, 162, 200, "class Cursor", "A place in a timeline.", timeline));
  s.push_back(symbol("next", SymbolKind::method, 170, 181, "def next(self) -> Event", "", 9));
  s.push_back(symbol("merge_all", SymbolKind::function, 243, 300,
                     "async def merge_all(timelines: Iterable[Timeline[E]], *, limit: int = 1_000) -> Timeline[E]",
                     "Merges many timelines into a new one.\n\n1. Sorts each.\n2. Merges pairs, smallest first."));
  f.imports = {{"asyncio", {}, 3, true, {}},
               {"datetime", {"datetime", "timedelta"}, 4, true, {}},
               {".events", {"Event"}, 8, false, {"parcels/events.py"}},
               {".net.clock", {"utc_now"}, 9, false, {"parcels/net/clock.py"}},
               {".generated.schema", {}, 10, false, {}}};
  f.used_by = {{"parcels/api.py"}, {"parcels/readers/north.py"}, {"tests/test_timeline.py"}};
  f.used_by_total = 41;
  f.symbol_uses = {{0, 1, {{"parcels/api.py"}}},
                   {3, 41, {{"parcels/api.py"}, {"parcels/readers/north.py"}, {"tests/test_timeline.py"}}},
                   {6, 2, {{"parcels/api.py"}, {"tests/test_timeline.py"}}},
                   {7, 12, {}}};
  return f;
}

FilePage hostile_file(const std::string& text) {
  FilePage f;
  f.path = "a/" + text;
  f.language = text;
  f.notes = {text};
  f.facts.language = text;
  f.facts.doc = text;
  f.facts.lines = 1;
  f.facts.cut = true;
  f.facts.parse_errors = 3;
  f.facts.symbols = {symbol(text, SymbolKind::class_, 1, 2, text, text),
                     symbol(text, SymbolKind::field, 1, 2, text, "", 0),
                     symbol(text, SymbolKind::method, 3, 3, text, "    " + text + "\n\n    >>> " + text, 0)};
  f.imports = {{text, {text, text}, 1, true, {}}, {text, {}, 2, false, {text}}};
  f.used_by = {{text}, {"b/" + text, false, false}};
  f.symbol_uses = {{0, 9, {{text}, {"b/" + text, false, false}}}, {2, 1, {}}};
  return f;
}

ModulePage hostile_module(const std::string& text) {
  ModulePage m;
  m.path = "a/" + text;
  m.purpose = {text, true, text};
  m.readme = {"a/" + text, text + "\n\n[x](" + text + ")\n\n# " + text, {}};
  m.modules = {module("a/" + text, {text, false, text}, {})};
  m.files = {file("a/" + text, text, 1, 1, 1, text, text)};
  m.files.front().used_names = {{text, 1}};
  m.uses = {{text, 1}};
  m.used_by = {{text, 0}};
  m.external = {text};
  const Picture around{Picture::Kind::around,
                       {{"a/" + text, text, PictureNode::Role::subject, 1}, {text, text, PictureNode::Role::folder, 1}},
                       {{0, 1, 3, false}},
                       2,
                       {}};
  const PictureLayout layout{100, 50, {{20, 20}, {80, 20}}, {{{1, 1}, {2, 2}, {3, 3}, {4, 4}}}};
  m.around = picture_html(around, &layout, module_page(m.path), "");
  m.notes = {text};
  return m;
}

Overview hostile_overview(const std::string& text) {
  Overview o;
  o.tagline = {text, false, text};
  o.readme = {text, text + "\n\n[x](" + text + ")\n\n![" + text + "](" + text + ")", {{text}}};
  o.languages = {{text, 1, 1, 1}};
  o.modules = {module(text, {text, true, text}, {})};
  o.root_files = {file(text, text, 0, 0, 0, text, text)};
  o.entry_points = {{{text}, {text, true, text}}};
  o.commands = {{text, text, {text, false, text}}};
  o.dependencies = {{text, text, text, text}};
  o.reading_order = {{{text}, text}, {{text, true, false}, text}};
  o.left_out = {{text, text, 1, 1, {text, text}}};
  o.hot_spots = {{{text}, text}};
  o.ties = {{{text, true}, {text, true, false}, 2}};
  o.picture =
      picture_html({Picture::Kind::inside,
                    {{text, text, PictureNode::Role::folder, 1}, {"b/" + text, text, PictureNode::Role::files, 1}},
                    {{0, 1, 3, true}},
                    2,
                    {{text, text, PictureNode::Role::folder, 1}}},
                   nullptr, kOverviewHtml, "No picture.");
  o.notes = {text};
  return o;
}

TopicPage sample_topic() {
  TopicPage topic{"cycles", "Cycles", "Files that use each other.", "imports.", "", {}};
  topic.sections.push_back({"files",
                            "Cycles of files",
                            "Each uses the next.",
                            {{"Members", true}, {"Shortest way around"}},
                            {{{"2", {}}, {"", {{"parcels/timeline.py"}, {"parcels/events.py"}}, " → "}}},
                            3});
  return topic;
}

TopicPage hostile_topic(const std::string& text) {
  TopicPage topic{"layers", "Layers", text, text, text, {}};
  topic.sections.push_back({"rows",
                            "Rows",
                            text,
                            {{"A", true}, {"B"}},
                            {{{text, {}}, {"", {{text}, {text, true}, {text, false, false}}}}},
                            9});
  return topic;
}

std::vector<std::pair<std::string, std::string>> sample_pages() {
  auto site = sample_site();
  site.theme = theme_version();
  const auto overview = sample_overview();
  const auto module = sample_module();
  const auto file = sample_file();
  std::vector<std::pair<std::string, std::string>> pages = {
      {"index.html", overview_html(site, overview)},
      {"index.md", overview_markdown(site, overview)},
      {"llms.txt", llms_txt(site, overview)},
      {"index.json", site_index_json(site, overview)},
      {module_page(module.path), module_html(site, module)},
      {module_page(module.path, PageForm::markdown), module_markdown(site, module)},
      {module_shard(module.path), module_index_json(site, module)},
      {file_page(file.path), file_html(site, file)},
      {topic_file("cycles", ".html"), topic_html(site, sample_topic())},
      {topic_file("cycles", ".md"), topic_markdown(site, sample_topic())},
      {topic_file("cycles", ".json"), topic_json(site, sample_topic())},
      {file_page(file.path, PageForm::markdown), file_markdown(site, file)},
  };
  for (const auto& asset : site_assets()) pages.emplace_back(asset.path, asset.bytes);
  return pages;
}

}  // namespace skein::docs
