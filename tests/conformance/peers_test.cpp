#include <unistd.h>

#include <algorithm>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

/// A head with a desk, next to that of a pair.
struct SecondHead {
  explicit SecondHead(const std::string& url, int result)
      : arb(connect(url), {.name = "second", .log = log.log()}) {
    desk.work.handle([result](int) { return result; });
    arb.attach(desk);
    arb.attach(called);
    arb.wait_open(generous);
    called.nothing().call();  // the body knows what is handled here
  }
  RecordedLog log;
  SampleApi desk{"desk"};
  SampleApi called{"sample"};
  ApiArb arb;
};

class SeveralHeads : public Conformance {
 protected:
  static void know(Pair& pair) {
    pair.desk.work.handle([](int) { return 1; });
    pair.called.nothing().call();
  }
};

TEST_P(SeveralHeads, may_call_one_body) {
  Pair pair(url());
  SecondHead second(url(), 2);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(pair.called.add(i, 1).call(), i + 1);
    EXPECT_EQ(second.called.add(i, 2).call(), i + 2);
  }
}

TEST_P(SeveralHeads, a_call_that_several_could_answer_is_an_error_that_says_how_to_choose) {
  Pair pair(url());
  know(pair);
  SecondHead second(url(), 2);
  try {
    pair.called_desk.work(0).call();
    FAIL() << "nothing was thrown";
  } catch (const MultipleApiResponseError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("head"), std::string::npos) << text;
    EXPECT_NE(text.find("second"), std::string::npos) << text;
    EXPECT_NE(text.find(".any()"), std::string::npos) << text;
    EXPECT_EQ(error.execution(), Execution::not_sent);
  }
}

TEST_P(SeveralHeads, to_calls_the_one_that_is_meant) {
  Pair pair(url());
  know(pair);
  SecondHead second(url(), 2);
  const auto peers = pair.body.peers();
  ASSERT_EQ(peers.size(), 2u);
  for (const Peer& peer : peers) {
    EXPECT_EQ(pair.called_desk.work(0).to(peer).call(), peer.name == "second" ? 2 : 1);
    EXPECT_EQ(peer.side, Side::head);
    EXPECT_NE(peer.incarnation, 0u);
    // Nobody vouches for what the other side of a network says.
    const bool known = GetParam() != "tcp" && GetParam() != "tls" && GetParam() != "udp";
    EXPECT_EQ(peer.process_id, known ? static_cast<std::int64_t>(::getpid()) : -1);
    EXPECT_EQ(peer.user_id, known ? static_cast<std::int64_t>(::getuid()) : -1);
  }
}

TEST_P(SeveralHeads, a_handler_calls_back_whoever_calls_it) {
  Pair pair(url());
  know(pair);
  SecondHead second(url(), 2);
  pair.served.work.handle(
      [&](Call& call, int number) { return pair.called_desk.work(number).to(call.peer()).call(); });
  EXPECT_EQ(pair.called.work(0).call(), 1);
  EXPECT_EQ(second.called.work(0).call(), 2);
}

TEST_P(SeveralHeads, any_takes_each_in_its_turn) {
  Pair pair(url());
  know(pair);
  SecondHead second(url(), 2);
  int ones = 0;
  int twos = 0;
  for (int i = 0; i < 10; ++i) ++(pair.called_desk.work(0).any().call() == 1 ? ones : twos);
  EXPECT_EQ(ones, 5);
  EXPECT_EQ(twos, 5);
}

TEST_P(SeveralHeads, all_gathers_one_result_from_each) {
  Pair pair(url());
  know(pair);
  SecondHead second(url(), 2);
  const auto results = pair.called_desk.work(0).all().call();
  ASSERT_EQ(results.size(), 2u);
  int sum = 0;
  for (const auto& one : results) {
    ASSERT_TRUE(one.result.has_value());
    EXPECT_EQ(*one.result, one.peer.name == "second" ? 2 : 1);
    sum += *one.result;
  }
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(pair.called_desk.work(0).all().async().get().size(), 2u);
  EXPECT_EQ(pair.called_desk.work(0).all().try_call().value().size(), 2u);
}

