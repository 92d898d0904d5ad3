#include "docs/folder_ties.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "text/escape.h"

namespace skein::docs {
namespace {

/// More can be drawn, but not read.
constexpr std::size_t kInside = 24;
constexpr std::size_t kAroundSide = 12;
constexpr std::size_t kInsideEdges = 60;
constexpr std::size_t kLabel = 26;
static_assert(2 * kAroundSide + 3 <= kPictureNodes && kInside <= kPictureNodes && kInsideEdges <= kPictureEdges);

std::vector<std::uint64_t> count_pages(const SiteTree& tree) {
  std::vector<std::uint64_t> pages(tree.folders.size(), 0);
  for (const auto& file : tree.files)
    if (file.page) ++pages[file.folder];
  for (std::size_t i = tree.folders.size(); i-- > 1;) pages[tree.folders[i].parent] += pages[i];
  return pages;
}

bool has_pages(const SiteTree& tree, const TreeFolder& folder) {
  return std::ranges::any_of(folder.files, [&](auto f) { return tree.files[f].page; });
}

std::size_t documented_children(const SiteTree& tree, const TreeFolder& folder) {
  return static_cast<std::size_t>(
      std::ranges::count_if(folder.folders, [&](auto c) { return tree.folders[c].documented; }));
}

/// `path` below `folder`, cut in its middle where it is long.
std::string label_below(std::string_view folder, std::string_view path) {
  if (!folder.empty() && path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/')
    path.remove_prefix(folder.size() + 1);
  std::string label = text::display_path(path);
  // Cut at whole characters.
  const auto is_start = [&](std::size_t at) { return (static_cast<std::uint8_t>(label[at]) & 0xc0) != 0x80; };
  if (label.size() <= kLabel) return label;
  const auto slash = label.find('/');
  std::size_t head = slash < kLabel / 2 ? slash + 1 : kLabel / 2 - 1;
  while (!is_start(head)) --head;
  std::size_t tail = label.size() - (kLabel - head - 1);
  while (tail < label.size() && !is_start(tail)) ++tail;
  return label.substr(0, head) + "…" + label.substr(tail);
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = path; !rest.empty();) {
    parts.push_back(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(parts.back().size() + 1, rest.size()));
  }
  return parts;
}

/// Labels that were cut to the same text get the first part in which their paths differ instead:
/// "gson/…/test/…/internal" and "gson/…/main/…/internal".
void tell_apart(Picture& picture, std::string_view folder) {
  std::map<std::string, std::vector<PictureNode*>> same;
  for (auto& node : picture.nodes)
    if (node.role == PictureNode::Role::folder) same[node.label].push_back(&node);
  for (const auto& [label, nodes] : same) {
    if (nodes.size() < 2) continue;
    std::vector<std::vector<std::string_view>> paths;
    for (const auto* node : nodes) {
      std::string_view path = node->path;
      if (!folder.empty() && path.starts_with(folder)) path.remove_prefix(std::min(folder.size() + 1, path.size()));
      paths.push_back(parts_of(path));
    }
    std::size_t at = 0;
    const auto shared = [&] {
      return std::ranges::all_of(paths, [&](const auto& parts) {
        return at + 1 < parts.size() && at + 1 < paths.front().size() && parts[at] == paths.front()[at];
      });
    };
    while (shared()) ++at;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto& parts = paths[i];
      if (parts.empty()) continue;
      const auto differs = std::min(at, parts.size() - 1);
      std::string text = differs == 0 ? std::string() : std::string(parts.front()) + (differs > 1 ? "/…/" : "/");
      text += parts[differs];
      if (differs + 1 < parts.size()) text.append(differs + 2 < parts.size() ? "/…/" : "/").append(parts.back());
      nodes[i]->label = text.size() > 2 * kLabel ? label_below({}, text) : text::display_path(text);
    }
  }
}

/// Which nodes are in a cycle of theirs, as a number that the members share: by what each reaches, since they are few.
std::vector<std::uint32_t> cycles_of(std::size_t nodes, const std::vector<PictureEdge>& edges) {
  std::vector<std::vector<bool>> reaches(nodes, std::vector<bool>(nodes, false));
  for (const auto& edge : edges) reaches[edge.from][edge.to] = true;
  for (std::size_t by = 0; by < nodes; ++by)
    for (std::size_t from = 0; from < nodes; ++from)
      if (reaches[from][by])
        for (std::size_t to = 0; to < nodes; ++to)
          if (reaches[by][to]) reaches[from][to] = true;
  std::vector<std::uint32_t> cycle(nodes, 0);
  for (std::size_t i = 0; i < nodes; ++i)
    for (std::size_t k = 0; k < nodes && cycle[i] == 0; ++k)
      if (reaches[i][k] && reaches[k][i]) cycle[i] = static_cast<std::uint32_t>(k) + 1;
  return cycle;
}

/// Marks cycles, keeps each node's strongest tie and of the others the strongest, and takes out nodes without any.
void finish(Picture& picture, std::size_t most_edges) {
  const auto cycle = cycles_of(picture.nodes.size(), picture.edges);
  for (auto& edge : picture.edges) edge.cycle = cycle[edge.from] != 0 && cycle[edge.from] == cycle[edge.to];
  auto& edges = picture.edges;
  std::ranges::stable_sort(edges, std::ranges::greater{}, &PictureEdge::imports);
  std::vector<bool> has(picture.nodes.size(), false);
  std::ranges::stable_partition(edges, [&](const auto& edge) {
    const bool first = !has[edge.from];
    has[edge.from] = true;
    return first;
  });
  if (edges.size() > most_edges) {
    picture.more_edges = edges.size() - most_edges;
    edges.resize(most_edges);
  }
  std::vector<bool> drawn(picture.nodes.size(), false);
  for (const auto& edge : edges) drawn[edge.from] = drawn[edge.to] = true;
  std::vector<std::uint32_t> place(picture.nodes.size(), 0);
  std::vector<PictureNode> nodes;
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    place[i] = static_cast<std::uint32_t>(nodes.size());
    if (drawn[i])
      nodes.push_back(std::move(picture.nodes[i]));
    else if (picture.nodes[i].role != PictureNode::Role::rest)
      picture.unconnected.push_back(std::move(picture.nodes[i]));
  }
  picture.nodes = std::move(nodes);
  for (auto& edge : edges) edge.from = place[edge.from], edge.to = place[edge.to];
  std::ranges::sort(edges, {}, [](const auto& edge) { return std::pair(edge.from, edge.to); });
}

}  // namespace

