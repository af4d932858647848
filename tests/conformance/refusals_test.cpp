#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class Refusals : public Conformance {};

TEST_P(Refusals, of_a_namespace_that_nobody_owns) {
  Pair pair(url());
  const auto error = error_of(pair.head.proxy("press").action("close").as<void>());
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::unknown_api);
  EXPECT_EQ(error->name_space(), "press.close");
  EXPECT_EQ(error->execution(), Execution::not_run);
  EXPECT_NE(std::string(error->what()).find("press.close"), std::string::npos);
}

TEST_P(Refusals, of_a_method_that_nothing_handles) {
  Pair pair(url());
  for (const auto& error :
       {error_of(pair.called.part.idle()), error_of(pair.head.proxy("sample").action("nix").as<void>()),
        error_of(pair.head.proxy("sample.deep").action("er").as<void>())}) {
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::unsupported_api);
    EXPECT_EQ(error->execution(), Execution::not_run);
  }
  EXPECT_EQ(pair.body.stats().requests_refused, 3u);
}

TEST_P(Refusals, are_told_apart_by_case) {
  Pair pair(url());
  EXPECT_EQ(error_of(pair.head.proxy("Sample").action("add", 1, 2).as<int>())->code(),
            ErrorCode::unknown_api);
  EXPECT_EQ(error_of(pair.head.proxy("sample").action("Add", 1, 2).as<int>())->code(),
            ErrorCode::unsupported_api);
}

TEST_P(Refusals, of_an_unsolicited_call_that_nothing_handles_are_counted) {
  Pair pair(url());
  pair.called.part.idle().post();
  pair.head.proxy("press").action("close").post();
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);  // it comes after them
  EXPECT_EQ(pair.body.stats().messages_unhandled, 2u);
}

TEST_P(Refusals, of_a_result_that_is_not_what_was_expected) {
  Pair pair(url());
  const auto error = error_of(pair.head.proxy("sample").action("echo", "text").as<int>());
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::contract_mismatch);
  EXPECT_EQ(error->execution(), Execution::ran);
  EXPECT_EQ(pair.head.proxy("sample").action("echo", "text").call<std::string>(), "text");
}

