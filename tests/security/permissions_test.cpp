// What peers may do, over each transport.

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

class AccessControl : public Conformance {};

TEST_P(AccessControl, without_a_list_everybody_may_do_everything) {
  Pair pair(url());
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  EXPECT_EQ(pair.body.stats().permissions_denied, 0u);
}

TEST_P(AccessControl, calls_are_allowed_by_their_names) {
  const Permissions permissions{{.call = {"sample.add", "sample.part.*"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  pair.served.part.twice.handle([](int number) { return 2 * number; });
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  EXPECT_EQ(pair.called.add(2, 2).call(), 4);
  EXPECT_EQ(pair.called.part.twice(4).call(), 8);
  EXPECT_EQ(pair.body.stats().permissions_denied, 0u);
}

TEST_P(AccessControl, a_call_that_is_not_allowed_is_refused_and_counted_and_logged) {
  const Permissions permissions{{.call = {"sample.add"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  for (int i = 0; i < 2; ++i) {
    const auto error = error_of(pair.called.echo("secret text"));
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::permission_denied);
    EXPECT_EQ(error->execution(), Execution::not_run);
    EXPECT_EQ(error->name_space(), "sample.echo");
    EXPECT_NE(std::string(error->what()).find("sample.echo"), std::string::npos) << error->what();
  }
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);  // the link is well
  EXPECT_EQ(pair.body.stats().permissions_denied, 2u);
  EXPECT_EQ(pair.body.stats().requests_refused, 2u);
  EXPECT_TRUE(pair.body_log.transcript().await_line("may not call sample.echo"));
  EXPECT_FALSE(pair.body_log.transcript().contains("secret text"));
}

TEST_P(AccessControl, what_is_not_there_cannot_be_told_from_what_is_not_allowed) {
  const Permissions permissions{{.call = {"sample.add"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  pair.open();
  EXPECT_EQ(error_of(pair.head.proxy("sample").action("nix").as<void>())->code(),
            ErrorCode::permission_denied);
  EXPECT_EQ(error_of(pair.head.proxy("press").action("close").as<void>())->code(),
            ErrorCode::permission_denied);
}

TEST_P(AccessControl, events_to_a_side_need_the_right_to_call) {
  const Permissions permissions{{.call = {"sample.ticked", "sample.nothing"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  Tally heard;
  const auto ticked = pair.served.ticked.subscribe([&](int) { heard.add(); });
  const auto said =
      pair.served.said.subscribe([&](const std::string&, int) { ADD_FAILURE() << "not allowed"; });
  pair.open();
  pair.called.ticked(1).post();
  pair.called.said("no", 1).post();  // the head does not even know that somebody listens
  EXPECT_TRUE(heard.await(1));
  pair.called.nothing().call();
  EXPECT_EQ(pair.head.stats().events_unheard, 1u);
}

TEST_P(AccessControl, an_event_that_is_sent_all_the_same_is_dropped_and_counted) {
  const Permissions permissions{{.call = {"sample.nothing"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  const auto ticked = pair.served.ticked.subscribe([&](int) { ADD_FAILURE() << "not allowed"; });
  RawHead head(url());
  head->open();
  head->send(Value::Array{2, "sample.ticked", Value::Array{1}});
  head->send(Value::Array{2, "no name \n at all", Value::Array{1}});
  head->send(Value::Array{0, 1, "sample.nothing", Value::Array{}});
  EXPECT_TRUE(head->receive_call());
  EXPECT_EQ(pair.body.stats().permissions_denied, 2u);
  EXPECT_EQ(pair.body.stats().messages_dropped, 2u);
  EXPECT_TRUE(pair.body_log.transcript().await_line("may not send sample.ticked"));
}

TEST_P(AccessControl, events_of_a_side_go_to_those_that_may_listen) {
  const Permissions permissions{{.call = {"sample.nothing"}, .listen = {"sample.ticked"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  Tally heard;
  const auto ticked = pair.called.ticked.subscribe([&](int) { heard.add(); });
  const auto said =
      pair.called.said.subscribe([&](const std::string&, int) { ADD_FAILURE() << "not allowed"; });
  pair.open();
  pair.called.nothing().call();  // comes after the subscriptions
  pair.served.said("no", 1).post();
  pair.served.ticked(1).post();
  EXPECT_TRUE(heard.await(1));
  EXPECT_EQ(pair.body.stats().permissions_denied, 1u);
  EXPECT_TRUE(pair.body_log.transcript().await_line("may not listen to sample.said"));
}

TEST_P(AccessControl, who_listens_to_a_pattern_hears_of_it_what_it_may_hear) {
  const Permissions permissions{{.call = {"sample.nothing"}, .listen = {"sample.ticked"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  Notes heard;
  const auto all = pair.head.subscribe("**", [&](const HeardEvent& event) { heard.add(event.name_space); });
  const auto none =
      pair.head.subscribe("sample.part.*", [&](const HeardEvent&) { ADD_FAILURE() << "not allowed"; });
  pair.called.nothing().call();  // comes after the subscriptions
  pair.served.said("no", 1).post();
  pair.served.ticked(1).post();
  ASSERT_TRUE(heard.await(1));
  EXPECT_EQ(heard.lines(), std::vector<std::string>{"sample.ticked"});
  EXPECT_EQ(pair.body.stats().events_unheard, 1u);
  EXPECT_EQ(pair.body.stats().permissions_denied, 1u);
  EXPECT_TRUE(pair.body_log.transcript().await_line("may not listen to sample.part.*"));
}

TEST_P(AccessControl, a_pattern_brings_no_event_that_its_sender_may_not_send) {
  const Permissions permissions{{.call = {"sample.nothing"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  Notes heard;
  const auto all = pair.body.subscribe("**", [&](const HeardEvent& event) { heard.add(event.name_space); });
  RawHead head(url());
  head->open();
  head->send(Value::Array{2, "sample.ticked", Value::Array{1}});
  head->send(Value::Array{0, 1, "sample.nothing", Value::Array{}});
  EXPECT_TRUE(head->receive_call());
  EXPECT_EQ(pair.body.stats().permissions_denied, 1u);
  EXPECT_EQ(pair.body.stats().messages_dropped, 1u);
  EXPECT_TRUE(heard.lines().empty());
}

TEST_P(AccessControl, calls_of_a_side_go_to_those_that_may_handle_them) {
  const Permissions permissions{{.call = {"sample.nothing"}, .handle = {"desk.add"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  pair.open();
  pair.called.nothing().call();
  EXPECT_EQ(pair.called_desk.add(1, 2).call(), 3);
  // A second head with what it may not have takes nothing away.
  RawHead other(url());
  other->open({"desk.echo"});
  other->send(Value::Array{0, 1, "sample.nothing", Value::Array{}});
  EXPECT_TRUE(other->receive_call());
  EXPECT_FALSE(pair.called_desk.echo("x").try_call().has_value());
  EXPECT_EQ(pair.called_desk.add(1, 2).call(), 3);
}

TEST_P(AccessControl, a_peer_that_is_the_only_one_is_not_called_either_for_what_it_may_not_handle) {
  const Permissions permissions{{.call = {"sample.nothing"}, .handle = {"desk.add"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  std::atomic<int> ran{0};
  pair.desk.work.handle([&](int number) {
    ++ran;
    return number;
  });
  pair.open();
  pair.called.nothing().call();
  EXPECT_EQ(pair.called_desk.add(1, 2).call(), 3);
  const auto error = error_of(pair.called_desk.work(1));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_EQ(ran, 0);
}

TEST_P(AccessControl, a_peer_is_told_of_what_it_may_call_or_know) {
  const Permissions permissions{{.call = {"sample.add"}, .describe = {"sample.echo", "sample.part.twice"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  RawHead head(url());
  const auto picture = head->receive();
  ASSERT_TRUE(picture.has_value());
  const std::string text = to_string(*picture);
  EXPECT_NE(text.find("sample.add"), std::string::npos) << text;
  EXPECT_NE(text.find("sample.echo"), std::string::npos) << text;
  EXPECT_EQ(text.find("sample.scale"), std::string::npos) << text;
  // Also what changes later.
  pair.served.set_handler("part.idle", [] {});
  pair.served.set_handler("part.twice", [](int number) { return 2 * number; });
  const auto change = head->receive();
  ASSERT_TRUE(change.has_value());
  EXPECT_NE(to_string(*change).find("sample.part.twice"), std::string::npos) << to_string(*change);
}

TEST_P(AccessControl, goes_by_the_unix_user_where_the_transport_knows_it) {
  const auto me = static_cast<std::int64_t>(::getuid());
  const Permissions permissions{
      {.user_id = me, .group_id = static_cast<std::int64_t>(::getgid()), .call = {"sample.add"}},
      {.user_id = me + 1, .call = {"sample.echo"}},
      {.group_id = static_cast<std::int64_t>(::getgid()) + 1, .call = {"sample.echo"}},
      {.user = "*", .call = {"sample.echo"}},
      {.certificate = "*", .call = {"sample.echo"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  if (GetParam() == "tcp" || GetParam() == "tls") {
    EXPECT_EQ(error_of(pair.called.add(1, 2))->code(), ErrorCode::permission_denied);
  } else {
    EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  }
  EXPECT_EQ(error_of(pair.called.echo("x"))->code(), ErrorCode::permission_denied);
}

TEST_P(AccessControl, of_a_flood_of_refusals_the_log_tells_rarely_and_others_notice_nothing) {
  const Permissions permissions{{.call = {"sample.add"}}};
  Pair pair(url(), {.body = {.permissions = permissions}});
  RawHead head(url());
  head->open();
  for (int i = 0; i < 500; ++i) {
    head->send(Value::Array{2, "sample.m" + std::to_string(i), Value::Array{}});
  }
  head->send(Value::Array{0, 1, "sample.add", Value::Array{1, 1}});
  EXPECT_TRUE(head->receive_call());
  EXPECT_EQ(pair.body.stats().permissions_denied, 500u);
  const auto lines = pair.body_log.transcript().lines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) { return line.starts_with("the peer raw"); }),
            20);
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
}

VAGUS_OVER_EACH_TRANSPORT(AccessControl);

}  // namespace
}  // namespace vagus::testing
