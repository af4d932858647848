// What a handler tells its caller ahead of the answer.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class StreamApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<Streams<Sample, int>(int)> scan{this, "scan", "So many samples, then their number.",
                                         params("count")};
  Method<Streams<int>(int)> count{this, "count", "From 0 on; returns nothing."};
  Method<int(int)> plain{this, "plain", "Declares no progress."};
};

/// A body that streams and a head that fetches.
struct StreamPair {
  explicit StreamPair(const std::string& url, unsigned workers = 1, unsigned callers = 1)
      : served{"stream", {.workers = workers}}, called{"stream", {.workers = callers}}, pair(url) {
    pair.body.attach(served);
    pair.head.attach(called);
    pair.open();
  }

  StreamApi served;
  StreamApi called;
  Pair pair;
};

Sample sample_of(int number) { return {number / 2.0, "mm", {number, -number}}; }

int send_samples(Call& call, int count) {
  for (int number = 0; number < count; ++number) call.progress(sample_of(number));
  return count;
}

// Far more than a handler may be ahead, and than a link holds.
constexpr int many = 5000;

class StreamsOver : public Conformance {};

TEST_P(StreamsOver, parts_come_in_order_and_the_result_after_them) {
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);

  auto stream = pair.called.scan(many).stream();
  for (int number = 0; number < many; ++number) {
    const auto part = stream.next();
    ASSERT_TRUE(part) << number;
    ASSERT_EQ(*part, sample_of(number));
  }
  EXPECT_FALSE(stream.next());
  EXPECT_TRUE(stream.ended());
  EXPECT_EQ(stream.get(), many);
}

TEST_P(StreamsOver, a_loop_over_them_ends_with_the_call) {
  StreamPair pair(url());
  pair.served.count.handle([](Call& call, int count) {
    for (int number = 0; number < count; ++number) call.progress(number);
  });

  int expected = 0;
  for (auto& number : pair.called.count(many).stream()) EXPECT_EQ(number, expected++);
  EXPECT_EQ(expected, many);
  for (auto& number : pair.called.count(0).stream()) ADD_FAILURE() << number;
}

TEST_P(StreamsOver, leaving_the_loop_cancels_the_call) {
  Flag told;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int) {
    try {
      for (int number = 0;; ++number) call.progress(number);
    } catch (const TransactionCancelled&) {
      told.raise();
      throw;
    }
  });

  for (const int number : pair.called.count(0).stream()) {
    if (number == 100) break;
  }
  EXPECT_TRUE(told.await());
  EXPECT_EQ(pair.pair.called.add(2, 3).call(), 5);
}

TEST_P(StreamsOver, a_handler_is_never_far_ahead_of_who_fetches) {
  std::atomic<int> sent{0};
  Flag refused;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int count) {
    while (call.try_progress(sent.load())) ++sent;
    refused.raise();
    while (sent < count) {
      call.progress(sent.load());
      ++sent;
    }
  });

  auto stream = pair.called.count(many).stream();
  ASSERT_TRUE(refused.await());
  EXPECT_EQ(sent, 64);
  for (int number = 0; number < many; ++number) {
    EXPECT_EQ(stream.next(), number);
    EXPECT_LE(sent, number + 1 + 64 + 1);
  }
  EXPECT_NO_THROW(stream.get());
}

TEST_P(StreamsOver, one_that_nobody_fetches_holds_up_nothing_else) {
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);

  auto left_alone = pair.called.scan(many).stream();
  for (int number = 0; number < 1000; ++number) EXPECT_EQ(pair.pair.called.add(number, 1).call(), number + 1);
  EXPECT_EQ(left_alone.get(), many);
}

TEST_P(StreamsOver, the_error_of_a_handler_comes_after_what_it_told_before) {
  StreamPair pair(url());
  pair.served.count.handle([](Call& call, int count) {
    for (int number = 0; number < count; ++number) call.progress(number);
    throw std::runtime_error("out of numbers");
  });

  auto stream = pair.called.count(3).stream();
  for (int number = 0; number < 3; ++number) EXPECT_EQ(stream.next(), number);
  EXPECT_THROW(stream.next(), std::runtime_error);
  EXPECT_THROW(stream.get(), RemoteError);
  EXPECT_EQ(stream.result().error().code(), ErrorCode::remote);
}

