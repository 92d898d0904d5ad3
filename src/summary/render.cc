#include "summary/render.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "summary/line_template.h"
#include "summary/line_value.h"
#include "summary/render_records.h"
#include "text/quantity.h"

namespace skein::summary {
namespace {

/// The lines of the log that are shown, chosen by value for their bytes.
struct Choice {
  struct Item {
    const LogLine* line;
    double value;
    bool of_failure;
    std::string_view why;
  };
  std::vector<Item> items;  ///< Best first.
};

constexpr float kSaysSomething = 1.5F;
constexpr std::string_view kBeside = "stands beside a line that says more";

constexpr std::size_t kShownRepetitions =
    3;  // Of one mistake that is made often; the others are named by their places.

/// Which failures are one mistake made again: of the same tool and message. Each failing test is one of its own.
struct Repetitions {
  std::vector<std::size_t> nth;                  ///< How many of the same stand before each failure.
  std::vector<std::vector<std::size_t>> hidden;  ///< Of each failure, those like it that are named by their places.

  explicit Repetitions(const std::vector<Finding>& findings) : hidden(findings.size()) {
    std::map<std::string, std::vector<std::size_t>> groups;
    nth.reserve(findings.size());
    for (std::size_t i = 0; i < findings.size(); ++i) {
      const Finding& finding = findings[i];
      const bool alone = finding.kind == FailureKind::test || (finding.message.empty() && finding.name.empty());
      if (alone) {
        nth.push_back(0);
        continue;
      }
      // What follows from failures (make's "Error 1") is the same whatever it names.
      auto& group = groups[finding.tool + "\x1f" + (finding.consequence ? "\x1e" : finding.name) + "\x1f" +
                           masked(finding.message)];
      nth.push_back(group.size());
      group.push_back(i);
    }
    for (const auto& [key, group] : groups) {
      if (group.size() <= kShownRepetitions + 1) continue;
      // One whose file is not known is not named by its line alone.
      for (const std::size_t one : std::span(group).subspan(kShownRepetitions))
        if (findings[one].consequence || !findings[one].file.empty()) hidden[group[0]].push_back(one);
    }
  }
};

/// All lines that may be shown, each once, best first: value per byte, with the failures' own lines before all others.
Choice rank_lines(const Summary& summary) {
  Choice choice;
  std::map<std::uint64_t, std::size_t> at;
  const auto put = [&](const LogLine& line, double value, bool of_failure, std::string_view why) {
    if (line.text.empty()) return;
    const auto [place, is_new] = at.emplace(line.number, choice.items.size());
    if (is_new) {
      choice.items.push_back({&line, value, of_failure, why});
      return;
    }
    auto& item = choice.items[place->second];
    if (value > item.value) item.value = value;
    item.of_failure = item.of_failure || of_failure;
  };
  const Repetitions repetitions(summary.failures);
  const std::vector<std::size_t>& nth = repetitions.nth;
  std::set<std::size_t> hidden;
  for (const auto& group : repetitions.hidden) hidden.insert(group.begin(), group.end());
  for (std::size_t i = 0; i < summary.failures.size(); ++i) {
    const Finding& finding = summary.failures[i];
    if (hidden.contains(i)) continue;
    const double base = (finding.consequence ? 45 : 100 + finding.rank) -
                        std::min<double>(30, 0.2 * static_cast<double>(i)) -
                        std::min<double>(30, 3 * static_cast<double>(nth[i]));
    for (const LogLine& line : finding.excerpt) {
      // What the failure says is worth as much as its first line, wherever it stands.
      const bool says = !finding.message.empty() && line.text.find(finding.message) != std::string::npos;
      const double away = says                              ? 0
                          : line.number >= finding.log_line ? static_cast<double>(line.number - finding.log_line) * 7
                                                            : static_cast<double>(finding.log_line - line.number) * 9;
      put(line, std::max(12.0, base - 30 * (away > 0) - away), true, "a failure's lines");
    }
  }
  std::set<std::uint64_t> said;  // Lines of mistakes that are shown often enough.
  for (const std::size_t i : hidden)
    for (const LogLine& line : summary.failures[i].excerpt) said.insert(line.number);
  // Nor are lines shown that stand between two such places and say nothing by themselves: the next command.
  constexpr std::uint64_t kBetween = 3;
  const auto is_between = [&](std::uint64_t number) {
    const auto after = said.upper_bound(number);
    return after != said.end() && after != said.begin() && *after - *std::prev(after) <= kBetween;
  };
  // Beside failures that are known by name, lines that say nothing of any are left out.
  const bool known = std::ranges::any_of(summary.failures, [](const Finding& finding) { return !finding.consequence; });
  for (const Passage& passage : summary.passages)
    for (std::size_t i = 0; i < passage.lines.size(); ++i) {
      const std::uint64_t number = passage.lines[i].number;
      const bool is_beside = static_cast<double>(passage.values[i]) < passage.value || passage.is_quiet;
      if (said.contains(number) || (is_beside && is_between(number))) continue;
      if (!known || passage.values[i] >= kSaysSomething)
        put(passage.lines[i], static_cast<double>(passage.values[i]), false,
            static_cast<double>(passage.values[i]) < passage.value ? kBeside : std::string_view(passage.why));
    }
  if (summary.verdict != Verdict::fail)
    for (const LogLine& line : summary.tail)
      if (!is_binary(line.text)) put(line, 2, false, "the end of the log");
  const auto density = [](const Choice::Item& item) {
    const auto size = static_cast<double>(item.line->text.size());
    return item.value / (40 + std::min(size, 250.0));
  };
  std::ranges::stable_sort(choice.items, [&](const auto& a, const auto& b) { return density(a) > density(b); });
  return choice;
}

/// A log whose signs for what cannot be shown made it longer than its bytes were: with signs of one byte.
std::string no_longer(const std::string& whole, std::uint64_t bytes) {
  if (whole.size() <= bytes) return whole;
  std::string text;
  for (std::size_t at = 0; at < whole.size();) {
    const std::string_view rest = std::string_view(whole).substr(at);
    if (rest.starts_with("\xef\xbf\xbd")) {
      text += '?';
      at += 3;
    } else if (rest.starts_with(" \xe2\x8f\x8e ")) {
      text += ' ';
      at += 5;
    } else {
      text += whole[at++];
    }
  }
  return text;
}

constexpr std::size_t kLeading = 3;         // Failures that stand first although their lines are shown below, too.
constexpr std::size_t kLeastRow = 4;        // Bytes of a failure's row.
constexpr std::size_t kMessageBytes = 160;  // Of such a failure's message.
constexpr std::size_t kPlacesBytes = 600;   // Of the places of one mistake's repetitions.

class TextRenderer {
 public:
  TextRenderer(const Summary& summary, const RenderOptions& options) : summary_(summary), options_(options) {
    Repetitions repetitions(summary.failures);
    std::set<std::size_t> hidden;
    for (const auto& group : repetitions.hidden) hidden.insert(group.begin(), group.end());
    for (const bool first : {true, false})
      for (std::size_t i = 0; i < summary.failures.size(); ++i)
        if ((repetitions.nth[i] == 0) == first && !hidden.contains(i)) order_.push_back(i);
    repeated_ = std::move(repetitions.hidden);
  }