std::vector<PictureSpec> choose_pictures(const SiteTree& tree) {
  const auto pages = count_pages(tree);
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 1; i < tree.folders.size(); ++i)
    if (tree.folders[i].documented) order.push_back(i);
  std::ranges::stable_sort(order, [&](auto a, auto b) {
    return pages[a] != pages[b] ? pages[a] > pages[b] : tree.folders[a].path < tree.folders[b].path;
  });
  std::vector<PictureSpec> chosen{{0, Picture::Kind::inside}};
  for (const auto folder : order) {
    if (chosen.size() < kPictures && documented_children(tree, tree.folders[folder]) >= 2)
      chosen.push_back({folder, Picture::Kind::inside});
    if (chosen.size() < kPictures) chosen.push_back({folder, Picture::Kind::around});
  }
  return chosen;
}

FolderTies::FolderTies(const SiteTree& tree, const repo::RepoGraph& graph)
    : tree_(tree), place_(tree.folders.size(), 0), end_(tree.folders.size(), 0), pages_(count_pages(tree)) {
  std::vector<std::uint32_t> sizes(tree.folders.size(), 1);
  for (std::size_t i = tree.folders.size(); i-- > 1;) sizes[tree.folders[i].parent] += sizes[i];
  for (std::uint32_t i = 0; i < tree.folders.size(); ++i) {  // Parents come before their children.
    end_[i] = place_[i] + sizes[i];
    std::uint32_t next = place_[i] + 1;
    for (const auto child : tree.folders[i].folders) {
      place_[child] = next;
      next += sizes[child];
    }
  }
  std::vector<std::uint32_t> folder_of(graph.modules.nodes.size(), TreeFolder::kNone);
  for (std::size_t i = 0; i < folder_of.size(); ++i)
    if (const auto* folder = tree.folder(graph.modules.nodes[i].path))
      folder_of[i] = static_cast<std::uint32_t>(folder - tree.folders.data());
  for (std::uint32_t i = 0; i < folder_of.size(); ++i)
    for (const auto& edge : graph.modules.uses(i))
      if (folder_of[i] != TreeFolder::kNone && folder_of[edge.node] != TreeFolder::kNone)
        by_user_.push_back({folder_of[i], folder_of[edge.node], edge.imports});
  by_used_ = by_user_;
  std::ranges::stable_sort(by_user_, {}, [&](const auto& tie) { return place_[tie.user]; });
  std::ranges::stable_sort(by_used_, {}, [&](const auto& tie) { return place_[tie.used]; });
}