TEST_P(StreamsOver, a_caller_that_wants_none_is_sent_none) {
  std::atomic<bool> wanted{true};
  StreamPair pair(url());
  pair.served.scan.handle([&](Call& call, int count) {
    wanted = call.wants_progress();
    return send_samples(call, count);
  });

  EXPECT_EQ(pair.called.scan(many).call(), many);
  EXPECT_FALSE(wanted);
  EXPECT_EQ(pair.called.scan(many).async().get(), many);
  EXPECT_EQ(pair.called.scan(many).try_call().value(), many);
  static_cast<void>(pair.called.scan(1).stream().get());
  EXPECT_TRUE(wanted);
}

TEST_P(StreamsOver, a_waiting_caller_runs_its_callback_itself) {
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);
  std::vector<Sample> samples;
  const auto own = std::this_thread::get_id();
  const auto report = [&](const Sample& sample) {
    EXPECT_EQ(std::this_thread::get_id(), own);
    samples.push_back(sample);
  };

  EXPECT_EQ(pair.called.scan(200).on_progress(report).call(), 200);
  ASSERT_EQ(samples.size(), 200u);
  EXPECT_EQ(samples.back(), sample_of(199));
  EXPECT_EQ(pair.called.scan(2).on_progress(report).try_call().value(), 2);
  EXPECT_EQ(samples.size(), 202u);
}

TEST_P(StreamsOver, what_its_callback_throws_cancels_the_call_and_comes_out_of_it) {
  Flag told;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int) {
    try {
      for (;;) call.progress(1);
    } catch (const TransactionCancelled&) {
      told.raise();
      throw;
    }
  });
  const auto action = pair.called.count(0).on_progress([](int) { throw std::logic_error("enough"); });
  EXPECT_THROW(action.call(), std::logic_error);
  EXPECT_TRUE(told.await());
}

TEST_P(StreamsOver, callbacks_never_overlap_and_the_outcome_comes_last) {
  constexpr int parts = 500;
  StreamPair pair(url(), 1, 4);
  pair.served.scan.handle(send_samples);
  for (int round = 0; round < 5; ++round) {
    Crowd inside;
    std::atomic<int> told{0};
    Flag done;
    const auto report = [&](const Sample& sample) {
      inside.enter();
      EXPECT_EQ(sample, sample_of(told++));
      inside.leave();
    };
    const auto call = pair.called.scan(parts).on_progress(report).async([&](const Result<int>& result) {
      EXPECT_EQ(result.value(), parts);
      EXPECT_EQ(told, parts);
      done.raise();
    });
    EXPECT_EQ(call.get(), parts);
    EXPECT_EQ(told, parts);
    EXPECT_TRUE(done.await());
    EXPECT_EQ(inside.most(), 1);
  }
}

TEST_P(StreamsOver, what_a_callback_throws_is_logged_and_stops_nothing) {
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);
  std::atomic<int> told{0};
  const auto call = pair.called.scan(10)
                        .on_progress([&](const Sample&) {
                          ++told;
                          throw std::runtime_error("no room on the screen");
                        })
                        .async();
  EXPECT_EQ(call.get(), 10);
  EXPECT_EQ(told, 10);
  EXPECT_TRUE(pair.pair.head_log.transcript().await_line("no room on the screen"));
}

TEST_P(StreamsOver, a_call_cancelled_in_its_own_callback_ends_after_it) {
  StreamPair pair(url());
  pair.served.count.handle([](Call& call, int) {
    for (int number = 0;; ++number) call.progress(number);
  });
  std::atomic<int> told{0};
  Flag made;
  std::unique_ptr<AsyncResult<void>> call;
  const auto action = pair.called.count(0).on_progress([&](int) {
    EXPECT_TRUE(made.await());
    if (++told == 3) {
      EXPECT_TRUE(call->cancel());
      EXPECT_FALSE(call->ready());
    }
  });
  call = std::make_unique<AsyncResult<void>>(action.async());
  made.raise();
  EXPECT_THROW(call->get(), TransactionCancelled);
  EXPECT_EQ(told, 3);
}

TEST_P(StreamsOver, a_call_made_in_a_callback_that_waits_for_it_has_its_progress_there) {
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);
  Flag ended;
  int told = 0;
  const auto first = pair.called.scan(1).async([&](const Result<int>&) {
    // The only worker that runs callbacks waits here.
    EXPECT_EQ(pair.called.scan(3).on_progress([&](const Sample&) { ++told; }).async().get(), 3);
    ended.raise();
  });
  EXPECT_TRUE(ended.await());
  EXPECT_EQ(told, 3);
}

