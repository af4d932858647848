#include <new>
#include <stdexcept>
#include <system_error>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

class RemoteErrors : public Conformance {};

struct OutOfPaper : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Jammed : OutOfPaper {
  using OutOfPaper::OutOfPaper;
};

TEST_P(RemoteErrors, a_standard_exception_arrives_as_itself_and_as_a_remote_error) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw std::out_of_range("index 7 of 3"); });
  EXPECT_THROW(pair.called.work(1).call(), std::out_of_range);
  EXPECT_THROW(pair.called.work(1).call(), std::logic_error);
  EXPECT_THROW(pair.called.work(1).call(), std::exception);
  EXPECT_THROW(pair.called.work(1).call(), RemoteError);
  EXPECT_THROW(pair.called.work(1).call(), ApiError);
  EXPECT_THROW(pair.called.work(1).call(), Error);
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "std::out_of_range");
    EXPECT_EQ(error.message(), "index 7 of 3");
    EXPECT_STREQ(error.what(), "index 7 of 3");
    EXPECT_EQ(error.name_space(), "sample.work");
    EXPECT_EQ(error.execution(), Execution::ran);
    EXPECT_TRUE(error.id());
  }
  EXPECT_EQ(pair.body.stats().handlers_failed, 7u);
}

TEST_P(RemoteErrors, one_without_a_text_arrives_as_its_type) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw std::bad_alloc(); });
  EXPECT_THROW(pair.called.work(1).call(), std::bad_alloc);
}

TEST_P(RemoteErrors, a_system_error_keeps_its_code) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int {
    throw std::system_error(std::make_error_code(std::errc::no_space_on_device), "the disk");
  });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_space_on_device);
  }
}

TEST_P(RemoteErrors, a_registered_type_arrives_as_itself) {
  ExceptionTypes types;
  types.add<OutOfPaper>("printer.OutOfPaper");
  types.add<Jammed>("printer.Jammed");
  Pair pair(url(), {.body = {.exceptions = types}, .head = {.exceptions = types}});
  pair.served.work.handle([](int which) -> int {
    if (which == 1) throw OutOfPaper("tray 2");
    throw Jammed("tray 3");
  });
  EXPECT_THROW(pair.called.work(1).call(), OutOfPaper);
  EXPECT_THROW(pair.called.work(2).call(), Jammed);
  EXPECT_THROW(pair.called.work(2).call(), RemoteError);
}

TEST_P(RemoteErrors, a_type_that_only_one_side_knows_arrives_as_a_remote_error_with_its_name) {
  ExceptionTypes types;
  types.add<OutOfPaper>("printer.OutOfPaper");
  Pair pair(url(), {.body = {.exceptions = types}});
  pair.served.work.handle([](int) -> int { throw OutOfPaper("tray 2"); });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const OutOfPaper&) {
    FAIL() << "this side does not know the type";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "printer.OutOfPaper");
    EXPECT_EQ(error.message(), "tray 2");
  }
}

TEST_P(RemoteErrors, an_unregistered_type_travels_as_its_nearest_known_base) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw Jammed("tray 3"); });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "std::runtime_error");
    EXPECT_EQ(error.message(), "tray 3");
  }
}

TEST_P(RemoteErrors, what_is_no_std_exception_arrives_all_the_same) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw 42; });  // NOLINT
  EXPECT_THROW(pair.called.work(1).call(), std::exception);
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "unknown");
  }
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(RemoteErrors, nested_exceptions_arrive_as_their_chain) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int {
    try {
      try {
        throw std::invalid_argument("innermost");
      } catch (...) {
        std::throw_with_nested(std::runtime_error("middle"));
      }
    } catch (...) {
      std::throw_with_nested(std::logic_error("outermost"));
    }
  });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "std::logic_error");
    EXPECT_EQ(error.message(), "outermost");
    EXPECT_EQ(error.trace(),
              (std::vector<std::string>{"std::runtime_error: middle", "std::invalid_argument: innermost"}));
  }
}

TEST_P(RemoteErrors, in_async_forms_they_are_the_error_of_the_result) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw std::invalid_argument("no"); });
  const auto pending = pair.called.work(1).async();
  EXPECT_THROW(pending.get(), std::invalid_argument);
  EXPECT_EQ(pending.state(), TransactionState::failed);
  ASSERT_NE(pending.error(), nullptr);
  EXPECT_EQ(pending.error()->code(), ErrorCode::remote);
  Notes outcomes;
  pair.called.work(1).async([&](Result<int> result) {
    try {
      outcomes.add(std::to_string(result.value()));
    } catch (const std::invalid_argument& error) {
      outcomes.add(error.what());
    }
  });
  ASSERT_TRUE(outcomes.await(1));
  EXPECT_EQ(outcomes.lines(), std::vector<std::string>{"no"});
}

