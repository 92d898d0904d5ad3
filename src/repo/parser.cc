#include "repo/parser.h"

#include <cstdint>
#include <limits>

#include "repo/parse_memory.h"

namespace skein::repo {
namespace {

struct ParserDeleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};

/// What a thread keeps for the next file.
constexpr std::size_t kHeld = std::size_t{8} << 20;

/// Each thread keeps its parser: making one costs as much as parsing a small file.
std::unique_ptr<TSParser, ParserDeleter>& this_threads_parser() {
  use_parse_memory();
  [[maybe_unused]] const auto made_first = parse_memory_held();  // What it lives in must outlive it.
  thread_local std::unique_ptr<TSParser, ParserDeleter> parser;
  if (parser == nullptr) parser.reset(ts_parser_new());
  return parser;
}

constexpr std::size_t kOperationsPerCall = 100;  // OP_COUNT_PER_PARSER_TIMEOUT_CHECK of the core.

}  // namespace

void TreeDeleter::operator()(TSTree* tree) const {
  ts_tree_delete(tree);
  // After a large file: the parser holds the rest of it.
  if (parse_memory_held() <= kHeld) return;
  this_threads_parser().reset();
  release_parse_memory();
}

Tree parse(const TSLanguage* grammar, std::string_view text, std::size_t max_work) {
  TSParser* parser = this_threads_parser().get();
  if (text.size() >= std::numeric_limits<std::uint32_t>::max() || !ts_parser_set_language(parser, grammar)) return {};
  const TSInput input{.payload = &text,
                      .read =
                          [](void* payload, std::uint32_t at, TSPoint, std::uint32_t* size) {
                            const auto& all = *static_cast<std::string_view*>(payload);
                            const std::size_t from = at < all.size() ? at : all.size();
                            *size = static_cast<std::uint32_t>(all.size() - from);
                            return *size == 0 ? "" : all.data() + from;
                          },
                      .encoding = TSInputEncodingUTF8,
                      .decode = nullptr};
  std::size_t calls_left = max_work / kOperationsPerCall + 1;
  const TSParseOptions options{.payload = &calls_left, .progress_callback = [](TSParseState* state) {
                                 auto& left = *static_cast<std::size_t*>(state->payload);
                                 return left == 0 || --left == 0;
                               }};
  Tree tree(ts_parser_parse_with_options(parser, nullptr, input, options));
  if (tree == nullptr) ts_parser_reset(parser);
  return tree;
}

}  // namespace skein::repo
