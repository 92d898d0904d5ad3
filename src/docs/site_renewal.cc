#include "docs/site_renewal.h"

#include <algorithm>

namespace skein::docs {

SiteRenewal::SiteRenewal(const SiteMemory& memory, const SiteTree& tree, const SiteSteps& steps, const PastSite& past,
                         FileSystem& files, engine::ResultStore& results, Publication publication, Published& published,
                         Executor& helpers)
    : memory_(memory),
      tree_(tree),
      steps_(steps),
      past_(past),
      files_(files),
      results_(results),
      publication_(std::move(publication)),
      published_(published),
      helpers_(helpers),
      regrowth_(
          memory.plan(), [this](std::uint64_t tag) { return steps_.make(SiteTag::of(tag)); },
          [this](engine::Plan& plan) { return publish(plan); }) {}

Status SiteRenewal::publish(engine::Plan& plan) {
  const auto& before = memory_.plan();
  engine::Step step;
  step.name = "publish";
  step.purity = engine::Purity::effectful;
  publication_.follows = &past_;
  publication_.files = past_.files;
  std::vector<std::size_t> ordinal(tree_.files.size());  // Of a file, among those with a page.
  for (std::size_t f = 0, page = 0; f < tree_.files.size(); ++f) {
    if (!tree_.files[f].page) continue;
    publication_.files[page].content = tree_.files[f].file->digest;
    ordinal[f] = page++;
  }
  std::vector<std::pair<std::size_t, engine::ArtifactId>> facts;
  for (const auto redone : regrowth_.redone()) {
    const SiteTag tag = SiteTag::of(before.tag(redone));
    const std::uint32_t first = before.first_output(redone);
    if (tag.kind == SiteStep::facts) facts.emplace_back(ordinal[tag.index], static_cast<engine::ArtifactId>(first));
    auto pages = steps_.pages(tag);
    for (std::uint32_t i = 0; i < pages.size(); ++i) {
      if (!changed().contains(first + i)) continue;
      publication_.pages.push_back(std::move(pages[i]));
      step.inputs.push_back(static_cast<engine::ArtifactId>(first + i));
    }
  }
  std::ranges::sort(facts);
  for (const auto& [file, artifact] : facts) {
    publication_.changed_files.push_back(file);
    step.inputs.push_back(artifact);
  }
  publisher_.emplace(files_, results_, std::move(publication_), PublishAgent::Mode::install, published_, &helpers_);
  step.agent = &*publisher_;
  SKEIN_DO(plan.add(std::move(step)));
  return {};
}

}  // namespace skein::docs
