#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "support/input.hpp"

namespace vagus::fuzz {

/// Memory that a peer writes and this side reads, with pages before and behind it that nobody may touch.
class SharedMemory {
 public:
  enum class Ours { read_only, writable };

  /// `size` is a multiple of 4096. Ends the program if the system refuses.
  SharedMemory(std::size_t size, Ours ours);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  /// As we have it mapped.
  std::span<std::byte> ours() const noexcept { return ours_; }
  /// The same bytes, as the peer has them mapped, or a test that looks.
  std::span<std::byte> theirs() const noexcept { return theirs_; }

 private:
  std::span<std::byte> ours_;
  std::span<std::byte> theirs_;
};

/// What a peer changes in its memory while it is read: just before a load, in the very bytes that are loaded,
/// or close by. One at a time, for as long as it lives.
///
/// Every load of the library is announced where the fuzzer is compiled in, so that a change comes between two
/// looks at the same byte, and each time at the same place. Elsewhere nothing changes.
class Changes {
 public:
  /// Takes from the input which changes there are.
  Changes(const SharedMemory& memory, Input& input);
  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // By the instrumentation.
  void before_load(const std::byte* address) noexcept;

 private:
  struct Change {
    std::uint8_t loads = 0;    // of this memory that come before it, since the last change
    std::int8_t distance = 0;  // from the address that is loaded
    std::uint8_t value = 0;
  };

  const SharedMemory& memory_;
  std::vector<Change> changes_;  // the next one is the last
};

}  // namespace vagus::fuzz