  [[nodiscard]] std::string place_of(const Finding& finding) const {
    std::string text = finding.file;
    if (finding.line > 0) text += fmt::format(":{}", finding.line);
    if (finding.column > 0) text += fmt::format(":{}", finding.column);
    return text;
  }

  [[nodiscard]] std::string verdict_line() const {
    const std::string_view name = engine::name_of(summary_.verdict);
    std::string text;
    if (options_.format == Format::markdown)
      text = fmt::format("**{}**", name);
    else if (options_.format == Format::terminal && options_.color)
      text = fmt::format("\x1b[{}m{}\x1b[0m",
                         summary_.verdict == Verdict::pass   ? "32"
                         : summary_.verdict == Verdict::fail ? "31"
                                                             : "33",
                         name);
    else
      text = name;
    text += fmt::format(": {}", summary_.verdict_reason);
    const auto real = static_cast<std::int64_t>(summary_.failures.size() + summary_.failures_not_kept);
    if (real > 0) text += fmt::format("; {} {}", text::format_count(real), real == 1 ? "failure" : "failures");
    const auto warnings = static_cast<std::int64_t>(summary_.warnings.size() + summary_.warnings_not_kept);
    if (warnings > 0)
      text += fmt::format("; {} {}", text::format_count(warnings), warnings == 1 ? "warning" : "warnings");
    text += fmt::format("; {} lines", text::format_count(static_cast<std::int64_t>(summary_.lines)));
    return text + "\n";
  }

  /// For agents only the first one names the log.
  [[nodiscard]] std::string notice(std::uint64_t first, std::uint64_t last, bool is_first) const {
    const auto count = static_cast<std::int64_t>(last - first + 1);
    if (options_.format == Format::agent) {
      std::string log;
      if (is_first && !options_.log_id.empty()) log = fmt::format("skein log show {} --lines ", options_.log_id);
      return fmt::format("\xe2\x80\xa6 {}{}-{}\n", log, first, last);
    }
    std::string text =
        fmt::format("\xe2\x80\xa6 {} {} left out", text::format_count(count), count == 1 ? "line" : "lines");
    if (!options_.log_id.empty())
      text += fmt::format(": skein log show {} --lines {}-{}", options_.log_id, first, last);
    else
      text += fmt::format(": {}lines {}-{}", options_.source.empty() ? "" : options_.source + " ", first, last);
    return text + "\n";
  }

