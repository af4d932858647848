// The service and its processes: who shares them, who ends them, and what their end means.
//
//   pi_service_test PI
#include "service.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "children.hpp"
#include "expect.hpp"
#include "pi_api.hpp"

namespace {

using namespace std::chrono_literals;

std::string program;

/// Long enough to be interrupted, on any machine.
constexpr std::int64_t long_work = 8'000'000;

vagus::Log& silent() {
  static vagus::Log log{[](vagus::LogLevel, std::string_view) {}, vagus::LogLevel::off};
  return log;
}

int made = 0;

/// A service and somebody who asks it, in one process; those that compute are others.
struct Pair {
  explicit Pair(const std::function<void(pi::ServiceOptions&)>& choose = [](auto&) {}) {
    pi::ServiceOptions options;
    options.job_command = {program, "job"};
    choose(options);
    service = std::make_unique<pi::Service>(options);
    serving = vagus::serve(served, *service);
    body.attach(served);
    body.start();
    head.attach(api);
  }

  pi::Statistics statistics() { return api.statistics().call(); }
  /// Until so many processes compute.
  bool computing(std::size_t processes) {
    return eventually([&] { return children_of(::getpid()).size() == processes; });
  }

  const std::string url = "inproc://pi-" + std::to_string(++made);
  pi::PiApi served{"pi"};
  std::unique_ptr<pi::Service> service;
  vagus::Registration serving;
  vagus::ApiArb body{vagus::listen(url), {.log = silent()}};
  pi::PiApi api{"pi", {.timeout = 100s}};
  vagus::ApiArb head{vagus::connect(url), {.log = silent()}};
};

bool says(const vagus::AsyncResult<std::string>& failed, const std::string& text) {
  if (!failed.wait(100s) || !failed.error()) return false;
  const std::string what = failed.error()->what();
  if (what.find(text) != std::string::npos) return true;
  std::cerr << "it says: " << what << '\n';
  return false;
}

void numbers_out_of_range_are_refused() {
  Pair pair;
  for (const std::int64_t wrong :
       {std::int64_t{0}, std::int64_t{-5}, pi::max_digits + 1, INT64_MIN, INT64_MAX}) {
    try {
      pair.api.digits(wrong).call();
      EXPECT(!"it was taken");
    } catch (const std::out_of_range& error) {
      EXPECT(std::string(error.what()).find(std::to_string(wrong) + " is not from 1 to 10000000") !=
             std::string::npos);
    }
  }
  EXPECT(pair.statistics().computations == 0);
}

void equal_calls_share_one_computation_and_then_what_is_known() {
  Pair pair;
  const auto one = pair.api.digits(300'000).async();
  const auto other = pair.api.digits(300'000).async();
  const auto different = pair.api.digits(1'000).async();
  EXPECT(one.get() == other.get() && one.get().starts_with(different.get()));
  pi::Statistics done = pair.statistics();
  EXPECT(done.computations == 2 && done.joined == 1 && done.from_cache == 0 && done.under_way == 0);
  EXPECT(pair.api.digits(299'999).call() + one.get().back() == one.get());
  EXPECT(pair.api.digits(5).call() == "3.14159");
  done = pair.statistics();
  EXPECT(done.computations == 2 && done.from_cache == 2);
  EXPECT(pair.computing(0));
}

void digits_that_are_too_many_to_keep_are_computed_again() {
  Pair pair{[](auto& options) { options.cache_bytes = 100; }};
  pair.api.digits(98).call();
  pair.api.digits(99).call();
  pair.api.digits(99).call();
  pair.api.digits(98).call();
  const pi::Statistics done = pair.statistics();
  EXPECT(done.computations == 3 && done.from_cache == 1);
}

void all_who_wait_hear_how_far_it_is() {
  Pair pair;
  std::atomic<int> first{0};
  std::atomic<int> second{0};
  const auto one = pair.api.digits(long_work).on_progress([&](double) { ++first; }).async();
  EXPECT(eventually([&] { return first > 0; }));
  const auto other = pair.api.digits(long_work).on_progress([&](double) { ++second; }).async();
  EXPECT(eventually([&] { return second > 0; }));
  one.cancel();
  other.cancel();
  EXPECT(pair.computing(0));
}

void one_caller_who_leaves_disturbs_nobody_and_the_last_one_ends_it() {
  Pair pair;
  const auto one = pair.api.digits(long_work).async();
  const auto other = pair.api.digits(long_work).async();
  EXPECT(pair.statistics().joined == 1 && pair.computing(1));
  const pid_t process = children_of(::getpid()).front();
  one.cancel();
  EXPECT(pair.api.digits(100).call().ends_with("3421170679"));  // meanwhile
  EXPECT(runs(process) && pair.statistics().under_way == 1);
  const auto third = pair.api.digits(long_work).async();
  EXPECT(pair.statistics().joined == 2);
  other.cancel();
  EXPECT(pair.statistics().under_way == 1);
  EXPECT(runs(process));
  third.cancel();
  EXPECT(eventually([&] { return !runs(process); }));
  const pi::Statistics done = pair.statistics();
  EXPECT(done.cancelled == 1 && done.computations == 2 && done.under_way == 0 && done.failed == 0);
}

void a_caller_whose_time_is_up_has_left() {
  Pair pair;
  const auto call = pair.api.digits(long_work).async({.timeout = 300ms});
  EXPECT(call.wait(100s) && call.error()->code() == vagus::ErrorCode::transaction_timeout);
  EXPECT(eventually([&] { return pair.statistics().under_way == 0; }));
  EXPECT(pair.computing(0));
}

void a_computation_that_takes_too_long_is_ended() {
  Pair pair{[](auto& options) { options.deadline = 500ms; }};
  const auto call = pair.api.digits(long_work).async();
  EXPECT(says(call, "computing 8000000 digits of pi: not done after 500 ms, and given up"));
  EXPECT(pair.computing(0));
  EXPECT(pair.api.digits(10).call() == "3.1415926535");
  EXPECT(pair.statistics().failed == 1);
}

void a_process_that_dies_costs_its_own_answer_only() {
  Pair pair;
  const auto victim = pair.api.digits(long_work).async();
  const auto companion = pair.api.digits(long_work).async();
  EXPECT(pair.statistics().joined == 1 && pair.computing(1));
  const pid_t process = children_of(::getpid()).front();
  const auto other = pair.api.digits(long_work / 4).async();
  EXPECT(pair.computing(2));
  ::kill(process, SIGKILL);
  EXPECT(says(victim, "was killed by SIGKILL"));
  EXPECT(says(companion, "was killed by SIGKILL"));
  EXPECT(other.get().size() == long_work / 4 + 2);
  EXPECT(pair.api.digits(long_work / 4 + 1).async().wait(0s) == false);  // and asking again computes again
  EXPECT(pair.statistics().failed == 1);
}

void a_process_that_cannot_be_started_is_an_error_at_once() {
  Pair missing{[](auto& options) { options.job_command = {"/nowhere/pi", "job"}; }};
  EXPECT(says(missing.api.digits(10).async(), "/nowhere/pi"));
  Pair wrong{[](auto& options) { options.job_command = {"/bin/false"}; }};
  EXPECT(says(wrong.api.digits(10).async(), "exited with 1"));
  EXPECT(says(wrong.api.digits(10).async(), "exited with 1"));
  EXPECT(wrong.statistics().failed == 2);
}

void what_waits_for_its_turn_is_bounded_and_may_leave() {
  Pair pair{[](auto& options) {
    options.processes = 1;
    options.queue = 2;
  }};
  const auto running = pair.api.digits(long_work).async();
  EXPECT(eventually([&] { return pair.statistics().computations == 1; }));
  const auto second = pair.api.digits(1'000).async();
  const auto third = pair.api.digits(1'001).async();
  EXPECT(says(pair.api.digits(1'002).async(), "2 other computations wait already"));
  const auto joined = pair.api.digits(1'001).async();  // takes no place
  second.cancel();
  const auto fourth = pair.api.digits(1'003).async();
  EXPECT(!third.ready() && !fourth.ready());
  running.cancel();
  EXPECT(third.get() == joined.get() && fourth.get().size() == 1'005);
  EXPECT(pair.statistics().computations == 3);
}

void a_service_that_ends_answers_who_waits() {
  Pair pair{[](auto& options) { options.processes = 1; }};
  const auto running = pair.api.digits(long_work).async();
  EXPECT(pair.computing(1));
  const auto waiting = pair.api.digits(1'000).async();
  EXPECT(pair.statistics().under_way == 2);
  pair.serving.reset();
  pair.service.reset();
  EXPECT(says(running, "computing 8000000 digits of pi: "));
  EXPECT(says(waiting, "the service ends"));
  EXPECT(children_of(::getpid()).empty());
}

void callers_that_come_and_go_leave_nothing_behind() {
  Pair pair{[](auto& options) { options.cache_bytes = 0; }};
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&pair, caller] {
      for (int turn = 0; turn < 25; ++turn) {
        const auto call = pair.api.digits(20'000 + turn % 2).async();
        if ((turn + caller) % 3 == 0) {
          call.wait(std::chrono::milliseconds(turn % 7));
          call.cancel();
        } else {
          EXPECT(call.get().size() >= 20'002);
        }
      }
    });
  }
  callers.clear();
  EXPECT(eventually([&] { return pair.statistics().under_way == 0; }));
  EXPECT(pair.statistics().failed == 0);
  EXPECT(pair.computing(0));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: pi_service_test PI\n";
    return 2;
  }
  program = argv[1];
  numbers_out_of_range_are_refused();
  equal_calls_share_one_computation_and_then_what_is_known();
  digits_that_are_too_many_to_keep_are_computed_again();
  all_who_wait_hear_how_far_it_is();
  one_caller_who_leaves_disturbs_nobody_and_the_last_one_ends_it();
  a_caller_whose_time_is_up_has_left();
  a_computation_that_takes_too_long_is_ended();
  a_process_that_dies_costs_its_own_answer_only();
  a_process_that_cannot_be_started_is_an_error_at_once();
  what_waits_for_its_turn_is_bounded_and_may_leave();
  a_service_that_ends_answers_who_waits();
  callers_that_come_and_go_leave_nothing_behind();
}
