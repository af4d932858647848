#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "workloads/head.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;

// Fewer than may wait at the consumer, so that none is dropped; enough that neither side has to wait.
constexpr std::uint64_t most_under_way = 1 << 12;
constexpr unsigned one_timed_in = 64;

class Producer {
 public:
  Producer(std::shared_ptr<Head> head, std::shared_ptr<EventsHeard> heard)
      : head_(std::move(head)), heard_(std::move(heard)) {}

  void post_some() {
    wait_for(most_under_way);
    Reading reading;
    reading.sent_ns = std::chrono::duration_cast<nanoseconds>(Clock::now().time_since_epoch()).count();
    for (unsigned index = 0; index < one_timed_in; ++index) {
      reading.number = static_cast<std::int64_t>(++posted_);
      head_->api.reading(reading).post();
      reading.sent_ns = 0;
    }
  }

  /// Until at most so many are under way.
  void wait_for(std::uint64_t under_way) {
    std::uint64_t heard = 0;
    auto deadline = Clock::now() + 20s;
    for (;;) {
      const std::uint64_t now_heard = heard_->count.load(std::memory_order_acquire);
      if (posted_ - now_heard <= under_way) return;
      if (now_heard != heard) deadline = Clock::now() + 20s;
      heard = now_heard;
      if (Clock::now() > deadline) throw std::runtime_error("events were lost");
      std::this_thread::sleep_for(20us);
    }
  }

  std::uint64_t posted() const { return posted_; }
  std::uint64_t timed() const { return heard_->timed.load(std::memory_order_acquire); }  // PAIR event-timed

  void note_since(std::uint64_t first, Slice& slice) const {
    const auto& times = heard_->nanoseconds;
    const std::uint64_t last = timed();
    for (auto index = std::max(first, last - std::min<std::uint64_t>(last, times.size())); index < last;
         ++index) {
      slice.note(nanoseconds(times[index % times.size()].load(std::memory_order_relaxed)));
    }
  }

 private:
  const std::shared_ptr<Head> head_;
  const std::shared_ptr<EventsHeard> heard_;
  std::uint64_t posted_ = 0;
};

}  // namespace

SliceRunner events(std::shared_ptr<Head> head, std::shared_ptr<EventsHeard> heard) {
  const auto producer = std::make_shared<Producer>(std::move(head), std::move(heard));
  return [producer](Slice& slice) {
    const auto warm = Clock::now() + slice.warm_up();
    do producer->post_some();
    while (Clock::now() < warm);
    producer->wait_for(0);
    const std::uint64_t posted = producer->posted();
    const std::uint64_t timed = producer->timed();
    const auto end = slice.begin() + slice.budget();
    while (Clock::now() < end) producer->post_some();
    producer->wait_for(0);
    slice.end(producer->posted() - posted);
    producer->note_since(timed, slice);
  };
}

}  // namespace bench
