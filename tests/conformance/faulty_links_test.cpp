// Links on which things go wrong, by seed. VAGUS_FAULT_SEED=7 repeats what seed 7 does, and nothing else.

#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/testing/faulty_transport.hpp>

#include "conformance/conformance.hpp"
#include "support/core/sanitizers.hpp"

namespace vagus::testing {
namespace {

constexpr auto call_timeout = 200ms;
constexpr int calls_of_each_kind = 60;

std::vector<std::uint64_t> seeds() {
  if (const char* given = std::getenv("VAGUS_FAULT_SEED")) return {std::strtoull(given, nullptr, 10)};
  std::vector<std::uint64_t> seeds(sanitized ? 1 : 5);
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

/// What may become of a call when links end or messages are cut short; see FaultyTransport.
bool is_expected(ErrorCode code) {
  static const std::set<ErrorCode> expected{ErrorCode::transport_disconnected, ErrorCode::protocol,
                                            ErrorCode::transaction_timeout, ErrorCode::overloaded};
  return expected.contains(code);
}

class LoanApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<std::int64_t(Loan<const std::int32_t> numbers)> sum{this, "sum"};
};

// An exception that goes from thread to thread is counted by the standard library, where no thread sanitizer
// looks: it ends here.
Task<Result<int>> add_in_coroutine(const SampleApi& api, int number, CallOptions options) {
  const auto first = api.add(number, 1).with(options);
  try {
    const int next = co_await first;
    const auto second = api.add(next, 1).with(options);
    const int last = co_await second;
    co_return Result<int>(last);
  } catch (const Error& error) {
    co_return Result<int>(make_error(error.code(), "in a coroutine", {}));
  }
}

/// What became of the calls, each of which has a number of its own.
class Ledger {
 public:
  explicit Ledger(bool exact) : exact_(exact) {}

  /// A handler runs for this call.
  void run(int number) {
    std::lock_guard lock(mutex_);
    ++runs_[number];
  }
  /// A call has ended; `right` is what its value has to be.
  template <typename T>
  void end(int number, const Result<T>& result, const T& right) {
    std::lock_guard lock(mutex_);
    ++ends_[number];
    if (result) {
      if (exact_) {
        EXPECT_EQ(*result, right) << "of call " << number;
      }
      return;
    }
    ++errors_[result.error().code()];
    if (!exact_) return;
    EXPECT_TRUE(is_expected(result.error().code())) << result.error().what();
    const Execution execution = result.error().execution();
    if (execution == Execution::not_sent || execution == Execution::not_run) not_run_.insert(number);
  }

  /// Each of `calls` has ended once and has run once at most; not at all if its error says so.
  void check(int calls) const {
    std::lock_guard lock(mutex_);
    EXPECT_EQ(ends_.size(), static_cast<std::size_t>(calls));
    for (const auto& [number, times] : ends_) EXPECT_EQ(times, 1) << "ends of call " << number;
    if (!exact_) return;
    for (const auto& [number, times] : runs_) {
      EXPECT_EQ(times, 1) << "runs of call " << number;
      EXPECT_FALSE(not_run_.contains(number)) << "call " << number << " has run, its error denies it";
    }
  }
  /// Which errors there were, and how many of each: "3 TransactionTimeout".
  std::string errors() const {
    std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [code, times] : errors_) {
      text += (text.empty() ? "" : ", ") + std::to_string(times) + ' ' + to_string(code);
    }
    return text;
  }
  std::size_t ended() const {
    std::lock_guard lock(mutex_);
    return ends_.size();
  }

 private:
  const bool exact_;
  mutable std::mutex mutex_;
  std::map<int, int> runs_;
  std::map<int, int> ends_;
  std::set<int> not_run_;
  std::map<ErrorCode, int> errors_;
};

/// A pair over a faulty transport, and calls of all kinds both ways.
class FaultyPair {
 public:
  FaultyPair(const std::string& scheme, const Faults& faults, bool exact)
      : under_faults(exact),
        transport(add_faulty(registry_, scheme, faults)),
        pair_(unique_url("faulty+" + scheme), options()) {
    pair_.served.work.handle([this](int number) { return run(number); });
    pair_.desk.work.handle([this](int number) { return run(number); });
    served_loans_.sum.handle([](const Loan<const std::int32_t>& numbers) {
      return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
    });
    pair_.body.attach(served_loans_);
    pair_.head.attach(loans_);
    heard_ = pair_.called.ticked.subscribe([this](int number) {
      if (number >= first_sound_number) sound_ticks_.add();
    });
  }

  /// Makes calls of each kind at once, and waits for their ends. What goes wrong ends some of them.
  void suffer() { load(under_faults, 0, {.timeout = call_timeout}); }

  /// The same, when nothing goes wrong any more, on links that were made since.
  void recover() {
    transport->set({});
    transport->cut_all();
    const Deadline end = Deadline::after(generous);
    const auto await_call = [&](const SampleApi& api) {
      while (!api.add(1, 2).try_call({.timeout = generous}) && !end.passed()) std::this_thread::yield();
    };
    await_call(pair_.called);
    await_call(pair_.called_desk);
    load(sound, first_sound_number, {.timeout = generous});
    EXPECT_TRUE(sound_ticks_.await(calls_of_each_kind));
  }

  static constexpr int calls = 7 * calls_of_each_kind;

 private:
  static constexpr int first_sound_number = 1'000'000;

