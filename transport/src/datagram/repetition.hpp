#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include <vagus/core/bytes.hpp>
#include <vagus/core/deadline.hpp>

namespace vagus::transport::datagram {

/// Datagrams that are sent until the peer has acknowledged them. Not safe from several threads.
class Repetition {
 public:
  using Send = std::function<void(const Bytes& datagram)>;

  /// No more may be added: as many are under way as the peer takes ahead.
  bool full() const noexcept;
  /// A datagram that was sent just now.
  void add(std::uint32_t number, Bytes datagram, TimePoint now);
  /// All up to `number` have arrived. Those that seem lost are sent again.
  void acknowledge(std::uint32_t number, TimePoint now, const Send& send);
  /// When to call repeat() next; TimePoint::max() if nothing is under way.
  TimePoint due() const noexcept { return kept_.empty() ? TimePoint::max() : due_; }
  /// Sends again what was not acknowledged in time.
  void repeat(TimePoint now, const Send& send);

 private:
  struct Kept {
    std::uint32_t number;
    Bytes datagram;
  };

  std::deque<Kept> kept_;  // the oldest first
  std::size_t bytes_ = 0;
  TimePoint due_{};
  Duration pause_ = Duration::zero();
  int same_again_ = 0;  // acknowledgements in a row that told nothing new
};

}  // namespace vagus::transport::datagram