TEST_P(SeveralHeads, all_in_a_handler_may_come_back_to_its_only_worker) {
  Pair pair(url());
  know(pair);
  SecondHead second(url(), 2);
  pair.served.other.handle([](int number) { return number + 1; });
  pair.desk.work.handle([&](int number) { return pair.called.other(number).call(); });
  second.desk.work.handle([&](int number) { return second.called.other(10 * number).call(); });
  pair.served.work.handle([&](int number) {
    int sum = 0;
    for (const auto& one : pair.called_desk.work(number).all().call()) sum += one.result.value();
    return sum;
  });
  EXPECT_EQ(pair.called.work(4).call(), 46);
}

TEST_P(SeveralHeads, all_has_an_error_in_the_place_of_one_that_fails) {
  Pair pair(url());
  know(pair);
  SecondHead second(url(), 2);
  second.desk.work.handle([](int) -> int { throw std::domain_error("not here"); });
  const auto results = pair.called_desk.work(0).all().call();
  ASSERT_EQ(results.size(), 2u);
  for (const auto& one : results) EXPECT_EQ(one.result.has_value(), one.peer.name != "second");
  Stage stage;
  second.desk.work.handle([&](int number) { return stage(number); });
  const auto late = pair.called_desk.work(0).all().call({.timeout = 100ms});
  ASSERT_EQ(late.size(), 2u);
  for (const auto& one : late) {
    EXPECT_EQ(one.result.has_value(), one.peer.name != "second");
    if (!one.result.has_value()) {
      EXPECT_EQ(one.result.error().code(), ErrorCode::transaction_timeout);
    }
  }
}

TEST_P(SeveralHeads, all_fails_as_a_whole_only_if_nobody_handles_it) {
  Pair pair(url());
  pair.open();
  pair.body.wait_open(generous);
  EXPECT_EQ(pair.called_desk.work(0).all().try_call().error().code(), ErrorCode::unsupported_api);
}

TEST_P(SeveralHeads, one_that_is_gone_is_an_error_where_it_is_meant_and_no_choice_any_more) {
  Pair pair(url());
  know(pair);
  Peer gone;
  {
    SecondHead second(url(), 2);
    for (const Peer& peer : pair.body.peers()) {
      if (peer.name == "second") gone = peer;
    }
    Flag left;
    const auto listener = pair.body.on_state([&](const LinkEvent& event) {
      if (event.state == LinkState::disconnected) left.raise();
    });
    second.arb.stop();
    ASSERT_TRUE(left.await());
  }
  EXPECT_EQ(error_of(pair.called_desk.work(0).to(gone))->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(pair.called_desk.work(0).call(), 1);
}

class SeveralBodies : public Conformance {
 protected:
  struct Body {
    Body(const std::string& url, int result)
        : arb(listen(url), {.name = "body" + std::to_string(result), .log = log.log()}) {
      served.work.handle([result](int) { return result; });
      arb.attach(served);
      arb.start();
    }
    RecordedLog log;
    SampleApi served{"sample"};
    ApiArb arb;
  };
};

TEST_P(SeveralBodies, are_told_apart_by_stubs_bound_to_named_endpoints) {
  const std::string left_url = unique_url(GetParam());
  const std::string right_url = unique_url(GetParam());
  Body left_body(left_url, 1);
  Body right_body(right_url, 2);
  SampleApi left("sample");
  SampleApi right("sample");
  SampleApi free("sample");
  RecordedLog log;
  ApiArb head({connect(left_url).named("left"), connect(right_url).named("right")}, {.log = log.log()});
  head.attach(left, {.peer = "left"});
  head.attach(right, {.peer = "right"});
  head.attach(free);
  head.wait_open(generous);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(left.work(0).call(), 1);
    EXPECT_EQ(right.work(0).call(), 2);
  }
  EXPECT_EQ(error_of(free.work(0))->code(), ErrorCode::multiple_api_response);
  EXPECT_EQ(free.work(0).all().call().size(), 2u);
  EXPECT_EQ(left.work(0).all().call().size(), 1u);
  for (const Peer& peer : head.peers())
    EXPECT_EQ(free.work(0).to(peer).call(), peer.endpoint == "left" ? 1 : 2);
  EXPECT_THROW(head.attach(free, {.peer = "middle"}), ApiParamError);
  right_body.arb.stop();
  EXPECT_EQ(left.work(0).call(), 1);
}

