// One call to each of several peers.

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/api/api_proxy.hpp>
#include <vagus/core/gate.hpp>

#include "api/axis_api.hpp"
#include "api/fake_host.hpp"
#include "support/core/flag.hpp"

namespace vagus::testing {

/// Cannot be copied or moved at times.
struct Fragile {
  Fragile() = default;
  Fragile(const Fragile&) {
    if (broken) throw std::length_error("no room for it");
  }
  Fragile& operator=(const Fragile&) = default;
  static inline bool broken = false;
};

}  // namespace vagus::testing

template <>
struct vagus::wire::Codec<vagus::testing::Fragile> {
  static void unpack(Reader& reader, vagus::testing::Fragile&) { reader.skip(); }
};

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using Array = Value::Array;

Peer peer_of(std::uint64_t id) {
  Peer peer;
  peer.id = id;
  peer.name = "peer " + std::to_string(id);
  return peer;
}

class GatherActionTest : public ::testing::Test {
 protected:
  GatherActionTest() {
    host->attach(axis);
    host->handling_peers = {peer_of(11), peer_of(12), peer_of(13)};
  }

  const std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  AxisApi axis{"axis"};
  std::vector<Peer> no_peers;
};

TEST_F(GatherActionTest, asks_each_peer_once_and_has_the_results_in_the_order_of_the_peers) {
  const auto gathered = axis.add(1, 2).all().async({.timeout = 500s});
  ASSERT_EQ(host->sent.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(host->sent[i].how, Sent::How::submitted);
    EXPECT_EQ(host->sent[i].target.kind, detail::Target::Kind::peer);
    EXPECT_EQ(host->sent[i].target.peer, 11 + i);
    EXPECT_EQ(host->sent[i].arguments, Value(Array{1, 2}));
    EXPECT_GT(host->sent[i].deadline.remaining(), Duration(400s));
  }
  host->sent[2].answer(30);
  host->sent[0].answer(10);
  EXPECT_FALSE(gathered.ready());
  host->sent[1].answer(20);
  ASSERT_TRUE(gathered.ready());
  const auto results = gathered.get();
  ASSERT_EQ(results.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(results[i].peer.id, 11 + i);
    EXPECT_EQ(results[i].result.value(), 10 * (static_cast<int>(i) + 1));
  }
  EXPECT_EQ(gathered.get().size(), 3u);
}

TEST_F(GatherActionTest, has_an_error_in_the_place_of_a_peer_that_fails) {
  host->on_sent = [](const Sent& sent) {
    if (sent.target.peer == 12) {
      sent.fail(make_error<TransportDisconnectedError>("gone"));
    } else {
      sent.answer(1);
    }
  };
  const auto results = axis.add(1, 2).all().call();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_TRUE(results[0].result.has_value());
  ASSERT_FALSE(results[1].result.has_value());
  EXPECT_EQ(results[1].result.error().code(), ErrorCode::transport_disconnected);
  EXPECT_TRUE(results[2].result.has_value());
  EXPECT_TRUE(axis.add(1, 2).all().try_call().has_value());
}

TEST_F(GatherActionTest, of_a_method_without_a_result_says_who_is_done) {
  host->on_sent = [](const Sent& sent) { sent.answer(nullptr); };
  const auto results = axis.home().all().call();
  ASSERT_EQ(results.size(), 3u);
  for (const auto& one : results) EXPECT_TRUE(one.result.has_value());
}

TEST_F(GatherActionTest, waits_until_there_are_peers_and_asks_those_then) {
  std::swap(no_peers, host->handling_peers);
  const auto gathered = axis.add(1, 2).all().async({.timeout = 500s});
  EXPECT_FALSE(gathered.ready());
  EXPECT_TRUE(host->sent.empty());
  ASSERT_EQ(host->waiting_for_peers.size(), 1u);
  EXPECT_LE(host->waiting_for_peers[0]->deadline().remaining(), Duration(500s));
  std::swap(no_peers, host->handling_peers);
  host->waiting_for_peers[0]->complete({});
  ASSERT_EQ(host->sent.size(), 3u);
  for (const Sent& sent : host->sent) {
    EXPECT_EQ(sent.arguments, Value(Array{1, 2}));
    EXPECT_GT(sent.deadline.remaining(), Duration(400s));
    sent.answer(7);
  }
  ASSERT_TRUE(gathered.ready());
  EXPECT_EQ(gathered.get().size(), 3u);
}

