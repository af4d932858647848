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
  const std::size_t size = buffer.size();
  bytes_ += size;
  messages_.push_back({std::move(buffer), used, size, record_end});
}

std::span<const std::byte> HandOver::front() const {
  MutexLock lock(mutex_);
  if (messages_.empty()) return {};
  return messages_.front().buffer.first(messages_.front().used);
}

std::shared_ptr<const void> HandOver::take_front_buffer() {
  MutexLock lock(mutex_);
  if (messages_.empty()) return nullptr;
  return std::make_shared<const LargeBuffer>(std::exchange(messages_.front().buffer, {}));
}

void HandOver::pop() {
  Message gone;  // freed outside of the lock
  MutexLock lock(mutex_);
  if (messages_.empty()) return;
  bytes_ -= messages_.front().counted;
  gone = std::move(messages_.front());
  messages_.pop_front();
}

}  // namespace vagus::transport::ring
