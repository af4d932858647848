// What a peer tells of itself.

#include <unistd.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"
#include "conformance/story.hpp"

namespace vagus::testing {

struct AxisStatus {
  double position_mm = 0.0;
  bool moving = false;
};
VAGUS_FIELDS(AxisStatus, position_mm, moving)

namespace {

struct AxisApi : ApiBase {
  using ApiBase::ApiBase;
  Method<AxisStatus()> status{this, "status"};
  Method<void()> reset{this, "reset", "For the factory.", vagus::hidden};
  Method<Streams<double, int>(int)> home{this, "home"};
};

struct MachineApi : ApiBase {
  MachineApi() : ApiBase("machine", {.workers = 3, .docs = "A mill.", .version = "2.1"}) {}
  AxisApi x{this, "x", {.docs = "Left and right."}};
  Method<double(double, Default<double>)> move_to{
      this, "move_to", "Moves it.", params("target_mm", param("speed_mm_s", 10.0)), {.idempotent = true}};
  Event<void(double)> moved{this, "moved"};
};

struct Described : Pair {
  explicit Described(const std::string& url, const Options& options = {}) : Pair(url, options) {
    machine.move_to.handle([](double target, double) { return target; });
    body.attach(machine);
    open();
  }
  Description ask(std::string_view pattern) {
    return head.describe(head.peers().at(0), pattern, std::chrono::duration_cast<Duration>(generous));
  }
  std::vector<std::string> names(std::string_view pattern) {
    std::vector<std::string> names;
    for (const auto& member : ask(pattern).members) names.push_back(member.name_space);
    return names;
  }

