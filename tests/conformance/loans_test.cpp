#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class LoanApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<double(Loan<const float> samples)> sum{this, "sum"};
  Method<Loan<const std::int32_t>(int count)> series{this, "series"};
  Method<std::size_t(std::span<const std::byte> bytes)> count{this, "count"};
  Method<Loan<const std::byte>(Loan<const std::byte> bytes)> pass_on{this, "pass_on"};
  Method<std::size_t(Loan<const std::byte>, Bytes)> both{this, "both"};
  Method<double(std::vector<Loan<const float>>)> sum_of_all{this, "sum_of_all"};
  Method<void(Loan<const float>)> unhandled{this, "unhandled"};
  Event<void(Loan<const float>)> measured{this, "measured"};
};

Loan<std::byte> copy_of(const Bytes& bytes) {
  Loan<std::byte> copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  return copy;
}

double sum_of(const Loan<const float>& samples) {
  return std::accumulate(samples.begin(), samples.end(), 0.0);
}

/// A body that serves the API `loans` beside what every pair has.
class Loans : public Conformance {
 protected:
  struct Lending : Pair {
    explicit Lending(const std::string& url) : Pair(url) {
      loans_served.sum.handle(sum_of);
      loans_served.sum_of_all.handle([](const std::vector<Loan<const float>>& all) {
        double sum = 0;
        for (const auto& samples : all) sum += sum_of(samples);
        return sum;
      });
      loans_served.series.handle([](Call& call, int count) -> Loan<const std::int32_t> {
        auto numbers = call.loan<std::int32_t>(static_cast<std::size_t>(count));
        std::iota(numbers.begin(), numbers.end(), 0);
        return numbers;
      });
      loans_served.count.handle([](std::span<const std::byte> bytes) { return bytes.size(); });
      loans_served.pass_on.handle([](const Loan<const std::byte>& bytes) { return bytes; });
      body.attach(loans_served);
      head.attach(loans);
    }
    /// Of `count` ones.
    Loan<float> ones(std::size_t count) const {
      auto samples = loans.loan<float>(count);
      std::fill(samples.begin(), samples.end(), 1.0F);
      return samples;
    }
    LoanApi loans_served{"loans"};
    LoanApi loans{"loans"};
  };

  bool shares_memory() const { return GetParam() == "shm"; }
};

TEST_P(Loans, arrive_as_they_were_filled) {
  Lending pair(url());
  pair.open();
  for (const std::size_t count : {0u, 1u, 1000u, 1'000'000u}) {
    EXPECT_EQ(pair.loans.sum(pair.ones(count)).call(), static_cast<double>(count));
  }
}

TEST_P(Loans, lie_in_memory_that_both_see_where_there_is_some) {
  Lending pair(url());
  pair.open();
  EXPECT_EQ(pair.ones(1000).is_shared(), shares_memory());
  EXPECT_FALSE(pair.loans.loan<float>(std::size_t{1} << 24).is_shared()) << "more than the arena";
}

TEST_P(Loans, before_a_link_is_open_are_ordinary_memory_and_the_call_copies) {
  LoanApi loans("loans");
  auto samples = loans.loan<float>(3);
  EXPECT_FALSE(samples.is_shared());
  std::fill(samples.begin(), samples.end(), 1.0F);
  Lending pair(url());
  EXPECT_EQ(pair.loans.sum(std::move(samples)).call(), 3.0);
}

TEST_P(Loans, are_results_too) {
  Lending pair(url());
  for (const int count : {0, 1, 1000, 1'000'000}) {
    const auto numbers = pair.loans.series(count).call();
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(count));
    if (count > 0) {
      EXPECT_EQ(numbers[numbers.size() - 1], count - 1);
    }
  }
}

TEST_P(Loans, of_one_call_may_be_used_in_others) {
  Lending pair(url());
  pair.open();
  const Loan<const float> samples = pair.ones(1000);
  const auto action = pair.loans.sum(samples);
  EXPECT_EQ(action.call(), 1000.0);
  EXPECT_EQ(action.call(), 1000.0);
  auto pending = action.async();
  EXPECT_EQ(pair.loans.sum(samples).call(), 1000.0);
  EXPECT_EQ(pending.get(), 1000.0);
  EXPECT_EQ(sum_of(samples), 1000.0);
}

