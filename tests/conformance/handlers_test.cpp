#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class Handlers : public Conformance {};

/// Serves `work` until told to go.
struct Worker {
  VAGUS_HANDLERS(work)
  int _handler_work(int number) { return function(number); }
  std::function<int(int)> function = [](int number) { return number + 100; };
};

TEST_P(Handlers, set_at_run_time_precede_what_is_served_until_they_are_cleared) {
  Pair pair(url());
  Worker worker;
  const auto serving = serve(pair.served, worker);
  EXPECT_EQ(pair.called.work(1).call(), 101);
  pair.served.set_handler("work", [](int number) { return number + 200; });
  EXPECT_EQ(pair.called.work(1).call(), 201);
  pair.served.work.handle([](int number) { return number + 300; });
  EXPECT_EQ(pair.called.work(1).call(), 301);
  pair.served.clear_handler("work");
  EXPECT_EQ(pair.called.work(1).call(), 101);
  pair.served.clear_handler("work");
  EXPECT_EQ(pair.called.work(1).call(), 101);
}

TEST_P(Handlers, set_from_above_and_from_below_are_the_same) {
  Pair pair(url());
  pair.served.set_handler("part.twice", [](int number) { return 2 * number; });
  EXPECT_EQ(pair.called.part.twice(4).call(), 8);
  pair.served.part.clear_handler("twice");
  EXPECT_EQ(error_of(pair.called.part.twice(4))->code(), ErrorCode::unsupported_api);
  pair.served.part.set_handler("twice", [](int number) { return 3 * number; });
  EXPECT_EQ(pair.called.part.twice(4).call(), 12);
  pair.served.part.twice.clear();
  EXPECT_EQ(error_of(pair.called.part.twice(4))->code(), ErrorCode::unsupported_api);
}

TEST_P(Handlers, of_a_served_object_end_with_the_registration) {
  Pair pair(url());
  Worker worker;
  auto serving = serve(pair.served, worker);
  EXPECT_EQ(pair.called.work(1).call(), 101);
  serving.reset();
  EXPECT_EQ(error_of(pair.called.work(1))->code(), ErrorCode::unsupported_api);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(Handlers, are_not_running_once_their_registration_has_ended) {
  std::atomic<bool> inside{false};
  Pair pair(url(), {.workers = 2});
  Stage stage;
  Worker worker;
  worker.function = [&](int number) {
    if (number != 1) return number;
    inside = true;
    stage(number);
    inside = false;
    return number;
  };
  auto serving = serve(pair.served, worker);
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  Flag ending;
  std::thread ender([&] {
    ending.raise();
    serving.reset();
    EXPECT_FALSE(inside);
  });
  ASSERT_TRUE(ending.await());
  while (error_of(pair.called.work(2), {.timeout = 5s}) == nullptr) {
  }
  EXPECT_TRUE(inside);  // the registration still waits
  stage.open();
  ender.join();
  EXPECT_EQ(pending.get(), 1);  // its reply was sent all the same
}

TEST_P(Handlers, may_end_their_own_registration) {
  Pair pair(url());
  Worker worker;
  Registration serving;
  worker.function = [&](int number) {
    serving.reset();
    return number;
  };
  serving = serve(pair.served, worker);
  EXPECT_EQ(pair.called.work(5).call(), 5);
  EXPECT_EQ(error_of(pair.called.work(5))->code(), ErrorCode::unsupported_api);
}

TEST_P(Handlers, may_clear_themselves) {
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    pair.served.work.clear();
    return number;
  });
  EXPECT_EQ(pair.called.work(5).call(), 5);
  EXPECT_EQ(error_of(pair.called.work(5))->code(), ErrorCode::unsupported_api);
}

TEST_P(Handlers, may_set_their_successor) {
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    pair.served.work.handle([](int other) { return -other; });
    return number;
  });
  EXPECT_EQ(pair.called.work(5).call(), 5);
  EXPECT_EQ(pair.called.work(5).call(), -5);
}

TEST_P(Handlers, of_an_event_may_end_their_own_registration) {
  Tally seen;
  Pair pair(url());
  Registration subscription;
  subscription = pair.called.ticked.subscribe([&](int) {
    subscription.reset();
    seen.add();
  });
  pair.called.nothing().call();
  pair.served.ticked(1).post();
  ASSERT_TRUE(seen.await(1));
  pair.called.nothing().call();
  pair.served.ticked(2).post();
  pair.called.nothing().call();
  EXPECT_EQ(seen.count(), 1u);
}