std::pair<std::size_t, std::size_t> FolderTies::range(std::uint32_t folder, const std::vector<Tie>& ties,
                                                      bool by_used) const {
  const auto place = [&](const Tie& tie) { return place_[by_used ? tie.used : tie.user]; };
  const auto begin = std::ranges::lower_bound(ties, place_[folder], {}, place);
  const auto end = std::ranges::lower_bound(begin, ties.end(), end_[folder], {}, place);
  return {static_cast<std::size_t>(begin - ties.begin()), static_cast<std::size_t>(end - ties.begin())};
}

std::vector<ModuleUse> FolderTies::outside(std::uint32_t folder, const std::vector<Tie>& ties, bool by_used) const {
  std::unordered_map<std::uint32_t, std::uint64_t> imports;
  const auto [begin, end] = range(folder, ties, by_used);
  for (std::size_t i = begin; i < end; ++i) {
    const auto other = by_used ? ties[i].user : ties[i].used;
    if (!is_within(other, folder)) imports[other] += ties[i].imports;
  }
  std::vector<ModuleUse> uses;
  for (const auto& [other, count] : imports)
    uses.push_back({tree_.folders[other].path, count, tree_.folders[other].documented});
  std::ranges::sort(uses, [](const auto& a, const auto& b) {
    return a.imports != b.imports ? a.imports > b.imports : a.path < b.path;
  });
  return uses;
}

Picture FolderTies::picture(const PictureSpec& spec) const {
  return spec.kind == Picture::Kind::inside ? inside(spec.folder) : around(spec.folder);
}

