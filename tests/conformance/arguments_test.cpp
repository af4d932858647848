#include <stdexcept>

#include "conformance/conformance.hpp"

namespace vagus::testing {

/// Refuses numbers by an exception of its own.
struct Percentage {
  int number = 0;
};

}  // namespace vagus::testing

template <>
struct vagus::wire::Codec<vagus::testing::Percentage> {
  static void unpack(Reader& reader, vagus::testing::Percentage& value) {
    value.number = wire::unpack<int>(reader);
    if (value.number > 100) throw std::out_of_range("more than all of it");
  }
};

namespace vagus::testing {
namespace {

class Arguments : public Conformance {};

template <typename T, typename Action>
std::string refusal(const Action& action) {
  const auto result = action.template try_call<T>();
  if (result.has_value()) return "no error";
  EXPECT_EQ(result.error().code(), ErrorCode::api_param) << result.error().what();
  EXPECT_EQ(result.error().execution(), Execution::not_run);
  return result.error().what();
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_P(Arguments, left_out_ones_take_the_declared_defaults) {
  Pair pair(url());
  EXPECT_EQ(pair.called.scale(3.0).call(), 6.0);
  EXPECT_EQ(pair.called.scale(3.0, 5.0).call(), 15.0);
  EXPECT_EQ(pair.called.scale(3.0, 5.0, "m").call(), 15.0);
}

TEST_P(Arguments, may_be_given_by_name) {
  Pair pair(url());
  const auto proxy = pair.head.proxy("sample");
  EXPECT_EQ(proxy.action("scale", kw("value", 3.0)).call<double>(), 6.0);
  EXPECT_EQ(proxy.action("scale", 3.0, kw("factor", 4.0)).call<double>(), 12.0);
  EXPECT_EQ(proxy.action("scale", kw("factor", 4.0), kw("value", 2.0)).call<double>(), 8.0);
  EXPECT_EQ(proxy.action("scale", 3.0, kw("unit", "m")).call<double>(), 6.0);
}

TEST_P(Arguments, by_an_unknown_name_are_refused_with_that_name) {
  Pair pair(url());
  const auto text = refusal<double>(pair.head.proxy("sample").action("scale", 3.0, kw("faktor", 4.0)));
  EXPECT_TRUE(says(text, "faktor")) << text;
  EXPECT_TRUE(says(text, "factor")) << text;  // what would have been right
}

TEST_P(Arguments, doubled_by_name_are_refused_with_that_name) {
  Pair pair(url());
  const auto text =
      refusal<double>(pair.head.proxy("sample").action("scale", 3.0, kw("factor", 4.0), kw("factor", 5.0)));
  EXPECT_TRUE(says(text, "factor") && says(text, "twice")) << text;
}

TEST_P(Arguments, by_position_and_by_name_are_refused_with_that_name) {
  Pair pair(url());
  const auto text = refusal<double>(pair.head.proxy("sample").action("scale", 3.0, kw("value", 4.0)));
  EXPECT_TRUE(says(text, "value") && says(text, "by position and by name")) << text;
}

TEST_P(Arguments, by_name_to_a_method_without_names_are_refused) {
  Pair pair(url());
  const auto text = refusal<int>(pair.head.proxy("sample").action("add", 3, kw("b", 4)));
  EXPECT_TRUE(says(text, "no names")) << text;
}

TEST_P(Arguments, too_few_are_refused_with_what_is_missing) {
  Pair pair(url());
  const auto text = refusal<double>(pair.head.proxy("sample").action("scale"));
  EXPECT_TRUE(says(text, "value") && says(text, "missing")) << text;
  const auto unnamed = refusal<int>(pair.head.proxy("sample").action("add", 1));
  EXPECT_TRUE(says(unnamed, "argument 2")) << unnamed;
}

TEST_P(Arguments, too_many_are_refused_with_their_number) {
  Pair pair(url());
  const auto text = refusal<int>(pair.head.proxy("sample").action("add", 1, 2, 3));
  EXPECT_TRUE(says(text, "3") && says(text, "2")) << text;
}

TEST_P(Arguments, of_the_wrong_type_are_refused_with_what_was_expected) {
  Pair pair(url());
  const auto text = refusal<int>(pair.head.proxy("sample").action("add", 1, "two"));
  EXPECT_TRUE(says(text, "argument 2")) << text;
  EXPECT_TRUE(says(text, "sample.add")) << text;
  const auto named = refusal<double>(pair.head.proxy("sample").action("scale", 1.0, kw("factor", true)));
  EXPECT_TRUE(says(named, "factor")) << named;
}

TEST_P(Arguments, that_do_not_fit_a_narrower_integer_are_refused) {
  Pair pair(url());
  refusal<int>(pair.head.proxy("sample").action("add", 1, std::int64_t{1} << 40));
}

TEST_P(Arguments, that_are_wrong_do_not_run_the_handler_and_the_link_goes_on) {
  Tally ran;
  Pair pair(url());
  pair.served.work.handle([&](int number) {
    ran.add();
    return number;
  });
  for (int i = 0; i < 20; ++i) refusal<int>(pair.head.proxy("sample").action("work", "no"));
  EXPECT_EQ(ran.count(), 0u);
  EXPECT_EQ(pair.called.work(3).call(), 3);
  EXPECT_EQ(pair.body.stats().requests_refused, 20u);
}

TEST_P(Arguments, that_their_own_type_refuses_are_refused_and_the_link_goes_on) {
  Pair pair(url());
  pair.served.set_handler("fill", [](Percentage percentage) { return percentage.number; });
  const auto proxy = pair.head.proxy("sample");
  const auto text = refusal<int>(proxy.action("fill", 101));
  EXPECT_TRUE(says(text, "argument 1") && says(text, "more than all of it")) << text;
  EXPECT_EQ(proxy.action("fill", 100).call<int>(), 100);
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  const auto own = pair.body.proxy("sample").action("fill", 101).as<int>().local();
  EXPECT_EQ(error_of(own)->code(), ErrorCode::api_param);
}

TEST_P(Arguments, of_an_unsolicited_message_that_are_wrong_are_counted) {
  Pair pair(url());
  pair.open();
  pair.head.proxy("sample").action("add", "one", "two").post();
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  EXPECT_EQ(pair.body.stats().messages_dropped, 1u);
}

TEST_P(Arguments, of_another_value_type_of_the_same_kind_are_converted) {
  Pair pair(url());
  EXPECT_EQ(pair.head.proxy("sample").action("scale", 3).call<double>(),
            6.0);  // an int where a double is taken
  EXPECT_EQ(pair.called.add(short{1}, 2L).call(), 3);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Arguments);

}  // namespace
}  // namespace vagus::testing
