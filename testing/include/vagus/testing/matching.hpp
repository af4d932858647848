/// Which calls and events are meant: by their name and arguments.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/api/handler.hpp>
#include <vagus/api/params.hpp>
#include <vagus/api/signature.hpp>
#include <vagus/wire/outlives_message.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::testing {

/// A call or an event as it came, by value.
struct Received {
  std::string name_space;  ///< the whole name, such as `machine.x.move_to`
  Value::Array arguments;  ///< those by position
  Value::Map named;        ///< those by name
};

/// `machine.x.move_to(120.0, speed_mm_s=5.0)`.
std::string to_string(const Received& received);

/// In the place of an argument: whatever it is.
struct Anything {};
inline constexpr Anything anything{};

/// In the place of all arguments: there are none.
struct NoArguments {};
inline constexpr NoArguments no_arguments{};

/// See where().
template <typename Predicate>
struct Where {
  Predicate predicate;
  std::string text;
};

/// In the place of an argument: whatever the predicate is true for. It takes one parameter, of the type that
/// the argument has to have, or a `vagus::Value`; `text` says in failures what is wanted. It may not use the
/// peer nor what that has given out, whose lock is held meanwhile. What it throws, ScriptedPeer::verify()
/// throws as Failed.
///
///     using vagus::testing::where;
///     peer.expect("machine.x.move_to", where([](double mm) { return mm > 100; }, "over 100"))
template <typename Predicate>
Where<std::decay_t<Predicate>> where(Predicate&& predicate, std::string_view text = "what fits") {
  return {std::forward<Predicate>(predicate), std::string(text)};
}

}  // namespace vagus::testing

namespace vagus::detail {

/// What a message says for a value of the program's.
template <typename T>
Value value_of(const T& value) {
  if constexpr (std::is_same_v<T, Value>) {
    return value;
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return Value(std::string_view(value));
  } else {
    const Bytes packed = wire::to_bytes(value);
    wire::Reader reader(packed);
    return wire::unpack<Value>(reader);
  }
}

/// The other way. Throws wire::DecodeError if it is none.
template <typename T>
T from_value(const Value& value) {
  static_assert(wire::outlives_message<T>,
                "this is, or has in it, a view of what has gone: take a std::span<const std::byte>, or "
                "values");
  if constexpr (std::is_same_v<T, Value>) {
    return value;
  } else {
    const Bytes packed = wire::to_bytes(value);
    wire::Reader reader(packed);
    return wire::unpack<T>(reader);
  }
}

/// Nothing if it is of another type.
template <typename T>
std::optional<T> value_as(const Value& value) {
  try {
    return from_value<T>(value);
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
}

/// What one argument has to be.
struct ExpectedArgument {
  std::function<bool(const Value&)> fits;
  std::string text;  ///< of what is expected
};

ExpectedArgument any_argument();
ExpectedArgument this_argument(Value value);

template <typename T>
ExpectedArgument expected_argument(const T& value) {
  return this_argument(value_of(value));
}
inline ExpectedArgument expected_argument(testing::Anything) { return any_argument(); }
template <typename Predicate>
ExpectedArgument expected_argument(const testing::Where<Predicate>& where) {
  using CallTraits = Traits<Predicate>;
  static_assert(CallTraits::count == 1, "the predicate of vagus::testing::where() takes one argument");
  using Parameter = std::tuple_element_t<0, typename CallTraits::Arguments>;
  return {[predicate = where.predicate](const Value& value) mutable {
            auto argument = value_as<std::tuple_element_t<0, typename CallTraits::Kept>>(value);
            return argument && static_cast<bool>(predicate(pass<Parameter>(*argument)));
          },
          where.text};
}

/// Which calls or events are meant.
struct ExpectedMessage {
  std::string name_space;
  bool any_arguments = false;  ///< they are not looked at
  std::vector<ExpectedArgument> arguments = {};
  std::vector<std::pair<std::string, ExpectedArgument>> named = {};
  std::function<bool(const testing::Received&)> when = {};  ///< empty: nothing more is asked

  bool fits(const testing::Received& received) const;
  std::string to_string() const;
};

/// Throws ApiParamError if the name is none.
ExpectedMessage named_message(std::string_view name);

template <typename... Arguments>
ExpectedMessage expected_message(std::string_view name, const Arguments&... arguments) {
  static_assert(sizeof...(Arguments) <= 1 || !(std::is_same_v<Arguments, testing::NoArguments> || ...),
                "vagus::testing::no_arguments stands alone");
  ExpectedMessage message = named_message(name);
  message.any_arguments = sizeof...(Arguments) == 0;
  [[maybe_unused]] const auto add = [&](const auto& argument) {
    using Argument = std::remove_cvref_t<decltype(argument)>;
    if constexpr (is_keyword<Argument>) {
      message.named.emplace_back(argument.name, expected_argument(argument.value));
    } else if constexpr (!std::is_same_v<Argument, testing::NoArguments>) {
      message.arguments.push_back(expected_argument(argument));
    }
  };
  (add(arguments), ...);
  return message;
}

}  // namespace vagus::detail
