// Counters and latencies.

#include <algorithm>
#include <thread>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

class Figures : public Conformance {};

TEST_P(Figures, count_calls_by_what_they_came_to) {
  Pair pair(url());
  pair.open();
  pair.served.work.handle([](int) -> int { throw std::runtime_error("no"); });
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(pair.called.add(1, 1).async().get(), 2);
  EXPECT_THROW(pair.called.work(1).call(), RemoteError);
  EXPECT_THROW(pair.called.work(1).async().get(), RemoteError);
  EXPECT_THROW(pair.called.part.idle().call(), UnsupportedApiError);
  EXPECT_THROW(pair.called.add(1, 1).call({.timeout = Duration(0)}), TransactionTimeout);
  EXPECT_THROW(pair.called.add(1, 1).async({.timeout = Duration(0)}).get(), TransactionTimeout);
  EXPECT_THROW(pair.head.proxy("sample").action("add", 1, 1).as<std::string>().call(), ContractMismatchError);
  const Stats stats = pair.head.stats();
  EXPECT_EQ(stats.calls_made, 8u);
  EXPECT_EQ(stats.calls_completed, 2u);
  EXPECT_EQ(stats.calls_failed[ErrorCode::remote], 2u);
  EXPECT_EQ(stats.calls_failed[ErrorCode::unsupported_api], 1u);
  EXPECT_EQ(stats.calls_failed[ErrorCode::transaction_timeout], 2u);
  EXPECT_EQ(stats.calls_failed[ErrorCode::contract_mismatch], 1u);
  EXPECT_EQ(stats.calls_failed.total(), 6u);
  EXPECT_EQ(pair.body.stats().calls_failed.total(), 0u);
}

TEST_P(Figures, have_an_end_for_each_call_that_was_made_whatever_it_asked_for) {
  Pair pair(url());
  pair.open();
  const Peer body = pair.head.peers().at(0);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_FALSE(pair.head.describe(body).members.empty());
  EXPECT_FALSE(pair.head.proxy("sample").description().members.empty());
  EXPECT_EQ(pair.head.stats_of(body).totals.requests_received, 4u);
  EXPECT_GT(pair.head.ping(body, generous), Duration::zero());
  EXPECT_THROW(pair.head.stats_of(body, {}, Duration(0)), TransactionTimeout);
  const Stats stats = pair.head.stats();
  EXPECT_EQ(stats.calls_made, 5u);
  EXPECT_EQ(stats.calls_completed, 4u);
  EXPECT_EQ(stats.calls_failed.total(), 1u);
  EXPECT_EQ(stats.calls_pending, 0u);
}

TEST_P(Figures, count_calls_to_the_own_process) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw std::runtime_error("no"); });
  EXPECT_EQ(pair.served.add(1, 1).local().call(), 2);
  EXPECT_THROW(pair.served.work(1).local().call(), RemoteError);
  EXPECT_EQ(pair.body.stats().calls_completed, 1u);
  EXPECT_EQ(pair.body.stats().calls_failed[ErrorCode::remote], 1u);
}

TEST_P(Figures, count_calls_that_were_cancelled_or_never_sent) {
  SampleApi called("sample");
  ApiArb head(connect(url()));
  head.attach(called);
  const auto pending = called.add(1, 1).async();
  EXPECT_TRUE(pending.cancel());
  const auto left = called.add(1, 1).async();
  head.stop();
  EXPECT_THROW(left.get(), TransportFinishedError);
  EXPECT_EQ(head.stats().calls_failed[ErrorCode::transaction_cancelled], 1u);
  EXPECT_EQ(head.stats().calls_failed[ErrorCode::transport_finished], 1u);
  EXPECT_EQ(head.stats().calls_made, 2u);
}

TEST_P(Figures, count_the_bytes_that_go_each_way) {
  Pair pair(url());
  pair.called.nothing().call();
  const Stats before = pair.head.stats();
  EXPECT_EQ(before.sent.bytes, pair.body.stats().received.bytes);
  EXPECT_EQ(before.sent.messages, pair.body.stats().received.messages);
  EXPECT_EQ(before.received.bytes, pair.body.stats().sent.bytes);
  for (const std::size_t size : {std::size_t{10}, std::size_t{5000}, std::size_t{1} << 20}) {
    const Stats then = pair.head.stats();
    EXPECT_EQ(pair.called.bytes(Bytes(size)).call().size(), size);
    const Stats now = pair.head.stats();
    EXPECT_EQ(now.sent.messages - then.sent.messages, 1u);
    EXPECT_EQ(now.received.messages - then.received.messages, 1u);
    EXPECT_GE(now.sent.bytes - then.sent.bytes, size);
    EXPECT_LT(now.sent.bytes - then.sent.bytes, size + 100);
    EXPECT_GE(now.received.bytes - then.received.bytes, size);
    EXPECT_LT(now.received.bytes - then.received.bytes, size + 100);
  }
  EXPECT_EQ(pair.head.stats().sent.bytes, pair.body.stats().received.bytes);
  EXPECT_EQ(pair.head.stats().received.bytes, pair.body.stats().sent.bytes);
}

TEST_P(Figures, are_kept_when_a_link_has_gone) {
  Pair pair(url());
  std::uint64_t sent = 0;
  {
    SampleApi called("sample");
    ApiArb second(connect(url()));
    second.attach(called);
    EXPECT_EQ(called.bytes(Bytes(10000)).call().size(), 10000u);
    sent = second.stats().sent.bytes;
  }
  while (pair.body.stats().links_lost == 0) std::this_thread::yield();
  EXPECT_GE(pair.body.stats().received.bytes, sent);
}