  MachineApi machine;
};

class Describe : public Conformance {};

using Names = std::vector<std::string>;

TEST_P(Describe, tells_who_is_there) {
  Described pair(url());
  const Description told = pair.ask("**");
  EXPECT_EQ(told.name, pair.head.peers().at(0).name);
  EXPECT_EQ(told.process_id, ::getpid());
  EXPECT_FALSE(told.library.empty());
  EXPECT_GT(told.uptime, Duration::zero());
}

TEST_P(Describe, tells_apis_and_their_parts) {
  Described pair(url());
  const Description told = pair.ask("machine.**");
  const std::vector<ApiDescription> expected{
      {.name_space = "machine", .docs = "A mill.", .version = "2.1", .root = true, .workers = 3},
      {.name_space = "machine.x", .docs = "Left and right.", .version = {}, .root = false}};
  EXPECT_EQ(told.apis, expected);
}

TEST_P(Describe, tells_methods_with_types_names_defaults_and_docs) {
  Described pair(url());
  const Description told = pair.ask("machine.**");
  const MemberDescription* const move_to = told.member("machine.move_to");
  ASSERT_NE(move_to, nullptr);
  EXPECT_EQ(move_to->docs, "Moves it.");
  const std::vector<ParameterDescription> parameters{{"target_mm", "double", std::nullopt},
                                                     {"speed_mm_s", "double", Value(10.0)}};
  EXPECT_EQ(move_to->parameters, parameters);
  EXPECT_EQ(move_to->result, "double");
  EXPECT_TRUE(move_to->handled);
  EXPECT_TRUE(move_to->idempotent);
  EXPECT_FALSE(move_to->event);
  EXPECT_EQ(move_to->signature, "(double, double?) -> double");
  EXPECT_EQ(move_to->shape, wire::shape_hash(move_to->signature));
  EXPECT_EQ(to_string(*move_to), "move_to(target_mm: double, speed_mm_s: double = 10.0) -> double");
}

TEST_P(Describe, tells_structs_events_and_what_is_reported) {
  Described pair(url());
  const Description told = pair.ask("machine.**");
  const MemberDescription* const status = told.member("machine.x.status");
  ASSERT_NE(status, nullptr);
  EXPECT_FALSE(status->handled);
  EXPECT_EQ(status->result, "AxisStatus");
  EXPECT_EQ(status->signature, "() -> {position_mm: double, moving: bool}");
  const std::vector<wire::TypeDescription> types{
      {"AxisStatus", {{"position_mm", "double"}, {"moving", "bool"}}, ""}};
  EXPECT_EQ(told.types, types);
  EXPECT_TRUE(told.member("machine.moved")->event);
  EXPECT_EQ(told.member("machine.x.home")->reports, "double");
  EXPECT_EQ(told.member("machine.x.home")->signature, "(int) -> int by double");
}

TEST_P(Describe, tells_handlers_that_nothing_declares) {
  Described pair(url());
  pair.machine.set_handler("x.jog", [](int steps, std::string_view) { return steps > 0; });
  const Description told = pair.ask("machine.x.*");
  const MemberDescription* const jog = told.member("machine.x.jog");
  ASSERT_NE(jog, nullptr);
  EXPECT_FALSE(jog->declared);
  EXPECT_TRUE(jog->handled);
  EXPECT_EQ(jog->signature, "(int, string) -> bool");
}

TEST_P(Describe, tells_what_the_pattern_asks_for) {
  Described pair(url());
  EXPECT_EQ(pair.names("machine.*"), (Names{"machine.move_to", "machine.moved"}));
  EXPECT_EQ(pair.names("machine.x.**"), (Names{"machine.x.home", "machine.x.status"}));
  EXPECT_EQ(pair.names("machine.move_to"), (Names{"machine.move_to"}));
  EXPECT_EQ(pair.names("press.**"), Names{});
  EXPECT_THROW(pair.ask("machine..x"), ApiParamError);
}

TEST_P(Describe, tells_hidden_members_to_who_knows_their_name) {
  Described pair(url());
  EXPECT_EQ(pair.names("machine.x.reset"), (Names{"machine.x.reset"}));
}

TEST_P(Describe, tells_no_more_than_may_be_known) {
  const Permissions permissions{{.call = {"machine.move_to"}, .describe = {"machine.x.reset"}}};
  Described pair(url(), {.body = {.permissions = permissions}});
  EXPECT_EQ(pair.names("**"), (Names{"machine.move_to", "machine.x.reset"}));
  const Description told = pair.ask("**");
  EXPECT_EQ(told.api("sample"), nullptr);
  EXPECT_EQ(told.types, std::vector<wire::TypeDescription>{});
  EXPECT_EQ(pair.body.stats().permissions_denied, 0u);
}

TEST_P(Describe, is_the_same_here_and_there) {
  Described pair(url());
  Description here = pair.body.describe("machine.**");
  const Description there = pair.ask("machine.**");
  here.uptime = there.uptime;
  EXPECT_EQ(here, there);
}

TEST_P(Describe, refuses_what_is_no_pattern) {
  Described pair(url());
  RawHead head(url());
  head->open();
  head->send(Value::Array{0, 1, "$describe", Value::Array{"machine..x"}});
  const auto no_pattern = head->receive_call();
  ASSERT_TRUE(no_pattern);
  EXPECT_NE(to_string(*no_pattern).find("machine..x"), std::string::npos) << to_string(*no_pattern);
  head->send(Value::Array{0, 2, "$describe", Value::Array{"a", "b"}});
  const auto two_patterns = head->receive_call();
  ASSERT_TRUE(two_patterns);
  EXPECT_NE(to_string(*two_patterns).find("one pattern"), std::string::npos) << to_string(*two_patterns);
  head->send(Value::Array{0, 3, "$describe", Value::Array{7}});
  const auto number = head->receive_call();
  ASSERT_TRUE(number);
  EXPECT_NE(to_string(*number).find("one pattern"), std::string::npos) << to_string(*number);
}

TEST_P(Describe, a_proxy_knows_what_there_is_below_it) {
  Described pair(url());
  const Description told = pair.head.proxy("machine").description(generous);
  EXPECT_EQ(told.members.size(), 4u);  // the hidden one is not told
  EXPECT_EQ(told.api("machine")->version, "2.1");
  EXPECT_EQ(told.member("sample.ticked"), nullptr);
  EXPECT_EQ(pair.head.proxy("machine.x").description(generous).members.size(), 2u);
  EXPECT_NE(pair.head.proxy().description(generous).member("sample.ticked"), nullptr);
  EXPECT_TRUE(pair.head.proxy("machine.z").description(generous).members.empty());
}

TEST_P(Describe, a_proxy_asks_once_until_something_else_is_handled) {
  Described pair(url());
  const ApiProxy machine = pair.head.proxy("machine");
  EXPECT_FALSE(machine.description(generous).member("machine.x.status")->handled);
  const auto asked = pair.body.stats().requests_received;
  EXPECT_FALSE(machine.description(generous).member("machine.x.status")->handled);
  EXPECT_EQ(pair.body.stats().requests_received, asked);
  pair.machine.x.status.handle([] { return AxisStatus{}; });
  static_cast<void>(pair.called.add(1, 2).call());  // what was told before arrives before
  EXPECT_TRUE(machine.description(generous).member("machine.x.status")->handled);
}

TEST_P(Describe, a_proxy_knows_the_contract_of_a_peer_that_came_back_with_another) {
  RecordedLog log;
  Story story;
  ApiArb head(connect(url()), {.log = log.log()});
  const auto listening = story.listen_to(head);
  const ApiProxy machine = head.proxy("machine");
  {
    MachineApi first;
    ApiArb body(listen(url()), {.log = log.log()});
    body.attach(first);
    body.start();
    EXPECT_NE(machine.description(generous).member("machine.move_to"), nullptr);
  }
  ApiBase second("machine", {.version = "3.0"});
  second.set_handler("lift", [](double) {});
  ApiArb body(listen(url()), {.log = log.log()});
  body.attach(second);
  body.start();
  ASSERT_TRUE(story.await(LinkState::open, 2));  // the head may take the former link for open a little longer
  const Description told = machine.description(generous);
  EXPECT_EQ(told.api("machine")->version, "3.0");
  EXPECT_NE(told.member("machine.lift"), nullptr);
  EXPECT_EQ(told.member("machine.move_to"), nullptr);
}

TEST_P(Describe, a_proxy_of_what_nobody_has_fails_as_a_call_does) {
  Described pair(url());
  ApiArb nobody(connect(unique_url("unix")), {.log = pair.head_log.log()});
  EXPECT_THROW(static_cast<void>(nobody.proxy("machine").description(1ms)), TransactionTimeout);
  pair.head.stop();
  EXPECT_THROW(static_cast<void>(pair.head.proxy("machine").description(generous)), TransportFinishedError);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Describe);

}  // namespace
}  // namespace vagus::testing
