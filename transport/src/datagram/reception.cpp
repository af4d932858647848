#include "datagram/reception.hpp"

#include <utility>

namespace vagus::transport::datagram {

bool Reception::has_room(const Bytes& message) noexcept {
  if (kept_bytes_ + message.size() <= most_held_bytes) return true;
  ++losses_.overflowed;
  return false;
}

void Reception::take(const Frame& frame, Bytes message, std::deque<Bytes>& ready) {
  if (!is_later(frame.number, number_)) {
    ++(frame.number == number_ ? losses_.repeated : losses_.overtaken);
    return;
  }
  if (held_.empty() && !is_later(frame.reliable, reliable_)) {
    number_ = frame.number;
    ready.push_back(std::move(message));
    return;
  }
  if (held_.size() >= most_held) {
    ++losses_.overflowed;
    return;
  }
  if (!has_room(message)) return;
  number_ = frame.number;
  kept_bytes_ += message.size();
  held_.push_back({frame.reliable, std::move(message)});
}

void Reception::take_reliable(const Frame& frame, Bytes message, std::deque<Bytes>& ready) {
  const std::uint32_t ahead = frame.reliable - reliable_;
  if (!is_later(frame.reliable, reliable_)) {
    ++losses_.repeated;
  } else if (ahead > window) {
    ++losses_.overflowed;
  } else if (ahead > 1) {
    if (early_.contains(frame.reliable)) {
      ++losses_.repeated;
    } else if (has_room(message)) {
      kept_bytes_ += message.size();
      early_.emplace(frame.reliable, Early{frame.number, std::move(message)});
    }
  } else {
    deliver_reliable(frame.number, std::move(message), ready);
    // By their numbers and not in the order of the map: those go round.
    for (auto next = early_.find(reliable_ + 1); next != early_.end(); next = early_.find(reliable_ + 1)) {
      kept_bytes_ -= next->second.message.size();
      const std::uint32_t number = next->second.number;
      Bytes early = std::move(next->second.message);
      early_.erase(next);
      deliver_reliable(number, std::move(early), ready);
    }
  }
}

void Reception::deliver_reliable(std::uint32_t number, Bytes message, std::deque<Bytes>& ready) {
  ++reliable_;
  ready.push_back(std::move(message));
  // What was sent before it, and comes now, would come after it.
  if (is_later(number, number_)) number_ = number;
  deliver_held(ready);
}

void Reception::deliver_held(std::deque<Bytes>& ready) {
  while (!held_.empty() && !is_later(held_.front().reliable, reliable_)) {
    kept_bytes_ -= held_.front().message.size();
    ready.push_back(std::move(held_.front().message));
    held_.pop_front();
  }
}

}  // namespace vagus::transport::datagram