  void load(Ledger& ledger, int first, CallOptions options) {
    std::deque<std::thread> threads;
    auto on_thread = [&, kind = 0](auto call) mutable {
      threads.emplace_back([call, begin = first + kind * calls_of_each_kind, limit = *options.timeout + 20s] {
        for (int number = begin; number < begin + calls_of_each_kind; ++number) {
          const auto start = Deadline::now();
          call(number);
          // By its deadline; the rest is for a slow machine.
          EXPECT_LT(Deadline::now() - start, limit) << "call " << number;
        }
      });
      ++kind;
    };
    on_thread(
        [&](int number) { ledger.end(number, pair_.called.work(number).try_call(options), 2 * number); });
    on_thread([&](int number) {
      ledger.end(number, pair_.called_desk.work(number).try_call(options), 2 * number);
      tick(number, options);
    });
    on_thread([&](int number) {
      const auto result = pair_.called.work(number).async(options);
      EXPECT_TRUE(result.wait(generous));
      ledger.end(number, result.result(), 2 * number);
    });
    on_thread([&](int number) {
      pair_.called.work(number).async(
          [&ledger, number](Result<int> result) { ledger.end(number, result, 2 * number); }, options);
    });
    on_thread([&](int number) { ledger.end(number, in_coroutine(number, options), number + 2); });
    on_thread([&](int number) {
      const auto size = static_cast<std::size_t>(1 + number % 7 * 5000);
      ledger.end(number, sum_of(size, options), static_cast<std::int64_t>(size));
    });
    on_thread([&](int number) {
      const Bytes bytes(static_cast<std::size_t>(number % 11) * 8000, std::byte{0x5a});
      ledger.end(number, pair_.called.bytes(bytes).try_call(options), bytes);
    });
    for (auto& thread : threads) thread.join();
    const Deadline end = Deadline::after(generous);
    while (ledger.ended() < calls && !end.passed()) std::this_thread::yield();  // callbacks
    ledger.check(calls);
  }

  Pair::Options options() {
    Pair::Options options;
    options.workers = options.desk_workers = 2;
    options.body.transports = options.head.transports = registry_;
    return options;
  }
  int run(int number) {
    (number >= first_sound_number ? sound : under_faults).run(number);
    return 2 * number;
  }
  void tick(int number, const CallOptions& options) {
    try {
      pair_.served.ticked(number).post({.timeout = options.timeout});
    } catch (const Error& error) {
      EXPECT_TRUE(is_expected(error.code())) << error.what();
    }
  }
  Result<int> in_coroutine(int number, const CallOptions& options) {
    return add_in_coroutine(pair_.called, number, options).get();
  }
  Result<std::int64_t> sum_of(std::size_t size, const CallOptions& options) {
    try {
      auto numbers = loans_.loan<std::int32_t>(size);
      std::fill(numbers.begin(), numbers.end(), 1);
      return loans_.sum(std::move(numbers)).try_call(options);
    } catch (const OverloadedError& error) {  // nothing can be lent
      return held(error);
    }
  }
  static ErrorPtr held(const Error& error) {
    return make_error(error.code(), error.what(), {error.name_space(), error.id(), error.execution()});
  }

  transport::TransportRegistry registry_ = transport::TransportRegistry::builtin();
  Tally sound_ticks_;
  LoanApi served_loans_{"loans"};
  LoanApi loans_{"loans"};

 public:
  // Handlers may run for calls that have ended: what they use goes after them.
  Ledger under_faults;
  Ledger sound{true};
  const std::shared_ptr<FaultyTransport> transport;

 private:
  Pair pair_;
  Registration heard_;
};

class FaultyLinks : public ::testing::TestWithParam<std::string> {
 protected:
  /// Runs the load under these faults for each seed, and without any afterwards.
  void suffer(Faults faults, bool exact) {
    for (const std::uint64_t seed : seeds()) {
      faults.seed = seed;
      const std::string trace = "VAGUS_FAULT_SEED=" + std::to_string(seed);
      SCOPED_TRACE(trace);
      FaultyPair faulty(GetParam(), faults, exact);
      faulty.suffer();
      EXPECT_GT(faulty.transport->done(), 0u);
      std::cout << trace << ": " << faulty.transport->done() << " faults; of " << FaultyPair::calls
                << " calls failed: " << faulty.under_faults.errors() << std::endl;
      faulty.recover();
      EXPECT_EQ(faulty.sound.errors(), "");
      if (HasFailure()) return;
    }
  }
};

TEST_P(FaultyLinks, that_hang_up_end_calls_with_their_value_or_an_error_of_the_link) {
  suffer({.hang_up = 0.01, .refuse = 0.3}, true);
}

TEST_P(FaultyLinks, that_end_within_messages_never_give_a_wrong_value) {
  suffer({.cut = 0.01, .truncate = 0.01, .refuse = 0.1}, true);
}

TEST_P(FaultyLinks, that_are_slow_lose_nothing_when_they_end) {
  suffer({.hang_up = 0.005, .cut = 0.005, .delay = 0.2}, true);
}

TEST_P(FaultyLinks, that_garble_messages_end_each_call_once_by_its_deadline) {
  suffer({.hang_up = 0.002, .truncate = 0.002, .garble = 0.02, .delay = 0.05}, false);
}

INSTANTIATE_TEST_SUITE_P(Over, FaultyLinks, ::testing::Values("inproc", "shm"),
                         [](const auto& transport) { return transport.param; });

}  // namespace
}  // namespace vagus::testing
