#include "docs/site_memory.h"

#include "base/bytes.h"

namespace skein::docs {
namespace {

constexpr std::uint8_t kVersion = 1;

std::string encode_extra(const SiteMemory::Bond& bond, const SiteSources& sources, std::string_view rest) {
  ByteWriter out;
  out.reserve(32 * (sources.contents.size() + sources.folders.size()) + rest.size() + 1024);
  out.u8(kVersion).digest(bond.manifest).u64(bond.table).digest(sources.common);
  for (const auto* digests : {&sources.contents, &sources.folders}) {
    out.varint(digests->size());
    for (const auto& digest : *digests) out.digest(digest);
  }
  out.varint(sources.single.size());
  for (const auto& [kind, digest] : sources.single) out.u8(static_cast<std::uint8_t>(kind)).digest(digest);
  out.text(rest);
  return out.take();
}

}  // namespace

SiteSources SiteSources::of(const SiteTree& tree, const SiteSteps& steps) {
  SiteSources sources;
  sources.common = steps.common();
  sources.contents.reserve(tree.pages);
  for (const auto& file : tree.files)
    if (file.page) sources.contents.push_back(file.file->digest);
  sources.folders.reserve(tree.folders.size());
  for (std::uint32_t i = 0; i < tree.folders.size(); ++i) sources.folders.push_back(steps.folder(i));
  for (const auto kind : SiteSteps::single()) {
    const auto step = steps.make({kind, 0});
    sources.single.emplace_back(
        kind, engine::declared_digest(step.agent->name(), step.agent->result_version(), step.parts, {}));
  }
  return sources;
}

Result<SiteMemory> SiteMemory::open(const std::string& path) {
  SKEIN_TRY(auto plan, engine::RememberedPlan::open(path));
  SiteMemory memory(std::move(plan));
  ByteReader in(memory.plan_.extra());
  if (in.u8() != kVersion) return fail(Code::data_corrupt, "what is remembered of the last plan has another format");
  memory.bond_.request = memory.plan_.request();
  memory.bond_.manifest = in.digest();
  memory.bond_.table = in.u64();
  auto& sources = memory.sources_;
  sources.common = in.digest();
  for (auto* digests : {&sources.contents, &sources.folders}) {
    digests->resize(in.count(sizeof(Digest)));
    for (auto& digest : *digests) digest = in.digest();
  }
  sources.single.resize(in.count(1 + sizeof(Digest)));
  for (auto& [kind, digest] : sources.single) {
    kind = static_cast<SiteStep>(in.u8());
    digest = in.digest();
  }
  memory.rest_ = in.text();
  SKEIN_DO(in.finish("what is remembered of the last plan"));
  return memory;
}

std::optional<std::vector<std::uint32_t>> SiteMemory::changed(const SiteTree& tree, const SiteSources& now) const {
  if (now.common != sources_.common || now.contents.size() != sources_.contents.size() ||
      now.folders.size() != sources_.folders.size() || now.single.size() != sources_.single.size())
    return std::nullopt;
  std::vector<std::uint32_t> steps;
  bool known = true;
  const auto add = [&](SiteStep kind, std::size_t index) {
    const auto step = plan_.find(SiteTag{kind, static_cast<std::uint32_t>(index)}.number());
    known = known && step.has_value();
    if (step) steps.push_back(*step);
  };
  for (std::size_t f = 0, page = 0; f < tree.files.size(); ++f) {
    if (!tree.files[f].page) continue;
    if (now.contents[page] != sources_.contents[page]) {
      add(SiteStep::facts, f);
      add(SiteStep::file_page, f);
    }
    ++page;
  }
  for (std::size_t i = 0; i < now.folders.size(); ++i) {
    if (now.folders[i] == sources_.folders[i] || !tree.folders[i].documented) continue;
    add(SiteStep::tally, i);
    add(SiteStep::module, i);
  }
  for (std::size_t i = 0; i < now.single.size(); ++i)
    if (now.single[i] != sources_.single[i]) add(now.single[i].first, 0);
  if (!known) return std::nullopt;
  return steps;
}

Result<std::string> SiteMemory::of_run(const SitePlan& planned, const std::vector<Digest>& artifacts, const Bond& bond,
                                       const SiteSources& sources, std::string_view rest) {
  return engine::remember(planned.plan, planned.tags, artifacts, bond.request, encode_extra(bond, sources, rest));
}

Status SiteMemory::save_after(FileSystem& files, const std::string& path,
                              const std::map<std::uint32_t, Digest>& changed, const Bond& bond,
                              const SiteSources& sources, std::string_view rest) const {
  return plan_.save_renewed(files, path, changed, encode_extra(bond, sources, rest));
}

}  // namespace skein::docs
