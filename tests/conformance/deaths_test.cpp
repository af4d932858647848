// A body is killed: whoever waits for it is told so, in whatever form it calls and however it waits.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <vagus/api/boost_future.hpp>

#include "conformance/conformance.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

class MortalApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> wait{this, "wait", "Returns no answer."};
  Method<Streams<int, int>(int)> stream{this, "stream", "Tells one part, and returns no answer."};
};

class CrowdApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int()> inside{this, "inside", "How many handlers of the other API run."};
};

constexpr unsigned most_forms = 16;

void run_body(const std::string& url) {
  std::atomic<int> inside{0};
  Flag never;
  MortalApi mortal("mortal", {.workers = most_forms});
  CrowdApi crowd("crowd");
  mortal.wait.handle([&](int number) {
    ++inside;
    never.await();
    return number;
  });
  mortal.stream.handle([&](Call& call, int number) {
    call.progress(number);
    ++inside;
    never.await();
    return number;
  });
  crowd.inside.handle([&] { return inside.load(); });
  ApiArb arb(listen(url));
  arb.attach(mortal);
  arb.attach(crowd);
  arb.run();
}

Task<int> one_call(const MortalApi& api) {
  const auto wait = api.wait(0);
  co_return co_await wait;
}

/// What each form came to.
class Ends {
 public:
  void add(const std::string& form, const Error* error) {
    std::lock_guard lock(mutex_);
    ends_[form] = error == nullptr
                      ? "an answer"
                      : std::string(to_string(error->code())) + ", " + to_string(error->execution());
  }
  /// The same for what throws.
  void add(const std::string& form, const std::function<void()>& run) {
    try {
      run();
      add(form, nullptr);
    } catch (const Error& error) {
      add(form, &error);
    }
  }
  std::map<std::string, std::string> all() const {
    std::lock_guard lock(mutex_);
    return ends_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> ends_;
};

class DeathsOver : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  std::string url() const { return with_option(url_, "wait=" + std::get<1>(GetParam())); }

 private:
  const std::string url_ = unique_url(std::get<0>(GetParam()));
};

TEST_P(DeathsOver, end_calls_of_every_form) {
  Process body([&] { run_body(url()); });
  Ends ends;
  Flag called_back;
  Flag released;
  Flag resumed;
  MortalApi api("mortal");
  CrowdApi crowd("crowd");
  ApiArb head(connect(url()));
  head.attach(api);
  head.attach(crowd);
  head.wait_open(generous);

  const auto async = api.wait(0).async();
  api.wait(0).async([&](const Result<int>& result) {
    ends.add("callback", result.has_value() ? nullptr : &result.error());
    called_back.raise();
  });
  const auto semaphore = api.wait(0).async(vagus::release(released));
  auto future = to_boost_future(api.wait(0).async());
  const auto all = api.wait(0).all().async();
  const auto reported = api.stream(0).on_progress([](int) {}).async();
  auto task = one_call(api);
  task.start([&] { resumed.raise(); });
  std::vector<std::jthread> callers;
  callers.emplace_back([&] { ends.add("call", [&] { api.wait(0).call(); }); });
  callers.emplace_back([&] { ends.add("try_call", error_of(api.wait(0)).get()); });
  callers.emplace_back(
      [&] { ends.add("proxy", error_of(head.proxy("mortal").action("wait", 0).as<int>()).get()); });
  callers.emplace_back([&] {
    ends.add("stream", [&] {
      for (const int part : api.stream(0).stream()) EXPECT_EQ(part, 0);
    });
  });
  constexpr int forms = 11;
  while (crowd.inside().call() != forms) std::this_thread::yield();
  body.kill();

  callers.clear();
  ends.add("async", [&] { async.get(); });
  EXPECT_TRUE(called_back.await());
  EXPECT_TRUE(released.await());
  ends.add("semaphore", semaphore.error().get());
  ends.add("future", [&] { future.get(); });
  const auto gathered = all.get();
  ASSERT_EQ(gathered.size(), 1u);
  ends.add("all", &gathered.front().result.error());
  ends.add("progress", [&] { reported.get(); });
  EXPECT_TRUE(resumed.await());
  ends.add("coroutine", [&] { task.take(); });

  std::map<std::string, std::string> expected;
  for (const char* const form : {"async", "callback", "semaphore", "future", "all", "progress", "coroutine",
                                 "call", "try_call", "proxy", "stream"}) {
    expected[form] =
        std::string(to_string(ErrorCode::transport_disconnected)) + ", " + to_string(Execution::unknown);
  }
  EXPECT_EQ(ends.all(), expected);
}

INSTANTIATE_TEST_SUITE_P(Over, DeathsOver,
                         ::testing::Combine(::testing::Values("shm", "unix", "tcp"),
                                            ::testing::Values("adaptive", "spin", "block")),
                         [](const auto& test) {
                           return std::get<0>(test.param) + '_' + std::get<1>(test.param);
                         });

}  // namespace
}  // namespace vagus::testing