  /// The extract of the chosen lines in the log's order, with notices in the gaps.
  std::string extract(const std::vector<const Choice::Item*>& chosen, std::vector<ShownRange>* left_out) const {
    std::string text;
    std::uint64_t next = 1;
    bool is_first = true;
    const auto gap = [&](std::uint64_t first, std::uint64_t last) {
      if (last < first) return;
      if (left_out != nullptr) left_out->push_back({first, last});
      if (last - first + 1 < 3) return;
      text += notice(first, last, is_first);
      is_first = false;
    };
    for (const Choice::Item* item : chosen) {
      gap(next, item->line->number - 1);
      text += item->line->text;
      if (options_.why) text += fmt::format("    <- {} ({:.0f})", item->why, item->value);
      text += '\n';
      next = item->line->number + 1;
    }
    gap(next, summary_.lines);
    return text;
  }

  /// One failure as a row: name, place, message.
  [[nodiscard]] std::string row_of(const Finding& finding, bool with_message) const {
    std::string line = finding.name;
    const auto append = [&](std::string_view part) {
      if (part.empty()) return;
      if (!line.empty()) line += "  ";
      line += part;
    };
    append(place_of(finding));
    if (with_message || line.empty()) append(std::string_view(finding.message).substr(0, kMessageBytes));
    return "- " + line + "\n";
  }

  /// Where the mistake of a failure was made again, for which no line is shown; empty where it was not.
  [[nodiscard]] std::string places_of_repetitions(std::size_t failure) const {
    const std::vector<std::size_t>& others = repeated_[failure];
    if (others.empty()) return {};
    std::string text =
        fmt::format("  {} more of the same", text::format_count(static_cast<std::int64_t>(others.size())));
    std::string_view join = ": ";
    for (const std::size_t one : others) {
      const std::string place = place_of(summary_.failures[one]);
      if (place.empty()) break;
      if (text.size() + place.size() > kPlacesBytes) {
        text += ", \xe2\x80\xa6";
        break;
      }
      text.append(join).append(place);
      join = ", ";
    }
    return text + "\n";
  }

  /// The failures, before anything else: the first few with what they say, and all whose lines are not among the chosen
  /// ones by name and place.
  std::string listed(const std::set<std::uint64_t>& shown, std::size_t most) const {
    std::string text;
    std::set<std::string, std::less<>> rows;
    std::size_t hidden = 0;
    std::size_t first = 0;
    for (const std::size_t one : order_) {
      const Finding& finding = summary_.failures[one];
      const bool is_shown = shown.contains(finding.log_line);
      const bool leads = !finding.consequence && first < kLeading;
      const bool is_made_again = !finding.consequence && !repeated_[one].empty();
      if (is_shown && !leads && !is_made_again) continue;
      if (text.size() + kLeastRow + 40 > most) {  // Of many failures most are only counted.
        hidden += (is_shown ? 0 : 1) + (is_made_again ? repeated_[one].size() : 0);
        continue;
      }
      const std::string again = is_made_again ? places_of_repetitions(one) : std::string();
      const std::string row = row_of(finding, leads || !again.empty()) + again;
      if (rows.contains(row)) continue;
      if (text.size() + row.size() + 40 > (leads && is_shown ? most / 2 : most)) {
        hidden += (is_shown ? 0 : 1) + (is_made_again ? repeated_[one].size() : 0);
        continue;
      }
      first += leads ? 1 : 0;
      text += row;
      rows.insert(row);
    }
    hidden += summary_.failures_not_kept;
    if (hidden > 0) text += fmt::format("- and {} more failures\n", hidden);
    return text;
  }

  std::string compose(std::size_t count, const Choice& choice, std::vector<ShownRange>* left_out,
                      std::size_t list_bytes) const {
    std::vector<const Choice::Item*> chosen;
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(&choice.items[i]);
    std::ranges::sort(chosen, {}, [](const Choice::Item* item) { return item->line->number; });
    std::set<std::uint64_t> shown;
    for (const auto* item : chosen) shown.insert(item->line->number);
    std::string text = verdict_line();
    // Where the causes stand is said before the log's lines, each once.
    text += listed(shown, list_bytes);
    std::set<std::string> closing;
    for (auto it = summary_.counts.rbegin(); it != summary_.counts.rend() && closing.size() < 4; ++it)
      if (!shown.contains(it->line.number) && closing.insert(it->line.text.substr(0, 160)).second)
        text += it->line.text.substr(0, 160) + "\n";
    const bool fence = options_.format == Format::markdown;
    if (fence) text += "\n~~~~~~text\n";
    std::string body = extract(chosen, left_out);
    if (fence) {
      // A fence of the log's own cannot close ours.
      for (std::size_t at = 0; (at = body.find("~~~~~~", at)) != std::string::npos; at += 6)
        body.replace(at, 6, "~~~~~ ");
    }
    text += body;
    if (fence) text += "~~~~~~\n";
    return text;
  }

