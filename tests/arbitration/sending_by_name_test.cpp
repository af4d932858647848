// Events by name, and whether anybody listens to them.

#include <chrono>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "support/core/notes.hpp"

namespace vagus::testing {
namespace {

class SendingByName : public ::testing::Test {
 protected:
  SendingByName() {
    body_.start();
    head_.wait_open(generous);
    other_.wait_open(generous);
  }

  [[nodiscard]] Registration hear(ApiArb& arb, std::string_view pattern) {
    return arb.subscribe(pattern, [this, &arb](const HeardEvent& event) {
      heard_.add((&arb == &head_ ? "head " : "other ") + event.name_space + ' ' +
                 to_string(Value(event.arguments)) + to_string(Value(event.named)));
    });
  }
  /// False if it does not become so.
  bool await_listener(std::string_view name, bool wanted = true) const {
    const auto end = std::chrono::steady_clock::now() + generous;
    while (body_.has_listener(name) != wanted) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  Notes heard_;
  ApiArb body_{listen("inproc://sending_by_name")};
  ApiArb head_{connect("inproc://sending_by_name")};
  ApiArb other_{connect("inproc://sending_by_name")};
};

TEST_F(SendingByName, an_event_that_nobody_has_declared_comes_to_all_patterns) {
  const auto first = hear(head_, "mill.**");
  const auto second = hear(other_, "*.moved");
  ASSERT_TRUE(await_listener("mill.stopped"));
  ASSERT_TRUE(await_listener("lathe.moved"));
  body_.proxy("mill").event("moved", 1.5, "mm").post();
  body_.proxy().apply_event("mill.moved", {2, nullptr}, {{"by", "hand"}}).post();
  ASSERT_TRUE(heard_.await(4));
  EXPECT_TRUE(heard_.await_line("head mill.moved [1.5, \"mm\"]{}"));
  EXPECT_TRUE(heard_.await_line("other mill.moved [1.5, \"mm\"]{}"));
  EXPECT_TRUE(heard_.await_line("head mill.moved [2, null]{\"by\": \"hand\"}"));
  EXPECT_TRUE(heard_.await_line("other mill.moved [2, null]{\"by\": \"hand\"}"));
}

TEST_F(SendingByName, an_event_that_nobody_hears_is_no_error_and_no_call) {
  body_.proxy("mill").event("moved", 1.5).post();
  EXPECT_EQ(body_.stats().events_unheard, 1u);
  EXPECT_EQ(body_.stats().messages_posted, 0u);
}

TEST_F(SendingByName, it_is_known_whether_anybody_listens) {
  EXPECT_FALSE(body_.has_listener("mill.moved"));
  auto by_name = std::optional<ApiBase>(std::in_place, "mill");
  Event<void(double)> moved{&*by_name, "moved"};
  head_.attach(*by_name);
  EXPECT_FALSE(body_.has_listener("mill.moved"));
  auto subscribed = moved.subscribe([](double) {});
  EXPECT_TRUE(await_listener("mill.moved"));
  EXPECT_FALSE(body_.has_listener("mill.stopped"));
  subscribed.reset();
  EXPECT_TRUE(await_listener("mill.moved", false));
  auto by_pattern = hear(other_, "mill.*");
  EXPECT_TRUE(await_listener("mill.stopped"));
  by_pattern.reset();
  EXPECT_TRUE(await_listener("mill.stopped", false));
}

}  // namespace
}  // namespace vagus::testing