TEST_F(GatherActionTest, asks_later_in_the_chain_in_which_it_was_made) {
  detail::Gate gate;
  std::swap(no_peers, host->handling_peers);
  detail::CallContext context;  // as that of a listener: it is gone when the listener has returned
  context.chain.root = 77;
  context.gates = {&gate, nullptr};
  const auto gathered = [&] {
    const detail::ContextScope scope(&context, true);
    return axis.add(1, 2).all().async({.timeout = 500s});
  }();
  context.chain.root = 88;
  std::vector<std::uint64_t> roots;
  host->on_sent = [&](const Sent&) {
    roots.push_back(detail::current_chain().value_or(wire::Chain{}).root);
    EXPECT_EQ(detail::runs_inside(gate), 0u);
  };
  std::swap(no_peers, host->handling_peers);
  host->waiting_for_peers.at(0)->complete({});
  EXPECT_EQ(roots, (std::vector<std::uint64_t>{77, 77, 77}));
  for (const Sent& sent : host->sent) sent.answer(1);
  EXPECT_TRUE(gathered.ready());
}

TEST_F(GatherActionTest, asks_later_in_the_chain_that_it_has_begun) {
  std::swap(no_peers, host->handling_peers);
  host->began_chain = 77;
  const auto gathered = axis.add(1, 2).all().async({.timeout = 500s});
  std::vector<std::uint64_t> roots;
  host->on_sent = [&](const Sent& sent) {
    roots.push_back(detail::current_chain().value_or(wire::Chain{}).root);
    EXPECT_EQ(sent.transaction->own_chain(), 77u);
  };
  std::swap(no_peers, host->handling_peers);
  host->waiting_for_peers.at(0)->complete({});
  EXPECT_EQ(roots, (std::vector<std::uint64_t>{77, 77, 77}));
  for (const Sent& sent : host->sent) sent.answer(1);
  EXPECT_TRUE(gathered.ready());
}

TEST_F(GatherActionTest, comes_to_what_the_waiting_for_peers_has_come_to) {
  std::swap(no_peers, host->handling_peers);
  const auto gathered = axis.add(1, 2).all().async();
  host->waiting_for_peers.at(0)->time_out(make_error<TransactionTimeout>("nobody came"));
  ASSERT_TRUE(gathered.ready());
  EXPECT_THROW(gathered.get(), TransactionTimeout);
  EXPECT_TRUE(host->sent.empty());
}

TEST_F(GatherActionTest, is_cancelled_while_it_waits_for_peers) {
  std::swap(no_peers, host->handling_peers);
  const auto gathered = axis.add(1, 2).all().async();
  EXPECT_TRUE(gathered.cancel());
  ASSERT_TRUE(gathered.ready());
  EXPECT_THROW(gathered.get(), TransactionCancelled);
  EXPECT_EQ(host->cancels, 1);
}

TEST_F(GatherActionTest, ends_with_an_error_if_no_peer_that_came_handles_it) {
  std::swap(no_peers, host->handling_peers);
  const auto gathered = axis.add(1, 2).all().async();
  host->waiting_for_peers.at(0)->complete({});
  ASSERT_TRUE(gathered.ready());
  try {
    gathered.get();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const UnsupportedApiError& error) {
    EXPECT_EQ(error.name_space(), "axis.add");
    EXPECT_EQ(error.execution(), Execution::not_sent);
    EXPECT_STREQ(error.what(), "no connected peer handles axis.add");
  }
  EXPECT_TRUE(host->sent.empty());
}

TEST_F(GatherActionTest, of_an_api_that_is_attached_to_nothing_says_so) {
  host->detach(*root_of(axis));
  EXPECT_EQ(axis.add(1, 2).all().try_call().error().code(), ErrorCode::transport_disconnected);
  host->attach(axis);
  root_of(axis)->detached(true);
  EXPECT_EQ(axis.add(1, 2).all().try_call().error().code(), ErrorCode::transport_finished);
}

