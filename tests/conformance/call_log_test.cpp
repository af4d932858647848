#include <algorithm>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class CallLogs : public Conformance {};

/// The lines of calls and requests among all.
std::vector<std::string> calls_in(const RecordedLog& log) {
  std::vector<std::string> lines = log.transcript().lines();
  std::erase_if(lines, [](const std::string& line) {
    return !line.starts_with("call ") && !line.starts_with("request ") && !line.starts_with("message ");
  });
  return lines;
}

TEST_P(CallLogs, have_a_line_for_each_call_and_request_while_they_are_on) {
  Pair pair(url());
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  auto at_head = pair.head.log_calls("sample.**");
  auto at_body = pair.body.log_calls("**");
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  ASSERT_TRUE(pair.body_log.transcript().await_line("request sample.add"));
  at_head.reset();
  at_body.reset();
  EXPECT_EQ(pair.called.add(1, 2).call(), 3);
  const auto calls = calls_in(pair.head_log);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_TRUE(calls.front().starts_with("call sample.add #2.head to body: completed, took "))
      << calls.front();
  const auto requests = calls_in(pair.body_log);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_TRUE(requests.front().starts_with("request sample.add #2.head from head: completed, waited "))
      << requests.front();
  EXPECT_NE(requests.front().find(", ran "), std::string::npos) << requests.front();
}

TEST_P(CallLogs, say_what_went_wrong_but_nothing_of_what_was_said) {
  Pair pair(url());
  pair.open();
  pair.served.echo.handle([](const std::string& text) -> std::string { throw std::runtime_error(text); });
  const auto at_head = pair.head.log_calls("**");
  const auto at_body = pair.body.log_calls("**");
  EXPECT_THROW(pair.called.echo("a secret").call(), RemoteError);
  EXPECT_THROW(pair.head.proxy("sample").action("add", "a secret", 1).as<int>().call(), ApiParamError);
  EXPECT_THROW(pair.called.add(1, 1).call({.timeout = Duration(0)}), TransactionTimeout);
  EXPECT_TRUE(pair.head_log.transcript().contains(": failed, RemoteError (ran), took "));
  EXPECT_TRUE(pair.head_log.transcript().contains(": failed, ApiParamError (not_run), took "));
  EXPECT_TRUE(pair.head_log.transcript().contains(
      "call sample.add: timed_out, TransactionTimeout (not_sent), took "));
  EXPECT_TRUE(pair.body_log.transcript().await_line(": failed, std::runtime_error, waited "));
  EXPECT_TRUE(pair.body_log.transcript().await_line(": refused, ApiParamError, waited "));
  for (const auto* log : {&pair.head_log, &pair.body_log}) {
    for (const std::string& line : calls_in(*log)) {
      EXPECT_EQ(line.find("secret"), std::string::npos) << line;
    }
  }
}

TEST_P(CallLogs, have_lines_for_what_is_unsolicited) {
  Pair pair(url());
  pair.open();
  const auto at_body = pair.body.log_calls("sample.*");
  pair.called.nothing().post();
  EXPECT_TRUE(pair.body_log.transcript().await_line("message sample.nothing from head: completed, waited "));
}

TEST_P(CallLogs, are_of_the_namespaces_that_match) {
  Pair pair(url());
  pair.open();
  pair.served.part.twice.handle([](int number) { return 2 * number; });
  const auto at_head = pair.head.log_calls("sample.part.*");
  EXPECT_EQ(pair.called.part.twice(1).call(), 2);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(calls_in(pair.head_log).size(), 1u);
}

TEST_P(CallLogs, follow_the_level_of_the_log) {
  Pair pair(url());
  pair.open();
  const auto at_head = pair.head.log_calls("**", LogLevel::debug);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(calls_in(pair.head_log).size(), 0u);
  pair.head_log.log().set_level(LogLevel::debug);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(calls_in(pair.head_log).size(), 1u);
}

TEST_P(CallLogs, refuse_what_is_no_pattern) {
  Pair pair(url());
  for (const char* wrong : {"", "sample.", "sample.ad*", "a b", "***"}) {
    EXPECT_THROW(static_cast<void>(pair.head.log_calls(wrong)), ApiParamError) << wrong;
  }
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(CallLogs);

}  // namespace
}  // namespace vagus::testing
