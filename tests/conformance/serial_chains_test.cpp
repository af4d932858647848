// Serial methods that are called by what they, or others, have called.

#include <atomic>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class SerialChains : public Conformance {
 protected:
  /// `served.work` calls `desk.work`, which calls `served.serial` with the same number.
  static void call_back(Pair& pair) {
    pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call(); });
    pair.desk.work.handle([&](int number) { return pair.called.serial(number).call(); });
  }
};

TEST_P(SerialChains, run_on_the_worker_that_waits_for_them_if_there_is_no_other) {
  Pair pair(url(), {.workers = 1});
  call_back(pair);
  pair.served.serial.handle([](int number) { return number; });
  for (int number = 0; number < 20; ++number) EXPECT_EQ(pair.called.work(number).call(), number);
}

TEST_P(SerialChains, that_wait_for_themselves_run_inside_of_their_own_turn) {
  for (const unsigned workers : {1U, 3U}) {
    const std::string address = unique_url(GetParam());
    Pair pair(address, {.workers = workers});
    pair.desk.work.handle([&](int number) { return pair.called.serial(number - 1).call() + 1; });
    pair.served.serial.handle([&](int number) {
      if (number == 0) return 0;
      // By a thread that has sent it before it waits: what comes back may be there before it does.
      return pair.called_desk.work(number).async().get();
    });
    EXPECT_EQ(pair.called.serial(5).call(), 5);
  }
}

TEST_P(SerialChains, do_not_wait_for_what_waits_for_the_only_worker) {
  Flag go;
  Pair pair(url(), {.workers = 1});
  pair.served.serial.handle([](int number) { return number; });
  pair.desk.work.handle([&](int number) {
    go.await();
    return pair.called.serial(number).call();
  });
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call(); });
  const auto chain = pair.called.work(7).async();
  std::vector<AsyncResult<int>> queued;
  for (int number = 0; number < 3; ++number) queued.push_back(pair.called.serial(number).async());
  while (pair.body.stats().requests_received < 4) std::this_thread::yield();
  go.raise();
  EXPECT_EQ(chain.get(), 7);
  for (int number = 0; number < 3; ++number)
    EXPECT_EQ(queued[static_cast<std::size_t>(number)].get(), number);
}

TEST_P(SerialChains, wait_for_the_turn_of_a_call_that_is_not_of_them) {
  Flag begun;
  Flag go;
  std::atomic<int> inside{0};
  std::atomic<bool> overlapped{false};
  Pair pair(url(), {.workers = 3});
  Pulse pulse(pair);
  call_back(pair);
  pair.served.serial.handle([&](int number) {
    if (++inside > 1) overlapped = true;
    if (number == 1) {
      begun.raise();
      go.await();
    }
    --inside;
    return number;
  });
  const auto other = pair.called.serial(1).async();
  begun.await();
  const auto chain = pair.called.work(2).async();
  while (pair.body.stats().requests_received < 3) std::this_thread::yield();
  pulse.beat();  // what the chain has led to has come before this
  go.raise();
  EXPECT_EQ(other.get(), 1);
  EXPECT_EQ(chain.get(), 2);
  EXPECT_FALSE(overlapped);
}

TEST_P(SerialChains, get_their_turn_on_a_worker_that_waits_when_another_one_gives_it_up) {
  Flag begun;
  Flag go;
  Flag end;
  Pair pair(url(), {.workers = 2, .desk_workers = 2});
  Pulse pulse(pair);
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call(); });
  pair.desk.work.handle([&](int number) {
    const int result = pair.called.serial(number).call();
    if (number == 1) end.await();
    return result;
  });
  pair.served.serial.handle([&](int number) {
    if (number == 1) {
      begun.raise();
      go.await();
    }
    return number;
  });
  const auto first = pair.called.work(1).async();
  begun.await();
  const auto second = pair.called.work(2).async();
  while (pair.body.stats().requests_received < 4) std::this_thread::yield();
  pulse.beat();  // both workers are blocked, and what the second one waits for is behind the first one's
  go.raise();
  EXPECT_EQ(second.get(), 2);
  end.raise();
  EXPECT_EQ(first.get(), 1);
}

TEST_P(SerialChains, run_one_after_the_other_if_one_waits_for_several) {
  Pair pair(url(), {.workers = 1});
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call(); });
  pair.desk.work.handle([&](int number) {
    std::vector<AsyncResult<int>> results;
    for (int part = 0; part < 5; ++part) results.push_back(pair.called.serial(number + part).async());
    int sum = 0;
    for (auto& result : results) sum += result.get();
    return sum;
  });
  pair.served.serial.handle([](int number) { return number; });
  EXPECT_EQ(pair.called.work(10).call(), 60);
}

TEST_P(SerialChains, that_one_run_has_led_to_do_not_get_into_the_middle_of_each_other) {
  std::atomic<int> inside{0};
  std::atomic<bool> overlapped{false};
  Pair pair(url(), {.workers = 1, .desk_workers = 3});
  pair.served.serial.handle([&](int number) {
    if (number == 0) {
      const auto one = pair.called_desk.work(1).async();
      const auto other = pair.called_desk.work(2).async();
      return one.get() + other.get();
    }
    if (++inside > 1) overlapped = true;
    const int result =
        pair.called_desk.other(number).call();  // the worker waits, and could run the other one
    --inside;
    return result;
  });
  pair.desk.work.handle([&](int number) { return pair.called.serial(number).call(); });
  pair.desk.other.handle([](int number) { return 10 * number; });
  for (int time = 0; time < 20; ++time) EXPECT_EQ(pair.called.serial(0).call(), 30);
  EXPECT_FALSE(overlapped);
}

TEST_P(SerialChains, leave_no_empty_place_in_the_queue) {
  for (const bool serial : {true, false}) {
    const std::string address = unique_url(GetParam());
    Pair pair(address, {.workers = 1, .queue = 4});
    pair.served.serial.handle([](int number) { return number; });
    pair.served.other.handle([](int number) { return number; });
    pair.desk.work.handle([&](int number) {
      return serial ? pair.called.serial(number).call() : pair.called.other(number).call();
    });
    pair.served.work.handle([&](int times) {
      int sum = 0;
      for (int time = 0; time < times; ++time) {
        auto result = pair.called_desk.work(1).async();
        // Its chain comes back before anybody waits for it, and so is queued.
        while (pair.body.stats().requests_waiting == 0) std::this_thread::yield();
        sum += result.get();
      }
      return sum;
    });
    EXPECT_EQ(pair.called.work(12).call(), 12);
  }
}

VAGUS_OVER_EACH_TRANSPORT(SerialChains);

}  // namespace
}  // namespace vagus::testing
