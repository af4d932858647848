// Calls by name.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/api/api_proxy.hpp>

#include "api/fake_host.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;
using Map = Value::Map;

class ApiProxyTest : public ::testing::Test {
 protected:
  ApiProxyTest() {
    host->on_sent = [](const Sent& sent) {
      if (sent.transaction) sent.answer(1);
    };
  }
  std::string refusal_of(std::string_view name) const {
    try {
      static_cast<void>(proxy.action(name));
      return "nothing was thrown";
    } catch (const ApiParamError& error) {
      return error.what();
    }
  }

  const std::shared_ptr<FakeHost> host = std::make_shared<FakeHost>();
  const ApiProxy proxy{"axis", host};
};

TEST_F(ApiProxyTest, sends_arguments_as_they_are) {
  const std::string text = "text";
  proxy.action("f", 1, 2.5, true, "literal", text, std::string_view("view"), std::vector<int>{1, 2})
      .call<int>();
  EXPECT_EQ(host->last().name_space, "axis.f");
  EXPECT_EQ(host->last().arguments, Value(Array{1, 2.5, true, "literal", "text", "view", Array{1, 2}}));
  EXPECT_TRUE(host->last().named.is_nil());
  proxy.action("f").call<int>();
  EXPECT_EQ(host->last().arguments, Value(Array{}));
}

TEST_F(ApiProxyTest, sends_null_pointers_as_nil) {
  const char* const none = nullptr;
  const char* const text = "text";
  char buffer[] = "buffer";
  char* const writable = buffer;
  proxy.action("f", nullptr, none, text, writable, kw("a", nullptr), kw("b", none)).call<int>();
  EXPECT_EQ(host->last().arguments, Value(Array{nullptr, nullptr, "text", "buffer"}));
  EXPECT_EQ(host->last().named, Value(Map{{"a", nullptr}, {"b", nullptr}}));
  proxy.event("e", nullptr, none).post();
  EXPECT_EQ(host->last().arguments, Value(Array{nullptr, nullptr}));
}

TEST_F(ApiProxyTest, sends_arguments_by_name_beside_the_others) {
  proxy.action("move_to", 2.0, kw("speed", 3), kw("unit", "mm")).call<int>();
  EXPECT_EQ(host->last().arguments, Value(Array{2.0}));
  EXPECT_EQ(host->last().named, Value(Map{{"speed", 3}, {"unit", "mm"}}));
  proxy.action("move_to", kw("speed", 3)).post();
  EXPECT_EQ(host->last().arguments, Value(Array{}));
  EXPECT_EQ(host->last().named, Value(Map{{"speed", 3}}));
}

TEST_F(ApiProxyTest, keeps_its_arguments_for_as_long_as_the_action) {
  std::string name = "unit";
  std::string text = "a text that is too long to lie within the string object itself";
  const auto action = proxy.action("f", text, std::string_view(text), kw(name, text));
  const std::string before = text;
  text.assign(200, '!');
  name.assign(200, '?');
  action.call<int>();
  EXPECT_EQ(host->last().arguments, Value(Array{before, before}));
  EXPECT_EQ(host->last().named, Value(Map{{"unit", before}}));
}

TEST_F(ApiProxyTest, may_name_what_lies_deeper) {
  proxy.action("motor.turn", 1).call<int>();
  EXPECT_EQ(host->last().name_space, "axis.motor.turn");
  ApiProxy("axis.motor", host).action("turn", 1).call<int>();
  EXPECT_EQ(host->last().name_space, "axis.motor.turn");
  EXPECT_EQ(proxy.name_space(), "axis");
}

TEST_F(ApiProxyTest, makes_the_call_with_each_verb) {
  const auto action = proxy.action("f", 1);
  EXPECT_EQ(action.call<int>(), 1);
  EXPECT_EQ(host->last().how, Sent::How::waited_for);
  EXPECT_EQ(action.try_call<int>().value(), 1);
  EXPECT_EQ(action.async<int>().get(), 1);
  EXPECT_EQ(host->last().how, Sent::How::submitted);
  int heard = 0;
  action.async<int>([&](const Result<int>& result) { heard = result.value(); });
  EXPECT_EQ(heard, 1);
  action.call<void>();
  action.post();
  EXPECT_EQ(host->last().how, Sent::How::posted);
  EXPECT_FALSE(host->last().event);  // only the other side knows
  EXPECT_THROW(action.call<std::string>(), ContractMismatchError);
}

TEST_F(ApiProxyTest, refuses_what_is_no_name_and_says_why) {
  EXPECT_EQ(
      refusal_of("move-to"),
      "the method's name \"move-to\" is no name: it contains '-'; a name is a letter or '_', then letters, "
      "digits and '_'");
  EXPECT_EQ(
      refusal_of("motor..turn"),
      "the method's name \"motor..turn\" is no name: in \"\" it is empty; a name is a letter or '_', then "
      "letters, digits and '_'");
  EXPECT_NE(refusal_of("").find("it is empty"), std::string::npos);
  EXPECT_NE(refusal_of("1st").find("it begins with '1'"), std::string::npos);
  EXPECT_NE(refusal_of("$cancel").find("it begins with '$'"), std::string::npos);
  EXPECT_NE(refusal_of(std::string(2000, 'x')).find("2000 bytes of at most 1024"), std::string::npos);
  EXPECT_THROW(static_cast<void>(kw("no name", 1)), ApiParamError);
  EXPECT_THROW(static_cast<void>(kw("a.b", 1)), ApiParamError);
  EXPECT_THROW(static_cast<void>(kw("", 1)), ApiParamError);
  EXPECT_TRUE(host->sent.empty());
}

TEST_F(ApiProxyTest, refuses_a_name_that_is_too_long_only_together_with_its_own) {
  const ApiProxy deep(std::string(600, 'a'), host);
  EXPECT_THROW(static_cast<void>(deep.action(std::string(600, 'b'))), ApiParamError);
}

}  // namespace
}  // namespace vagus::testing
