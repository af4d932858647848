// Calls, events and streams over UDP, also where the network loses, doubles, reorders and cuts datagrams.

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "conformance/conformance.hpp"
#include "support/transport/lossy_proxy.hpp"
#include "transport/udp_peer.hpp"

namespace vagus::testing {
namespace {

class CountApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> twice{this, "twice"};
  Method<Streams<int, int>(int)> count{this, "count"};
  Method<Bytes(Bytes)> bytes{this, "bytes"};
  Event<void(int)> ticked{this, "ticked"};
};

/// The port of 127.0.0.1 that a body of a test may listen at.
std::uint16_t free_port() {
  const UdpPeer there;
  return there.port();
}

/// A body and a head with bad weather between them.
struct LossyPair {
  LossyPair(const Weather& weather, unsigned seed)
      : port(free_port()),
        proxy(port, weather, seed),
        body(listen("udp://127.0.0.1:" + std::to_string(port)), {.name = "body", .log = body_log.log()}),
        head(connect(proxy.url()), {.name = "head", .log = head_log.log()}) {
    served.twice.handle([this](int number) {
      const std::lock_guard lock(mutex);
      ++runs[number];
      return 2 * number;
    });
    served.count.handle([](Call& call, int count) {
      for (int number = 0; number < count; ++number) call.progress(number);
      return count;
    });
    body.attach(served);
    head.attach(called);
    body.start();
    head.wait_open(generous);
  }

