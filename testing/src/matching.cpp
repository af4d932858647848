#include <algorithm>
#include <utility>

#include <vagus/core/name.hpp>
#include <vagus/testing/matching.hpp>

namespace vagus {

namespace {

/// Between parentheses, with commas.
class ArgumentText {
 public:
  void add(const std::string& argument) {
    if (!text_.empty()) text_ += ", ";
    text_ += argument;
  }
  std::string finish() const { return '(' + text_ + ')'; }

 private:
  std::string text_;
};

std::string name_text(const Value& name) {
  return name.kind() == Value::Kind::str ? name.string() : to_string(name);
}

}  // namespace

std::string testing::to_string(const Received& received) {
  ArgumentText text;
  for (const Value& argument : received.arguments) text.add(vagus::to_string(argument));
  for (const auto& [name, argument] : received.named) {
    text.add(name_text(name) + '=' + vagus::to_string(argument));
  }
  return received.name_space + text.finish();
}

namespace detail {

ExpectedArgument any_argument() {
  return {[](const Value&) { return true; }, "anything"};
}

ExpectedArgument this_argument(Value value) {
  std::string text = to_string(value);
  return {[value = std::move(value)](const Value& argument) { return argument == value; }, std::move(text)};
}

ExpectedMessage named_message(std::string_view name) {
  check_namespace(name, "the name of what is expected");
  return ExpectedMessage{std::string(name)};
}

bool ExpectedMessage::fits(const testing::Received& received) const {
  if (received.name_space != name_space) return false;
  if (!any_arguments) {
    if (received.arguments.size() != arguments.size() || received.named.size() != named.size()) return false;
    if (!std::equal(
            arguments.begin(), arguments.end(), received.arguments.begin(),
            [](const ExpectedArgument& expected, const Value& came) { return expected.fits(came); })) {
      return false;
    }
    const auto is_there = [&](const auto& expected) {
      return std::any_of(received.named.begin(), received.named.end(), [&](const auto& came) {
        return came.first == Value(expected.first) && expected.second.fits(came.second);
      });
    };
    if (!std::all_of(named.begin(), named.end(), is_there)) return false;
  }
  return !when || when(received);
}

std::string ExpectedMessage::to_string() const {
  ArgumentText text;
  if (any_arguments) text.add("...");
  for (const ExpectedArgument& argument : arguments) text.add(argument.text);
  for (const auto& [name, argument] : named) text.add(name + '=' + argument.text);
  return name_space + text.finish() + (when ? " where more is asked" : "");
}

}  // namespace detail

}  // namespace vagus
