// Plain clients of a body: they get what the public specification says, and nothing else.

#include <array>
#include <mutex>

#include "plain/plain_fixture.hpp"

namespace vagus::testing {
namespace {

Bytes text_bytes(std::string_view hex) {
  Bytes bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(static_cast<std::byte>(digit(hex[at]) * 16 + digit(hex[at + 1])));
  }
  return bytes;
}

TEST(PlainClients, get_one_answer_with_the_id_that_they_chose) {
  Served served;
  for (const std::int64_t id : {0LL, 1LL, 17LL, 0x7fffffffLL, 0x80000000LL, 0xffffffffLL}) {
    EXPECT_EQ(served.answer_to(Array{0, id, "panel.add", Array{1, 2}}), Value(Array{1, id, nullptr, 3}));
  }
}

TEST(PlainClients, get_the_smallest_encoding_of_everything) {
  Served served;
  served.raw().send(Array{0, 5, "panel.add", Array{1, 2}});
  EXPECT_EQ(served.raw().receive_bytes(), text_bytes("940105c003"));
}

TEST(PlainClients, may_send_integers_of_any_width_and_names_as_bytes) {
  Served served;
  // [0, 5, "panel.add", [1, 2]], each number in 64 bits, the name as bin.
  served.raw().send_bytes(text_bytes(
      "94d30000000000000000cf0000000000000005c40970616e656c2e61646492d30000000000000001cf0000000000000002"));
  EXPECT_EQ(served.raw().receive_bytes(), text_bytes("940105c003"));
}

TEST(PlainClients, may_have_one_id_under_way_twice) {
  Served served;
  std::mutex mutex;
  std::vector<Reply<int>> replies;
  Tally handled;
  served.panel.work.handle([&](Call& call, int) {
    std::lock_guard lock(mutex);
    replies.push_back(call.defer<int>());
    handled.add();
  });
  for (int number = 1; number <= 3; ++number) served.raw().send(Array{0, 7, "panel.work", Array{number}});
  ASSERT_TRUE(handled.await(3));
  std::lock_guard lock(mutex);
  for (int number = 2; number >= 0; --number) replies[static_cast<std::size_t>(number)].complete(number);
  for (int number = 2; number >= 0; --number) {
    EXPECT_EQ(served.next(), Value(Array{1, 7, nullptr, number}));
  }
}

TEST(PlainClients, that_go_stop_all_that_runs_for_them_also_under_one_id) {
  Served served;
  Tally inside;
  Tally stopped;
  std::mutex mutex;
  std::vector<Reply<int>> replies;
  std::vector<std::unique_ptr<std::stop_callback<std::function<void()>>>> callbacks;
  served.panel.work.handle([&](Call& call, int) {
    std::lock_guard lock(mutex);
    callbacks.push_back(std::make_unique<std::stop_callback<std::function<void()>>>(
        call.stop_token(), [&stopped] { stopped.add(); }));
    replies.push_back(call.defer<int>());
    inside.add();
  });
  for (int number = 0; number < 3; ++number) served.raw().send(Array{0, 7, "panel.work", Array{number}});
  ASSERT_TRUE(inside.await(3));
  served.client.reset();
  EXPECT_TRUE(stopped.await(3));
  std::lock_guard lock(mutex);
  callbacks.clear();
  for (Reply<int>& reply : replies) reply.complete(0);  // goes nowhere
}

// Errors
// --------------------------------------------------------------------------------------------------------------

TEST(PlainClients, get_errors_as_a_zero_and_a_text) {
  Served served;
  served.panel.work.handle([](int) -> int { throw std::out_of_range("the axis ends at 300 mm"); });
  EXPECT_EQ(served.answer_to(Array{0, 1, "panel.work", Array{1}}),
            Value(Array{1, 1, Array{0, "the axis ends at 300 mm"}, nullptr}));
  const auto text_of = [&](const Value& request) {
    const Value answer = served.answer_to(request);
    const auto& error = answer.array().at(2).array();
    EXPECT_EQ(error.size(), 2u);
    EXPECT_EQ(error.at(0), Value(0));
    EXPECT_EQ(answer.array().at(3), Value(nullptr));
    return error.at(1).string();
  };
  EXPECT_NE(text_of(Array{0, 2, "panel.nix", Array{}}).find("nothing handles panel.nix"), std::string::npos);
  EXPECT_NE(text_of(Array{0, 3, "nix", Array{}}).find("no API that nix belongs to"), std::string::npos);
  EXPECT_NE(text_of(Array{0, 4, "panel.add", Array{1, "two"}}).find("panel.add"), std::string::npos);
  for (const char* name : {"$hello", "$ping", "$nix"}) {
    const Value answer = served.answer_to(Array{0, 5, name, Array{}});
    EXPECT_EQ(answer.array().at(1), Value(5)) << name;  // whatever it says
  }
}

TEST(PlainClients, get_errors_in_the_form_that_the_url_says) {
  const auto error_with = [](const std::string& options) {
    Served served(options);
    served.panel.work.handle([](int) -> int { throw std::out_of_range("no"); });
    return served.answer_to(Array{0, 1, "panel.work", Array{1}}).array().at(2);
  };
  EXPECT_EQ(error_with("?errors=pair"), Value(Array{0, "no"}));
  EXPECT_EQ(error_with("?errors=text"), Value("no"));
  EXPECT_EQ(error_with("?errors=map"),
            Value(Map{{"type", "std::out_of_range"}, {"message", "no"}, {"trace", Array{}}}));
  EXPECT_THROW(Served("?errors=json"), ApiParamError);
}

TEST(PlainClients, get_errors_that_every_decoder_can_read) {
  Served served;
  served.panel.work.handle([](int) -> int { throw std::runtime_error("caf\xe9 \xf0\x9f"); });
  EXPECT_EQ(served.answer_to(Array{0, 1, "panel.work", Array{1}}).array().at(2),
            Value(Array{0, "caf\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd"}));
}

TEST(PlainClients, get_an_error_for_a_result_that_is_nested_too_deeply) {
  Served served;
  // The message and its params, or its answer, are the first levels.
  EXPECT_EQ(served.answer_to(Array{0, 1, "panel.value", Array{nested(29)}}),
            Value(Array{1, 1, nullptr, nested(29)}));
  const Value answer = served.answer_to(Array{0, 2, "panel.value", Array{nested(30)}});
  EXPECT_NE(answer.array().at(2).array().at(1).string().find("30 levels"), std::string::npos);
}

// What they are not sent
// ------------------------------------------------------------------------------------------------

TEST(PlainClients, are_sent_nothing_that_they_did_not_ask_for) {
  Served served;
  served.peer();
  PanelApi other{"other"};
  other.add.handle([](int, int) { return 0; });
  served.body.attach(other);
  const auto listening = served.panel.ticked.subscribe([](int) {});
  other.clear_handler("add");
  served.body.detach(other);
  served.panel.ticked(1).post();
  for (const auto& ping : served.body.ping())
    EXPECT_EQ(ping.result.error().code(), ErrorCode::unsupported_api);
  EXPECT_EQ(served.answer_to(Array{0, 1, "panel.add", Array{1, 2}}), Value(Array{1, 1, nullptr, 3}));
  EXPECT_EQ(served.body.stats().events_unheard, 1u);
}

TEST(PlainClients, get_the_result_of_a_stream_and_none_of_its_parts) {
  Served served;
  served.panel.count.handle([](Call& call, int to) {
    EXPECT_FALSE(call.wants_progress());
    for (int number = 0; number < to; ++number) call.progress(number);
    return to;
  });
  // Also if it asks for them as it must not.
  EXPECT_EQ(served.answer_to(Array{0, 1, "panel.count", Array{3}}), Value(Array{1, 1, nullptr, 3}));
  EXPECT_EQ(served.answer_to(Array{0, 2, "panel.count", Array{3}, Map{{5, 10}}}),
            Value(Array{1, 2, nullptr, 3}));
}

TEST(PlainClients, hear_events_that_the_url_says_they_take) {
  Served served("?events=other.*,panel.ticked");
  served.peer();
  served.panel.ticked(7).post();
  EXPECT_EQ(served.next(), Value(Array{2, "panel.ticked", Array{7}}));
  Served another("?events=other.**");
  another.peer();
  another.panel.ticked(7).post();
  EXPECT_EQ(another.answer_to(Array{0, 1, "panel.add", Array{1, 2}}), Value(Array{1, 1, nullptr, 3}));
  EXPECT_THROW(Served("?events=panel..x"), ApiParamError);
}

class GaugeApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  Property<int> level{this, "level"};
};

