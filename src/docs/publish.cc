#include "docs/publish.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "docs/links.h"
#include "docs/page_set.h"
#include "docs/theme.h"
#include "engine/session.h"
#include "engine/step_context.h"

namespace skein::docs {
namespace {

constexpr std::array<std::string_view, 3> kChangeFiles{kChangesHtml, kChangesJson, kChangesMarkdown};
constexpr std::string_view kFilePages = "files/";  // As links.h says.
/// Files of which facts are compared; a larger change is counted only.
constexpr std::size_t kCompared = 500;

/// Puts the digests of the files that are there into `manifest`, and takes out those that are missing.
void observe(FileSystem& files, const std::string& target, Manifest& manifest) {
  std::erase_if(manifest, [&](SiteFile& file) {
    const auto bytes = read_file(files, join_path(target, file.path));
    if (bytes) file.digest = sha256(*bytes);
    return !bytes;
  });
}

/// Where there is no manifest, the first pages may be somebody's own. A site whose manifest was lost is known by its
/// overview.
Status refuse_foreign(FileSystem& files, const std::string& target) {
  constexpr std::size_t kHead = 2048;
  const auto head_of = [&](std::string_view name) -> std::optional<std::string> {
    const auto file = files.open(join_path(target, name), OpenMode::read);
    if (!file) return {};
    return (*file)->read_at(0, kHead).value_or("");
  };
  if (const auto head = head_of(kOverviewHtml); head && head->contains("name=\"generator\" content=\"skein docs "))
    return {};
  for (const auto name : {kOverviewHtml, kOverviewMarkdown, kLlmsTxt, kSiteIndex})
    if (head_of(name))
      return fail(Code::invalid_argument,
                  "{} holds an {} that skein did not write; choose another folder with --out, or move the file away",
                  target, name);
  return {};
}

}  // namespace

Result<PastSite> read_past_site(FileSystem& files, const std::string& past, const Digest& manifest) {
  // What was to be published when a run was killed stands beside what was published before it.
  for (const auto& path : {past + ".next", past}) {
    const auto bytes = read_file(files, path);
    if (!bytes) continue;
    auto site = decode_past_site(*bytes);
    if (site && site->manifest == manifest) return site;
  }
  return fail(Code::not_found, "nothing is remembered of the publication before");
}

PastSite PublishAgent::now(const engine::StepContext& context) const {
  PastSite now;
  now.look = publication_.look;
  now.languages = publication_.languages;
  now.files = publication_.files;
  const std::size_t first = publication_.pages.size();
  if (publication_.follows != nullptr)
    for (std::size_t k = 0; k < publication_.changed_files.size(); ++k)
      now.files[publication_.changed_files[k]].facts = context.input_digest(first + k);
  else
    for (std::size_t k = 0; k < now.files.size(); ++k) now.files[k].facts = context.input_digest(first + k);
  return now;
}

/// Puts what was changed in front of the log of `before`; null: nothing is known of what was before.
void PublishAgent::tell(PastSite& now, const PastSite* known,
                        const std::vector<engine::FileChange>& site_changes) const {
  SiteChanges changes;
  changes.commit = publication_.commit;
  const auto is_page = [](std::string_view path) { return path.ends_with(".html"); };
  changes.total_pages = static_cast<std::uint64_t>(
      std::ranges::count_if(site_changes, [&](const auto& change) { return is_page(change.path); }));
  if (known == nullptr) {
    changes.first = true;
    now.log.push_back(std::move(changes));
    return;
  }
  const PastSite& before = *known;
  if (before.look != now.look) changes.reasons.push_back("how pages look or the project's name is new");
  if (before.languages != now.languages) changes.reasons.push_back("the rules of languages are new");

  // Files, by two sorted lists.
  std::map<std::string, Edit, std::less<>> edited;
  const auto facts_of = [&](const Digest& digest, std::optional<repo::FileFacts>& facts) {
    const auto bytes = results_.get_blob(digest);
    auto decoded = bytes ? repo::decode_facts(*bytes) : Result<repo::FileFacts>(std::unexpected(bytes.error()));
    if (decoded) facts = std::move(*decoded);
    return decoded.has_value();
  };
  const auto differ = [&](const PastFile* old, const PastFile* is) {
    const auto& path = old != nullptr ? old->path : is->path;
    const Edit edit = old == nullptr ? Edit::added : is == nullptr ? Edit::removed : Edit::changed;
    edited.emplace(path, edit);
    ++changes.total_files;
    if (changes.files.size() < SiteChanges::kKept) changes.files.push_back({edit, path});
    if (old != nullptr && is != nullptr && old->facts == is->facts) return;
    std::optional<repo::FileFacts> was, becomes;
    if (changes.total_files > kCompared || (old != nullptr && !facts_of(old->facts, was)) ||
        (is != nullptr && !facts_of(is->facts, becomes))) {
      changes.symbols_known = false;
      return;
    }
    add_symbol_edits(changes, path, was ? &*was : nullptr, becomes ? &*becomes : nullptr);
  };
  auto old = before.files.begin();
  auto is = now.files.begin();
  while (old != before.files.end() || is != now.files.end()) {
    if (is == now.files.end() || (old != before.files.end() && old->path < is->path)) {
      differ(&*old++, nullptr);
    } else if (old == before.files.end() || is->path < old->path) {
      differ(nullptr, &*is++);
    } else {
      if (old->content != is->content || old->facts != is->facts) differ(&*old, &*is);
      ++old, ++is;
    }
  }

  // Pages, with the nearest reason that is known.
  std::map<std::string, std::string, std::less<>> pages;    // Page of an edited file to the file,
  std::map<std::string, std::string, std::less<>> folders;  // page of a folder to an edited file below it.
  if (!site_changes.empty()) {
    for (const auto& [path, edit] : edited) {
      if (edit != Edit::removed) pages.emplace(file_page(path), path);
      for (std::string_view folder = path; !folder.empty();) {
        const auto slash = folder.rfind('/');
        folder = slash == std::string_view::npos ? std::string_view{} : folder.substr(0, slash);
        folders.try_emplace(module_page(folder), path);
      }
    }
  }
  std::map<std::string, Edit, std::less<>> gone;
  for (const auto& [path, edit] : edited)
    if (edit == Edit::removed) gone.emplace(file_page(path), edit);
  for (const auto& change : site_changes) {
    if (!is_page(change.path) || changes.pages.size() >= SiteChanges::kKept) continue;
    PageEdit page{change.removes() ? Edit::removed : Edit::changed, change.path, {}};
    const auto file = pages.find(change.path);
    const auto edit = file == pages.end() ? edited.end() : edited.find(file->second);
    if (edit != edited.end()) {
      page.why = fmt::format("{} was {}", edit->first, to_string(edit->second));
      if (edit->second == Edit::added) page.edit = Edit::added;
    } else if (gone.contains(change.path)) {
      page.why = "its file was removed, or is no longer documented";
    } else if (!changes.reasons.empty()) {
      page.why = changes.reasons.front();
    } else if (const auto folder = folders.find(change.path); folder != folders.end()) {
      page.why = fmt::format("{} below it {}", folder->second, edited.size() == 1 ? "changed" : "and others changed");
    } else if (change.path.starts_with(kFilePages)) {
      page.why = "what it uses or what uses it changed";
    } else {
      page.why = "what it shows of the repository changed";
    }
    changes.pages.push_back(std::move(page));
  }
  now.log.push_back(std::move(changes));
  for (const auto& past : before.log)
    if (now.log.size() < PastSite::kLog) now.log.push_back(past);
}

Result<std::vector<SiteFile>> PublishAgent::pages_of(engine::StepContext& context, std::size_t i) const {
  const std::string& page = publication_.pages[i];
  if (is_page_set(page)) {
    SKEIN_TRY(const auto bytes, context.input(i));
    return decode_page_set(page, bytes);
  }
  // No page is empty.
  static const Digest kEmpty = sha256("");
  if (context.input_digest(i) == kEmpty) return std::vector<SiteFile>();
  return std::vector<SiteFile>{{page, context.input_digest(i)}};
}

Status PublishAgent::run(engine::StepContext& context) const {
  if (publication_.follows != nullptr) return follow(context);
  const auto& pages = publication_.pages;
  const auto& target = publication_.target;
  Manifest after_site;
  after_site.reserve(pages.size() + site_assets().size() + kChangeFiles.size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    SKEIN_TRY(auto files, pages_of(context, i));
    for (auto& file : files) after_site.push_back(std::move(file));
  }
  for (const auto& asset : site_assets()) {
    SKEIN_TRY(const auto digest, results_.put_blob(asset.bytes));
    after_site.push_back({std::string(asset.path), digest});
  }
  const bool last_stage = publication_.stage == SiteStage::pages;
  if (last_stage)
    for (const auto path : kChangeFiles) after_site.push_back({std::string(path), {}});
  std::sort(after_site.begin(), after_site.end());
  for (std::size_t i = 1; i < after_site.size(); ++i)
    if (after_site[i].path == after_site[i - 1].path)
      return fail(Code::internal, "two pages would be written to {}", after_site[i].path);

  const std::string manifest_path = join_path(target, kManifestName);
  Manifest before;
  auto old = read_file(files_, manifest_path);
  if (old) {
    auto known = decode_manifest(*old);
    if (!known && known.error().code() == Code::unsupported_version)
      return pass(std::move(known).error(), "in " + target + "; remove the folder or choose another with --out");
    if (known) before = std::move(*known);  // A damaged one: all is written again.
  } else if (old.error().code() == Code::not_found) {
    if (mode_ == Mode::install) SKEIN_DO(refuse_foreign(files_, target));
  } else {
    return pass(std::move(old).error(), "while reading the site in " + target);
  }
  if (publication_.state == TargetState::unknown) observe(files_, target, before);
  outcome_.first = before.empty();
  outcome_.total = after_site.size();
  engine::ChangeList list;
  list.target = target;
  list.changes = difference(before, after_site);
  const std::string text = encode(after_site, publication_.stage);
  if (mode_ == Mode::compare) {
    outcome_.changes = std::move(list.changes);
    return {};
  }
  const bool log_is_there = !last_stage || std::ranges::all_of(kChangeFiles, [&](std::string_view path) {
    return std::ranges::any_of(before, [&](const SiteFile& file) { return file.path == path; });
  });
  if (list.changes.empty() && old && *old == text && log_is_there) {
    for (std::size_t i = 0; i < context.step().outputs.size(); ++i) SKEIN_DO(context.output(i, ""));
    return {};
  }
  if (!last_stage) {
    SKEIN_TRY(const auto digest, results_.put_blob(text));
    list.last = {std::string(kManifestName), digest};
    return install(context, std::move(list), text);
  }
  PastSite past = now(context);
  const auto known = old ? read_past_site(files_, publication_.past, sha256(*old)) : Result<PastSite>(PastSite{});
  tell(past, old && known ? &*known : nullptr, list.changes);
  past.manifest = sha256(text);
  SKEIN_TRY(const auto digest, results_.put_blob(text));
  list.last = {std::string(kManifestName), digest};
  return install_last(context, std::move(list), std::move(past), text, [&](std::string_view path) {
    return std::ranges::any_of(before, [&](const SiteFile& file) { return file.path == path; });
  });
}

Status PublishAgent::follow(engine::StepContext& context) const {
  const auto& pages = publication_.pages;
  SKEIN_TRY(const auto old, read_file(files_, join_path(publication_.target, kManifestName)));
  const ManifestText before(old);
  engine::ChangeList list;
  list.target = publication_.target;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    SKEIN_TRY(auto files, pages_of(context, i));
    const auto there = is_page_set(pages[i]) ? before.between(range_of(pages[i]).first, range_of(pages[i]).second)
                                             : std::vector<std::string_view>{pages[i]};
    for (const auto path : there)
      if (!std::ranges::binary_search(files, path, {}, &SiteFile::path) && before.find(path))
        list.changes.push_back({std::string(path), {}});
    for (auto& file : files)
      if (before.find(file.path).value_or(Digest{}) != file.digest)
        list.changes.push_back({std::move(file.path), file.digest});
  }
  std::ranges::sort(list.changes, {}, &engine::FileChange::path);
  const auto twice = std::ranges::adjacent_find(list.changes, {}, &engine::FileChange::path);
  if (twice != list.changes.end()) return fail(Code::internal, "two pages would be written to {}", twice->path);
  outcome_.total = before.size();
  for (const auto& change : list.changes) {
    if (change.removes()) --outcome_.total;
    if (!before.find(change.path)) ++outcome_.total;
  }
  if (list.changes.empty()) return {};
  engine::FileEdit edit = before.edit(list.changes);
  SKEIN_TRY(const auto text, engine::apply_edit(edit, old));
  edit.before = checksum64(old);
  edit.after = checksum64(text);
  PastSite past = now(context);
  tell(past, publication_.follows, list.changes);
  past.manifest = sha256(text);
  SKEIN_TRY(const auto digest, results_.put_blob(encode(edit)));
  list.last = {std::string(kManifestName), digest, engine::ChangeKind::edit};
  return install_last(context, std::move(list), std::move(past), text,
                      [&](std::string_view path) { return before.find(path).has_value(); });
}

