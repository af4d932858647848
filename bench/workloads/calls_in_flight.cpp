#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "workloads/head.hpp"

namespace bench {

namespace {

/// A ring of calls, each place with one under way.
class InFlight {
 public:
  InFlight(std::shared_ptr<Head> head, std::size_t count) : head_(std::move(head)), calls_(count) {}

  void fill() {
    for (auto& call : calls_) begin(call);
  }
  void drain() {
    for (auto& call : calls_) collect(call);
  }
  /// Collects each call once and makes another one in its place. How long the first one took.
  nanoseconds turn() {
    collect(calls_.front());
    const auto now = Clock::now();
    const auto took = now - first_begun_;
    first_begun_ = now;
    begin(calls_.front());
    for (std::size_t index = 1; index < calls_.size(); ++index) {
      collect(calls_[index]);
      begin(calls_[index]);
    }
    return took;
  }

 private:
  using Place = std::optional<vagus::AsyncResult<int>>;

  void begin(Place& place) { place.emplace(head_->api.echo(7).async()); }
  static void collect(Place& place) {
    if (place->get() != 7) throw std::runtime_error("a wrong answer");
    place.reset();
  }

  const std::shared_ptr<Head> head_;
  std::vector<Place> calls_;
  Clock::time_point first_begun_{};
};

}  // namespace

SliceRunner calls_in_flight(std::shared_ptr<Head> head, std::size_t count) {
  return [head = std::move(head), count](Slice& slice) {
    InFlight calls(head, count);
    calls.fill();
    const auto warm = Clock::now() + slice.warm_up();
    do calls.turn();
    while (Clock::now() < warm);
    std::uint64_t done = 0;
    for (const auto end = slice.begin() + slice.budget(); Clock::now() < end; done += count) {
      slice.note(calls.turn());
    }
    slice.end(done);
    calls.drain();
  };
}

}  // namespace bench