  RecordedLog body_log;
  RecordedLog head_log;
  std::mutex mutex;
  std::map<int, int> runs;  // of the handler of twice, by its argument
  CountApi served{"count", {.workers = 2}};
  CountApi called{"count"};
  const std::uint16_t port;
  LossyProxy proxy;
  ApiArb body;
  ApiArb head;
};

class LossyNetwork : public ::testing::TestWithParam<unsigned> {
 protected:
  const Weather bad{.lost = 10, .doubled = 10, .late = 10, .cut = 5};
};

TEST_P(LossyNetwork, gives_no_wrong_answer_and_ends_every_call_by_its_deadline) {
  LossyPair pair(bad, GetParam());
  constexpr auto time = 150ms;
  constexpr int threads = 4;
  constexpr int calls = 40;
  std::atomic<int> answered{0};
  std::atomic<int> timed_out{0};
  std::vector<std::thread> callers;
  for (int thread = 0; thread < threads; ++thread) {
    callers.emplace_back([&, thread] {
      for (int i = 0; i < calls; ++i) {
        const int number = thread * calls + i;
        const auto begin = Deadline::now();
        const auto result = pair.called.twice(number).try_call({.timeout = time});
        EXPECT_LT(Deadline::now() - begin, time + 2s);
        if (result.has_value()) {
          EXPECT_EQ(*result, 2 * number);
          ++answered;
        } else {
          EXPECT_EQ(result.error().code(), ErrorCode::transaction_timeout) << result.error().what();
          ++timed_out;
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(answered + timed_out, threads * calls);
  EXPECT_GT(answered, threads * calls / 4);
  EXPECT_GT(pair.proxy.spoilt(), 0);
  const std::lock_guard lock(pair.mutex);
  for (const auto& [number, times] : pair.runs) EXPECT_EQ(times, 1) << number << " was handled twice";
  EXPECT_GE(static_cast<int>(pair.runs.size()), answered.load());
}

TEST_P(LossyNetwork, doubles_and_reorders_no_event) {
  LossyPair pair(bad, GetParam());
  std::mutex mutex;
  std::vector<int> seen;
  const auto subscription = pair.called.ticked.subscribe([&](int number) {
    const std::lock_guard lock(mutex);
    seen.push_back(number);
  });
  // That it listens is told for sure; when, only a call that was answered tells.
  while (!pair.called.twice(0).try_call({.timeout = 100ms})) {
  }
  for (int number = 0; number < 300; ++number) pair.served.ticked(number).post();
  for (int number = 1; !pair.called.twice(number).try_call({.timeout = 100ms});) ++number;
  const auto some_came = [&] {
    const std::lock_guard lock(mutex);
    return seen.size() > 100;
  };
  // They are queued by now, and handled soon.
  for (const auto deadline = Deadline::after(generous); !some_came(); std::this_thread::sleep_for(1ms)) {
    ASSERT_FALSE(deadline.passed()) << "hardly an event has come";
  }
  const std::lock_guard lock(mutex);
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LT(seen[i - 1], seen[i]);
}

TEST_P(LossyNetwork, loses_no_part_of_a_stream) {
  LossyPair pair(bad, GetParam());
  constexpr int count = 200;
  int complete = 0;
  for (int attempt = 0; attempt < 20 && complete == 0; ++attempt) {
    auto stream = pair.called.count(count).stream({.timeout = 3s});
    int next = 0;
    try {
      for (const int part : stream) ASSERT_EQ(part, next++);
      EXPECT_EQ(next, count);
      ++complete;
    } catch (const TransactionTimeout&) {
      // The call itself, or its answer, was lost.
    }
  }
  EXPECT_GT(complete, 0);
}
INSTANTIATE_TEST_SUITE_P(Seed, LossyNetwork, ::testing::Range(1u, 4u));

TEST(UdpCalls, that_are_too_large_for_a_datagram_are_refused_with_the_limit) {
  Pair pair(unique_url("udp"));
  pair.open();
  EXPECT_EQ(pair.called.bytes(Bytes(60'000)).call().size(), 60'000u);
  try {
    pair.called.bytes(Bytes(65'500)).call();
    FAIL() << "nothing was thrown";
  } catch (const MessageTooLargeError& error) {
    EXPECT_NE(std::string(error.what()).find("takes at most 65487, as one datagram does"), std::string::npos)
        << error.what();
    EXPECT_EQ(error.execution(), Execution::not_sent);
  }
  // The answer is what is too large.
  pair.served.set_handler("echo", [](const std::string&) { return std::string(70'000, 'x'); });
  const auto answer = pair.called.echo("x").try_call({.timeout = generous});
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(std::string(answer.error().what()).find("65487"), std::string::npos) << answer.error().what();
}

TEST(UdpCalls, to_a_body_that_is_gone_fail_at_once_and_find_the_one_that_comes_in_its_place) {
  const std::string url = unique_url("udp");
  SampleApi called("sample");
  RecordedLog log;
  ApiArb head(connect(url), {.name = "head", .log = log.log()});
  head.attach(called);
  for (int round = 0; round < 3; ++round) {
    SampleService service;
    SampleApi served("sample");
    const auto serving = served.serve(service);
    ApiArb body(listen(url), {.name = "body", .log = log.log()});
    body.attach(served);
    body.start();
    // What was sent before the head has heard of the end fails, and is not sent again.
    Result<int> answer = make_error<TransportDisconnectedError>("not called yet");
    while (!answer && answer.error().code() == ErrorCode::transport_disconnected) {
      answer = called.add(round, 1).try_call({.timeout = generous, .when_down = WhenDown::queue});
    }
    ASSERT_TRUE(answer) << answer.error().what();
    EXPECT_EQ(*answer, round + 1);
  }
}

TEST(UdpCalls, of_a_plain_peer_are_answered_as_the_specification_has_it) {
  const std::string url = unique_url("udp");
  SampleService service;
  SampleApi served("sample");
  const auto serving = served.serve(service);
  RecordedLog log;
  ApiArb body(listen(url), {.name = "body", .log = log.log()});
  body.attach(served);
  body.start();
  ApiArb plain(connect("msgpack+" + url), {.name = "plain", .log = log.log()});
  EXPECT_EQ(plain.proxy("sample").action("add", 1, 2).call<int>(), 3);
  EXPECT_EQ(plain.peers().at(0).plain, true);
}

TEST(UdpCalls, reach_one_body_through_two_urls) {
  const std::string url = unique_url("udp");
  const std::string other_url = unique_url("udp");
  SampleService service;
  SampleApi served("sample");
  const auto serving = served.serve(service);
  RecordedLog log;
  ApiArb body({listen(url), listen(other_url)}, {.name = "body", .log = log.log()});
  body.attach(served);
  body.start();
  for (const auto& one : {url, other_url}) {
    SampleApi called("sample");
    ApiArb head(connect(one), {.name = "head", .log = log.log()});
    head.attach(called);
    EXPECT_EQ(called.add(1, 2).call(), 3);
  }
}

}  // namespace
}  // namespace vagus::testing
