#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include <vagus/core/bytes.hpp>

#include "datagram/frame.hpp"

namespace vagus::transport::datagram {

/// What became of datagrams that were not delivered.
struct Losses {
  std::uint64_t repeated = 0;    ///< had come before
  std::uint64_t overtaken = 0;   ///< came after one that was sent later
  std::uint64_t overflowed = 0;  ///< found no space
  std::uint64_t unreadable = 0;  ///< cut short, or nothing that a peer sends

  std::uint64_t total() const noexcept { return repeated + overtaken + overflowed + unreadable; }
};

/// Puts what arrives in its order: each message at most once, none before one that was sent earlier, and none
/// before a reliable one that was sent earlier, which it is kept for until that has come. Not safe from
/// several threads.
class Reception {
 public:
  /// So many reliable messages are taken ahead of one that is missing; the sender has no more under way.
  static constexpr std::uint32_t window = 256;
  /// What waits for a reliable message, at most.
  static constexpr std::size_t most_held = 256;
  static constexpr std::size_t most_held_bytes = 1 << 20;

  explicit Reception(Losses& losses) noexcept : losses_(losses) {}

  /// Takes a message, and appends to `ready` what may be read now.
  void take(const Frame& frame, Bytes message, std::deque<Bytes>& ready);
  /// Takes a reliable message; what has come so far is to be acknowledged then.
  void take_reliable(const Frame& frame, Bytes message, std::deque<Bytes>& ready);
  /// All reliable messages up to this one have come.
  std::uint32_t reliable() const noexcept { return reliable_; }

 private:
  struct Held {
    std::uint32_t reliable;  // has to come before
    Bytes message;
  };
  struct Early {
    std::uint32_t number;
    Bytes message;
  };

  bool has_room(const Bytes& message) noexcept;
  void deliver_reliable(std::uint32_t number, Bytes message, std::deque<Bytes>& ready);
  void deliver_held(std::deque<Bytes>& ready);

  Losses& losses_;
  std::uint32_t number_ = 0;    // of the last message that was taken, or was sent before a reliable one
  std::uint32_t reliable_ = 0;  // of the last one delivered
  std::deque<Held> held_;
  std::map<std::uint32_t, Early> early_;  // reliable ones that came before an earlier one, by number
  std::size_t kept_bytes_ = 0;            // of both held_ and early_
};

}  // namespace vagus::transport::datagram
