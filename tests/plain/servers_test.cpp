// Plain servers that a head calls: they are sent what the public specification says, and whatever they answer
// is shown.

#include <array>

#include "plain/plain_fixture.hpp"

namespace vagus::testing {
namespace {

TEST(PlainServers, are_sent_a_request_of_four_elements_whatever_the_call_has) {
  Calling calling;
  const auto pending = calling.panel.add(1, 2).async({.timeout = 20s, .priority = Priority::high});
  const Value request = calling.next();
  const Value& id = request.array().at(1);
  EXPECT_LT(id.integer(), std::int64_t{1} << 31);
  EXPECT_EQ(request, Value(Array{0, id, "panel.add", Array{1, 2}}));
  calling.answer(request, nullptr, 3);
  EXPECT_EQ(pending.get(), 3);
}

TEST(PlainServers, are_sent_no_chain_when_a_handler_calls_them) {
  Calling calling;
  const std::string url = fresh_url();
  PanelApi own{"desk"};
  ApiArb body{listen(url)};
  own.add.handle([&](int a, int b) { return calling.panel.add(a, b).call(); });
  body.attach(own);
  body.start();
  PanelApi called{"desk"};
  ApiArb head{connect(url)};
  head.attach(called);
  const auto pending = called.add(1, 2).async();
  const Value request = calling.next();
  EXPECT_EQ(request.array().size(), 4u);
  calling.answer(request, nullptr, 30);
  EXPECT_EQ(pending.get(), 30);
}

TEST(PlainServers, are_called_by_names_without_dots) {
  Calling calling;
  const auto by_name = calling.head.proxy().action("nvim_eval", "1+1").async<int>();
  Value request = calling.next();
  EXPECT_EQ(request, Value(Array{0, request.array().at(1), "nvim_eval", Array{"1+1"}}));
  calling.answer(request, nullptr, 2);
  EXPECT_EQ(by_name.get(), 2);

  PanelApi bare{no_namespace};
  calling.head.attach(bare);
  const auto typed = bare.add(1, 2).async();
  request = calling.next();
  EXPECT_EQ(request, Value(Array{0, request.array().at(1), "add", Array{1, 2}}));
  calling.answer(request, nullptr, 3);
  EXPECT_EQ(typed.get(), 3);

  calling.head.proxy().action("nvim_command", "echo").post();
  EXPECT_EQ(calling.next(), Value(Array{2, "nvim_command", Array{"echo"}}));
}

TEST(PlainServers, have_their_notifications_reach_an_api_without_a_namespace) {
  Calling calling;
  PanelApi bare{no_namespace};
  Notes heard;
  const auto listening = bare.ticked.subscribe([&](int number) { heard.add(std::to_string(number)); });
  calling.head.attach(bare);
  calling.link->send(Array{2, "ticked", Array{5}});
  EXPECT_TRUE(heard.await_line("5"));
}

// Giving up
// -----------------------------------------------------------------------------------------------------------

TEST(PlainServers, are_not_told_that_a_call_was_given_up) {
  Calling calling;
  EXPECT_EQ(calling.panel.work(1).try_call({.timeout = 20ms}).error().code(), ErrorCode::transaction_timeout);
  const auto cancelled = calling.panel.work(2).async();
  EXPECT_TRUE(cancelled.cancel());
  const auto pending = calling.panel.work(3).async();
  const Value first = calling.next();
  const Value second = calling.next();
  const Value third = calling.next();  // with nothing in between
  EXPECT_EQ(third.array().at(3), Value(Array{3}));
  EXPECT_EQ(calling.head.transactions().reserved(), 2u);
  calling.answer(first, nullptr, 1);
  calling.answer(second, Array{0, "too late"}, nullptr);
  calling.answer(third, nullptr, 3);
  EXPECT_EQ(pending.get(), 3);
  EXPECT_EQ(calling.head.stats().late_replies, 2u);
  EXPECT_EQ(calling.head.transactions().reserved(), 0u);
}

TEST(PlainServers, that_go_end_what_waits_for_them_at_once) {
  Calling calling;
  const auto pending = calling.panel.work(1).async({.timeout = no_timeout});
  calling.next();
  calling.link.reset();
  EXPECT_THROW(pending.get(), TransportDisconnectedError);
}

TEST(PlainServers, that_come_back_get_what_was_to_wait_for_them) {
  Calling calling;
  Flag gone;
  const auto watching = calling.head.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::disconnected) gone.raise();
  });
  const auto again = calling.panel.safe(7).async({.when_down = WhenDown::queue});
  calling.next();
  calling.link.reset();
  ASSERT_TRUE(gone.await());
  const auto queued = calling.panel.work(8).async({.when_down = WhenDown::queue});
  calling.link = calling.server.accept();
  for (int count = 0; count < 2; ++count) {
    const Value request = calling.next();
    calling.answer(request, nullptr, request.array().at(3).array().at(0));
  }
  EXPECT_EQ(again.get(), 7);  // idempotent: it was sent twice
  EXPECT_EQ(queued.get(), 8);
}