TEST_F(GatherActionTest, is_cancelled_with_all_of_its_calls) {
  const auto gathered = axis.add(1, 2).all().async();
  host->sent[1].answer(5);
  EXPECT_TRUE(gathered.cancel());
  EXPECT_EQ(host->cancels, 2);
  ASSERT_TRUE(gathered.ready());
  EXPECT_FALSE(gathered.cancel());
  const auto results = gathered.get();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].result.error().code(), ErrorCode::transaction_cancelled);
  EXPECT_EQ(results[1].result.value(), 5);
  EXPECT_EQ(results[2].result.error().code(), ErrorCode::transaction_cancelled);
}

TEST_F(GatherActionTest, leaves_nothing_behind_when_it_is_dropped) {
  std::weak_ptr<Transaction> one;
  {
    static_cast<void>(axis.add(1, 2).all().async());
    for (const Sent& sent : host->sent) sent.answer(1);
    one = host->sent[0].transaction;
    host->sent.clear();
  }
  EXPECT_TRUE(one.expired());
}

TEST_F(GatherActionTest, may_be_awaited_and_followed) {
  host->on_sent = [](const Sent& sent) { sent.answer(static_cast<int>(sent.target.peer)); };
  const auto all = axis.add(1, 2).all();
  const auto awaiting = [&]() -> Task<int> {
    int sum = 0;
    const auto results = co_await all;
    for (const auto& one : results) sum += one.result.value();
    co_return sum;
  };
  EXPECT_EQ(awaiting().get(), 36);
  std::size_t heard = 0;
  all.async().then([&](const auto& result) { heard = result.value().size(); });
  EXPECT_EQ(heard, 3u);
}

TEST_F(GatherActionTest, ends_though_a_result_cannot_be_kept) {
  /// Breaks them when the call has its own.
  class Breaking final : public Transaction::Watcher {
   public:
    void ended() noexcept override { Fragile::broken = true; }
  };
  const AtExit whole([] { Fragile::broken = false; });
  const ApiProxy proxy("axis", host);
  Breaking breaking;
  const auto gathered = proxy.action("add", 1, 1).as<Fragile>().all().async();
  host->sent[0].fail(make_error<OverloadedError>("too much"));
  host->sent[1].transaction->watch(breaking);
  host->sent[1].answer(1);
  host->sent[2].fail(make_error<OverloadedError>("too much"));
  ASSERT_TRUE(gathered.ready());
  const auto results = gathered.get();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].result.error().code(), ErrorCode::overloaded);
  EXPECT_STREQ(results[1].result.error().what(), "the result of axis.add could not be kept: no room for it");
  EXPECT_EQ(results[1].peer.id, 12u);
}

TEST_F(GatherActionTest, ends_with_an_error_if_the_results_cannot_be_put_together) {
  const AtExit whole([] { Fragile::broken = false; });
  const ApiProxy proxy("axis", host);
  const auto gathered = proxy.action("add", 1, 1).as<Fragile>().all().async();
  host->sent[0].answer(1);
  host->sent[1].answer(1);
  Fragile::broken = true;
  host->sent[2].fail(make_error<OverloadedError>("too much"));
  ASSERT_TRUE(gathered.ready());
  EXPECT_EQ(gathered.state(), TransactionState::failed);
  EXPECT_THROW(gathered.get(), ContractMismatchError);
}

TEST_F(GatherActionTest, gives_results_that_cannot_be_copied) {
  using Owned = std::unique_ptr<int>;
  host->on_sent = [](const Sent& sent) { sent.answer(static_cast<int>(sent.target.peer)); };
  const auto all = ApiProxy("axis", host).action("add", 1, 1).as<Owned>().all();
  EXPECT_EQ(*all.call().at(0).result.value(), 11);
  EXPECT_EQ(*all.try_call().value().at(1).result.value(), 12);
  const auto awaiting = [&]() -> Task<int> {
    const auto results = co_await all;
    co_return *results.at(2).result.value();
  };
  EXPECT_EQ(awaiting().get(), 13);
}

TEST_F(GatherActionTest, works_by_name_too) {
  host->on_sent = [](const Sent& sent) { sent.answer(2); };
  const ApiProxy proxy("axis", host);
  EXPECT_EQ(proxy.action("add", 1, 1).as<int>().all().call().size(), 3u);
  EXPECT_EQ(host->last().name_space, "axis.add");
}

}  // namespace
}  // namespace vagus::testing
