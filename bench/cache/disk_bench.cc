// The disk tier beside a bare SQLite table of the same keys and values, and beside plain files; and what a million
// entries cost. Both sides take turns in one process.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "bench/harness/bench.h"
#include "bench/harness/processes.h"
#include "cache/totals.h"
#include "engine/store_results.h"
#include "fmt/format.h"
#include "store/sqlite.h"

namespace {

using namespace skein;

/// Bytes that zstd cannot shorten: what is measured is the store.
std::string noise(std::size_t size, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    const std::uint64_t bits = random.next();
    std::memcpy(bytes.data() + i, &bits, 8);
  }
  return bytes;
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
    std::exit(1);
  }
  return std::move(*result);
}
void must_do(Status status) {
  if (!status) {
    std::fprintf(stderr, "%s\n", status.error().to_string().c_str());
    std::exit(1);
  }
}

/// The least that could do the job: one table, prepared statements, groups as transactions that reach the disk.
struct BareSqlite {
  store::Database database;
  store::Statement put, get;
  explicit BareSqlite(const std::string& file)
      : database(must(store::Database::open(file))),
        put(prepared("INSERT OR REPLACE INTO t VALUES(?, ?)")),
        get(prepared("SELECT v FROM t WHERE k = ?")) {}
  store::Statement prepared(std::string_view sql) {
    must_do(database.execute(
        "PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS t(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID"));
    return must(database.prepare(sql));
  }
  std::string read(const Digest& key) {
    get.bind(1, key);
    std::string value;
    if (must(get.step())) value = get.bytes(0);
    get.reset();
    return value;
  }
};

constexpr std::size_t kGroup = 500;

