// A page about the whole of a repository: layers, cycles, entry points, orphans, reading order, dependencies, owners,
// hot spots. All are tables with a few sentences, so one model and one rendering serve them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "docs/graph_summary.h"
#include "docs/model.h"
#include "docs/project_page.h"
#include "docs/tree.h"
#include "repo/history.h"

namespace skein::docs {

struct TopicCell {
  std::string text;            ///< Shown where there are no links; prose.
  std::vector<PathRef> links;  ///< One after the other, with `between`.
  std::string_view between = ", ";
};

struct TopicColumn {
  std::string_view title;
  bool number = false;
};

struct TopicSection {
  std::string_view id;
  std::string_view title;
  std::string intro;  ///< Prose; may be empty.
  std::vector<TopicColumn> columns;
  std::vector<std::vector<TopicCell>> rows;  ///< As many cells as columns.
  std::uint64_t total = 0;                   ///< Rows that there are; more than `rows` where it was cut.
};

struct TopicPage {
  std::string_view name;  ///< Of its files: "graph/NAME.html".
  std::string_view title;
  std::string lead;      ///< What the page answers.
  std::string measured;  ///< What was counted or read, and in what,
  std::string inferred;  ///< and what was concluded; empty: nothing.
  std::vector<TopicSection> sections;
};

[[nodiscard]] std::string topic_html(const SiteContext& site, const TopicPage& page);
[[nodiscard]] std::string topic_markdown(const SiteContext& site, const TopicPage& page);
/// The same as JSON, schema "skein.docs.topic/1".
[[nodiscard]] std::string topic_json(const SiteContext& site, const TopicPage& page);

/// "graph/layers" + `end` (".html", ".md", ".json").
[[nodiscard]] std::string topic_file(std::string_view name, std::string_view end);

struct TopicName {
  std::string_view name, title, about;
};
/// All that a site has, in the order in which they are linked.
[[nodiscard]] const std::vector<TopicName>& topic_names();

/// The topics that come from the graph and the manifests: the first of `topic_names`.
[[nodiscard]] std::vector<TopicPage> graph_topics(const SiteTree& tree, const ProjectPage& project,
                                                  const GraphSummary& graph, const std::string& readme);

/// The topics that come from the history: the rest of `topic_names`.
inline constexpr std::size_t kHistoryTopics = 2;
[[nodiscard]] std::vector<TopicPage> history_topics(const SiteTree& tree, const repo::History& history,
                                                    const std::vector<repo::HotSpot>& hot_spots);

/// What to read first, for the overview and for the page of that name.
[[nodiscard]] std::vector<ReadingStep> reading_order(const SiteTree& tree, const GraphSummary& graph,
                                                     const std::vector<EntryPoint>& entry_points, std::size_t most);
/// Where programs start: what manifests name, then what can be run.
[[nodiscard]] std::vector<EntryPoint> entry_points(const SiteTree& tree, const ProjectPage& project,
                                                   const GraphSummary& graph);

}  // namespace skein::docs
