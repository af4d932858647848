#include <sys/wait.h>

#include "conformance/conformance.hpp"
#include "conformance/observed.hpp"
#include "conformance/raw_peer.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

class Pings : public Conformance {};

TEST_P(Pings, say_how_long_an_answer_takes_from_either_side) {
  Pair pair(url());
  pair.called.nothing().call();  // both sides know of each other
  for (ApiArb* arb : {&pair.head, &pair.body}) {
    const Peer peer = arb->peers().front();
    const Duration time = arb->ping(peer, generous);
    EXPECT_GT(time, Duration::zero());
    EXPECT_LT(time, Duration(generous));
    EXPECT_GT(arb->async_ping(peer, generous).get(), Duration::zero());
    const auto all = arb->ping(generous);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all.front().peer, peer);
    EXPECT_GT(all.front().result.value(), Duration::zero());
  }
}

TEST_P(Pings, are_answered_while_all_workers_are_busy) {
  Pair pair(url());
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  const auto pending = pair.called.work(1).async();
  ASSERT_TRUE(stage.await(1));
  EXPECT_GT(pair.head.ping(pair.head.peers().front(), generous), Duration::zero());
  stage.open();
  EXPECT_EQ(pending.get(), 1);
}

TEST_P(Pings, work_inside_a_handler) {
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    EXPECT_GT(pair.body.ping(call.peer(), generous), Duration::zero());
    return number;
  });
  EXPECT_EQ(pair.called.work(1).call(), 1);
}

TEST_P(Pings, are_no_calls_for_hooks_and_counters) {
  Observed head;
  Observed body;
  Pair pair(url());
  pair.open();
  const auto at_head = head.of(pair.head);
  const auto at_body = body.of(pair.body);
  pair.head.measure(true);
  static_cast<void>(pair.head.ping(pair.head.peers().front(), generous));
  EXPECT_EQ(head.lines(), Lines{});
  EXPECT_EQ(body.lines(), Lines{});
  EXPECT_EQ(pair.head.stats().calls_made, 0u);
  EXPECT_EQ(pair.head.stats().calls_completed, 0u);
  EXPECT_EQ(pair.body.stats().requests_received, 0u);
  EXPECT_TRUE(pair.head.method_stats().empty());
}

TEST_P(Pings, to_a_peer_that_is_gone_fail_at_once) {
  Pair pair(url());
  pair.open();
  const Peer peer = pair.head.peers().front();
  pair.body.stop();
  while (pair.head.connected()) std::this_thread::yield();
  try {
    static_cast<void>(pair.head.ping(peer, generous));
    FAIL() << "nothing was thrown";
  } catch (const TransportDisconnectedError& error) {
    EXPECT_STREQ(error.what(), "the peer body is not connected");
    EXPECT_EQ(error.execution(), Execution::not_sent);
  }
  EXPECT_THROW(pair.head.async_ping(peer).get(), TransportDisconnectedError);
  EXPECT_TRUE(pair.head.ping().empty());
  pair.head.stop();
  EXPECT_THROW(static_cast<void>(pair.head.ping(peer)), TransportFinishedError);
}

TEST_P(Pings, to_a_peer_that_does_not_answer_end_in_time) {
  RawBody body(url());
  ApiArb head(connect(url()));
  head.start();
  const auto link = body.accept();
  link->open();
  head.wait_open(generous);
  const Peer peer = head.peers().front();
  const auto began = Deadline::now();
  try {
    static_cast<void>(head.ping(peer, 30ms));
    FAIL() << "nothing was thrown";
  } catch (const TransactionTimeout& error) {
    EXPECT_EQ(error.what(), "no answer to a ping from " + peer.name + " within 30 ms");
  }
  EXPECT_GE(Deadline::now() - began, Duration(30ms));
  EXPECT_THROW(head.async_ping(peer, 30ms).get(), TransactionTimeout);
  const auto all = head.ping(30ms);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.front().result.error().code(), ErrorCode::transaction_timeout);
}

TEST_P(Pings, end_when_the_peer_goes) {
  RawBody body(url());
  ApiArb head(connect(url()));
  head.start();
  auto link = body.accept();
  link->open();
  head.wait_open(generous);
  const auto pending = head.async_ping(head.peers().front(), generous);
  EXPECT_FALSE(pending.ready());
  link.reset();
  EXPECT_THROW(pending.get(), TransportDisconnectedError);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Pings);

/// Returns when none of its threads runs any more.
void freeze(const Process& process) {
  process.signal(SIGSTOP);
  siginfo_t stopped{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(process.id()), &stopped, WSTOPPED), 0);
}

TEST(PingsBetweenProcesses, of_a_frozen_one_end_in_time_and_of_a_killed_one_at_once) {
  const std::string url = unique_url("shm");
  Process process([&] {
    ApiArb body(listen(url));
    body.run();
  });
  Observed observed;
  SampleApi called("sample");
  ApiArb head(connect(url));
  const auto observing = observed.of(head);
  head.attach(called);
  head.wait_open(generous);
  const Peer peer = head.peers().front();
  EXPECT_GT(head.ping(peer, generous), Duration::zero());
  freeze(process);
  EXPECT_THROW(static_cast<void>(head.ping(peer, 30ms)), TransactionTimeout);
  process.signal(SIGCONT);
  EXPECT_GT(head.ping(peer, generous), Duration::zero());

  freeze(process);
  const auto ping = head.async_ping(peer, generous);
  const auto call = called.add(1, 1).async();
  process.kill();
  EXPECT_THROW(ping.get(), TransportDisconnectedError);
  EXPECT_THROW(call.get(), TransportDisconnectedError);
  EXPECT_EQ(observed.lines(),
            (Lines{"begun sample.add", "ended sample.add: failed TransportDisconnectedError"}));
  EXPECT_EQ(process.wait(), -SIGKILL);
}

}  // namespace
}  // namespace vagus::testing
