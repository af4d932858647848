#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>

#include <vagus/core/mutex.hpp>

#include "ring/large_buffer.hpp"
#include "ring/ring_layout.hpp"

namespace vagus::transport::ring {

/// Large messages on their way between two ends in one process: the memory that the sender wrote is what the
/// receiver reads. Each is announced by a record in the ring. Safe from any thread.
class HandOver {
 public:
  /// `capacity`: so many bytes may be on their way, or one message of any size.
  explicit HandOver(std::size_t capacity) noexcept : capacity_(capacity) {}

  /// 0 if there is room for a message of this size; else where the record ends after whose release there is
  /// more.
  Position room_after(std::size_t size) const;

  void push(LargeBuffer buffer, std::size_t used, Position record_end);
  /// The message that was pushed first; empty if there is none, which only a broken peer announces.
  std::span<const std::byte> front() const;
  void pop();
  /// Gives its memory away; its bytes stay where they are, pop() comes all the same.
  std::shared_ptr<const void> take_front_buffer();

 private:
  struct Message {
    LargeBuffer buffer;
    std::size_t used = 0;
    std::size_t counted = 0;  // in bytes_
    Position record_end = 0;
  };

  const std::size_t capacity_;
  mutable Mutex mutex_;
  std::deque<Message> messages_ VAGUS_GUARDED_BY(mutex_);
  std::size_t bytes_ VAGUS_GUARDED_BY(mutex_) = 0;
};

}  // namespace vagus::transport::ring