TEST(PlainClients, see_properties_if_the_url_says_that_they_take_their_events) {
  Served served("?events=gauge.**");
  served.answer_to(Array{0, 1, "panel.add", Array{1, 2}});  // it is open from here on
  GaugeApi gauge("gauge");
  gauge.level.update(5);
  gauge.level.on_set([](int wanted) { return wanted + 1; });
  served.body.attach(gauge);
  EXPECT_EQ(served.next(), Value(Array{2, "gauge.level.changed", Array{5}}));
  EXPECT_EQ(served.answer_to(Array{0, 2, "gauge.level.get", Array{}}), Value(Array{1, 2, nullptr, 5}));
  EXPECT_EQ(served.answer_to(Array{0, 3, "gauge.level.set", Array{7}}),
            Value(Array{2, "gauge.level.changed", Array{8}}));
  EXPECT_EQ(served.next(), Value(Array{1, 3, nullptr, 8}));
}

TEST(PlainClients, are_told_no_property_by_itself) {
  Served served;
  served.answer_to(Array{0, 1, "panel.add", Array{1, 2}});
  GaugeApi gauge("gauge");
  gauge.level.update(5);
  served.body.attach(gauge);
  gauge.level.update(6);
  EXPECT_EQ(served.answer_to(Array{0, 2, "gauge.level.get", Array{}}), Value(Array{1, 2, nullptr, 6}));
}