TEST_P(Loans, may_come_in_one_call_more_often_than_there_are_blocks) {
  Lending pair(url());
  pair.open();
  const Loan<const float> samples = pair.ones(10);
  for (const std::size_t times : {256u, 257u, 500u}) {
    const std::vector<Loan<const float>> all(times, samples);
    EXPECT_EQ(pair.loans.sum_of_all(all).call(), 10.0 * static_cast<double>(times));
  }
}

TEST_P(Loans, that_were_received_may_be_sent_on) {
  Lending pair(url());
  pair.open();
  auto bytes = pair.loans.loan<std::byte>(100'000);
  std::fill(bytes.begin(), bytes.end(), std::byte{7});
  const auto back = pair.loans.pass_on(std::move(bytes)).call();
  ASSERT_EQ(back.size(), 100'000u);
  EXPECT_TRUE(std::all_of(back.begin(), back.end(), [](std::byte byte) { return byte == std::byte{7}; }));
}

TEST_P(Loans, outlive_the_call_and_both_ends) {
  Loan<const std::int32_t> numbers;
  Loan<const float> kept;
  {
    Lending pair(url());
    pair.open();
    pair.loans_served.sum.handle([&kept](Loan<const float> samples) {
      kept = std::move(samples);
      return 0.0;
    });
    pair.loans.sum(pair.ones(100'000)).call();
    numbers = pair.loans.series(100'000).call();
    for (int i = 0; i < 10; ++i) pair.loans.series(100'000).call();
  }
  EXPECT_EQ(sum_of(kept), 100'000.0);
  EXPECT_EQ(numbers[99'999], 99'999);
  EXPECT_EQ(numbers.copy().size(), 100'000u);
}

TEST_P(Loans, come_back_when_nobody_takes_them) {
  Lending pair(url());
  pair.open();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(error_of(pair.loans.unhandled(pair.ones(250'000)))->code(), ErrorCode::unsupported_api);
  }
}

TEST_P(Loans, that_are_all_kept_make_the_next_an_error_and_hold_up_nothing_else) {
  if (!shares_memory()) GTEST_SKIP() << "nothing is lent here";
  Lending pair(url());
  pair.open();
  std::vector<Loan<const float>> kept;
  pair.loans_served.sum.handle([&kept](Loan<const float> samples) {
    kept.push_back(std::move(samples));
    return 0.0;
  });
  const auto lend_all = [&] {
    for (;;) pair.loans.sum(pair.ones(250'000)).call();
  };
  EXPECT_THROW(lend_all(), OverloadedError);
  EXPECT_GT(kept.size(), 5u);
  EXPECT_EQ(pair.called.bytes(Bytes(3'000'000)).call().size(), 3'000'000u);
  kept.clear();
  pair.loans.sum(pair.ones(250'000)).call();
  kept.clear();
}

TEST_P(Loans, are_copied_where_their_message_has_no_room_beside_them) {
  Lending pair(url());
  pair.loans_served.both.handle([](const Loan<const std::byte>& lent, const Bytes& bytes) {
    return static_cast<std::size_t>(std::count(lent.begin(), lent.end(), std::byte{5})) + bytes.size();
  });
  pair.open();
  auto lent = pair.loans.loan<std::byte>(4000);
  std::fill(lent.begin(), lent.end(), std::byte{5});
  std::vector<Loan<std::byte>> rest;
  try {
    while (pair.loans.loan<std::byte>(1).is_shared()) rest.push_back(pair.loans.loan<std::byte>(65'536));
  } catch (const OverloadedError&) {
  }
  EXPECT_EQ(pair.loans.both(std::move(lent), Bytes(100'000)).call(), 104'000u);
}

TEST_P(Loans, are_views_of_bytes_too) {
  Lending pair(url());
  const Bytes bytes(3'000'000, std::byte{1});
  EXPECT_EQ(pair.loans.count(bytes).call(), 3'000'000u);
  const auto from_bytes = pair.head.proxy("loans").action("pass_on", bytes).call<Bytes>();
  EXPECT_EQ(from_bytes, bytes);
}

TEST_P(Loans, are_bytes_to_whoever_expects_bytes) {
  Lending pair(url());
  pair.open();
  const auto proxy = pair.head.proxy("loans");
  const Bytes bytes = proxy.action("series", 1000).call<Bytes>();
  ASSERT_EQ(bytes.size(), 1000 * sizeof(std::int32_t));
  EXPECT_EQ(proxy.action("series", 1000).call<Value>(), Value(bytes));
  std::int32_t last = 0;
  std::memcpy(&last, bytes.data() + 999 * sizeof last, sizeof last);
  EXPECT_EQ(last, 999);
  // A caller that lends to a method which takes bytes of its own.
  auto lent = pair.loans.loan<std::byte>(5000);
  std::fill(lent.begin(), lent.end(), std::byte{3});
  const auto back =
      pair.head.proxy("sample").action("bytes", Loan<const std::byte>(std::move(lent))).call<Bytes>();
  EXPECT_EQ(back, Bytes(5000, std::byte{3}));
  auto text = pair.loans.loan<char>(300);
  std::fill(text.begin(), text.end(), 'x');
  EXPECT_EQ(pair.head.proxy("sample").action("echo", Loan<const char>(std::move(text))).call<std::string>(),
            std::string(300, 'x'));
}

TEST_P(Loans, of_calls_that_a_handler_makes_on_the_reading_thread_are_of_their_own_message) {
  Lending pair(url());
  LoanApi served("inline_loans", {.workers = 0});
  LoanApi called("inline_loans");
  served.count.handle([&pair](std::span<const std::byte> bytes) {
    // Made and answered while the message that brought `bytes` is being read.
    const Bytes other(50'000, std::byte{9});
    const auto back = pair.loans_served.pass_on(Loan<const std::byte>(copy_of(other))).local().call();
    return std::equal(back.begin(), back.end(), other.begin(), other.end()) ? bytes.size() : std::size_t{0};
  });
  pair.body.attach(served);
  pair.head.attach(called);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(called.count(Bytes(40'000)).call(), 40'000u);
}

TEST_P(Loans, of_no_whole_number_of_elements_are_refused) {
  Lending pair(url());
  const auto error = pair.head.proxy("loans").action("sum", Bytes(7)).try_call<double>().error_pointer();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::api_param);
  EXPECT_NE(std::string(error->what()).find("whole number of elements of 4 bytes"), std::string::npos)
      << error->what();
}

TEST_P(Loans, are_events_and_local_calls_too) {
  Lending pair(url());
  pair.open();
  pair.body.wait_open(generous);
  Flag heard;
  const auto listening = pair.loans.measured.subscribe([&heard](const Loan<const float>& samples) {
    if (sum_of(samples) == 1000.0) heard.raise();
  });
  pair.called.nothing().call();  // the body knows now that somebody listens
  auto samples = pair.loans_served.loan<float>(1000);
  EXPECT_EQ(samples.is_shared(), shares_memory());
  std::fill(samples.begin(), samples.end(), 1.0F);
  pair.loans_served.measured(std::move(samples)).post();
  EXPECT_TRUE(heard.await());
  EXPECT_EQ(pair.loans_served.sum(pair.ones(5)).local().call(), 5.0);
}

TEST_P(Loans, of_many_threads_at_once_stay_what_they_are_Stress) {
  Lending pair(url());
  pair.open();
  std::vector<std::thread> callers;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    callers.emplace_back([&pair, seed] {
      std::minstd_rand random(seed);
      std::vector<Loan<const std::int32_t>> kept(3);
      for (int i = 0; i < 500; ++i) {
        const std::size_t count = random() % 60'000;
        try {
          EXPECT_EQ(pair.loans.sum(pair.ones(count)).call(), static_cast<double>(count));
          auto numbers = pair.loans.series(static_cast<int>(count)).call();
          kept[random() % kept.size()] = std::move(numbers);
        } catch (const OverloadedError&) {
          kept.assign(3, {});
        }
        for (const auto& numbers : kept) {
          if (!numbers.empty()) {
            EXPECT_EQ(numbers[numbers.size() - 1], static_cast<int>(numbers.size()) - 1);
          }
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

VAGUS_OVER_EACH_TRANSPORT(Loans);

}  // namespace
}  // namespace vagus::testing
