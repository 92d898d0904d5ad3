// The agents of the symbol index; symbol_shards.h says what they hand to each other.
#include <algorithm>
#include <charconv>
#include <deque>
#include <span>

#include "docs/agents.h"
#include "docs/page_set.h"
#include "docs/shard_pages.h"
#include "docs/symbol_index.h"
#include "docs/symbol_shards.h"
#include "docs/symbol_tree.h"
#include "engine/step_context.h"

namespace skein::docs {
namespace {

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Status gather_names(const SiteInputs& site, engine::StepContext& context) {
  const int width = shard_width(site.tree.pages);
  std::size_t number = 0;
  const std::string& locator = context.step().locator;
  std::from_chars(locator.data(), locator.data() + locator.size(), number);
  SKEIN_CHECK(number < site.name_groups.size());
  const auto& group = site.name_groups[number];
  std::vector<std::vector<IndexEntry>> letters(letter_names(width).size());
  const auto add = [&](IndexEntry entry) { letters[letter_of(entry.name, width)].push_back(entry); };
  std::deque<PathRef> places;  // What the entries point to; so with the next.
  std::deque<std::string> records;
  for (const auto i : group.folders) {
    const auto& path = site.tree.folders[i].path;
    if (path.empty()) continue;
    places.push_back({path, true, true});
    add({last_part(places.back().path), "folder", &places.back(), {}});
  }
  for (std::size_t i = 0; i < group.files.size(); ++i) {
    places.push_back({site.tree.files[group.files[i]].file->path, false, true});
    const auto* where = &places.back();
    add({last_part(where->path), "file", where, {}});
    SKEIN_TRY(auto bytes, context.input(i));
    SKEIN_DO(visit_names(records.emplace_back(std::move(bytes)),
                         [&](auto name, auto kind, auto anchor) { add({name, label_of(kind), where, anchor}); }));
  }
  for (std::size_t i = 0; i < letters.size(); ++i) SKEIN_DO(context.output(i, encode(letters[i])));
  return {};
}

Status sort_letter(const SiteInputs& site, engine::StepContext& context) {
  const int width = shard_width(site.tree.pages);
  IndexEntries rows;
  for (std::size_t i = 0; i < context.step().inputs.size(); ++i) {
    SKEIN_TRY(auto bytes, context.input(i));
    SKEIN_DO(rows.add(std::move(bytes)));
  }
  // By shard first: each is then a part of the whole, and nothing is held twice.
  std::ranges::stable_sort(rows.all(), [width](const IndexEntry& one, const IndexEntry& other) {
    const auto shard = shard_in_letter(one.name, width), other_shard = shard_in_letter(other.name, width);
    return shard != other_shard ? shard < other_shard : shown_before(one, other);
  });
  const auto names = shards_of_letter(context.step().locator, width);
  std::vector<ShardSize> sizes;
  std::span<const IndexEntry> rest = rows.all();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto end =
        std::ranges::find_if(rest, [&](const auto& entry) { return shard_in_letter(entry.name, width) > i; });
    const auto shard = rest.first(static_cast<std::size_t>(end - rest.begin()));
    rest = rest.subspan(shard.size());
    sizes.push_back({names[i], shard.size()});
    SKEIN_DO(context.output(i + 1, encode(shard)));
  }
  return context.output(0, encode(sizes));
}

Status write_shard(const SiteInputs& site, engine::StepContext& context) {
  IndexEntries rows;
  SKEIN_TRY(auto bytes, context.input(0));
  SKEIN_DO(rows.add(std::move(bytes)));
  const IndexShard shard{context.step().locator, std::move(rows.all())};
  std::vector<SiteFile> pages;
  SKEIN_DO(each_shard_page(site.site, shard, {}, [&](std::string path, std::string_view page) -> Status {
    SKEIN_TRY(const auto digest, context.attach(page));
    pages.push_back({std::move(path), digest});
    return {};
  }));
  std::ranges::sort(pages);
  return context.output(0, encode_page_set(pages));
}

Status write_symbols(const SiteInputs& site, engine::StepContext& context) {
  std::vector<ShardSize> shards;
  for (std::size_t i = 0; i < context.step().inputs.size(); ++i) {
    SKEIN_TRY(const auto bytes, context.input(i));
    SKEIN_TRY(const auto sizes, decode_shard_sizes(bytes));
    shards.insert(shards.end(), sizes.begin(), sizes.end());
  }
  SKEIN_DO(context.output(0, symbols_html(site.site, shards)));
  SKEIN_DO(context.output(1, symbols_markdown(site.site, shards)));
  return context.output(2, symbols_script(shards, shard_width(site.tree.pages)));
}

}  // namespace skein::docs
