// The figures that a peer tells.

#include <unistd.h>

#include <algorithm>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

struct Told : Pair {
  explicit Told(const std::string& url, const Options& options = {}) : Pair(url, options) { open(); }
  ProcessStats ask(const StatsRequest& request = {}) {
    return head.stats_of(head.peers().at(0), request, std::chrono::duration_cast<Duration>(generous));
  }
  /// Asks until it is so; the suite's limit ends what never is.
  template <typename Condition>
  ProcessStats ask_until(const Condition& condition) {
    ProcessStats told = ask();
    while (!condition(told)) told = ask();
    return told;
  }
};

const MethodStats* find(const ProcessStats& told, std::string_view name) {
  const auto found = std::find_if(told.methods.begin(), told.methods.end(),
                                  [&](const auto& each) { return each.name_space == name; });
  return found == told.methods.end() ? nullptr : &*found;
}

class StatsOf : public Conformance {};

TEST_P(StatsOf, tell_who_it_is_and_what_it_has_done) {
  Told pair(url());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
  const ProcessStats told = pair.ask();
  EXPECT_EQ(told.name, pair.head.peers().at(0).name);
  EXPECT_EQ(told.process_id, ::getpid());
  EXPECT_FALSE(told.library.empty());
  EXPECT_GT(told.uptime, Duration::zero());
  EXPECT_EQ(told.totals.requests_received, 4u);  // the last one is this
  EXPECT_EQ(told.totals.links, 1u);
  EXPECT_GT(told.totals.received.bytes, 0u);
}

TEST_P(StatsOf, tell_errors_by_their_kinds) {
  Told pair(url());
  EXPECT_THROW(pair.called_desk.part.idle().call(), UnsupportedApiError);
  EXPECT_EQ(pair.ask().totals.calls_failed[ErrorCode::unsupported_api], 1u);
}

TEST_P(StatsOf, tell_what_waits_in_which_queue) {
  Told pair(url(), {.workers = 1});
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 4; ++i) pending.push_back(pair.called.work(i).async());
  ASSERT_TRUE(stage.await(1));
  const ProcessStats told = pair.ask_until([](const auto& now) { return now.totals.requests_waiting == 3; });
  const auto api = std::find_if(told.apis.begin(), told.apis.end(),
                                [](const ApiStats& each) { return each.name_space == "sample"; });
  ASSERT_NE(api, told.apis.end());
  EXPECT_EQ(api->waiting, 3u);
  EXPECT_EQ(api->workers, 1u);
  stage.open();
  for (const auto& one : pending) one.get();
}

TEST_P(StatsOf, tell_the_peers) {
  Told pair(url());
  const ProcessStats told = pair.ask();
  ASSERT_TRUE(told.peers);
  ASSERT_EQ(told.peers->size(), 1u);
  EXPECT_EQ(told.peers->at(0).peer.name, pair.body.peers().at(0).name);
  EXPECT_GT(told.peers->at(0).received.messages, 0u);
}

TEST_P(StatsOf, tell_latencies_that_are_measured) {
  Told pair(url());
  EXPECT_FALSE(pair.ask().measuring);
  pair.body.measure(true);
  pair.served.work.handle([](int) -> int { throw std::runtime_error("no"); });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
  EXPECT_THROW(pair.called.work(1).call(), RemoteError);
  const ProcessStats told = pair.ask_until([](const auto& now) {
    const auto* const add = find(now, "sample.add");
    const auto* const work = find(now, "sample.work");
    return add != nullptr && work != nullptr && add->ran.count() == 5 && work->ran.count() == 1;
  });
  EXPECT_TRUE(told.measuring);
  const MethodStats& add = *find(told, "sample.add");
  EXPECT_EQ(add.requests_failed, 0u);
  EXPECT_EQ(find(told, "sample.work")->requests_failed, 1u);
  for (const MethodStats& here : pair.body.method_stats()) {
    if (here.name_space != "sample.add") continue;
    EXPECT_EQ(here.ran.counts(), add.ran.counts());
    EXPECT_EQ(here.ran.p99(), add.ran.p99());
    EXPECT_EQ(here.waited.sum(), add.waited.sum());
  }
}

TEST_P(StatsOf, have_a_peer_measure_as_long_as_the_link_lasts) {
  Told pair(url());
  {
    ApiArb watcher(connect(url()));
    watcher.wait_open(generous);
    EXPECT_TRUE(watcher.stats_of(watcher.peers().at(0), {.measure = true}).measuring);
    EXPECT_TRUE(pair.ask().measuring);
    EXPECT_EQ(pair.called.add(1, 1).call(), 2);
    pair.ask_until([](const auto& now) { return find(now, "sample.add") != nullptr; });
  }
  const ProcessStats told = pair.ask_until([](const auto& now) { return !now.measuring; });
  EXPECT_NE(find(told, "sample.add"), nullptr);  // what was measured stays
}

