// What comes back to a loop of the program's own in the chain of a call that its thread makes outside of
// process(), and waits for in parts or for several answers.

#include <string>

#include <gtest/gtest.h>

#include "conformance/foreign_loops.hpp"

namespace vagus::testing {
namespace {

class ScanApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<Streams<int, int>(int)> scan{this, "scan", "So many parts, then their number."};
};

/// A second head, with threads of its own.
struct OtherHead {
  OtherHead(const std::string& url) : arb(connect(url), {.name = "other", .log = log.log()}) {
    arb.attach(desk);
    arb.attach(called);
  }
  RecordedLog log;
  SampleApi desk{"desk"};
  SampleApi called{"sample"};
  ApiArb arb;
};

class ForeignLoopChains : public Conformance {};

TEST_P(ForeignLoopChains, come_back_while_parts_are_fetched) {
  Threads threads;
  ScanApi served("scan");
  ScanApi called("scan");
  Pair pair(url(), foreign_head);
  pair.body.attach(served);
  pair.head.attach(called);
  served.scan.handle([&](Call& call, int count) {
    for (int number = 0; number < count; ++number) call.progress(pair.called_desk.work(number).call());
    return count;
  });
  pair.desk.work.handle([&](int number) {
    threads.note();
    return 2 * number;
  });
  int expected = 0;
  for (const int part : called.scan(5).stream({.timeout = generous})) EXPECT_EQ(part, 2 * expected++);
  EXPECT_EQ(expected, 5);
  int told = 0;
  EXPECT_EQ(called.scan(3).on_progress([&](int) { ++told; }).call({.timeout = generous}), 3);
  EXPECT_EQ(told, 3);
  EXPECT_EQ(threads.noted(), 8);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoopChains, stream_from_the_own_process) {
  constexpr int many = 200;
  Threads threads;
  ScanApi served("scan");
  Pair pair(url(), foreign_body);
  pair.body.attach(served);
  served.scan.handle([&](Call& call, int count) {
    threads.note();
    for (int number = 0; number < count; ++number) call.progress(number);
    return count;
  });
  int expected = 0;
  for (const int part : served.scan(many).local().stream({.timeout = generous})) EXPECT_EQ(part, expected++);
  EXPECT_EQ(expected, many);
  EXPECT_EQ(threads.noted(), 1);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoopChains, come_back_from_each_of_several_peers) {
  Threads threads;
  Pair pair(url(), foreign_body);
  OtherHead other(url());
  pair.desk.work.handle([&](int number) { return pair.called.other(number).call(); });
  other.desk.work.handle([&](int number) { return other.called.other(10 * number).call(); });
  pair.served.other.handle([&](int number) {
    threads.note();
    return number + 1;
  });
  // The body knows what is handled there.
  served_result(pair.body, pair.called.nothing().async());
  served_result(pair.body, other.called.nothing().async());
  int sum = 0;
  for (const auto& one : pair.called_desk.work(4).all().call({.timeout = generous})) {
    sum += one.result.value();
  }
  EXPECT_EQ(sum, 46);
  for (const auto& one : pair.called_desk.work(5).all().async().get(generous)) sum += one.result.value();
  EXPECT_EQ(sum, 46 + 57);
  EXPECT_EQ(threads.noted(), 4);
  EXPECT_EQ(threads.elsewhere(), 0);
}

TEST_P(ForeignLoopChains, come_back_from_peers_that_were_waited_for) {
  Threads threads;
  SampleApi served("sample");
  SampleApi called("sample");
  SampleApi desk("desk");
  SampleApi called_desk("desk");
  served.work.handle([&](int number) { return called_desk.work(number).call() + 1; });
  desk.work.handle([&](int number) {
    threads.note();
    return 2 * number;
  });
  ApiArb body(listen(url()), {.name = "body"});
  body.attach(served);
  body.attach(called_desk);
  ApiArb head(connect(url()), {.name = "head", .loop = Loop::foreign});
  head.attach(called);
  head.attach(desk);
  const auto gathered = called.work(20).all().async({.timeout = generous});
  body.start();
  const auto results = gathered.get(generous);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].result.value(), 41);
  EXPECT_EQ(threads.noted(), 1);
  EXPECT_EQ(threads.elsewhere(), 0);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(ForeignLoopChains);

}  // namespace
}  // namespace vagus::testing
