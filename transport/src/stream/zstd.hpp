#pragma once

#include <cstddef>
#include <optional>
#include <span>

/// libzstd, if it was there when this was built. Each thread keeps what the library works with, so links keep
/// nothing. All functions are safe from any thread.
namespace vagus::transport::stream::zstd {

bool available() noexcept;

/// The size of the compressed bytes; 0 if they do not fit into `out`, or there is no memory.
std::size_t compress(std::span<const std::byte> bytes, std::span<std::byte> out) noexcept;

/// What compressed bytes say about themselves, `size` only if they do. Throws wire::MalformedError if they
/// are none.
std::optional<std::size_t> announced_size(std::span<const std::byte> compressed);

/// Fills `out`, all of it. Throws wire::MalformedError if the bytes are damaged, or more or less comes out.
void decompress(std::span<const std::byte> compressed, std::span<std::byte> out);

}  // namespace vagus::transport::stream::zstd