TEST_P(StatsOf, leave_on_what_the_process_measures_itself) {
  Told pair(url());
  pair.body.measure(true);
  {
    ApiArb watcher(connect(url()));
    watcher.wait_open(generous);
    EXPECT_TRUE(watcher.stats_of(watcher.peers().at(0), {.measure = true}).measuring);
  }
  EXPECT_TRUE(pair.ask_until([](const auto& now) { return now.totals.links == 1; }).measuring);
}

TEST_P(StatsOf, tell_the_methods_and_apis_that_the_pattern_asks_for) {
  Told pair(url());
  pair.body.measure(true);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  pair.ask_until([](const auto& now) { return find(now, "sample.add") != nullptr; });
  EXPECT_EQ(find(pair.ask({.pattern = "sample.part.**"}), "sample.add"), nullptr);
  EXPECT_TRUE(pair.ask({.pattern = "press.**"}).apis.empty());
  EXPECT_THROW(pair.ask({.pattern = "sample..add"}), ApiParamError);
}

TEST_P(StatsOf, tell_no_more_than_may_be_known) {
  const Permissions permissions{{.call = {"sample.echo"}}};
  Told pair(url(), {.body = {.permissions = permissions}});
  pair.body.measure(true);
  EXPECT_EQ(pair.called.echo("a").call(), "a");
  EXPECT_EQ(pair.served.add(1, 1).local().call(), 2);
  const ProcessStats told =
      pair.ask_until([](const auto& now) { return find(now, "sample.echo") != nullptr; });
  EXPECT_EQ(find(told, "sample.add"), nullptr);
  EXPECT_EQ(told.methods.size(), 1u);
  EXPECT_FALSE(told.peers);
  EXPECT_EQ(told.apis.size(), 1u);
  EXPECT_EQ(pair.body.stats().permissions_denied, 0u);
}

TEST_P(StatsOf, have_nothing_measured_for_who_may_not_know_everything) {
  const Permissions permissions{{.call = {"sample.**"}, .describe = {"sample.**"}}};
  Told pair(url(), {.body = {.permissions = permissions}});
  EXPECT_THROW(pair.ask({.measure = true}), PermissionDeniedError);
  EXPECT_FALSE(pair.ask().measuring);
  EXPECT_EQ(pair.body.stats().permissions_denied, 1u);
}

TEST_P(StatsOf, are_told_whole_to_who_may_describe_everything) {
  const Permissions permissions{{.describe = {"**"}}};
  Told pair(url(), {.body = {.permissions = permissions}});
  const ProcessStats told = pair.ask({.measure = true});
  EXPECT_TRUE(told.measuring);
  EXPECT_TRUE(told.peers);
}

TEST_P(StatsOf, refuse_what_is_no_request_for_them) {
  Told pair(url());
  RawHead head(url());
  head->open();
  const Value::Array wrong[] = {{7}, {"a", "b"}, {"a", true, 1}, {"a..b"}};
  std::uint32_t id = 1;
  for (const Value::Array& arguments : wrong) {
    head->send(Value::Array{0, id++, "$stats", arguments});
    const auto answer = head->receive_call();
    ASSERT_TRUE(answer);
    EXPECT_NE(to_string(*answer).find("ApiParamError"), std::string::npos) << to_string(*answer);
  }
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(StatsOf);

class ProcessStatsValue : public ::testing::Test {};

TEST_F(ProcessStatsValue, is_read_as_it_was_written) {
  ProcessStats stats;
  stats.name = "mill";
  stats.process_id = 7;
  stats.uptime = std::chrono::seconds(3);
  stats.totals.calls_made = 5;
  stats.totals.calls_failed[ErrorCode::remote] = 2;
  stats.totals.sent = {3, 400};
  stats.apis.push_back({"mill", 2, 1});
  stats.measuring = true;
  MethodStats method;
  method.name_space = "mill.move";
  method.called.add(std::chrono::milliseconds(2));
  method.calls_failed = 1;
  stats.methods.push_back(method);
  const ProcessStats read = process_stats_from(to_value(stats));
  EXPECT_EQ(to_value(read), to_value(stats));
  EXPECT_EQ(read.totals.calls_failed[ErrorCode::remote], 2u);
  EXPECT_EQ(read.methods.at(0).called.p50(), method.called.p50());
  EXPECT_FALSE(read.peers);
}

TEST_F(ProcessStatsValue, may_have_less_and_more_in_it) {
  EXPECT_EQ(process_stats_from(Value::Map{{"colour", "red"}}).totals.calls_made, 0u);
}

TEST_F(ProcessStatsValue, of_another_kind_is_an_error) {
  EXPECT_THROW(process_stats_from(Value("mill")), wire::TypeError);
  EXPECT_THROW(process_stats_from(Value::Map{{"totals", Value::Map{{"links", "two"}}}}), wire::TypeError);
  EXPECT_THROW(process_stats_from(Value::Map{{"methods", 3}}), wire::TypeError);
}

}  // namespace
}  // namespace vagus::testing
