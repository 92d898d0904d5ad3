// The rules of all recognisers as the summarizer uses them.
#pragma once

#include <map>
#include <optional>

#include <re2/re2.h>

#include "summary/formats.h"
#include "summary/literal_finder.h"
#include "summary/summary.h"

namespace skein::summary {

enum class RuleIs { failure, warning, counts, start, passed, failed, change, timing, state };

struct FormatRule {
  std::uint32_t tool = 0;
  RuleIs is = RuleIs::start;
  FailureKind kind = FailureKind::other;
  int rank = 50;
  bool consequence = false;
  bool block_lines = false;  ///< Lines of the excerpt end at the first blank one.
  std::uint32_t before = 0, after = 0;
  std::string only_in, enter, cause;
  std::string pattern_text, until_text;
  std::unique_ptr<re2::RE2> pattern, until;
  std::vector<std::string> words;
  std::map<std::string, int> groups;  ///< Named groups of the pattern.
};

class Formats::Tables {
 public:
  std::vector<Formats::Tool> tools;
  std::vector<FormatRule> rules;  ///< In the order of files and of rules in them.
  std::vector<std::string> words;
  std::vector<std::vector<std::uint32_t>> rules_of_word;
  LiteralFinder finder;
};

}  // namespace skein::summary