/// Takes everything, and runs nothing.
class Standstill final : public Executor {
 public:
  void execute(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::move(work));
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> kept_;
};

TEST_P(StreamsOver, a_call_whose_progress_nobody_reports_ends_at_its_deadline) {
  Standstill standstill;
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);
  const auto report = [](const Sample&) {};
  const auto call = pair.called.scan(3).on_progress(report).async({.timeout = 100ms, .on = standstill});
  try {
    EXPECT_EQ(call.get(), 3);
  } catch (const TransactionTimeout&) {
    // Its answer had not come by then.
  }
}

TEST_P(StreamsOver, a_coroutine_has_its_progress_and_then_its_result) {
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);
  std::atomic<int> told{0};
  const auto fetch = [&]() -> Task<int> {
    const auto action = pair.called.scan(100).on_progress([&](const Sample&) { ++told; });
    const int result = co_await action;
    EXPECT_EQ(told, 100);
    co_return result;
  };
  EXPECT_EQ(fetch().get(), 100);
}

TEST_P(StreamsOver, a_method_that_declares_none_may_report_all_the_same) {
  StreamPair pair(url());
  pair.served.plain.handle([](Call& call, int number) {
    call.progress(0.5);
    call.progress(1.0);
    return number;
  });

  std::vector<double> told;
  for (const double part : pair.called.plain(1).stream<double>()) told.push_back(part);
  EXPECT_EQ(told, (std::vector<double>{0.5, 1.0}));
  auto values = pair.called.plain(7).stream();
  EXPECT_EQ(values.next()->real(), 0.5);
  EXPECT_EQ(values.get(), 7);

  auto by_name = pair.pair.head.proxy("stream").action("plain", 9).stream<double, int>();
  EXPECT_EQ(by_name.next(), 0.5);
  EXPECT_EQ(by_name.get(), 9);
}

TEST_P(StreamsOver, a_part_of_another_type_ends_the_call_at_both_ends) {
  Flag told;
  StreamPair pair(url());
  pair.served.plain.handle([&](Call& call, int number) {
    try {
      for (;;) call.progress("no number");
    } catch (const TransactionCancelled&) {
      told.raise();
    }
    return number;
  });
  auto stream = pair.called.plain(1).stream<int>();
  EXPECT_THROW(stream.next(), ContractMismatchError);
  EXPECT_TRUE(told.await());
}

TEST_P(StreamsOver, the_deadline_ends_it_after_what_came_in_time) {
  Flag inside;
  Flag told;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int count) {
    inside.raise();
    for (int number = 0; number < count; ++number) call.progress(number);
    try {
      call.sleep_for(generous);
    } catch (const TransactionCancelled&) {
      told.raise();
      throw;
    }
  });
  time_out_once_begun(inside, [&](Duration timeout) {
    auto stream = pair.called.count(2).stream({.timeout = timeout});
    int parts = 0;
    EXPECT_THROW(
        {
          while (stream.next()) ++parts;
        },
        TransactionTimeout);
    EXPECT_LE(parts, 2);
  });
  EXPECT_TRUE(told.await());
}

TEST_P(StreamsOver, waiting_for_a_part_may_have_a_limit_of_its_own) {
  Flag go_on;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int) {
    go_on.await();
    call.progress(7);
  });
  auto stream = pair.called.count(1).stream({.timeout = no_timeout});
  EXPECT_THROW(stream.next(5ms), TransactionTimeout);
  EXPECT_FALSE(stream.ended());
  go_on.raise();
  EXPECT_EQ(stream.next(generous), 7);
  EXPECT_FALSE(stream.next(generous));
}

TEST_P(StreamsOver, a_lost_link_ends_it) {
  Flag inside;
  auto pair = std::make_unique<StreamPair>(url());
  pair->served.count.handle([&](Call& call, int) {
    for (int number = 0;; ++number) {
      call.progress(number);
      if (number == 10) inside.raise();
    }
  });
  auto stream = pair->called.count(0).stream();
  ASSERT_TRUE(inside.await());
  pair->pair.body.stop();
  EXPECT_THROW(
      {
        while (stream.next()) {
        }
      },
      Error);
}

