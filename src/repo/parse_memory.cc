#include "repo/parse_memory.h"

#include <sys/mman.h>
#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "base/check.h"

namespace skein::repo {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kWatched = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kWatched = true;
#else
constexpr bool kWatched = false;
#endif
#else
constexpr bool kWatched = false;
#endif

constexpr std::size_t kStep = 16;
constexpr std::size_t kSizes = 65;  // Pieces of up to 64 steps, head included.
constexpr std::size_t kChunk = std::size_t{256} << 10;
constexpr std::uint32_t kLarge = 0xffffffff;

/// Stands before each piece.
struct Head {
  std::uint32_t steps = 0;  ///< kLarge: it is the system's.
  std::uint32_t owner = 0;  ///< The pool from whose chunks it is.
};
static_assert(sizeof(Head) == 8);  // What tree-sitter keeps needs no larger alignment.

Head* head_of(void* piece) { return static_cast<Head*>(piece) - 1; }

/// Chunks are the system's own: what is given back is gone at once, and leaves no holes among what lives longer.
struct Unmap {
  void operator()(std::byte* chunk) const { ::munmap(chunk, kChunk); }
};

/// Of one thread. Pieces of another thread that are freed here stay here. They never make this one let go of its
/// chunks, nor that one: its count of what is in use does not go down.
class Pool {
 public:
  void* take(std::size_t steps) {
    auto*& free = free_[steps];
    Head* head = free;
    if (head != nullptr) {
      std::memcpy(&free, head + 1, sizeof free);
    } else {
      head = carve(steps);
    }
    if (head->owner == number_) ++used_;
    return head + 1;
  }

  void give_back(Head* head) {
    if (head->owner == number_) --used_;
    auto*& free = free_[head->steps];
    std::memcpy(static_cast<void*>(head + 1), &free, sizeof free);
    free = head;
  }

  [[nodiscard]] std::size_t held() const { return chunks_.size() * kChunk; }

  bool release() {
    if (used_ != 0) return false;
    free_.fill(nullptr);
    chunks_.clear();
    at_ = end_ = nullptr;
    return true;
  }

  ~Pool() {
    // What is still in use may outlive the thread.
    if (used_ != 0)
      for (auto& chunk : chunks_) [[maybe_unused]]
        auto* kept = chunk.release();
  }

 private:
  Head* carve(std::size_t steps) {
    const std::size_t size = steps * kStep;
    if (static_cast<std::size_t>(end_ - at_) < size) {
      void* chunk = ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (chunk == MAP_FAILED) throw std::bad_alloc();
      chunks_.emplace_back(static_cast<std::byte*>(chunk));
      at_ = chunks_.back().get();
      end_ = at_ + kChunk;
    }
    auto* head = new (at_) Head{static_cast<std::uint32_t>(steps), number_};
    at_ += size;
    return head;
  }

  static std::uint32_t next_number() {
    static std::atomic<std::uint32_t> numbers{0};
    return numbers.fetch_add(1, std::memory_order_relaxed);
  }

  std::uint32_t number_ = next_number();
  std::uint64_t used_ = 0;            // Pieces of our chunks.
  std::array<Head*, kSizes> free_{};  // The first of each size; the next stands in it.
  std::byte* at_ = nullptr;
  std::byte* end_ = nullptr;
  std::vector<std::unique_ptr<std::byte, Unmap>> chunks_;
};

// A plain pointer, so that looking at it costs nothing, and one that takes the pool away with the thread.
constinit thread_local Pool* this_threads_pool = nullptr;
constinit thread_local bool thread_ended = false;
struct PoolOwner {
  std::unique_ptr<Pool> pool = std::make_unique<Pool>();
  ~PoolOwner() {
    this_threads_pool = nullptr;
    thread_ended = true;
  }
};

Pool& make_pool() {
  if (thread_ended) return *(this_threads_pool = std::make_unique<Pool>().release());  // Nobody would free it.
  thread_local const PoolOwner owner;
  return *(this_threads_pool = owner.pool.get());
}

Pool& pool() { return this_threads_pool != nullptr ? *this_threads_pool : make_pool(); }

void* take_large(std::size_t size) {
  auto* head = static_cast<Head*>(std::malloc(size + sizeof(Head)));
  SKEIN_CHECK(head != nullptr);
  *head = {kLarge, 0};
  return head + 1;
}

void* take_zeroed(std::size_t count, std::size_t size) {
  SKEIN_CHECK(size == 0 || count <= SIZE_MAX / 2 / size);
  void* piece = take_parse_memory(count * size);
  std::memset(piece, 0, count * size);
  return piece;
}

}  // namespace

void use_parse_memory() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (!kWatched) ts_set_allocator(take_parse_memory, take_zeroed, resize_parse_memory, free_parse_memory);
  });
}

std::size_t parse_memory_held() { return pool().held(); }
bool release_parse_memory() { return pool().release(); }

void* take_parse_memory(std::size_t size) {
  const std::size_t steps = (size + sizeof(Head) + kStep - 1) / kStep;
  return steps < kSizes ? pool().take(steps) : take_large(size);
}

void free_parse_memory(void* piece) {
  if (piece == nullptr) return;
  Head* head = head_of(piece);
  if (head->steps == kLarge)
    std::free(head);
  else
    pool().give_back(head);
}

void* resize_parse_memory(void* piece, std::size_t size) {
  if (piece == nullptr) return take_parse_memory(size);
  Head* head = head_of(piece);
  if (head->steps == kLarge) {
    // Stays large, also where it would fit now.
    auto* moved = static_cast<Head*>(std::realloc(head, size + sizeof(Head)));
    SKEIN_CHECK(moved != nullptr);
    return moved + 1;
  }
  const std::size_t room = head->steps * kStep - sizeof(Head);
  if (size <= room) return piece;
  void* larger = take_parse_memory(size);
  std::memcpy(larger, piece, room);
  free_parse_memory(piece);
  return larger;
}

}  // namespace skein::repo
