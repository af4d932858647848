#include "datagram/repetition.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "datagram/reception.hpp"

namespace vagus::transport::datagram {

namespace {

using namespace std::chrono_literals;

// Longer than an answer takes within a building, so that little is sent twice; what has to go round the world
// is sent twice at first, and less often then.
constexpr Duration first_pause = 30ms;
constexpr Duration longest_pause = 500ms;
constexpr std::size_t most_bytes = Reception::most_held_bytes / 2;
// At once, and after a pause. The peer has what came after a gap, so mostly the first is all that is missing.
constexpr std::size_t repeated_at_once = 8;
constexpr int sure_of_a_gap = 3;

}  // namespace

bool Repetition::full() const noexcept {
  return kept_.size() >= Reception::window / 2 || bytes_ >= most_bytes;
}

void Repetition::add(std::uint32_t number, Bytes datagram, TimePoint now) {
  if (kept_.empty()) {
    pause_ = first_pause;
    due_ = now + pause_;
    same_again_ = 0;
  }
  bytes_ += datagram.size();
  kept_.push_back({number, std::move(datagram)});
}

void Repetition::acknowledge(std::uint32_t number, TimePoint now, const Send& send) {
  bool news = false;
  while (!kept_.empty() && !is_later(kept_.front().number, number)) {
    bytes_ -= kept_.front().datagram.size();
    kept_.pop_front();
    news = true;
  }
  if (news) {
    pause_ = first_pause;
    due_ = now + pause_;
    same_again_ = 0;
  } else if (!kept_.empty() && kept_.front().number == number + 1 && ++same_again_ == sure_of_a_gap) {
    send(kept_.front().datagram);  // others have arrived after it
  }
}

void Repetition::repeat(TimePoint now, const Send& send) {
  if (kept_.empty() || now < due_) return;
  const std::size_t count = std::min(kept_.size(), repeated_at_once);
  for (std::size_t place = 0; place < count; ++place) send(kept_[place].datagram);
  pause_ = std::min(2 * pause_, longest_pause);
  due_ = now + pause_;
  same_again_ = 0;
}

}  // namespace vagus::transport::datagram