// Answers
// -------------------------------------------------------------------------------------------------------------

TEST(PlainServers, may_answer_with_any_error) {
  Calling calling;
  const auto error_of = [&](const Value& error) {
    const auto pending = calling.panel.work(1).async();
    calling.answer(calling.next(), error, nullptr);
    pending.wait();
    const auto result = pending.result();
    EXPECT_EQ(result.error().code(), ErrorCode::remote);
    return std::dynamic_pointer_cast<const RemoteError>(result.error_pointer());
  };
  const auto text_of = [&](const Value& error) { return error_of(error)->message(); };
  EXPECT_EQ(text_of("boom"), "boom");
  EXPECT_EQ(text_of(Array{0, "Vim(let):E15"}), "Vim(let):E15");
  EXPECT_EQ(text_of(""), "the peer's error is \"\"");
  EXPECT_EQ(text_of(false), "the peer's error is false");
  EXPECT_EQ(text_of(0), "the peer's error is 0");
  EXPECT_EQ(text_of(1.5), "the peer's error is 1.5");
  EXPECT_EQ(text_of(Array{}), "the peer's error is []");
  EXPECT_EQ(text_of(Array{1, ""}), "the peer's error is [1, \"\"]");
  EXPECT_EQ(text_of(Map{{"code", 7}}), "the peer's error is {\"code\": 7}");
  EXPECT_EQ(text_of(Map{{"message", "worn out"}}), "worn out");
  // What it was in full is there for programs.
  const auto pair = error_of(Array{1, "Invalid buffer id: 9"});
  ASSERT_TRUE(pair->data());
  EXPECT_EQ(*pair->data(), Value(Array{1, "Invalid buffer id: 9"}));
}

TEST(PlainServers, that_answer_what_was_not_asked_are_counted_and_stay) {
  Calling calling;
  const auto pending = calling.panel.work(1).async();
  const Value request = calling.next();
  calling.link->send(Array{1, 4000000000, nullptr, 1});
  calling.answer(request, nullptr, 5);
  calling.answer(request, nullptr, 6);
  EXPECT_EQ(pending.get(), 5);
  const auto more = calling.panel.work(1).async();
  calling.answer(calling.next(), nullptr, 7);
  EXPECT_EQ(more.get(), 7);
  EXPECT_EQ(calling.head.stats().unknown_replies, 2u);
}

TEST(PlainServers, whose_result_is_of_another_type_break_only_that_call) {
  Calling calling;
  const auto pending = calling.panel.work(1).async();
  calling.answer(calling.next(), nullptr, "text");
  EXPECT_THROW(pending.get(), ContractMismatchError);
}

// Arguments
// -----------------------------------------------------------------------------------------------------------