TEST_P(Handlers, may_be_set_and_cleared_while_traffic_flows) {
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  Pair pair(url(), {.workers = 2});
  pair.open();
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] {
      while (!done) {
        const auto result = pair.called.work(1).try_call();
        const bool right = result.has_value() ? *result == 11 || *result == 21
                                              : result.error().code() == ErrorCode::unsupported_api;
        if (!right) ++wrong;
      }
    });
  }
  Worker worker;
  worker.function = [](int number) { return number + 20; };
  for (int i = 0; i < 150; ++i) {
    pair.served.work.handle([](int number) { return number + 10; });
    auto serving = serve(pair.served, worker);
    static_cast<void>(pair.called.work(1).try_call());
    pair.served.work.clear();
    static_cast<void>(pair.called.work(1).try_call());
    serving.reset();
  }
  done = true;
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(Handlers, go_and_come_with_their_api_while_traffic_flows) {
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<int> right{0};
  Pair pair(url(), {.workers = 2});
  pair.open();
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] {
      while (!done) {
        const auto result = pair.called.add(20, 1).try_call();
        const bool fine = result.has_value() ? *result == 21
                                             : result.error().code() == ErrorCode::unknown_api ||
                                                   result.error().code() == ErrorCode::unsupported_api;
        ++(fine ? right : wrong);
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    pair.body.detach(pair.served);
    static_cast<void>(pair.called.add(1, 1).try_call());
    pair.body.attach(pair.served);
    EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  }
  done = true;
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(right, 0);
}

TEST_P(Handlers, of_a_detached_api_are_gone_and_those_of_others_go_on) {
  Pair pair(url());
  SampleService service;
  SampleApi second("second");
  const auto serving = second.serve(service);
  pair.body.attach(second);
  EXPECT_EQ(pair.head.proxy("second").action("add", 1, 2).call<int>(), 3);
  pair.body.detach(second);
  EXPECT_EQ(error_of(pair.head.proxy("second").action("add", 1, 2).as<int>())->code(),
            ErrorCode::unknown_api);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  pair.body.detach(second);  // nothing happens
  pair.body.attach(second);
  EXPECT_EQ(pair.head.proxy("second").action("add", 1, 2).call<int>(), 3);
}

TEST_P(Handlers, detaching_waits_for_what_runs_and_answers_what_is_queued) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  const auto running = pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  std::vector<AsyncResult<int>> queued;
  for (int i = 0; i < 5; ++i) queued.push_back(pair.called.work(2).async());
  pair.head.proxy("desk").action("nothing").try_call<void>().error_pointer();
  std::thread detacher([&] { pair.body.detach(pair.served); });
  while (error_of(pair.called.add(1, 1), {.timeout = 20ms})->code() == ErrorCode::transaction_timeout) {
  }
  EXPECT_FALSE(running.ready());
  stage.open();
  detacher.join();
  EXPECT_EQ(running.get(), 1);
  for (const auto& one : queued) {
    const auto result = one.wait(generous) ? one.error() : nullptr;
    ASSERT_NE(result, nullptr);
    EXPECT_EQ(result->code(), ErrorCode::unknown_api) << result->what();
    EXPECT_EQ(result->execution(), Execution::not_run);
  }
}

TEST_P(Handlers, may_detach_their_own_api_and_still_reply) {
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    pair.body.detach(pair.served);
    return number;
  });
  EXPECT_EQ(pair.called.work(5).call(), 5);
  EXPECT_EQ(error_of(pair.called.work(5))->code(), ErrorCode::unknown_api);
}

TEST_P(Handlers, may_destroy_their_own_api_and_still_reply) {
  RecordedLog log;
  auto served = std::make_unique<SampleApi>("sample");
  ApiArb body(listen(url()), {.log = log.log()});
  served->work.handle([&](int number) {
    served.reset();
    return number;
  });
  body.attach(*served);
  body.start();
  SampleApi called("sample");
  ApiArb head(connect(url()), {.log = log.log()});
  head.attach(called);
  EXPECT_EQ(called.work(5).call(), 5);
  EXPECT_EQ(error_of(called.work(5))->code(), ErrorCode::unknown_api);
  EXPECT_EQ(served, nullptr);
}

