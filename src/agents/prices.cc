#include "agents/prices.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/embedded.h"
#include "text/toml.h"

namespace skein::agent_prices::data {
std::span<const EmbeddedFile> files();
}

namespace skein::agents {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kMostPrice = 1'000'000'000;  // $1,000 for a million tokens: sums stay in 64 bits.
constexpr std::array<std::string_view, 5> kFields{"input", "cached", "cache_write", "cache_write_hour", "output"};

std::int64_t rounded_up(std::int64_t amount) { return (amount + kMillion - 1) / kMillion; }

/// "-20250805" or "-2025-08-05".
bool is_date(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0)
      ++digits;
    else if (c != '-')
      return false;
  }
  return digits == 8 && text.starts_with('-') && (text.size() == 9 || text.size() == 11);
}

}  // namespace

std::int64_t Rates::worst_input() const { return std::max({input, cached, cache_write, cache_write_hour}); }

MicroDollars Price::of(const TokenUsage& usage) const {
  const Rates* at = &rates;
  for (const PriceTier& tier : tiers)
    if (tier.above.value > 0 && usage.all_input() > tier.above) at = &tier.rates;
  const auto part = [](Tokens tokens, std::int64_t price) { return tokens.value * price; };
  return {rounded_up(part(usage.input, at->input) + part(usage.cached, at->cached) +
                     part(usage.cache_write, at->cache_write) + part(usage.cache_write_hour, at->cache_write_hour) +
                     part(usage.output, at->output))};
}

Rates Price::worst_rates(Tokens input) const {
  Rates worst = rates;
  for (const PriceTier& tier : tiers) {
    if (tier.above.value == 0 || input <= tier.above) continue;
    for (auto kind : {&Rates::input, &Rates::cached, &Rates::cache_write, &Rates::cache_write_hour, &Rates::output})
      worst.*kind = std::max(worst.*kind, tier.rates.*kind);
  }
  return worst;
}

MicroDollars Price::worst(Tokens input_tokens, Tokens output_tokens) const {
  const Rates at = worst_rates(input_tokens);
  return {rounded_up(input_tokens.value * at.worst_input() + output_tokens.value * at.output)};
}

namespace {

/// Reads the prices of a table; `more` gets what is none. What a provider has no price of its own for costs as the rest
/// of the input. The word is what is wrong, and the node where.
struct Wrong {
  const toml::node* node = nullptr;
  std::string what;
};
std::optional<Wrong> read_rates(const toml::table& fields, Rates& rates, std::string_view beside, std::int64_t& other) {
  for (const auto& [key, value] : fields) {
    if (key.str() == "tiers") continue;
    const auto* number = value.as_integer();
    if (number == nullptr || number->get() < 0 || number->get() > kMostPrice)
      return Wrong{&value, fmt::format("\"{}\" is a whole number of micro-dollars for a million tokens", key.str())};
    const auto field = std::ranges::find(kFields, key.str());
    const std::array<std::int64_t*, 5> places{&rates.input, &rates.cached, &rates.cache_write, &rates.cache_write_hour,
                                              &rates.output};
    if (field != kFields.end())
      *places.at(static_cast<std::size_t>(field - kFields.begin())) = number->get();
    else if (key.str() == beside)
      other = number->get();
    else
      return Wrong{&value, fmt::format("unknown key \"{}\"", key.str())};
  }
  for (const char* needed : {"input", "output"})
    if (fields.get(needed) == nullptr) return Wrong{&fields, fmt::format("\"{}\" is needed", needed)};
  if (fields.get("cached") == nullptr) rates.cached = rates.input;
  if (fields.get("cache_write") == nullptr) rates.cache_write = rates.input;
  if (fields.get("cache_write_hour") == nullptr) rates.cache_write_hour = rates.cache_write;
  return {};
}

std::optional<Wrong> read_tiers(const toml::table& fields, Price& price) {
  const toml::node* node = fields.get("tiers");
  if (node == nullptr) return {};
  const toml::array* list = node->as_array();
  if (list == nullptr || list->size() > price.tiers.size())
    return Wrong{node, fmt::format("\"tiers\" is a list of at most {} tables", price.tiers.size())};
  for (std::size_t i = 0; i < list->size(); ++i) {
    const toml::table* tier = (*list)[i].as_table();
    if (tier == nullptr) return Wrong{&(*list)[i], "a tier is a table"};
    std::int64_t above = 0;
    if (auto wrong = read_rates(*tier, price.tiers.at(i).rates, "above", above)) return wrong;
    if (above <= 0 || (i > 0 && above <= price.tiers.at(i - 1).above.value))
      return Wrong{tier, "\"above\" is needed: tokens of input, more than in the tier before"};
    price.tiers.at(i).above = {above};
  }
  return {};
}

}  // namespace

Status PriceTable::add(std::string_view toml, const std::string& origin) {
  const auto document = text::parse_toml(toml);
  if (!document)
    return fail(Code::invalid_argument, "{}:{}: this is not TOML: {}", origin, document.error().line,
                document.error().reason);
  const auto wrong = [&](const toml::node& node, std::string_view what) {
    return fail(Code::invalid_argument, "{}:{}: {}", origin, node.source().begin.line, what);
  };
  for (const char* needed : {"date", "source"})
    if (document->get(needed) == nullptr || !document->get(needed)->is_string())
      return fail(Code::invalid_argument, "{}: \"{}\" is needed, as a text", origin, needed);
  for (const auto& [key, value] : *document)
    if (key.str() != "date" && key.str() != "source" && key.str() != "models")
      return wrong(value, fmt::format("unknown key \"{}\"", key.str()));
  const toml::table* models = document->get_as<toml::table>("models");
  if (models == nullptr) return fail(Code::invalid_argument, "{}: \"models\" is needed, a table", origin);
  for (const auto& [name, node] : *models) {
    const toml::table* fields = node.as_table();
    if (fields == nullptr) return wrong(node, fmt::format("\"{}\" is a table", name.str()));
    Price price;
    if (const auto bad = read_rates(*fields, price.rates, "most_output", price.most_output))
      return wrong(*bad->node, bad->what);
    if (const auto bad = read_tiers(*fields, price)) return wrong(*bad->node, bad->what);
    models_.insert_or_assign(std::string(name.str()), price);
  }
  return {};
}

Result<PriceTable> PriceTable::load(FileSystem& files, const std::string& folder) {
  PriceTable table;
  for (const EmbeddedFile& file : agent_prices::data::files()) SKEIN_DO(table.add(file.bytes, std::string(file.path)));
  const auto entries = files.list(folder);
  if (!entries) {
    if (entries.error().code() == Code::not_found) return table;
    return std::unexpected(entries.error());
  }
  for (const auto& [name, is_directory] : *entries) {
    if (!name.ends_with(".toml")) continue;
    SKEIN_TRY(const std::string text, read_file(files, join_path(folder, name)));
    SKEIN_DO(table.add(text, join_path(folder, name)));
  }
  return table;
}

const Price* PriceTable::find(std::string_view model) const {
  if (const auto exact = models_.find(model); exact != models_.end()) return &exact->second;
  for (const std::size_t dated : {std::size_t{9}, std::size_t{11}}) {
    if (model.size() <= dated || !is_date(model.substr(model.size() - dated))) continue;
    if (const auto found = models_.find(model.substr(0, model.size() - dated)); found != models_.end())
      return &found->second;
  }
  return nullptr;
}

}  // namespace skein::agents