TEST(PlainServers, get_arguments_that_were_given_by_name_in_their_places) {
  Calling calling;
  const auto places_of = [&](const auto& action) {
    const auto pending = action.template async<double>();
    const Value request = calling.next();
    EXPECT_EQ(request.array().size(), 4u);
    calling.answer(request, nullptr, 1.0);
    EXPECT_EQ(pending.get(), 1.0);
    return request.array().at(3);
  };
  const auto panel = calling.head.proxy("panel");
  EXPECT_EQ(places_of(panel.action("scale", 2.5, kw("unit", "cm"))), Value(Array{2.5, 2.0, "cm"}));
  EXPECT_EQ(places_of(panel.action("scale", kw("factor", 3.5), kw("value", 2.5))), Value(Array{2.5, 3.5}));
}

TEST(PlainServers, are_sent_no_arguments_by_name_that_have_no_place) {
  Calling calling;
  const auto panel = calling.head.proxy("panel");
  const auto error_of = [](const auto& action) {
    const auto error = action.template try_call<double>().error_pointer();
    EXPECT_EQ(error->code(), ErrorCode::api_param);
    EXPECT_EQ(error->execution(), Execution::not_sent);
    return std::string(error->what());
  };
  EXPECT_NE(
      error_of(calling.head.proxy().action("scale", kw("value", 1.0))).find("knows no arguments by name"),
      std::string::npos);
  EXPECT_NE(error_of(panel.action("scale", kw("factor", 1.0))).find("argument 1, \"value\", is missing"),
            std::string::npos);
  EXPECT_NE(error_of(panel.action("scale", 1.0, kw("value", 1.0))).find("named \"value\""),
            std::string::npos);
  EXPECT_NE(error_of(panel.action("scale", 1.0, kw("speed", 1.0))).find("named \"speed\""),
            std::string::npos);
  EXPECT_EQ(calling.head.transactions().pending(), 0u);
}

TEST(PlainServers, are_sent_nothing_that_is_nested_too_deeply) {
  Calling calling;
  const auto error = calling.panel.value(nested(29)).try_call().error_pointer();
  EXPECT_EQ(error->code(), ErrorCode::api_param);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  const auto pending = calling.panel.value(nested(28)).async();
  const Value request = calling.next();
  EXPECT_EQ(request.array().at(3), Value(Array{nested(28)}));
  calling.answer(request, nullptr, 1);
  EXPECT_EQ(pending.get(), Value(1));
}

class LendingApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  Method<int(Loan<const std::uint8_t>)> take{this, "take"};
};

