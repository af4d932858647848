#include <any>
#include <ios>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>
#include <vagus/core/exception_types.hpp>
#include <vagus/core/result.hpp>

namespace vagus {
namespace {

template <typename Caught>
bool catches(const ErrorPtr& error) {
  try {
    error->raise();
  } catch (const Caught&) {
    return true;
  } catch (...) {
  }
  return false;
}

TEST(Error, is_caught_as_its_leaf_its_group_any_error_and_a_standard_exception) {
  const auto error = make_error<TransactionTimeout>("late", {"a.b", TransactionId(3), Execution::unknown});
  EXPECT_TRUE(catches<TransactionTimeout>(error));
  EXPECT_TRUE(catches<TransactionFailed>(error));
  EXPECT_TRUE(catches<Error>(error));
  EXPECT_TRUE(catches<std::runtime_error>(error));
  EXPECT_TRUE(catches<std::exception>(error));
  EXPECT_FALSE(catches<ApiError>(error));
  EXPECT_FALSE(catches<IpcException>(error));
}

TEST(Error, carries_its_text_its_namespace_its_call_and_whether_it_ran) {
  const auto error = make_error<OverloadedError>("full", {"a.b", TransactionId(3), Execution::not_run});
  EXPECT_STREQ(error->what(), "full");
  EXPECT_EQ(error->name_space(), "a.b");
  EXPECT_EQ(error->id(), TransactionId(3));
  EXPECT_EQ(error->execution(), Execution::not_run);
  EXPECT_EQ(error->code(), ErrorCode::overloaded);
}

TEST(Error, keeps_kind_and_text_in_another_context) {
  const auto error = make_error<TransportDisconnectedError>("gone");
  const auto moved = with_context(error, {"a.b", TransactionId(3), Execution::unknown});
  EXPECT_TRUE(catches<TransportDisconnectedError>(moved));
  EXPECT_STREQ(moved->what(), "gone");
  EXPECT_EQ(moved->name_space(), "a.b");
}

TEST(Error, is_made_anew_from_its_code) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::protocol); ++code) {
    if (static_cast<ErrorCode>(code) == ErrorCode::remote) continue;
    EXPECT_EQ(make_error(static_cast<ErrorCode>(code), "text", {})->code(), static_cast<ErrorCode>(code));
  }
}

TEST(Error, is_read_in_one_thread_while_another_lets_it_go) {
  // Says something under the thread sanitizer only: the last to let go frees what the other has read.
  for (int round = 0; round < 100; ++round) {
    auto held = make_error<TransactionTimeout>("late", {"a.b", TransactionId(3), Execution::unknown});
    std::thread reader([copy = held]() mutable {
      try {
        std::exchange(copy, nullptr)->raise();
      } catch (const TransactionTimeout& late) {
        EXPECT_EQ(std::string(late.what()), "late");
      }
    });
    held.reset();
    reader.join();
  }
}

TEST(Error, leaves_its_text_to_who_copies_its_standard_base_only) {
  try {
    make_error<TransactionTimeout>("late")->raise();
  } catch (const std::runtime_error& late) {
    const std::runtime_error copy(late);
    EXPECT_STREQ(copy.what(), "late");
  }
}

TEST(Result, gives_its_value_or_throws_its_error) {
  const Result<int> good = 5;
  EXPECT_TRUE(good.has_value());
  EXPECT_EQ(good.value(), 5);
  const Result<int> bad = make_error<ApiParamError>("wrong");
  EXPECT_FALSE(bad.has_value());
  EXPECT_THROW(bad.value(), ApiParamError);
  EXPECT_STREQ(bad.error().what(), "wrong");
  EXPECT_EQ(bad.value_or(7), 7);
  const Result<void> nothing;
  EXPECT_NO_THROW(nothing.value());
}

ErrorPtr through_the_wire(const std::exception_ptr& thrown, const ExceptionTypes& here = {},
                          const ExceptionTypes& there = {}) {
  return here.rebuild(there.describe(thrown), {"a.b", TransactionId(1), Execution::ran});
}