TEST_P(SeveralBodies, events_of_a_bound_stub_go_and_come_over_its_link_only) {
  const std::string left_url = unique_url(GetParam());
  const std::string right_url = unique_url(GetParam());
  Body left_body(left_url, 1);
  Body right_body(right_url, 2);
  SampleApi left("sample");
  RecordedLog log;
  ApiArb head({connect(left_url).named("left"), connect(right_url).named("right")}, {.log = log.log()});
  head.attach(left, {.peer = "left"});
  Tally left_saw;
  Tally right_saw;
  const auto one = left_body.served.ticked.subscribe([&](int) { left_saw.add(); });
  const auto two = right_body.served.ticked.subscribe([&](int) { right_saw.add(); });
  head.wait_open(generous);
  left.ticked(1).post();
  ASSERT_TRUE(left_saw.await(1));
  EXPECT_EQ(head.stats().messages_posted, 1u);
  Notes heard;
  const auto three = left.ticked.subscribe([&](int number) { heard.add(std::to_string(number)); });
  left.work(0).call();  // the left one knows
  head.proxy("sample").action("work", 0).as<int>().any().call();
  head.proxy("sample").action("work", 0).as<int>().any().call();  // and so does the right one
  right_body.served.ticked(2).post();
  left_body.served.ticked(1).post();
  ASSERT_TRUE(heard.await_line("1"));
  head.proxy("sample").action("work", 0).as<int>().any().call();
  head.proxy("sample").action("work", 0).as<int>().any().call();
  EXPECT_EQ(heard.lines(), std::vector<std::string>{"1"});
}

TEST_P(SeveralBodies, take_turns_by_any_for_each_method) {
  const std::string left_url = unique_url(GetParam());
  const std::string right_url = unique_url(GetParam());
  Body left_body(left_url, 1);
  Body right_body(right_url, 2);
  left_body.served.other.handle([](int) { return 1; });
  right_body.served.other.handle([](int) { return 2; });
  SampleApi called("sample");
  ApiArb head({connect(left_url), connect(right_url)}, {.name = "head"});
  head.attach(called);
  head.wait_open(generous);
  int work = 0;
  int other = 0;
  for (int round = 0; round < 10; ++round) {
    work += called.work(0).any().call();
    other += called.other(0).any().call();
  }
  EXPECT_EQ(work, 15);
  EXPECT_EQ(other, 15);
}

class OwnProcess : public Conformance {};

TEST_P(OwnProcess, is_posted_to_by_local_and_runs_its_handler_unanswered) {
  Tally ran;
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    ran.add();
    if (number == 0) throw std::domain_error("nobody hears of it");
    return number;
  });
  pair.served.work(5).local().post();
  pair.served.work(0).local().post();
  EXPECT_TRUE(ran.await(2));
  EXPECT_TRUE(pair.body_log.transcript().await_line("nobody hears of it"));
  pair.served.part.idle().local().post();
  EXPECT_EQ(pair.body.stats().messages_unhandled, 1u);
}

TEST_P(OwnProcess, what_it_handles_itself_is_called_by_local_and_by_nothing_else) {
  Pair pair(url());
  pair.served.work.handle([](int number) { return number * 3; });
  pair.open();
  pair.body.wait_open(generous);
  EXPECT_EQ(pair.served.work(5).local().call(), 15);
  EXPECT_EQ(pair.served.work(5).local().async().get(), 15);
  const auto error = error_of(pair.served.work(5));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::unsupported_api);
  EXPECT_NE(std::string(error->what()).find(".local()"), std::string::npos) << error->what();
}

TEST_P(OwnProcess, local_errors_are_what_they_would_be_from_afar) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw std::domain_error("close by"); });
  EXPECT_THROW(pair.served.work(5).local().call(), std::domain_error);
  EXPECT_THROW(pair.served.work(5).local().call(), RemoteError);
  EXPECT_EQ(error_of(pair.served.part.idle().local())->code(), ErrorCode::unsupported_api);
  EXPECT_EQ(error_of(pair.body.proxy("press").action("close").as<void>().local())->code(),
            ErrorCode::unknown_api);
  EXPECT_EQ(error_of(pair.body.proxy("sample").action("work", "x").as<int>().local())->code(),
            ErrorCode::api_param);
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  const auto error = error_of(pair.served.work(5).local(), {.timeout = 30ms});
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(error->execution(), Execution::unknown) << "its handler may have begun";
  EXPECT_EQ(std::string(error->what()).find("no link"), std::string::npos) << error->what();
}

