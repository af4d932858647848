/// Methods that report before they answer: how they are declared.
#pragma once

#include <vagus/wire/value.hpp>

namespace vagus {

/// In place of a method's result: its handler tells the caller any number of `Part`s ahead of the `T` that it
/// returns, by Call::progress():
///
///     vagus::Method<vagus::Streams<Line, Summary>(std::string path)> read{this, "read"};
///     vagus::Method<vagus::Streams<double>(int axis)> home{this, "home", "Reports from 0 to 1."};
///
/// The handler returns a `T`. The caller takes the parts with ApiAction::stream() or on_progress(); any other
/// verb makes the call as if there were none, and none is sent. A method that is declared without may report
/// too; its caller then says the type: `action.stream<double>()`.
template <typename Part, typename T = void>
struct Streams {};

namespace detail {

template <typename T>
struct Declared {
  using Result = T;
  using Part = Value;
  using SaidPart = void;
};
template <typename P, typename T>
struct Declared<Streams<P, T>> {
  using Result = T;
  using Part = P;
  using SaidPart = P;
};

/// What a method declared with `T` returns.
template <typename T>
using ResultOf = typename Declared<T>::Result;
/// What it reports: any value, if it does not say it.
template <typename T>
using PartOf = typename Declared<T>::Part;
/// The same, but void if it does not.
template <typename T>
using SaidPartOf = typename Declared<T>::SaidPart;

}  // namespace detail

}  // namespace vagus
