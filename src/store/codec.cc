#include "store/codec.h"

#include <memory>

#include <zstd.h>

namespace skein::store {
namespace {

constexpr std::size_t kSmallest = 256;
// A block of zstd is 4 bytes at least and unpacks to 128 KiB at most.
constexpr std::uint64_t kMostPerByte = 32'768;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

std::string_view to_string(Packing packing) {
  switch (packing) {
    case Packing::plain:
      return "plain";
    case Packing::hot:
      return "hot";
    case Packing::warm:
      return "warm";
    case Packing::cold:
      return "cold";
  }
  return "unknown";
}

Packing packing_of(Codec codec) {
  switch (codec) {
    case Codec::none:
      return Packing::plain;
    case Codec::zstd:
      return Packing::hot;
    case Codec::zstd_warm:
      return Packing::warm;
    case Codec::zstd_cold:
      return Packing::cold;
  }
  return Packing::hot;
}

Packed pack(std::string_view raw, Packing packing) {
  if (raw.size() < kSmallest || packing == Packing::plain) return {};
  // A context costs more than a small blob: one per thread.
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  const int level = packing == Packing::hot ? -1 : packing == Packing::warm ? 9 : 19;
  Packed packed;
  packed.bytes.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compressCCtx(context.get(), packed.bytes.data(), packed.bytes.size(), raw.data(), raw.size(), level);
  if (ZSTD_isError(size) != 0 || size > raw.size() - raw.size() / 8) return {};
  packed.bytes.resize(size);
  packed.codec = packing == Packing::hot ? Codec::zstd : packing == Packing::warm ? Codec::zstd_warm : Codec::zstd_cold;
  return packed;
}

Result<std::string> unpack(Codec codec, std::string_view stored, std::uint64_t raw_bytes) {
  switch (codec) {
    case Codec::none:
      if (stored.size() != raw_bytes) return fail(Code::data_corrupt, "a stored blob has the wrong size");
      return std::string(stored);
    case Codec::zstd:
    case Codec::zstd_warm:
    case Codec::zstd_cold: {
      // The size is checked first, so that a damaged length reserves nothing.
      if (raw_bytes / kMostPerByte > stored.size() ||
          ZSTD_getFrameContentSize(stored.data(), stored.size()) != raw_bytes)
        return fail(Code::data_corrupt, "a stored blob has the wrong size");
      thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
      std::string raw;
      std::size_t size = 0;
      raw.resize_and_overwrite(raw_bytes, [&](char* out, std::size_t room) {
        size = ZSTD_decompressDCtx(context.get(), out, room, stored.data(), stored.size());
        return ZSTD_isError(size) != 0 ? 0 : size;
      });
      if (ZSTD_isError(size) != 0 || size != raw_bytes)
        return fail(Code::data_corrupt, "a stored blob does not unpack: {}",
                    ZSTD_isError(size) != 0 ? ZSTD_getErrorName(size) : "wrong size");
      return raw;
    }
  }
  return fail(Code::data_corrupt, "a stored blob has an unknown codec");
}

}  // namespace skein::store
