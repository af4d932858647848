// More than the links take, both ways at once and towards peers that leave their answers unread.

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

class Congestion : public Conformance {};

TEST_P(Congestion, of_both_directions_does_not_block_them) {
  Pair pair(url() + "?ring=4096", {.workers = 2, .desk_workers = 2});
  pair.open();
  pair.body.wait_open(generous);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int caller = 0; caller < 6; ++caller) {
    threads.emplace_back([&, caller] {
      const SampleApi& api = caller % 2 == 0 ? pair.called : pair.called_desk;
      const std::string text(static_cast<std::size_t>(700 + 1100 * caller), 'e');
      for (int i = 0; i < 40; ++i) right += api.echo(text).try_call().value_or("") == text ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 6 * 40);
}

TEST_P(Congestion, of_both_directions_lets_more_async_calls_through_than_fit_the_links) {
  Pair pair(url() + "?ring=4096", {.workers = 2, .desk_workers = 2});
  pair.open();
  pair.body.wait_open(generous);
  const std::string text(900, 'a');
  const auto flood = [&text](const SampleApi& api) {
    std::vector<AsyncResult<std::string>> pending;
    for (int i = 0; i < 200; ++i) pending.push_back(api.echo(text).async());
    for (const auto& one : pending) {
      static_cast<void>(one.wait());
      EXPECT_EQ(one.result().value_or(""), text);
    }
  };
  std::thread back([&] { flood(pair.called_desk); });
  flood(pair.called);
  back.join();
}

TEST_P(Congestion, by_a_peer_that_leaves_its_answers_unread_ends_its_link_and_no_other) {
  Pair pair(url() + "?ring=4096", {.body = {.max_unsent = 20'000}});
  pair.open();
  {
    RawHead raw(url());
    raw->open();
    const Value request(Value::Array{0, 1, "sample.echo", Value::Array{std::string(1000, 'e')}});
    try {
      for (int i = 0; i < 500 && !raw->closed(); ++i) raw->send(request);
    } catch (const std::runtime_error&) {
      // Cut off in the middle of sending.
    }
    raw->await_closed();
  }
  EXPECT_TRUE(pair.body_log.transcript().await_line("max_unsent"));
  EXPECT_EQ(pair.called.echo("here").call(), "here");
}

VAGUS_OVER_EACH_TRANSPORT_OF_MEMORY(Congestion);

}  // namespace
}  // namespace vagus::testing
