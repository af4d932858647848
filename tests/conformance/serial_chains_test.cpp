// Serial methods that are called by what they, or others, have called.

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

VAGUS_OVER_EACH_TRANSPORT(SerialChains);

}  // namespace
}  // namespace vagus::testing