Picture FolderTies::inside(std::uint32_t folder) const {
  // From the folder down: the largest is taken apart as long as there is room, and worth it.
  std::vector<std::uint32_t> leaves{folder};
  std::set<std::uint32_t> apart;
  std::uint64_t lumped = 0;
  while (true) {
    std::uint32_t largest = TreeFolder::kNone;
    std::size_t size = leaves.size();
    for (const auto own : apart) size += has_pages(tree_, tree_.folders[own]) ? 1 : 0;
    for (const auto leaf : leaves) {
      const auto& candidate = tree_.folders[leaf];
      const auto children = documented_children(tree_, candidate);
      if (children == 0) continue;
      const auto more = children - 1 + (has_pages(tree_, candidate) ? 1 : 0);
      const bool first = leaf == folder;
      if (!first && (size + more > kInside || (more > 0 && pages_[leaf] * 8 < pages_[folder]))) continue;
      if (largest == TreeFolder::kNone || pages_[leaf] > pages_[largest]) largest = leaf;
    }
    if (largest == TreeFolder::kNone) break;
    std::erase(leaves, largest);
    apart.insert(largest);
    std::vector<std::uint32_t> children;
    for (const auto child : tree_.folders[largest].folders)
      if (tree_.folders[child].documented) children.push_back(child);
    if (children.size() + 2 > kInside) {
      std::ranges::stable_sort(children, std::ranges::greater{}, [&](auto child) { return pages_[child]; });
      lumped = children.size() - (kInside - 2);
      children.resize(kInside - 2);
    }
    leaves.insert(leaves.end(), children.begin(), children.end());
  }
  Picture picture;
  std::unordered_map<std::uint32_t, std::uint32_t> node_of;
  std::ranges::sort(leaves, {}, [&](auto leaf) { return place_[leaf]; });
  const auto& from = tree_.folders[folder].path;
  for (const auto own : apart) {
    const auto& shown = tree_.folders[own];
    if (!has_pages(tree_, shown)) continue;
    node_of[own] = static_cast<std::uint32_t>(picture.nodes.size());
    const auto count =
        static_cast<std::uint64_t>(std::ranges::count_if(shown.files, [&](auto f) { return tree_.files[f].page; }));
    picture.nodes.push_back(
        {shown.path, (own == folder ? "." : label_below(from, shown.path)) + "/*", PictureNode::Role::files, count});
  }
  for (const auto leaf : leaves) {
    node_of[leaf] = static_cast<std::uint32_t>(picture.nodes.size());
    picture.nodes.push_back({tree_.folders[leaf].path, label_below(from, tree_.folders[leaf].path),
                             PictureNode::Role::folder, pages_[leaf]});
  }
  const auto rest = static_cast<std::uint32_t>(picture.nodes.size());
  if (lumped > 0) picture.nodes.push_back({"", fmt::format("{} more", lumped), PictureNode::Role::rest, lumped});
  const auto shown_as = [&](std::uint32_t at) {
    if (const auto own = node_of.find(at); own != node_of.end()) return own->second;
    while (at != folder && !node_of.contains(at)) at = tree_.folders[at].parent;
    // Reached without a node on the way: it is one of those that share one.
    return at == folder || apart.contains(at) ? rest : node_of.at(at);
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> edges;
  const auto [begin, end] = range(folder, by_user_, false);
  for (std::size_t i = begin; i < end; ++i) {
    const auto& tie = by_user_[i];
    if (!is_within(tie.used, folder)) continue;
    const auto a = shown_as(tie.user);
    const auto b = shown_as(tie.used);
    if (a != b && a < picture.nodes.size() && b < picture.nodes.size()) edges[{a, b}] += tie.imports;
  }
  for (const auto& [ends, imports] : edges) picture.edges.push_back({ends.first, ends.second, imports, false});
  tell_apart(picture, from);
  finish(picture, kInsideEdges);
  return picture;
}

Picture FolderTies::around(std::uint32_t folder) const {
  Picture picture;
  picture.kind = Picture::Kind::around;
  const auto& path = tree_.folders[folder].path;
  picture.nodes.push_back({path, label_below({}, path), PictureNode::Role::subject, pages_[folder]});
  std::map<std::string, std::uint32_t, std::less<>> known;
  const auto add = [&](const std::vector<ModuleUse>& uses, bool users) {
    std::uint64_t rest = 0, rest_imports = 0;
    for (const auto& use : uses) {
      auto found = known.find(use.path);
      if (found == known.end()) {
        if (&use - uses.data() >= static_cast<std::ptrdiff_t>(kAroundSide)) {
          ++rest;
          rest_imports += use.imports;
          continue;
        }
        found = known.emplace(use.path, static_cast<std::uint32_t>(picture.nodes.size())).first;
        const auto* other = tree_.folder(use.path);
        picture.nodes.push_back(
            {use.path, use.path.empty() ? "./*" : label_below({}, use.path),
             use.path.empty() ? PictureNode::Role::files : PictureNode::Role::folder,
             other == nullptr ? 0 : pages_[static_cast<std::size_t>(other - tree_.folders.data())]});
      }
      picture.edges.push_back({users ? found->second : 0, users ? 0 : found->second, use.imports, false});
    }
    if (rest == 0) return;
    const auto node = static_cast<std::uint32_t>(picture.nodes.size());
    picture.nodes.push_back({"", fmt::format("{} more", rest), PictureNode::Role::rest, rest});
    picture.edges.push_back({users ? node : 0, users ? 0 : node, rest_imports, false});
  };
  add(used_by(folder), true);
  add(uses(folder), false);
  tell_apart(picture, {});
  finish(picture, kPictureEdges);
  return picture;
}

}  // namespace skein::docs
