// Who listens to the tiers: metrics, and the lines that a user is told once.
#pragma once

#include <string>
#include <string_view>

#include "cache/cache.h"

namespace skein::cache {

/// Called on whatever thread uses the tier, and by several at once; must be quick. Hits and misses of the memory tier
/// are counted by the tier itself and not told one by one: a call would cost more than the hit.
class CacheObserver {
 public:
  virtual ~CacheObserver() = default;
  /// A tier behind memory had it.
  virtual void on_hit(std::string_view tier, const CacheKey& key, std::size_t bytes);
  virtual void on_miss(std::string_view tier, const CacheKey& key, MissReason reason);
  /// Something that a user should know, at most once for each tier and cause.
  virtual void on_note(std::string_view tier, const std::string& line);
};

inline void CacheObserver::on_hit(std::string_view, const CacheKey&, std::size_t) {}
inline void CacheObserver::on_miss(std::string_view, const CacheKey&, MissReason) {}
inline void CacheObserver::on_note(std::string_view, const std::string&) {}

}  // namespace skein::cache