TEST_P(Figures, of_each_peer_stand_apart) {
  Pair pair(url());
  pair.open();
  SampleApi called("sample");
  ApiArb second(connect(url()), {.name = "second"});
  second.attach(called);
  EXPECT_EQ(called.bytes(Bytes(10000)).call().size(), 10000u);
  pair.called.nothing().call();
  const auto peers = pair.body.peer_stats();
  ASSERT_EQ(peers.size(), 2u);
  Volume sum;
  for (const PeerStats& each : peers) {
    EXPECT_EQ(each.received.bytes > 10000, each.peer.name == "second") << each.peer.name;
    EXPECT_EQ(each.sent.bytes > 10000, each.peer.name == "second") << each.peer.name;
    sum.bytes += each.received.bytes;
    sum.messages += each.received.messages;
  }
  EXPECT_EQ(pair.body.stats().received.bytes, sum.bytes);
  EXPECT_EQ(pair.body.stats().received.messages, sum.messages);
}

TEST_P(Figures, say_how_much_waits_for_a_worker) {
  Pair pair(url());
  Pulse pulse(pair);
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 4; ++i) pending.push_back(pair.called.work(i).async());
  ASSERT_TRUE(stage.await(1));
  pulse.beat();
  EXPECT_EQ(pair.body.stats().requests_waiting, 3u);
  stage.open();
  for (const auto& one : pending) one.get();
  EXPECT_EQ(pair.body.stats().requests_waiting, 0u);
}

TEST_P(Figures, may_be_read_at_any_time) {
  Pair pair(url(), {.workers = 2});
  pair.open();
  pair.head.measure(true);
  pair.body.measure(true);
  std::atomic<int> callers{3};
  std::vector<std::thread> threads;
  for (int caller = 0; caller < 3; ++caller) {
    threads.emplace_back([&] {
      for (int i = 0; i < 300; ++i) EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
      --callers;
    });
  }
  std::uint64_t last = 0;
  while (callers > 0) {
    const Stats stats = pair.head.stats();
    EXPECT_GE(stats.calls_completed, last);
    EXPECT_LE(stats.calls_completed, 900u);
    last = stats.calls_completed;
    static_cast<void>(pair.body.stats());
    static_cast<void>(pair.head.method_stats());
    static_cast<void>(pair.body.peer_stats());
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(pair.head.stats().calls_completed, 900u);
  EXPECT_EQ(pair.head.stats().sent.bytes, pair.body.stats().received.bytes);
}

VAGUS_OVER_EACH_TRANSPORT(Figures);

class Latencies : public Conformance {};

/// Those of one method; empty ones if there are none.
MethodStats latencies_of(const ApiArb& arb, std::string_view name_space) {
  for (MethodStats& method : arb.method_stats()) {
    if (method.name_space == name_space) return std::move(method);
  }
  return {};
}

TEST_P(Latencies, are_not_measured_unless_asked_for) {
  Pair pair(url());
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_TRUE(pair.head.method_stats().empty());
  EXPECT_TRUE(pair.body.method_stats().empty());
}

TEST_P(Latencies, are_kept_for_each_method_at_both_sides) {
  Pair pair(url());
  pair.open();
  pair.head.measure(true);
  pair.body.measure(true);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
  pair.called.nothing().call();
  while (latencies_of(pair.body, "sample.nothing").ran.count() == 0) std::this_thread::yield();
  const auto called = latencies_of(pair.head, "sample.add");
  EXPECT_EQ(called.called.count(), 20u);
  EXPECT_EQ(called.ran.count(), 0u);
  EXPECT_GT(called.called.p50(), Duration::zero());
  EXPECT_LE(called.called.p50(), called.called.p99());
  EXPECT_LE(called.called.p99(), called.called.max());
  const auto handled = latencies_of(pair.body, "sample.add");
  EXPECT_EQ(handled.called.count(), 0u);
  EXPECT_EQ(handled.ran.count(), 20u);
  EXPECT_EQ(handled.waited.count(), 20u);
  EXPECT_LE(handled.ran.p50(), called.called.max());

  pair.head.measure(false);
  pair.called.nothing().call();
  EXPECT_EQ(latencies_of(pair.head, "sample.nothing").called.count(), 1u);
}

TEST_P(Latencies, tell_waiting_from_running) {
  Pair pair(url());
  pair.body.measure(true);
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.served.other.handle([](int number) { return number; });
  const auto first = pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  const auto second = pair.called.other(2).async();
  while (pair.body.stats().requests_waiting == 0) std::this_thread::yield();
  const auto began = Deadline::now();
  while (Deadline::now() - began < 5ms) std::this_thread::yield();
  stage.open();
  EXPECT_EQ(first.get() + second.get(), 3);
  while (latencies_of(pair.body, "sample.other").ran.count() == 0) std::this_thread::yield();
  EXPECT_GE(latencies_of(pair.body, "sample.work").ran.max(), Duration(5ms));
  EXPECT_GE(latencies_of(pair.body, "sample.other").waited.max(), Duration(5ms));
}

TEST_P(Latencies, of_what_was_not_sent_or_not_run_are_not_kept) {
  Pair pair(url());
  pair.open();
  pair.head.measure(true);
  pair.body.measure(true);
  EXPECT_THROW(pair.called.add(1, 1).call({.timeout = Duration(0)}), TransactionTimeout);
  EXPECT_THROW(pair.called.part.idle().call(), UnsupportedApiError);
  EXPECT_EQ(latencies_of(pair.head, "sample.add").called.count(), 0u);
  EXPECT_EQ(latencies_of(pair.head, "sample.part.idle").called.count(), 1u);
  EXPECT_TRUE(pair.body.method_stats().empty());
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Latencies);

}  // namespace
}  // namespace vagus::testing
