#include "repo/parser.h"

#include <cstdint>
#include <limits>

namespace skein::repo {
namespace {

struct ParserDeleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};

/// Each thread keeps its parser: making one costs as much as parsing a small file.
TSParser* this_threads_parser() {
  thread_local const std::unique_ptr<TSParser, ParserDeleter> parser(ts_parser_new());
  return parser.get();
}

constexpr std::size_t kOperationsPerCall = 100;  // OP_COUNT_PER_PARSER_TIMEOUT_CHECK of the core.

}  // namespace

Tree parse(const TSLanguage* grammar, std::string_view text, std::size_t max_work) {
  TSParser* parser = this_threads_parser();
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