TEST(ExceptionTypes, rebuild_a_standard_exception_as_itself_and_as_a_remote_error) {
  const auto error = through_the_wire(std::make_exception_ptr(std::invalid_argument("negative")));
  EXPECT_TRUE(catches<std::invalid_argument>(error));
  EXPECT_TRUE(catches<std::logic_error>(error));
  EXPECT_TRUE(catches<RemoteError>(error));
  EXPECT_TRUE(catches<Error>(error));
  EXPECT_TRUE(catches<std::exception>(error));
  EXPECT_STREQ(error->what(), "negative");
  EXPECT_EQ(error->execution(), Execution::ran);
}

TEST(ExceptionTypes, rebuild_those_that_have_no_text_of_their_own) {
  EXPECT_TRUE(catches<std::bad_alloc>(through_the_wire(std::make_exception_ptr(std::bad_alloc()))));
  EXPECT_TRUE(catches<std::bad_any_cast>(through_the_wire(std::make_exception_ptr(std::bad_any_cast()))));
  EXPECT_TRUE(
      catches<std::bad_variant_access>(through_the_wire(std::make_exception_ptr(std::bad_variant_access()))));
}

TEST(ExceptionTypes, take_no_number_for_that_of_a_system_error_that_is_of_another_category) {
  const auto error = through_the_wire(std::make_exception_ptr(std::ios_base::failure("closed")));
  try {
    error->raise();
  } catch (const std::system_error& rebuilt) {
    EXPECT_EQ(rebuilt.code(), std::errc::io_error);
  }
}

TEST(ExceptionTypes, rebuild_a_system_error_with_its_code) {
  const auto error = through_the_wire(
      std::make_exception_ptr(std::system_error(std::make_error_code(std::errc::permission_denied), "open")));
  try {
    error->raise();
  } catch (const std::system_error& rebuilt) {
    EXPECT_EQ(rebuilt.code(), std::errc::permission_denied);
  }
}

class Jam : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

TEST(ExceptionTypes, rebuild_a_type_registered_at_both_ends_and_its_nearest_base_otherwise) {
  ExceptionTypes registered;
  registered.add<Jam>("mill.Jam");
  const auto thrown = std::make_exception_ptr(Jam("stuck"));
  EXPECT_TRUE(catches<Jam>(through_the_wire(thrown, registered, registered)));
  const auto only_there = through_the_wire(thrown, {}, registered);
  EXPECT_FALSE(catches<Jam>(only_there));
  EXPECT_TRUE(catches<RemoteError>(only_there));
  const auto nowhere = through_the_wire(thrown);
  EXPECT_FALSE(catches<Jam>(nowhere));
  EXPECT_TRUE(catches<std::runtime_error>(nowhere));
}

TEST(ExceptionTypes, survive_what_is_no_exception) {
  const auto error = through_the_wire(std::make_exception_ptr(42));
  EXPECT_TRUE(catches<RemoteError>(error));
  EXPECT_TRUE(catches<std::exception>(error));
}

TEST(ExceptionTypes, tell_what_an_exception_was_nested_in) {
  std::exception_ptr thrown;
  try {
    try {
      throw std::out_of_range("index 7");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("cannot move"));
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  const auto error = through_the_wire(thrown);
  const auto& remote = dynamic_cast<const RemoteError&>(*error);
  ASSERT_EQ(remote.trace().size(), 1u);
  EXPECT_EQ(remote.trace().front(), "std::out_of_range: index 7");
}

TEST(ExceptionTypes, give_an_error_of_the_framework_that_left_a_handler_as_a_remote_error_only) {
  const auto error = through_the_wire(std::make_exception_ptr(TransactionTimeout("nested call")));
  EXPECT_FALSE(catches<TransactionTimeout>(error));
  EXPECT_TRUE(catches<RemoteError>(error));
  EXPECT_EQ(dynamic_cast<const RemoteError&>(*error).type(), "vagus::TransactionTimeout");
}

TEST(ExceptionTypes, rebuild_a_refusal_of_the_framework_as_the_very_error) {
  wire::ErrorMessage message;
  message.type = "vagus::UnsupportedApiError";
  message.message = "nothing handles a.b";
  message.execution = "not_run";
  const auto error = ExceptionTypes().rebuild(message, {"a.b", TransactionId(1), Execution::ran});
  EXPECT_TRUE(catches<UnsupportedApiError>(error));
  EXPECT_EQ(error->execution(), Execution::not_run);
}

}  // namespace
}  // namespace vagus