TEST_P(OwnProcess, a_handler_may_call_another_of_its_own_process_with_one_worker) {
  Pair pair(url());
  pair.served.other.handle([](int number) { return number + 1; });
  pair.served.work.handle([&](int number) { return pair.served.other(number).local().call() * 2; });
  EXPECT_EQ(pair.called.work(5).call(), 12);
}

UnhandledHook answer(const std::string& text) {
  return [text](Call&, const UnhandledCall&) -> std::optional<Value> { return Value(text); };
}

TEST_P(SeveralHeads, what_none_handles_goes_to_the_one_that_has_a_hook_for_it) {
  Pair pair(url());
  SecondHead second(url(), 2);
  pair.open();
  auto action = pair.body.proxy("desk").action("x").as<std::string>();
  EXPECT_EQ(error_of(action)->code(), ErrorCode::unsupported_api);
  second.desk.on_unhandled(answer("second"));
  second.called.nothing().call();  // the body knows
  EXPECT_EQ(action.call(), "second");
  pair.desk.on_unhandled(answer("head"));
  pair.called.nothing().call();
  EXPECT_THROW(action.call(), MultipleApiResponseError);
  EXPECT_NE(action.any().call(), action.any().call());
  second.desk.on_unhandled({});
  second.called.nothing().call();
  EXPECT_EQ(action.call(), "head");
  pair.head.detach(pair.desk);
  pair.called.nothing().call();
  EXPECT_EQ(error_of(action)->code(), ErrorCode::unsupported_api);
}

TEST_P(SeveralHeads, that_come_with_a_hook_are_asked_too) {
  Pair pair(url());
  pair.open();
  SampleApi desk("desk");
  desk.part.on_unhandled(answer("part"));
  SampleApi called("sample");
  ApiArb third(connect(url()), {.name = "third"});
  third.on_unhandled(answer("all"));
  third.attach(desk);
  third.attach(called);
  called.nothing().call();
  EXPECT_EQ(pair.body.proxy("desk.part").action("x").call<std::string>(), "part");
  EXPECT_EQ(pair.body.proxy("desk").action("x").call<std::string>(), "all");
  EXPECT_EQ(pair.body.proxy("press").action("x").call<std::string>(), "all");
}

TEST_P(SeveralHeads, that_take_what_belongs_to_nobody_do_not_get_what_belongs_to_others) {
  Pair pair(url());
  SecondHead second(url(), 2);
  SampleApi lamp("lamp");
  pair.head.attach(lamp);
  pair.called.nothing().call();
  second.arb.on_unhandled(answer("second"));
  second.called.nothing().call();
  EXPECT_EQ(pair.body.proxy("press").action("x").call<std::string>(), "second");
  EXPECT_EQ(error_of(pair.body.proxy("lamp").action("x").as<void>())->code(), ErrorCode::unsupported_api);
  second.arb.on_unhandled({});
  second.called.nothing().call();
  EXPECT_EQ(error_of(pair.body.proxy("press").action("x").as<void>())->code(), ErrorCode::unknown_api);
}

TEST_P(SeveralHeads, have_no_control_characters_in_their_names) {
  Pair pair(url());
  pair.body.start();
  SampleApi called("sample");
  ApiArb odd(connect(url()), {.name = "odd\nwarning: \x1b[2J\xc2\x9b\xc3\xa4"});
  odd.attach(called);
  called.nothing().call();  // the body has let it in
  const auto peers = pair.body.peers();
  EXPECT_TRUE(std::any_of(peers.begin(), peers.end(),
                          [](const Peer& peer) { return peer.name == "odd?warning: ?[2J?\xc3\xa4"; }));
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(SeveralHeads);
VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(SeveralBodies);
TEST_P(OwnProcess, that_have_several_links_are_one_all_the_same) {
  SampleService service;
  SampleApi served{"sample"};
  SampleApi stub{"sample"};
  const auto serving = served.serve(service);
  ApiArb caller{listen(url())};
  caller.attach(stub);
  caller.start();
  ApiArb twice{connect(url()).named("first"), connect(url()).named("second")};
  twice.attach(served);
  twice.wait_open(generous);
  caller.wait_open(generous);
  EXPECT_EQ(stub.add(2, 3).call(), 5);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(OwnProcess);

}  // namespace
}  // namespace vagus::testing