  /// Of the first lines of the choice no more than these can fit, since their texts alone are too long.
  [[nodiscard]] std::size_t most_within_limit(const Choice& choice) const {
    if (options_.tokens) return choice.items.size();
    std::size_t bytes = 0, count = 0;
    for (; count < choice.items.size(); ++count) {
      bytes += choice.items[count].line->text.size() + 1;
      if (bytes > static_cast<std::size_t>(options_.limit.value)) break;
    }
    return count;
  }

  Rendering render(const Fits& fits) const {
    Rendering rendering;
    const Choice choice = rank_lines(summary_);
    std::size_t most = choice.items.size();
    // A run that passed has little to say.
    if (summary_.verdict == Verdict::pass) most = std::min<std::size_t>(most, 8);
    const std::size_t list_bytes =
        static_cast<std::size_t>(options_.tokens ? options_.tokens->value * 2 : options_.limit.value) / 3;
    const std::size_t may_fit = most_within_limit(choice);
    std::size_t low = 0, high = most;
    while (low < high) {
      const std::size_t middle = (low + high + 1) / 2;
      if (middle <= may_fit && fits(compose(middle, choice, nullptr, list_bytes)))
        low = middle;
      else
        high = middle - 1;
    }
    // More lines can make the text shorter (a notice goes), so the search may have missed some.
    for (std::size_t more = low + 1; more <= std::min(most, low + 8); ++more)
      if (fits(compose(more, choice, nullptr, list_bytes))) low = more;
    rendering.text = compose(low, choice, &rendering.left_out, list_bytes);
    if (!fits(rendering.text)) {
      rendering.left_out.clear();
      rendering.text = verdict_line();
      if (!fits(rendering.text)) rendering.text = fmt::format("{}\n", engine::name_of(summary_.verdict));
      rendering.left_out.push_back({1, summary_.lines});
    }
    if (options_.allow_whole && options_.format != Format::markdown && summary_.whole &&
        (summary_.whole->size() <= rendering.text.size() || rendering.text.size() > summary_.bytes) &&
        fits(*summary_.whole)) {
      rendering.text = no_longer(*summary_.whole, summary_.bytes);
      rendering.left_out.clear();
      rendering.whole = true;
    }
    return rendering;
  }

 private:
  const Summary& summary_;
  const RenderOptions& options_;
  std::vector<std::size_t> order_;  // Failures, the first of each mistake before its repetitions.
  std::vector<std::vector<std::size_t>> repeated_;
};

}  // namespace

std::span<const engine::Choice<Format>> choices_of(Format) {
  static constexpr std::array<engine::Choice<Format>, 8> kChoices{{{Format::terminal, "terminal"},
                                                                   {Format::plain, "plain"},
                                                                   {Format::markdown, "markdown"},
                                                                   {Format::json, "json"},
                                                                   {Format::agent, "agent"},
                                                                   {Format::sarif, "sarif"},
                                                                   {Format::junit, "junit"},
                                                                   {Format::github, "github"}}};
  return kChoices;
}

Result<Rendering> render(const Summary& summary, const RenderOptions& options) {
  if (options.tokens && options.counter == nullptr)
    return fail(Code::invalid_argument, "a limit in tokens needs something that counts them");
  if (options.tokens ? *options.tokens < kSmallestTokenLimit : options.limit < kSmallestLimit)
    return fail(Code::invalid_argument, "the limit is below {} bytes or {} tokens", kSmallestLimit.value,
                kSmallestTokenLimit.value);
  const Fits fits = [&](std::string_view text) {
    if (options.tokens) return options.counter->count(text) <= *options.tokens;
    return static_cast<std::int64_t>(text.size()) <= options.limit.value;
  };
  switch (options.format) {
    case Format::terminal:
    case Format::plain:
    case Format::markdown:
    case Format::agent:
      return TextRenderer(summary, options).render(fits);
    case Format::json:
    case Format::sarif:
    case Format::junit:
    case Format::github:
      return render_records(summary, options, fits);
  }
  return fail(Code::internal, "no such format");
}

}  // namespace skein::summary
