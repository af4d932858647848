#include "soak/process.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <malloc.h>

#include <vagus/core/random_number.hpp>
#include <vagus/vagus.hpp>

#include "load/checks.hpp"
#include "load/child.hpp"
#include "load/load.hpp"
#include "load/service.hpp"
#include "support/holdings.hpp"

namespace vagus::soak {

namespace {

using namespace std::chrono_literals;
using testing::Holdings;

constexpr auto churn_pause = 5ms;
constexpr auto between_counts = 1s;
constexpr Duration short_time = 2s;

Holdings look_at_this_process() { return testing::look_at_this_process("/nowhere"); }

/// What comes and goes in a process that stays.
class Churn {
 public:
  Churn(ApiArb& arb, load::LoadApi& own, load::LoadApi& theirs, std::string visited)
      : arb_(arb), own_(own), theirs_(theirs), visited_(std::move(visited)) {}

  void run(const std::stop_token& stop) {
    for (std::uint64_t time = 0; !stop.stop_requested(); ++time) {
      change_handlers();
      come_and_go_as_subscriber();
      if (time % 4 == 0) attach_and_detach();
      if (time % 8 == 0 && !visited_.empty()) visit();
      std::this_thread::sleep_for(churn_pause);
    }
  }

 private:
  load::Question question() noexcept { return {asker_, ++asked_}; }

  void change_handlers() {
    own_.set_handler("further", [](int number) { return number; });
    own_.clear_handler("further");
  }

  void come_and_go_as_subscriber() {
    const auto registration = theirs_.ticked.subscribe([](const load::Tick&) {});
    static_cast<void>(theirs_.ask(question()).try_call({.timeout = short_time}));
  }

  void attach_and_detach() {
    load::LoadApi guest("guest_of_" + own_.name_space(), {.workers = 1});
    guest.ask.handle([](const load::Question& question) { return load::answer_to(question); });
    arb_.attach(guest);
    static_cast<void>(guest.ask(question()).local().try_call({.timeout = short_time}));
    arb_.detach(guest);
  }

  void visit() {
    load::LoadApi stub("body");
    ApiArb arb(connect(visited_), {.name = "further head"});
    arb.attach(stub);
    const auto registration = stub.lent.subscribe([](const load::Tick&, const Loan<const std::uint64_t>&) {});
    static_cast<void>(stub.ask(question()).try_call({.timeout = short_time}));
  }

  ApiArb& arb_;
  load::LoadApi& own_;
  load::LoadApi& theirs_;
  const std::string visited_;
  const std::uint64_t asker_ = detail::random_number();
  std::uint64_t asked_ = 0;
};

/// Writes down again and again how much of the heap is in use.
void count_allocated(load::Figures& figures, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopping;
  std::unique_lock lock(mutex);
  while (!stopping.wait_for(lock, stop, between_counts, [&] { return stop.stop_requested(); })) {
    const auto heap = ::mallinfo2();  // of all arenas
    figures.allocated.store(heap.uordblks + heap.hblkhd, std::memory_order_relaxed);
  }
}

void serve(bool body, const std::string& url, const load::Channel& channel, load::Figures& figures) {
  load::Checks checks(figures, [&](const std::string& text) { channel.send("fault " + text); });
  load::LoadApi own(body ? "body" : "head", {.workers = 2});
  load::LoadApi theirs(body ? "head" : "body", {.workers = 2});
  load::Service service(own, theirs, checks);
  // A visitor may be the only peer that a body has, and it has no API that could be asked.
  checks.peer_ends(body);
  ApiArb arb(body ? listen(url) : connect(url), {.name = own.name_space()});
  arb.attach(own);
  arb.attach(theirs);
  arb.start();
  load::Load load(arb, own, theirs, service.kept(), checks, body ? 1 : 2, load::Load::Hearers::several);
  load.start();
  Churn churn(arb, own, theirs, body ? std::string() : url);
  std::jthread counting([&](const std::stop_token& stop) { count_allocated(figures, stop); });
  std::jthread churning([&](const std::stop_token& stop) { churn.run(stop); });
  while (const auto line = channel.receive()) {
    if (*line == "peer_ends") checks.peer_ends(true);
    if (*line == "end") break;
  }
  checks.stopping();
  counting = {};
  churning = {};
  load.stop();
  arb.stop(1s);
  checks.expect_no_callbacks();
}

}  // namespace

int run_resident(bool body, const std::string& url) {
  // Of arenas for each few threads most is free, and how much they keep of it goes up and down by more than
  // what is looked for here.
  ::mallopt(M_ARENA_MAX, 1);
  const load::Channel channel(load::channel_descriptor);
  const load::SharedFigures figures(load::figures_descriptor);
  const Holdings before = look_at_this_process();
  serve(body, url, channel, *figures);
  const std::string left = left_over(before, settled(before, look_at_this_process));
  if (left.empty()) return 0;
  channel.send("fault after its end there is left:\n" + left);
  return 1;
}

int run_visitor(const std::string& url) {
  const load::Channel channel(load::channel_descriptor);
  load::LoadApi body("body");
  ApiArb arb(connect(url), {.name = "visitor"});
  arb.attach(body);
  const std::uint64_t asker = detail::random_number();
  std::atomic<std::uint64_t> answered{0};
  std::jthread calling([&](const std::stop_token& stop) {
    for (std::uint64_t number = 1; !stop.stop_requested(); ++number) {
      if (body.give(load::Question{asker, number}, 4096U).try_call({.timeout = short_time})) ++answered;
      std::this_thread::sleep_for(1ms);
    }
  });
  channel.receive();
  calling = {};
  if (answered != 0) return 0;
  channel.send("fault none of its calls was answered");
  return 1;
}

}  // namespace vagus::soak