TEST(PlainClients, are_heard_by_patterns_but_for_what_is_handled) {
  Served served;
  Notes heard;
  const auto listening = served.body.subscribe("**", [&](const HeardEvent& event) {
    heard.add(event.name_space + " " + to_string(Value(event.arguments)));
  });
  served.raw().send(Array{2, "panel.add", Array{1, 2}});
  served.raw().send(Array{2, "panel.pressed", Array{"stop"}});
  ASSERT_TRUE(heard.await(1));
  EXPECT_EQ(heard.lines(), std::vector<std::string>{"panel.pressed [\"stop\"]"});
}

TEST(PlainClients, hear_events_that_are_posted_to_them_by_name) {
  Served served;
  served.panel.ticked(7).to(served.peer()).post();
  EXPECT_EQ(served.next(), Value(Array{2, "panel.ticked", Array{7}}));
}

TEST(PlainClients, are_called_by_name_with_an_id_of_their_own_space) {
  Served served;
  const Peer peer = served.peer();
  EXPECT_TRUE(peer.plain);
  EXPECT_EQ(peer.name.substr(0, 6), "plain-");
  const auto pending = served.body.proxy().action("show", "text").as<int>().to(peer).async();
  const Value request = served.next();
  const std::int64_t id = request.array().at(1).integer();
  EXPECT_LT(id, std::int64_t{1} << 31);
  EXPECT_EQ(request, Value(Array{0, id, "show", Array{"text"}}));
  // The same id at the same time, the other way.
  EXPECT_EQ(served.answer_to(Array{0, id, "panel.add", Array{1, 2}}), Value(Array{1, id, nullptr, 3}));
  served.raw().send(Array{1, id, nullptr, 4});
  EXPECT_EQ(pending.get(), 4);
}