TEST_P(Refusals, of_an_argument_over_the_limit_happen_at_the_caller) {
  Pair pair(url(), {.head = {.max_message_size = 10'000}});
  const auto error = error_of(pair.called.echo(std::string(20'000, 'x')));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::message_too_large);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_EQ(error->name_space(), "sample.echo");
  EXPECT_NE(std::string(error->what()).find("10000"), std::string::npos) << error->what();
  EXPECT_EQ(pair.head.transactions().pending(), 0u);
  EXPECT_EQ(pair.head.transactions().reserved(), 0u);
  EXPECT_EQ(pair.called.echo("short").call(), "short");
  EXPECT_THROW(pair.called.echo(std::string(20'000, 'x')).post(), MessageTooLargeError);
}

TEST_P(Refusals, the_smaller_limit_of_both_ends_counts) {
  Pair pair(url(), {.body = {.max_message_size = 10'000}});
  pair.open();
  EXPECT_EQ(error_of(pair.called.echo(std::string(20'000, 'x')))->code(), ErrorCode::message_too_large);
  EXPECT_EQ(pair.called.echo("short").call(), "short");
}

TEST_P(Refusals, of_a_result_over_the_limit_reach_the_caller) {
  Pair pair(url(), {.head = {.max_message_size = 10'000}});
  pair.served.set_handler("part.flood", [] { return std::string(20'000, 'x'); });
  const auto error = error_of(pair.head.proxy("sample.part").action("flood").as<std::string>());
  ASSERT_NE(error, nullptr);
  EXPECT_NE(std::string(error->what()).find("20"), std::string::npos) << error->what();
  EXPECT_EQ(error->execution(), Execution::ran);
  EXPECT_EQ(pair.called.echo("short").call(), "short");
}

TEST_P(Refusals, of_illegal_names) {
  Pair pair(url());
  EXPECT_THROW(static_cast<void>(pair.head.proxy("")), ApiParamError);
  EXPECT_THROW(static_cast<void>(pair.head.proxy("a..b")), ApiParamError);
  EXPECT_THROW(static_cast<void>(pair.head.proxy("a-b")), ApiParamError);
  EXPECT_THROW(static_cast<void>(pair.head.proxy("sample").action("9lives")), ApiParamError);
  EXPECT_THROW(static_cast<void>(pair.head.proxy("sample").action("$cancel")), ApiParamError);
  EXPECT_THROW(static_cast<void>(pair.head.proxy("sample").action("add ")), ApiParamError);
  EXPECT_THROW(pair.served.set_handler("a b", [] {}), ApiParamError);
  try {
    static_cast<void>(pair.head.proxy("sample").action("mo-ve"));
    FAIL() << "nothing was thrown";
  } catch (const ApiParamError& error) {
    EXPECT_NE(std::string(error.what()).find("mo-ve"), std::string::npos) << error.what();
  }
}

TEST_P(Refusals, of_a_call_through_an_api_that_is_attached_nowhere) {
  SampleApi lonely("sample");
  const auto error = error_of(lonely.add(1, 2));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_THROW(lonely.add(1, 2).async().get(), TransportDisconnectedError);
  EXPECT_THROW(lonely.ticked(1).post(), TransportDisconnectedError);
  lonely.ticked(1).post({.ignore_errors = true});
  Flag called;
  lonely.add(1, 2).async([&](const Result<int>& result) {
    EXPECT_FALSE(result.has_value());
    called.raise();
  });
  EXPECT_TRUE(called.await());
}

TEST(RefusedUrls, an_unknown_scheme_is_an_error_of_the_arbitrator_that_names_it) {
  try {
    ApiArb arb(connect("pigeon://roof"));
    FAIL() << "nothing was thrown";
  } catch (const ApiParamError& error) {
    EXPECT_NE(std::string(error.what()).find("pigeon"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("shm"), std::string::npos)
        << error.what();  // what would be right
  }
}

TEST(RefusedUrls, what_is_no_url_is_an_error_where_it_is_given) {
  EXPECT_THROW(connect("mill"), ApiParamError);
  EXPECT_THROW(connect(""), ApiParamError);
  EXPECT_THROW(listen("://x"), ApiParamError);
}

TEST(RefusedUrls, two_endpoints_of_one_name_are_refused) {
  EXPECT_THROW(ApiArb({connect("inproc://a").named("left"), connect("inproc://b").named("left")}),
               ApiParamError);
}

TEST_P(Refusals, of_a_second_body_under_the_same_name) {
  Pair pair(url());
  ApiArb second(listen(url()));
  EXPECT_THROW(second.start(), TransportDisconnectedError);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(Refusals, a_second_body_may_try_again_once_the_first_is_gone) {
  auto pair = std::make_unique<Pair>(url());
  SampleApi served("sample");
  SampleService service;
  const auto serving = served.serve(service);
  ApiArb second(listen(url()));
  second.attach(served);
  EXPECT_THROW(second.start(), Error);
  pair.reset();
  second.start();
  SampleApi called("sample");
  ApiArb head(connect(url()));
  head.attach(called);
  EXPECT_EQ(called.add(1, 1).call(), 2);
}

TEST_P(Refusals, of_waiting_for_a_body_that_is_not_there) {
  ApiArb head(connect(url()));
  try {
    head.wait_open(50ms);
    FAIL() << "nothing was thrown";
  } catch (const ConnectionTimeoutError& error) {
    EXPECT_NE(std::string(error.what()).find(url()), std::string::npos) << error.what();
  }
  EXPECT_FALSE(head.connected());
}

TEST_P(Refusals, of_a_call_to_a_body_that_is_not_there_come_at_its_deadline) {
  SampleApi called("sample");
  ApiArb head(connect(url()));
  head.attach(called);
  const auto began = Deadline::now();
  const auto error = error_of(called.add(1, 2), {.timeout = 60ms});
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_GE(Deadline::now() - began, Duration(60ms));
  EXPECT_THROW(called.add(1, 2).async({.timeout = 30ms}).get(), TransactionTimeout);
  Flag called_back;
  called.add(1, 2).async(
      [&](const Result<int>& result) {
        EXPECT_EQ(result.error().code(), ErrorCode::transaction_timeout);
        called_back.raise();
      },
      {.timeout = 30ms});
  EXPECT_TRUE(called_back.await());
}

TEST_P(Refusals, of_more_pending_calls_than_allowed) {
  Pair pair(url(), {.workers = 1, .head = {.max_pending = 3}});
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  pair.open();
  std::vector<AsyncResult<int>> pending;
  for (int i = 0; i < 3; ++i) pending.push_back(pair.called.work(i).async());
  const auto error = error_of(pair.called.work(4));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::overloaded);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  stage.open();
  for (const auto& one : pending) one.get();
  EXPECT_EQ(pair.called.work(5).call(), 5);
}

TEST_P(Refusals, of_an_api_attached_twice_and_of_a_part_of_one) {
  Pair pair(url());
  EXPECT_THROW(pair.body.attach(pair.served), ApiParamError);
  EXPECT_THROW(pair.head.attach(pair.served), ApiParamError);
  EXPECT_THROW(pair.head.attach(pair.called.part), ApiParamError);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(Refusals, of_two_handlers_for_one_namespace_come_where_the_second_is_set) {
  Pair pair(url());
  SampleApi second("sample");
  pair.body.attach(second);  // a stub: any number of them share a namespace
  EXPECT_THROW(second.set_handler("add", [](int, int) { return 0; }), MultipleApiResponseError);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  pair.body.detach(second);
  second.set_handler("add", [](int, int) { return 0; });
  EXPECT_THROW(pair.body.attach(second), MultipleApiResponseError);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Refusals);

}  // namespace
}  // namespace vagus::testing
