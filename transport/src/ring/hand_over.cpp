#include "ring/hand_over.hpp"

#include <utility>

namespace vagus::transport::ring {

Position HandOver::room_after(std::size_t size) const {
  MutexLock lock(mutex_);
  const bool room = messages_.empty() || bytes_ + size <= capacity_;
  return room ? 0 : messages_.front().record_end;
}

void HandOver::push(LargeBuffer buffer, std::size_t used, Position record_end) {
  MutexLock lock(mutex_);
  bytes_ += buffer.size();
  messages_.push_back({std::move(buffer), used, record_end});
}

std::span<const std::byte> HandOver::front() const {
  MutexLock lock(mutex_);
  if (messages_.empty()) return {};
  return messages_.front().buffer.first(messages_.front().used);
}

void HandOver::pop() {
  Message gone;  // freed outside of the lock
  MutexLock lock(mutex_);
  if (messages_.empty()) return;
  bytes_ -= messages_.front().buffer.size();
  gone = std::move(messages_.front());
  messages_.pop_front();
}

}  // namespace vagus::transport::ring