void put_result(engine::ResultStore& results, std::uint64_t number, const std::string& output) {
  engine::StoredResult result;
  result.declared = result.key = sha256(std::to_string(number));
  result.outputs = {must(results.put_blob(output))};
  result.agent = "bench.agent@1.0";
  result.step = "step " + std::to_string(number);
  result.usage.wall = Micros(100);
  must_do(results.put(result));
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  const auto files = make_system_file_system();
  const std::string root = (std::filesystem::path(bench::trees_folder()) / "cache-disk").string();
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root);
  store::StoreOptions options;
  options.recent_bytes = 0;  // Nothing is answered from memory.

  if (report.wants("cache.disk.small")) {
    constexpr std::size_t kValues = 10'000;
    std::vector<std::string> values;
    std::vector<Digest> keys;
    for (std::size_t i = 0; i < kValues; ++i) {
      values.push_back(noise(4096, i));
      keys.push_back(sha256(values.back()));
    }
    std::vector<double> ours, theirs;
    for (int round = 0; round < 3; ++round) {
      const std::string folder = fmt::format("{}/small{}", root, round);
      auto store = must(store::Store::open(*files, folder, options));
      ours.push_back(bench::seconds([&] {
        for (std::size_t i = 0; i < kValues; ++i) {
          must_do(store->put_blob(keys[i], values[i]));
          if (i % kGroup == kGroup - 1) must_do(store->flush());
        }
      }));
      BareSqlite bare(fmt::format("{}/small{}.db", root, round));
      theirs.push_back(bench::seconds([&] {
        for (std::size_t i = 0; i < kValues; ++i) {
          if (i % kGroup == 0) must_do(bare.database.execute("BEGIN IMMEDIATE"));
          must_do(bare.put.bind(1, keys[i]).bind(2, values[i]).run());
          if (i % kGroup == kGroup - 1) must_do(bare.database.execute("COMMIT"));
        }
      }));
      if (round < 2) continue;
      SeededRandom random(9);
      std::vector<double> hit, bare_hit;
      for (int i = 0; i < 40'000; ++i) {
        const auto& key = keys[random.below(kValues)];
        hit.push_back(bench::seconds([&] { bench::keep(must(store->get_blob(key))); }) * 1e6);
        bare_hit.push_back(bench::seconds([&] { bench::keep(bare.read(key)); }) * 1e6);
      }
      report.peer("cache.disk.small.hit_p50", bench::median(bare_hit), "us", "SQLite, prepared get");
      report.note("cache.disk.small.hit_p50", bench::median(hit), "us");
      report.figure("cache.disk.small.hit_p50.to_sqlite", bench::median(hit) / bench::median(bare_hit), "x",
                    bench::Op::at_most, 1.5);
      report.figure("cache.disk.small.hit_p99.to_sqlite", bench::quantile(hit, 0.99) / bench::quantile(bare_hit, 0.99),
                    "x", bench::Op::at_most, 5);
    }
    const double best = *std::ranges::min_element(ours);
    const double bare = *std::ranges::min_element(theirs);
    report.peer("cache.disk.small.put", kValues / bare, "1/s", "SQLite, groups of 500");
    report.note("cache.disk.small.put", kValues / best, "1/s");
    report.figure("cache.disk.small.put.to_sqlite", bare / best, "x", bench::Op::at_least, 0.8);
  }

  if (report.wants("cache.disk.large")) {
    auto store = must(store::Store::open(*files, root + "/large", options));
    std::vector<Digest> keys;
    for (std::uint64_t i = 0; i < 64; ++i) {
      const auto value = noise(std::size_t{1} << 20, i);
      keys.push_back(must(store->put_blob(value)));
      std::ofstream(fmt::format("{}/large{}", root, i), std::ios::binary) << value;
    }
    must_do(store->flush());
    std::vector<double> ours, plain;
    for (int round = 0; round < 9; ++round) {
      ours.push_back(bench::seconds([&] {
        for (const auto& key : keys) bench::keep(must(store->get_blob(key)));
      }));
      plain.push_back(bench::seconds([&] {
        for (std::size_t i = 0; i < keys.size(); ++i)
          bench::keep(must(read_file(*files, fmt::format("{}/large{}", root, i))));
      }));
    }
    const double best = *std::ranges::min_element(ours);
    const double bare = *std::ranges::min_element(plain);
    report.peer("cache.disk.large.get", 64 / bare, "MiB/s", "plain files, read");
    report.figure("cache.disk.large.get.to_files", bare / best, "x", bench::Op::at_least, 0.7);
  }

  if (report.wants("cache.disk.million")) {
    constexpr std::uint64_t kEntries = 1'000'000;
    const std::string folder = root + "/million";
    const auto hit_us = [&](store::Store& store, std::uint64_t entries) {
      engine::StoreResults results(store);
      SeededRandom random(2);
      std::vector<double> times;
      for (int i = 0; i < 20'000; ++i) {
        const auto declared = sha256(std::to_string(random.below(entries)));
        times.push_back(bench::seconds([&] { bench::keep(must(results.find(declared))); }) * 1e6);
      }
      return bench::median(times);
    };
    double small_hit = 0;
    {
      auto store = must(store::Store::open(*files, folder, options));
      engine::StoreResults results(*store);
      for (std::uint64_t i = 0; i < kEntries; ++i) {
        put_result(results, i, fmt::format("output of entry {}", i));
        if (i % 10'000 == 9'999) must_do(store->flush());
        if (i == 9'999) small_hit = hit_us(*store, 10'000);
      }
    }
    std::unique_ptr<store::Store> store;
    std::vector<double> opens;
    for (int round = 0; round < 5; ++round) {
      store.reset();
      opens.push_back(bench::seconds([&] { store = must(store::Store::open(*files, folder, options)); }));
    }
    report.figure("cache.disk.million.open", bench::median(opens) * 1e3, "ms", bench::Op::at_most, 50);
    report.note("cache.disk.million.first_stats",
                bench::seconds([&] { bench::keep(must(cache::read_totals(*files, folder))); }) * 1e3, "ms");
    std::vector<double> sums;
    for (int round = 0; round < 5; ++round) {
      engine::StoreResults results(*store);
      put_result(results, kEntries + static_cast<std::uint64_t>(round), "one more");
      must_do(store->flush());
      sums.push_back(bench::seconds([&] { bench::keep(must(cache::read_totals(*files, folder))); }));
    }
    report.figure("cache.disk.million.stats", bench::median(sums) * 1e3, "ms", bench::Op::at_most, 200);
    report.figure("cache.disk.million.hit_to_10k", hit_us(*store, kEntries) / small_hit, "x", bench::Op::below, 1.5);
    const double gc = bench::seconds(
        [&] { bench::keep(must(store->gc([](const Digest& declared) { return declared.bytes[31] % 2 == 0; }, {}))); });
    report.figure("cache.disk.million.gc_half", gc, "s", bench::Op::at_most, 20);
  }
  std::filesystem::remove_all(root);
  return report.finish();
}
