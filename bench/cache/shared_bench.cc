// A hit of the shared tier beside a bare GET through hiredis, on a redis-server of the benchmark's own.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/random.h"
#include "bench/harness/bench.h"
#include "cache/shared_tier.h"
#include "fmt/format.h"

int main(int argc, char** argv) {
  using namespace skein;
  bench::Report report(argc, argv);
  if (!report.wants("cache.shared")) return report.finish();
  // A socket's path is 107 bytes at most: not below a long checkout.
  std::string folder = (std::filesystem::temp_directory_path() / "skein-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const std::string socket = folder + "/s";
  const std::string start = fmt::format(
      "redis-server --port 0 --unixsocket {0}/s --save '' --appendonly no --dir {0} --daemonize yes --pidfile {0}/pid "
      "--loglevel warning --logfile {0}/log >/dev/null",
      folder);
  if (std::system(start.c_str()) != 0) {
    std::fprintf(stderr, "redis-server cannot be started\n");
    return 1;
  }
  const SystemClock clock;
  cache::SharedTierOptions options;
  options.address.socket = socket;
  options.time_limit = Millis(5'000);
  options.breaker.budget = Millis(600'000);
  for (int i = 0; i < 500 && !(std::filesystem::exists(socket) && std::filesystem::exists(folder + "/pid")); ++i)
    std::this_thread::sleep_for(Millis(10));
  {
    cache::SharedTier tier(clock, options, nullptr);
    cache::RedisConnection connection(options.address, options.time_limit);
    const cache::CacheKey key{sha256("k"), 0};
    std::string value(4096, '\0');
    SeededRandom random(1);
    for (auto& byte : value) byte = static_cast<char>(random.next());
    tier.put(key, {std::make_shared<const std::string>(value)});
    const auto* redis = cache::RedisLibrary::get();
    redisContext* bare = redis->connect_unix(socket.c_str(), timeval{5, 0});
    const auto bare_call = [&](std::vector<std::string> words) {
      std::vector<const char*> texts;
      std::vector<std::size_t> sizes;
      for (const auto& word : words) texts.push_back(word.data()), sizes.push_back(word.size());
      redis->append(bare, static_cast<int>(texts.size()), texts.data(), sizes.data());
      void* reply = nullptr;
      redis->get_reply(bare, &reply);
      const std::string text(static_cast<redisReply*>(reply)->str, static_cast<redisReply*>(reply)->len);
      redis->free_reply(reply);
      return text;
    };
    bench::keep(bare_call({"SET", "plain", value}));
    std::vector<double> ours, theirs;
    for (int i = 0; i < 20'000; ++i) {
      ours.push_back(bench::seconds([&] { bench::keep(tier.get(key)); }) * 1e6);
      theirs.push_back(bench::seconds([&] { bench::keep(bare_call({"GET", "plain"})); }) * 1e6);
    }
    redis->free(bare);
    report.peer("cache.shared.hit_p50", bench::median(theirs), "us", "hiredis GET of 4 KiB, unix socket");
    report.note("cache.shared.hit_p50", bench::median(ours), "us");
    report.figure("cache.shared.hit.to_hiredis", bench::median(ours) / bench::median(theirs), "x", bench::Op::at_most,
                  1.3);
  }
  int pid = 0;
  std::ifstream(folder + "/pid") >> pid;
  if (pid > 1) ::kill(pid, SIGTERM);
  std::filesystem::remove_all(folder);
  return report.finish();
}
