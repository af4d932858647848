// Several APIs over one link. Each says how many of its handlers may run at once; a busy one does not hold up
// another.
#include <atomic>
#include <barrier>
#include <chrono>
#include <iostream>
#include <semaphore>
#include <string>
#include <vector>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"

using namespace std::chrono_literals;

class DeskApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<void()> serve_guest{this, "serve_guest"};
  vagus::Method<int()> most_at_once{this, "most_at_once"};
  vagus::Method<void()> wait_for_porter{this, "wait_for_porter"};
  vagus::Method<void()> call_porter{this, "call_porter"};
};

constexpr int guests = 8;

// The body
// ------------------------------------------------------------------------------------------------------------

/// A desk with so many clerks. Each waits until all of them are busy, and so shows that they work at the same
/// time.
class Desk {
 public:
  Desk(int clerks, std::binary_semaphore& porter) : all_busy_(clerks), porter_(porter) {}

  VAGUS_HANDLERS(serve_guest, most_at_once, wait_for_porter, call_porter)

  void _handler_serve_guest() {
    const int busy = ++busy_;
    int most = most_;
    while (busy > most && !most_.compare_exchange_weak(most, busy)) {
    }
    all_busy_.arrive_and_wait();
    --busy_;
  }
  int _handler_most_at_once() { return most_; }

  void _handler_wait_for_porter() { porter_.acquire(); }
  void _handler_call_porter() { porter_.release(); }

 private:
  std::barrier<> all_busy_;
  std::binary_semaphore& porter_;
  std::atomic<int> busy_{0};
  std::atomic<int> most_{0};
};

int run_hotel(const std::string& url) {
  std::binary_semaphore porter{0};
  DeskApi key_api{"keys", {.workers = 1}};  // one is the default: such handlers need no locks
  DeskApi bar_api{"bar", {.workers = 2}};
  DeskApi inn_api{"inn", {.workers = 4}};
  Desk keys{1, porter};
  Desk bar{2, porter};
  Desk inn{4, porter};
  const auto serving_keys = vagus::serve(key_api, keys);
  const auto serving_bar = vagus::serve(bar_api, bar);
  const auto serving_inn = vagus::serve(inn_api, inn);

  // One arbitrator, one link, for all three. Its threads may run any handler of any API.
  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(key_api);
  arb.attach(bar_api);
  arb.attach(inn_api);
  arb.run_until_signal();
  return 0;
}

// The head
// ------------------------------------------------------------------------------------------------------------

void each_overlaps_as_told(DeskApi& keys, DeskApi& bar, DeskApi& inn) {
  std::vector<vagus::AsyncResult<void>> calls;
  for (int guest = 0; guest < guests; ++guest) {
    for (DeskApi* desk : {&keys, &bar, &inn}) calls.push_back(desk->serve_guest().async());
  }
  for (const auto& call : calls) call.get();

  EXPECT(keys.most_at_once().call() == 1);
  EXPECT(bar.most_at_once().call() == 2);
  EXPECT(inn.most_at_once().call() == 4);
  std::cout << "many_apis: with 1, 2 and 4 workers, 1, 2 and 4 handlers ran at once\n";
}

void a_busy_one_does_not_hold_up_another(DeskApi& keys, DeskApi& bar) {
  // The only clerk at the keys is stuck until the porter comes, and more guests queue up behind.
  const auto stuck = keys.wait_for_porter().async();
  std::vector<vagus::AsyncResult<int>> behind;
  for (int guest = 0; guest < guests; ++guest) behind.push_back(keys.most_at_once().async());

  bar.call_porter().call();  // over the same link
  stuck.get();
  for (const auto& call : behind) EXPECT(call.get() == 1);
}

int main() {
  const std::string url = own_url("many-apis");
  Child body = Child::run([&] { return run_hotel(url); });
  {
    DeskApi keys{"keys", {.timeout = 20s}};
    DeskApi bar{"bar", {.timeout = 20s}};
    DeskApi inn{"inn", {.timeout = 20s}};
    vagus::ApiArb arb{vagus::connect(url)};
    for (DeskApi* desk : {&keys, &bar, &inn}) arb.attach(*desk);
    arb.wait_open(20s);
    each_overlaps_as_told(keys, bar, inn);
    a_busy_one_does_not_hold_up_another(keys, bar);
  }
  EXPECT(body.terminate() == 0);
  std::cout << "many_apis: all as expected\n";
}