TEST_P(Handlers, a_callback_may_destroy_the_api_of_its_call) {
  Pair pair(url());
  auto called = std::make_unique<SampleApi>("sample");
  pair.head.attach(*called);
  Flag done;
  called->add(1, 2).async([&](const Result<int>& result) {
    EXPECT_EQ(result.value(), 3);
    called.reset();
    done.raise();
  });
  ASSERT_TRUE(done.await());
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(Handlers, an_event_handler_may_destroy_its_own_api) {
  Pair pair(url());
  auto called = std::make_unique<SampleApi>("sample");
  pair.head.attach(*called);
  Flag done;
  const auto subscription = called->ticked.subscribe([&](int) {
    called.reset();
    done.raise();
  });
  pair.called.nothing().call();
  pair.served.ticked(1).post();
  ASSERT_TRUE(done.await());
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(Handlers, registrations_may_outlive_their_api_and_its_arbitrator) {
  Registration serving;
  Registration subscription;
  Registration listener;
  Worker worker;
  {
    Pair pair(url());
    serving = serve(pair.served, worker);
    subscription = pair.called.ticked.subscribe([](int) {});
    listener = pair.head.on_state([](const LinkEvent&) {});
    EXPECT_EQ(pair.called.work(1).call(), 101);
  }
  serving.reset();
  listener.reset();
}

class DeferredReplies : public Conformance {};

TEST_P(DeferredReplies, are_completed_later_from_any_thread_each_its_own) {
  Pair pair(url());
  std::mutex mutex;
  std::vector<std::pair<int, Reply<int>>> owed;
  Tally arrived;
  pair.served.work.handle([&](Call& call, int number) {
    std::lock_guard lock(mutex);
    owed.emplace_back(number, call.defer<int>());
    arrived.add();
  });
  constexpr int count = 50;
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < count; ++i) pending.push_back(pair.called.work(i).async());
  ASSERT_TRUE(arrived.await(count));
  for (const auto& one : pending) EXPECT_FALSE(one.ready());
  std::thread completer([&] {
    std::lock_guard lock(mutex);
    for (auto owing = owed.rbegin(); owing != owed.rend(); ++owing) owing->second.complete(owing->first * 10);
  });
  for (int i = 0; i < count; ++i) EXPECT_EQ(pending[static_cast<std::size_t>(i)].get(), i * 10);
  completer.join();
}

TEST_P(DeferredReplies, that_are_dropped_fail_the_call) {
  Pair pair(url());
  pair.served.work.handle([](Call& call, int) { static_cast<void>(call.defer<int>()); });
  const auto error = error_of(pair.called.work(1));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::remote);
  EXPECT_NE(std::string(error->what()).find("dropped"), std::string::npos);
}

TEST_P(DeferredReplies, may_be_errors) {
  Pair pair(url());
  pair.served.work.handle(
      [](Call& call, int) { call.defer<int>().fail(std::invalid_argument("looked into it: no")); });
  EXPECT_THROW(pair.called.work(1).call(), std::invalid_argument);
}

TEST_P(DeferredReplies, a_handler_that_neither_returns_nor_defers_fails_the_call) {
  Pair pair(url());
  pair.served.work.handle([](Call&, int) {});
  EXPECT_EQ(error_of(pair.called.work(1))->code(), ErrorCode::remote);
}

TEST_P(DeferredReplies, of_a_caller_that_is_gone_do_no_harm) {
  Pair pair(url());
  std::optional<Reply<int>> owed;
  Flag arrived;
  pair.served.work.handle([&](Call& call, int) {
    owed.emplace(call.defer<int>());
    arrived.raise();
  });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(arrived.await());
  pair.head.stop();
  EXPECT_THROW(pending.get(), TransportFinishedError);
  while (!owed->stop_requested()) std::this_thread::yield();
  owed->complete(3);
}

TEST_P(DeferredReplies, may_outlive_the_arbitrator) {
  std::optional<Reply<int>> owed;
  {
    Pair pair(url());
    Flag arrived;
    pair.served.work.handle([&](Call& call, int) {
      owed.emplace(call.defer<int>());
      arrived.raise();
    });
    static_cast<void>(pair.called.work(1).async());
    ASSERT_TRUE(arrived.await());
  }
  owed->complete(3);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Handlers);
VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(DeferredReplies);

}  // namespace
}  // namespace vagus::testing