TEST(PlainServers, get_what_is_lent_as_bytes) {
  Calling calling;
  LendingApi lending{"lending"};
  calling.head.attach(lending);
  auto loan = lending.loan<std::uint8_t>(100'000);
  for (std::size_t at = 0; at < loan.size(); ++at) loan[at] = static_cast<std::uint8_t>(at);
  const auto pending = lending.take(std::move(loan)).async();
  const Value request = calling.next();
  const Bytes& bytes = request.array().at(3).array().at(0).bytes();
  ASSERT_EQ(bytes.size(), 100'000u);
  EXPECT_EQ(bytes[77], std::byte{77});
  calling.answer(request, nullptr, 1);
  EXPECT_EQ(pending.get(), 1);
}

TEST(PlainServers, answer_a_stream_with_its_end_only) {
  Calling calling;
  auto stream = calling.panel.count(3).stream();
  const Value request = calling.next();
  EXPECT_EQ(request.array().size(), 4u);
  calling.link->send(Array{2, "$progress", Array{request.array().at(1), 1}});  // means nothing from it
  calling.answer(request, nullptr, 3);
  int parts = 0;
  for ([[maybe_unused]] const int part : stream) ++parts;
  EXPECT_EQ(parts, 0);
  EXPECT_EQ(stream.get(), 3);
}

TEST(PlainServers, are_sent_events_only_where_it_was_said) {
  Calling calling;
  calling.panel.ticked(1).post();
  calling.panel.ticked(2).to(calling.head.peers().at(0)).post();
  EXPECT_EQ(calling.next(), Value(Array{2, "panel.ticked", Array{2}}));
  EXPECT_EQ(calling.head.stats().events_unheard, 1u);
  Calling told("?events=panel.*");
  told.panel.ticked(3).post();
  EXPECT_EQ(told.next(), Value(Array{2, "panel.ticked", Array{3}}));
}

// Among others
// --------------------------------------------------------------------------------------------------------

TEST(PlainServers, get_what_no_other_peer_knows) {
  const std::string native = fresh_url();
  PanelApi served{"panel"};
  served.add.handle([](int a, int b) { return a + b; });
  ApiArb body{listen(native)};
  body.attach(served);
  body.start();

  const std::string plain = fresh_url();
  RawBody server(plain, no_hello);
  PanelApi panel{"panel"};
  ApiArb head{connect(native), connect(plain)};
  head.attach(panel);
  head.start();
  auto link = server.accept();
  head.wait_open(generous);
  EXPECT_EQ(panel.add(1, 2).call(), 3);
  EXPECT_EQ(panel.work(1).try_call().error().code(), ErrorCode::unsupported_api);  // its API is over there
  const auto pending = head.proxy().action("nvim_eval", "1").async<int>();
  const auto request = link->receive();
  ASSERT_TRUE(request);
  link->send(Array{1, request->array().at(1), nullptr, 1});
  EXPECT_EQ(pending.get(), 1);

  Flag gone;
  const auto watching = head.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::disconnected) gone.raise();
  });
  link.reset();
  // Whether it is back already or not: nobody else is asked.
  ASSERT_TRUE(gone.await());
  link = server.accept();
  const auto later =
      head.proxy().action("nvim_eval", "2").async<int>(CallOptions{.when_down = WhenDown::queue});
  const auto second = link->receive();
  ASSERT_TRUE(second);
  link->send(Array{1, second->array().at(1), nullptr, 2});
  EXPECT_EQ(later.get(), 2);
}

TEST(PlainServers, are_chosen_among_when_there_are_several) {
  const std::array urls{fresh_url(), fresh_url()};
  std::array<std::unique_ptr<RawBody>, 2> servers;
  for (std::size_t at = 0; at < 2; ++at) servers[at] = std::make_unique<RawBody>(urls[at], no_hello);
  ApiArb head{connect(urls[0]), connect(urls[1])};
  head.start();
  std::array<std::unique_ptr<RawLink>, 2> links;
  for (std::size_t at = 0; at < 2; ++at) links[at] = servers[at]->accept();
  head.wait_open(generous);
  const auto action = head.proxy().action("work", 1).as<int>();
  EXPECT_EQ(action.try_call().error().code(), ErrorCode::multiple_api_response);
  const auto answer = [](RawLink& link, int result) {
    const auto request = link.receive();
    if (!request) throw std::runtime_error("no request came");
    link.send(Array{1, request->array().at(1), nullptr, result});
  };
  const auto first = action.any().async();
  const auto second = action.any().async();
  for (int at = 0; at < 2; ++at) answer(*links[static_cast<std::size_t>(at)], at);
  EXPECT_EQ(first.get() + second.get(), 1);
  const auto all = action.all().async();
  for (int at = 0; at < 2; ++at) answer(*links[static_cast<std::size_t>(at)], at + 10);
  int sum = 0;
  for (const auto& one : all.get()) sum += *one.result;
  EXPECT_EQ(sum, 21);
}

TEST(PlainServers, know_no_ping) {
  Calling calling;
  EXPECT_THROW(calling.head.ping(calling.head.peers().at(0)), UnsupportedApiError);
}

}  // namespace
}  // namespace vagus::testing
