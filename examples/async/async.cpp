// Calls that do not make the caller wait. The bakery is a process of its own; the customer has better things
// to do than to stand in front of the oven.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"

using namespace std::chrono_literals;

class BakeryApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<std::string(std::string bread, std::chrono::milliseconds time)> bake{this, "bake"};
  vagus::Method<int()> given_up{this, "given_up", "How many loaves nobody waited for."};
};

// The body
// ------------------------------------------------------------------------------------------------------------

class Bakery {
 public:
  VAGUS_HANDLERS(bake, given_up)

  std::string _handler_bake(vagus::Call& call, std::string bread, std::chrono::milliseconds time) {
    if (bread == "stone") throw std::invalid_argument("stones cannot be baked");
    try {
      call.sleep_for(time);  // as long as somebody waits for it
    } catch (const vagus::TransactionCancelled&) {
      ++given_up_;
      throw;
    }
    return "warm " + bread;
  }
  int _handler_given_up() { return given_up_; }

 private:
  std::atomic<int> given_up_{0};
};

int run_bakery(const std::string& url) {
  BakeryApi api{"bakery", {.workers = 4}};
  Bakery bakery;
  const auto serving = vagus::serve(api, bakery);
  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(api);
  arb.run_until_signal();
  return 0;
}

// The head
// ------------------------------------------------------------------------------------------------------------

void polled(BakeryApi& bakery) {
  // async() returns at once. The AsyncResult is a view of the call: cheap to copy, and free to be dropped.
  const vagus::AsyncResult<std::string> bread = bakery.bake("rye", 30ms).async();
  int steps = 0;
  while (!bread.ready()) {
    std::this_thread::sleep_for(1ms);  // a walk around the block
    ++steps;
  }
  EXPECT(steps > 0);
  EXPECT(bread.get() == "warm rye");
  EXPECT(bread.get() == "warm rye");  // as often as you like
  EXPECT(bread.state() == vagus::TransactionState::completed);
  EXPECT(bread.elapsed() >= 30ms);
}

void with_a_callback(BakeryApi& bakery) {
  // Called exactly once, with the value or the error, on a worker of the API: no thread of yours.
  std::binary_semaphore called{0};
  bakery.bake("spelt", 5ms).async([&](vagus::Result<std::string> bread) {
    EXPECT(bread.value() == "warm spelt");
    called.release();
  });
  EXPECT(called.try_acquire_for(10s));

  bakery.bake("stone", 5ms).async([&](const vagus::Result<std::string>& bread) {
    EXPECT(!bread.has_value());
    std::cout << "async: " << bread.error().what() << '\n';
    called.release();
  });
  EXPECT(called.try_acquire_for(10s));
}

void with_a_semaphore(BakeryApi& bakery) {
  // One semaphore for many calls: each releases it once. They overlap, since the bakery has four workers.
  std::counting_semaphore<> done{0};
  std::vector<vagus::AsyncResult<std::string>> breads;
  for (const char* name : {"rye", "spelt", "oat", "wheat"}) {
    breads.push_back(bakery.bake(name, 20ms).async(vagus::release(done)));
  }
  for (std::size_t count = 0; count < breads.size(); ++count) EXPECT(done.try_acquire_for(10s));
  for (const auto& bread : breads) EXPECT(bread.ready() && bread.get().starts_with("warm "));
}

/// Runs what it is given when its owner says so: the loop of a GUI, say.
class MyLoop : public vagus::Executor {
 public:
  void execute(std::function<void()> work) override {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(work));
    filled_.notify_one();
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    EXPECT(filled_.wait_for(lock, 10s, [this] { return !waiting_.empty(); }));
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> waiting_;
};

void on_a_thread_of_my_own(BakeryApi& bakery) {
  MyLoop loop;
  std::thread::id ran_on;
  bakery.bake("rye", 1ms)
      .async([&](const vagus::Result<std::string>&) { ran_on = std::this_thread::get_id(); }, {.on = loop});
  loop.run_one();
  EXPECT(ran_on == std::this_thread::get_id());
}

void with_a_timeout(BakeryApi& bakery) {
  // The deadline of the call travels with it. When it has passed, the call fails and the baker is told.
  const auto late = bakery.bake("fruit cake", 1h).async({.timeout = 20ms});
  EXPECT(throws<vagus::TransactionTimeout>([&] { late.get(); }));
  EXPECT(late.state() == vagus::TransactionState::timed_out);

  // This is another matter: one look that takes at most so long. The call goes on.
  const auto slow = bakery.bake("rye", 50ms).async();
  EXPECT(!slow.wait(1ms));
  EXPECT(throws<vagus::TransactionTimeout>([&] { slow.get(1ms); }));
  EXPECT(slow.get() == "warm rye");
}

void cancelled(BakeryApi& bakery) {
  const int before = bakery.given_up().call();
  const auto bread = bakery.bake("fruit cake", 1h).async();
  while (bread.id() == vagus::TransactionId{}) std::this_thread::yield();
  EXPECT(bread.cancel());
  EXPECT(!bread.cancel());  // it had ended before
  EXPECT(throws<vagus::TransactionCancelled>([&] { bread.get(); }));

  // A handler that has begun is told, and its sleep ends; one that has not is never begun. So it may take
  // more than one cake until the baker is caught at it.
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (bakery.given_up().call() == before) {
    EXPECT(std::chrono::steady_clock::now() < end);
    const auto another = bakery.bake("fruit cake", 1h).async();
    std::this_thread::sleep_for(1ms);
    another.cancel();
  }
}

int main() {
  const std::string url = own_url("async");
  Child body = Child::run([&] { return run_bakery(url); });
  {
    BakeryApi bakery{"bakery", {.timeout = 20s}};
    vagus::ApiArb arb{vagus::connect(url)};
    arb.attach(bakery);
    arb.wait_open(20s);

    polled(bakery);
    with_a_callback(bakery);
    with_a_semaphore(bakery);
    on_a_thread_of_my_own(bakery);
    with_a_timeout(bakery);
    cancelled(bakery);
    EXPECT(arb.transactions().pending() == 0);
  }
  EXPECT(body.terminate() == 0);
  std::cout << "async: all as expected\n";
}
