#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/deadline_queue.hpp>

namespace vagus {
namespace {

using namespace std::chrono_literals;

class AnyCall final : public Transaction {
 public:
  explicit AnyCall(Deadline deadline) : Transaction(std::make_shared<const std::string>("a.b"), deadline) {}

 private:
  void take(std::span<const std::byte>) override {}
};

std::shared_ptr<AnyCall> call_until(TimePoint at) { return std::make_shared<AnyCall>(Deadline(at)); }

TEST(DeadlineQueue, gives_out_what_has_passed_in_order_and_tells_the_earliest) {
  const TimePoint now = Deadline::now();
  DeadlineQueue queue;
  const auto late = call_until(now + 2s);
  const auto early = call_until(now + 1s);
  EXPECT_EQ(queue.add(late), now + 2s);
  EXPECT_EQ(queue.add(early), now + 1s);
  EXPECT_EQ(queue.add(std::make_shared<AnyCall>(Deadline::never())), std::nullopt);
  EXPECT_EQ(queue.earliest(), now + 1s);
  EXPECT_TRUE(queue.take_passed(now).empty());
  const auto passed = queue.take_passed(now + 3s);
  ASSERT_EQ(passed.size(), 2u);
  EXPECT_EQ(passed.front(), early);
  EXPECT_EQ(queue.earliest(), std::nullopt);
}

TEST(DeadlineQueue, forgets_a_call_that_has_ended) {
  DeadlineQueue queue;
  const auto call = std::make_shared<AnyCall>(Deadline::after(1s));
  queue.add(call);
  queue.remove(*call);
  queue.remove(*call);
  EXPECT_EQ(queue.earliest(), std::nullopt);
  EXPECT_TRUE(queue.take_passed(Deadline::now() + 2s).empty());
  EXPECT_EQ(call.use_count(), 1);
}

TEST(DeadlineQueue, gives_out_at_once_what_had_passed_before_it_came) {
  const TimePoint now = Deadline::now();
  DeadlineQueue queue;
  queue.take_passed(now);
  const auto passed = call_until(now - 1h);
  EXPECT_EQ(queue.add(passed), now - 1h);
  EXPECT_EQ(queue.take_passed(now), std::vector<std::shared_ptr<Transaction>>{passed});
  const auto ancient = call_until(TimePoint{} - 5ns);
  queue.add(ancient);
  EXPECT_EQ(queue.take_passed(now), std::vector<std::shared_ptr<Transaction>>{ancient});
}

TEST(DeadlineQueue, tells_deadlines_of_one_millisecond_from_each_other) {
  const TimePoint now = Deadline::now();
  DeadlineQueue queue;
  const auto sooner = call_until(now + 10ns);
  const auto later = call_until(now + 20ns);
  queue.add(later);
  queue.add(sooner);
  EXPECT_TRUE(queue.take_passed(now + 9ns).empty());
  EXPECT_EQ(queue.take_passed(now + 10ns), std::vector<std::shared_ptr<Transaction>>{sooner});
  EXPECT_EQ(queue.earliest(), now + 20ns);
  EXPECT_EQ(queue.take_passed(now + 20ns), std::vector<std::shared_ptr<Transaction>>{later});
}

TEST(DeadlineQueue, keeps_deadlines_of_a_century_hence) {
  const TimePoint now = Deadline::now();
  const TimePoint century = now + std::chrono::hours(24) * 365 * 100;
  DeadlineQueue queue;
  const auto call = call_until(century);
  queue.add(call);
  EXPECT_TRUE(queue.take_passed(century - 1ns).empty());
  EXPECT_EQ(queue.earliest(), century);
  EXPECT_EQ(queue.take_passed(century).size(), 1u);
}

TEST(DeadlineQueue, gives_out_all_when_it_is_cleared) {
  const TimePoint now = Deadline::now();
  DeadlineQueue queue;
  const auto near = call_until(now);
  const auto far = call_until(now + 1h);
  queue.add(near);
  queue.add(far);
  EXPECT_EQ(queue.clear().size(), 2u);
  EXPECT_EQ(queue.earliest(), std::nullopt);
  EXPECT_EQ(far.use_count(), 1);
}

/// The same steps on the wheel and on a sorted list, which says what is right.
class Comparison {
 public:
  explicit Comparison(unsigned seed) : random_(seed) {}

  void step() {
    switch (up_to(8)) {
      case 0:
      case 1:
      case 2:
        return add();
      case 3:
      case 4:
        return remove();
      case 5:
        now_ = std::max(now_, queue_.earliest().value_or(now_));  // as the timer would
        return take();
      case 6:
        now_ += Duration(up_to(Duration::rep{1} << up_to(44)));
        return take();
      default:
        return take();
    }
  }

 private:
  Duration::rep up_to(Duration::rep bound) {
    return std::uniform_int_distribution<Duration::rep>(0, std::max<Duration::rep>(bound, 1) - 1)(random_);
  }
  void add() {
    const TimePoint at = now_ + Duration(up_to(Duration::rep{1} << up_to(52))) - Duration(up_to(1000));
    const auto call = call_until(at);
    const auto before = queue_.earliest();
    const auto told = queue_.add(call);
    // Told too often costs a look, too rarely a deadline.
    if (!before || at < *before) {
      EXPECT_EQ(told, at);
    }
    expected_.emplace(at, call);
  }
  void remove() {
    if (expected_.empty()) return;
    const auto victim = std::next(expected_.begin(), up_to(static_cast<Duration::rep>(expected_.size())));
    queue_.remove(*victim->second);
    expected_.erase(victim);
  }
  void take() {
    const auto end = expected_.upper_bound(now_);
    std::vector<TimePoint> right;
    for (auto each = expected_.begin(); each != end; ++each) right.push_back(each->first);
    expected_.erase(expected_.begin(), end);
    std::vector<TimePoint> taken;
    for (const auto& call : queue_.take_passed(now_)) taken.push_back(call->deadline().at());
    EXPECT_EQ(taken, right);
    const auto earliest = queue_.earliest();
    ASSERT_EQ(earliest.has_value(), !expected_.empty());
    if (earliest) {
      EXPECT_LE(*earliest, expected_.begin()->first);
    }
  }

  std::minstd_rand random_;
  TimePoint now_ = Deadline::now();
  DeadlineQueue queue_;
  std::multimap<TimePoint, std::shared_ptr<AnyCall>> expected_;
};

TEST(DeadlineQueue, gives_out_what_a_sorted_list_would) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Comparison comparison(seed);
    for (int each = 0; each < 2000 && !testing::Test::HasFailure(); ++each) comparison.step();
  }
}

}  // namespace
}  // namespace vagus