TEST_P(RemoteErrors, a_vagus_error_that_leaves_a_handler_is_never_the_callers_own) {
  Pair pair(url());
  pair.served.work.handle([](int) -> int { throw TransactionTimeout("somebody else's"); });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const TransactionFailed&) {
    FAIL() << "the caller takes it for its own timeout";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "vagus::TransactionTimeout");
    EXPECT_EQ(error.message(), "somebody else's");
    EXPECT_EQ(error.execution(), Execution::ran);
  }
}

TEST_P(RemoteErrors, a_nested_calls_timeout_arrives_only_as_a_remote_error) {
  Pair pair(url());
  Stage stage;
  pair.desk.work.handle([&](int number) { return stage(number); });
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call({.timeout = 20ms}); });
  pair.open();
  const auto error = error_of(pair.called.work(1));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::remote);
  const auto* remote = dynamic_cast<const RemoteError*>(error.get());
  ASSERT_NE(remote, nullptr);
  EXPECT_EQ(remote->type(), "vagus::TransactionTimeout");
  EXPECT_EQ(dynamic_cast<const TransactionFailed*>(error.get()), nullptr);
}

TEST_P(RemoteErrors, a_remote_error_that_passes_through_keeps_its_type_and_says_where_it_came_from) {
  Pair pair(url());
  pair.desk.work.handle([](int) -> int { throw std::domain_error("deep"); });
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call(); });
  pair.open();
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const std::domain_error& error) {
    const auto& remote = dynamic_cast<const RemoteError&>(error);
    EXPECT_EQ(remote.message(), "deep");
    ASSERT_FALSE(remote.trace().empty());
    EXPECT_NE(remote.trace().front().find("desk.work"), std::string::npos);
  }
}

TEST_P(RemoteErrors, an_error_message_that_is_too_large_still_ends_the_call) {
  Pair pair(url(), {.body = {.max_message_size = 4096}});
  pair.served.work.handle([](int) -> int { throw std::runtime_error(std::string(100'000, 'x')); });
  const auto error = error_of(pair.called.work(1));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::remote);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(RemoteErrors, of_a_coroutine_handler_arrive_like_any_other) {
  Pair pair(url());
  pair.served.work.handle([](int number) -> Task<int> {
    if (number == 0) throw std::range_error("zero");
    co_return number;
  });
  EXPECT_THROW(pair.called.work(0).call(), std::range_error);
  EXPECT_EQ(pair.called.work(3).call(), 3);
}

struct Travel {
  double from_mm = 0.0;
  double to_mm = 300.0;
};

struct OutOfTravel : std::runtime_error, ErrorData {
  explicit OutOfTravel(const std::string& text) : runtime_error(text), ErrorData(Value("plainly")) {}
};

TEST_P(RemoteErrors, one_may_bring_data_along) {
  Pair pair(url());
  pair.served.work.handle([](int number) -> int {
    if (number == 0) throw OutOfTravel("beyond the end stop");
    throw with_data(std::out_of_range("beyond the end stop"), Travel{});
  });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "beyond the end stop");
    const auto& remote = dynamic_cast<const RemoteError&>(error);
    EXPECT_EQ(remote.type(), "std::out_of_range");
    EXPECT_EQ(remote.data(), Value(Value::Array{0.0, 300.0}));
  }
  const auto result = pair.called.work(0).try_call();
  ASSERT_FALSE(result);
  const auto& remote = dynamic_cast<const RemoteError&>(result.error());
  EXPECT_EQ(remote.type(), "std::runtime_error");
  EXPECT_EQ(remote.data(), Value("plainly"));
}

TEST_P(RemoteErrors, the_data_goes_on_through_a_handler_in_between) {
  Pair pair(url());
  pair.desk.work.handle([](int) -> int { throw with_data(std::range_error("here"), 42); });
  pair.served.work.handle([&](int number) { return pair.called_desk.work(number).call(); });
  try {
    pair.called.work(1).call();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "std::range_error");
    EXPECT_EQ(error.data(), Value(42));
  }
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(RemoteErrors);

}  // namespace
}  // namespace vagus::testing