Status PublishAgent::install_last(engine::StepContext& context, engine::ChangeList list, PastSite past,
                                  const std::string& text,
                                  const std::function<bool(std::string_view)>& is_there) const {
  const auto add = [&](std::string_view path, const std::string& bytes) -> Status {
    SKEIN_TRY(const auto digest, results_.put_blob(bytes));
    list.changes.push_back({std::string(path), digest});
    return {};
  };
  SKEIN_DO(add(kChangesHtml, changes_html(publication_.site, past.log)));
  SKEIN_DO(add(kChangesJson, changes_json(publication_.site, past.log)));
  SKEIN_DO(add(kChangesMarkdown, changes_markdown(publication_.site, past.log)));
  for (auto& page : past.log.front().pages)
    if (page.edit == Edit::changed && !is_there(page.page)) page.edit = Edit::added;
  // Before the commit: whoever finishes it for a killed run needs nothing else.
  SKEIN_DO(write_file_atomically(files_, publication_.past + ".next", encode(past), false));
  outcome_.log = std::move(past.log.front());
  const Digest manifest = past.manifest;
  SKEIN_DO(install(context, std::move(list), text));
  SKEIN_DO(files_.rename(publication_.past + ".next", publication_.past));
  outcome_.manifest = manifest;
  return {};
}

Status PublishAgent::install(engine::StepContext& context, engine::ChangeList list, const std::string& manifest) const {
  const auto installed = engine::commit(files_, results_, context, list, to_string(publication_.stage),
                                        {.helpers = helpers_, .last = &manifest, .is_ours = true});
  if (!installed) {
    // If a page's bytes are lost, its step makes them again, and this one comes back.
    if (installed.error().code() == Code::data_corrupt || installed.error().code() == Code::not_found)
      for (std::size_t i = 0; i < publication_.pages.size(); ++i) {
        SKEIN_DO(context.input(i));
        SKEIN_TRY(const auto files, pages_of(context, i));
        for (const auto& file : files) {
          auto bytes = results_.get_blob(file.digest);
          if (bytes) continue;
          context.attachment_lost(i);
          return pass(std::move(bytes).error(), "while reading " + file.path);
        }
      }
    return std::unexpected(installed.error());
  }
  outcome_.when = std::chrono::steady_clock::now();
  outcome_.written = installed->written;
  outcome_.removed = installed->removed;
  outcome_.changes = std::move(list.changes);
  for (std::size_t i = 0; i < context.step().outputs.size(); ++i) SKEIN_DO(context.output(i, ""));
  return {};
}

}  // namespace skein::docs
