#include "stream/zstd.hpp"

#include <memory>
#include <new>
#include <string>

#include <vagus/wire/decode_error.hpp>

#ifdef VAGUS_HAS_ZSTD

#include <zstd.h>

namespace vagus::transport::stream::zstd {

namespace {

// Twice as fast as the level that the library takes by default, for a twentieth more bytes.
constexpr int level = 1;

template <auto destroy>
struct Destroy {
  template <typename Context>
  void operator()(Context* context) const noexcept {
    destroy(context);
  }
};
using Compressor = std::unique_ptr<ZSTD_CCtx, Destroy<ZSTD_freeCCtx>>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, Destroy<ZSTD_freeDCtx>>;

/// Null: there is no memory.
ZSTD_CCtx* compressor() noexcept {
  thread_local Compressor context{ZSTD_createCCtx()};
  return context.get();
}

ZSTD_DCtx* decompressor() {
  thread_local Decompressor context{ZSTD_createDCtx()};
  if (!context) throw std::bad_alloc();
  return context.get();
}

}  // namespace

bool available() noexcept { return true; }

std::size_t compress(std::span<const std::byte> bytes, std::span<std::byte> out) noexcept {
  ZSTD_CCtx* const context = compressor();
  if (context == nullptr) return 0;
  const std::size_t size =
      ZSTD_compressCCtx(context, out.data(), out.size(), bytes.data(), bytes.size(), level);
  return ZSTD_isError(size) != 0 ? 0 : size;
}

std::optional<std::size_t> announced_size(std::span<const std::byte> compressed) {
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR) throw wire::MalformedError("it does not begin as zstd does");
  if (size == ZSTD_CONTENTSIZE_UNKNOWN) return std::nullopt;
  return size;
}

void decompress(std::span<const std::byte> compressed, std::span<std::byte> out) {
  const std::size_t size =
      ZSTD_decompressDCtx(decompressor(), out.data(), out.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(size) != 0) {
    throw wire::MalformedError(std::string("zstd says: ") + ZSTD_getErrorName(size));
  }
  if (size != out.size()) {
    throw wire::MalformedError("it has " + std::to_string(size) + " bytes and not " +
                               std::to_string(out.size()));
  }
}

}  // namespace vagus::transport::stream::zstd

#else

// Nothing is ever agreed without it, and so nobody comes here.
namespace vagus::transport::stream::zstd {

namespace {

[[noreturn]] void refuse() { throw wire::MalformedError("this build cannot read zstd"); }

}  // namespace

bool available() noexcept { return false; }
std::size_t compress(std::span<const std::byte> /*bytes*/, std::span<std::byte> /*out*/) noexcept {
  return 0;
}
std::optional<std::size_t> announced_size(std::span<const std::byte> /*compressed*/) { refuse(); }
void decompress(std::span<const std::byte> /*compressed*/, std::span<std::byte> /*out*/) { refuse(); }

}  // namespace vagus::transport::stream::zstd

#endif