TEST_P(StreamsOver, both_sides_stream_at_once) {
  StreamPair pair(url());
  StreamApi desk{"stream_desk"};
  StreamApi called_desk{"stream_desk"};
  desk.scan.handle(send_samples);
  pair.served.scan.handle(send_samples);
  pair.pair.head.attach(desk);
  pair.pair.body.attach(called_desk);
  std::thread from_head([&] {
    int parts = 0;
    for (const Sample& sample : called_desk.scan(many).stream()) parts += sample == sample_of(parts) ? 1 : 0;
    EXPECT_EQ(parts, many);
  });
  int parts = 0;
  for (const Sample& sample : pair.called.scan(many).stream()) parts += sample == sample_of(parts) ? 1 : 0;
  EXPECT_EQ(parts, many);
  from_head.join();
}

TEST_P(StreamsOver, several_at_once_share_the_link) {
  StreamPair pair(url(), 4);
  pair.served.scan.handle(send_samples);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      int parts = 0;
      for (const Sample& sample : pair.called.scan(many).stream()) {
        ASSERT_EQ(sample, sample_of(parts));
        ++parts;
      }
      EXPECT_EQ(parts, many);
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_P(StreamsOver, a_handler_passes_on_what_it_streams_itself) {
  StreamPair pair(url());
  StreamApi source{"source"};
  StreamApi called_source{"source"};
  source.scan.handle(send_samples);
  pair.pair.head.attach(source);
  pair.pair.body.attach(called_source);
  pair.served.scan.handle([&](Call& call, int count) {
    auto stream = called_source.scan(count).stream();
    for (const Sample& sample : stream) call.progress(sample);
    return stream.get();
  });
  int parts = 0;
  auto stream = pair.called.scan(300).stream();
  for (const Sample& sample : stream) EXPECT_EQ(sample, sample_of(parts++));
  EXPECT_EQ(parts, 300);
  EXPECT_EQ(stream.get(), 300);
}

TEST_P(StreamsOver, a_deferred_reply_reports_until_it_is_given) {
  std::thread later;
  Flag begun;
  StreamPair pair(url());
  pair.served.scan.handle([&](Call& call, int count) {
    later = std::thread([reply = call.defer<int>(), count]() mutable {
      for (int number = 0; number < count; ++number) reply.progress(sample_of(number));
      reply.complete(count);
    });
    begun.raise();
  });
  int parts = 0;
  auto stream = pair.called.scan(200).stream();
  for (const Sample& sample : stream) EXPECT_EQ(sample, sample_of(parts++));
  EXPECT_EQ(stream.get(), 200);
  ASSERT_TRUE(begun.await());
  later.join();
}

TEST_P(StreamsOver, a_coroutine_reports_too) {
  StreamPair pair(url());
  StreamApi& called = pair.called;
  pair.served.plain.handle([](Call&, int number) { return number + 1; });
  SampleApi source{"desk_source"};
  SampleApi called_source{"desk_source"};
  source.work.handle([](int number) { return number * 2; });
  pair.pair.head.attach(source);
  pair.pair.body.attach(called_source);
  pair.served.count.handle([&](Call& call, int count) -> Task<void> {
    for (int number = 0; number < count; ++number) {
      const int twice = co_await called_source.work(number);
      call.progress(twice);
    }
  });
  int expected = 0;
  for (const int number : called.count(10).stream()) EXPECT_EQ(number, 2 * expected++);
  EXPECT_EQ(expected, 10);
}

TEST_P(StreamsOver, one_of_this_process_itself_streams_as_well) {
  StreamPair pair(url());
  pair.served.scan.handle(send_samples);
  auto stream = pair.served.scan(many).local().stream();
  int parts = 0;
  for (const Sample& sample : stream) EXPECT_EQ(sample, sample_of(parts++));
  EXPECT_EQ(parts, many);
  EXPECT_EQ(stream.get(), many);
}

TEST_P(StreamsOver, a_local_handler_learns_that_its_caller_has_left) {
  Flag told;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int) {
    try {
      for (;;) call.progress(1);
    } catch (const TransactionCancelled&) {
      told.raise();
    }
  });
  {
    auto stream = pair.served.count(1).local().stream();
    EXPECT_EQ(stream.next(), 1);
  }
  EXPECT_TRUE(told.await());
}

