/// Finds where messages end in a stream of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <vagus/wire/limits.hpp>

namespace vagus::wire {

/// Finds the end of one message after the other, while their bytes still arrive: a message is one MessagePack
/// array, and nothing says beforehand how long it is.
///
/// Looks at each value once, however small the pieces are in which it comes. What a message announces is
/// checked against the limits before any of it has to be kept: each value takes at least a byte. Allocates
/// nothing but a few bytes for each level of nesting.
///
/// Threads: one at a time.
class Splitter {
 public:
  explicit Splitter(const Limits& limits) : limits_(limits) {}

  /// The size of the message that begins with `bytes`, once it is there as a whole; 0 as long as it is not.
  /// Called again, it goes on where it was: the bytes of before have to be there again, unchanged, wherever
  /// they lie now. Afterwards the next message is looked for.
  ///
  /// Throws MalformedError where no message can be: no array, no MessagePack, or over the limits. Nothing
  /// that follows can be understood then.
  std::size_t find(std::span<const std::byte> bytes);

  /// The least number of bytes that the message has which is looked for, as far as is known: never more than
  /// the limit.
  std::size_t least() const noexcept { return static_cast<std::size_t>(position_ + left_in_all_); }

 private:
  bool look_at(std::span<const std::byte> bytes);
  bool pass_plain_values(std::span<const std::byte> bytes);
  void enter(std::uint64_t start, std::uint64_t children);
  void check_size(std::uint64_t start) const;

  Limits limits_;
  std::uint64_t position_ = 0;          // of the next value; may lie beyond what has come
  std::uint64_t left_ = 1;              // values still to come on this level
  std::uint64_t left_in_all_ = 1;       // and on all levels
  std::vector<std::uint64_t> waiting_;  // values still to come on each outer level
};

}  // namespace vagus::wire