TEST(PlainClients, are_nobody_that_a_call_goes_to_by_itself) {
  Served served;
  served.peer();
  PanelApi desk{"desk"};
  served.body.attach(desk);
  const auto pending = desk.add(1, 2).async();
  const auto late = desk.add(1, 2).try_call({.timeout = 20ms});
  EXPECT_EQ(late.error().code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(late.error().execution(), Execution::not_sent);
  // It waits for somebody who handles it.
  PanelApi own{"desk"};
  own.add.handle([](int a, int b) { return a + b; });
  ApiArb head{connect(served.url)};
  head.attach(own);
  head.start();
  EXPECT_EQ(pending.get(), 3);
  EXPECT_EQ(desk.add(2, 3).call(), 5);
  EXPECT_EQ(served.answer_to(Array{0, 1, "panel.add", Array{1, 2}}), Value(Array{1, 1, nullptr, 3}));
}

// What they send
// --------------------------------------------------------------------------------------------------------

TEST(PlainClients, reach_subscribers_and_hooks_with_notifications) {
  Served served;
  Notes heard;
  const auto listening =
      served.panel.ticked.subscribe([&](int number) { heard.add(std::to_string(number)); });
  served.body.on_unhandled([&](Call&, const UnhandledCall& call) -> std::optional<Value> {
    heard.add(std::string(call.name_space) + " " + std::to_string(call.arguments.array().size()));
    return std::nullopt;
  });
  served.raw().send(Array{2, "panel.ticked", Array{3}});
  ASSERT_TRUE(heard.await_line("3"));
  served.raw().send(Array{2, "nvim_buf_lines_event", Array{1, 2, 3}});
  EXPECT_TRUE(heard.await_line("nvim_buf_lines_event 3"));
}

TEST(PlainClients, do_not_reach_hooks_with_reserved_names) {
  Served served;
  served.body.on_unhandled([](Call&, const UnhandledCall&) { return std::optional(Value("taken")); });
  EXPECT_EQ(served.answer_to(Array{0, 1, "nix", Array{}}), Value(Array{1, 1, nullptr, "taken"}));
  const Value answer = served.answer_to(Array{0, 2, "$unheard_of", Array{}});
  EXPECT_FALSE(answer.array().at(2).is_nil());
}

TEST(PlainClients, survive_their_own_strange_messages) {
  Served served;
  served.raw().send(Array{2, "nix", Array{}});
  served.raw().send(Array{2, "not even a name", Array{1}});
  for (const char* name : {"$interest", "$cancel", "$progress", "$nix"}) {
    served.raw().send(Array{2, name, Array{Map{{"complete", 7}}}});
  }
  served.raw().send(Array{1, 0, Array{1, "what was that"}, nullptr});
  served.raw().send(Array{1, 77, nullptr, 1});
  EXPECT_EQ(served.answer_to(Array{0, 1, "panel.add", Array{1, 2}}), Value(Array{1, 1, nullptr, 3}));
  const Stats stats = served.body.stats();
  EXPECT_EQ(stats.messages_unhandled, 2u);
  EXPECT_EQ(stats.unknown_replies, 2u);
}

TEST(PlainClients, that_send_what_is_no_message_are_closed_and_nobody_else_is) {
  Served served;
  RawHead other(served.url, no_hello);
  served.raw().send(Array{0, 1, "panel.add", nullptr});
  EXPECT_EQ(served.raw().receive(), std::nullopt);
  EXPECT_TRUE(served.log.transcript().await_line("sent what is no valid message"));
  other->send(Array{0, 1, "panel.add", Array{1, 2}});
  EXPECT_EQ(other->receive(), Value(Array{1, 1, nullptr, 3}));
}

TEST(PlainClients, reach_an_api_without_a_namespace) {
  Served served;
  PanelApi bare{no_namespace, {.serial = true}};
  bare.add.handle([](int a, int b) { return a * b; });
  Flag unhandled;
  bare.on_unhandled([&](Call&, const UnhandledCall& call) -> std::optional<Value> {
    if (call.name_space != "anything") return std::nullopt;
    unhandled.raise();
    return Value(42);
  });
  served.body.attach(bare);
  EXPECT_EQ(served.answer_to(Array{0, 1, "add", Array{3, 4}}), Value(Array{1, 1, nullptr, 12}));
  EXPECT_EQ(served.answer_to(Array{0, 2, "panel.add", Array{3, 4}}), Value(Array{1, 2, nullptr, 7}));
  EXPECT_EQ(served.answer_to(Array{0, 3, "anything", Array{}}), Value(Array{1, 3, nullptr, 42}));
  EXPECT_TRUE(unhandled.raised());
}

}  // namespace
}  // namespace vagus::testing