TEST_P(StreamsOver, a_handler_that_must_not_wait_is_told_so) {
  StreamPair pair(url(), 0);
  pair.served.scan.handle(send_samples);
  // The caller's own thread runs it: nobody fetches meanwhile.
  auto stream = pair.served.scan(65).local().stream();
  EXPECT_EQ(stream.next(), sample_of(0));
  const auto result = stream.result();
  ASSERT_FALSE(result);
  EXPECT_NE(std::string(result.error().what()).find("without workers"), std::string::npos)
      << result.error().what();
}

// Deadlines of calls that make progress
// ------------------------------------------------------------------------------------------

/// Reports a part each time it is told to, and returns when it is told so.
class Reporter {
 public:
  void operator()(Call& call, int) {
    forever_ = call.deadline().is_never();
    begun_.raise();
    for (std::size_t told = 1; told_.await(told) && !over_.raised(); ++told) call.progress(int(told));
  }
  void report() { told_.add(); }
  void end() {
    over_.raise();
    told_.add();
  }
  const Flag& begun() const { return begun_; }
  bool await_begin() const { return begun_.await(); }
  bool saw_no_deadline() const { return forever_; }

 private:
  Flag begun_;
  Flag over_;
  Tally told_;
  std::atomic<bool> forever_{false};
};

TEST_P(StreamsOver, progress_renews_no_deadline_by_itself) {
  StreamPair pair(url());
  pair.served.count.handle([](Call& call, int) {
    for (int number = 0;; ++number) {
      call.progress(number);
      call.sleep_for(1ms);
    }
  });
  auto stream = pair.called.count(0).stream({.timeout = 100ms});
  EXPECT_THROW(
      {
        while (stream.next()) {
        }
      },
      TransactionTimeout);
}

TEST_P(StreamsOver, progress_renews_the_deadline_of_a_caller_who_asks_so) {
  constexpr Duration timeout = 500ms;
  Reporter reporter;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int count) { reporter(call, count); });
  const TimePoint began = Deadline::now();
  auto stream = pair.called.count(0).stream({.timeout = timeout, .renewed_by_progress = true});
  if (!reporter.begun().await(timeout / 2)) GTEST_SKIP() << "this machine is too slow to tell";
  EXPECT_TRUE(reporter.saw_no_deadline());
  int parts = 0;
  for (; Deadline::now() - began < 3 * timeout; ++parts) {
    const TimePoint told = Deadline::now();
    reporter.report();
    const auto part = stream.next();
    if (Deadline::now() - told > timeout / 2) GTEST_SKIP() << "this machine is too slow to tell";
    ASSERT_TRUE(part);
    EXPECT_THROW(stream.next(10ms), TransactionTimeout);
  }
  reporter.end();
  EXPECT_FALSE(stream.next());
  EXPECT_NO_THROW(stream.get());
}

TEST_P(StreamsOver, a_renewed_deadline_ends_a_call_that_makes_no_more_progress) {
  Reporter reporter;
  Flag stopped;
  StreamPair pair(url());
  pair.served.count.handle([&](Call& call, int count) {
    const std::stop_callback on_stop(call.stop_token(), [&] {
      stopped.raise();
      reporter.end();
    });
    reporter(call, count);
  });
  Tally reported;
  time_out_once_begun(reporter.begun(), [&](Duration timeout) {
    auto call = pair.called.count(0)
                    .on_progress([&](int) { reported.add(); })
                    .async({.timeout = timeout, .renewed_by_progress = true});
    reporter.report();
    EXPECT_TRUE(call.wait(generous));
  });
  EXPECT_TRUE(stopped.await());
}

TEST_P(StreamsOver, a_renewed_deadline_ends_with_that_of_the_call_around_it) {
  Flag inside;
  StreamPair pair(url());
  Duration left{};
  pair.pair.desk.work.handle([&](Call&, int number) {
    auto stream = pair.called.count(0).stream({.timeout = 1h, .renewed_by_progress = true});
    while (stream.next()) {
    }
    return number;
  });
  pair.served.count.handle([&](Call& call, int) {
    left = call.deadline().remaining();
    call.progress(1);
    inside.raise();
    call.sleep_for(1h);
  });
  Duration given{};
  time_out_once_begun(inside, [&](Duration timeout) {
    given = timeout;
    EXPECT_THROW(pair.pair.called_desk.work(1).call({.timeout = timeout}), TransactionTimeout);
  });
  ASSERT_TRUE(inside.await());
  EXPECT_LE(left, given);
  EXPECT_EQ(pair.pair.called.add(2, 3).call(), 5);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(StreamsOver);

}  // namespace
}  // namespace vagus::testing
