/// What a callable takes and gives, as types and as text.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <vector>

#include <vagus/core/bytes.hpp>
#include <vagus/core/loan.hpp>
#include <vagus/core/task.hpp>
#include <vagus/wire/outlives_message.hpp>
#include <vagus/wire/type_name.hpp>
#include <vagus/wire/type_shape.hpp>

namespace vagus {
class Call;
}

namespace vagus::detail {

/// The type in which an argument is kept from its decoding until the handler has run.
template <typename T>
struct StoredAs {
  using type = T;
};
template <>
struct StoredAs<std::string_view> {
  using type = std::string;
};
template <>
struct StoredAs<const char*> {
  using type = std::string;
};
template <>
struct StoredAs<std::span<const std::byte>> {
  using type = Loan<const std::byte>;  // in place, where the link can keep the message
};
template <typename T>
using Stored = typename StoredAs<std::remove_cvref_t<T>>::type;

template <typename T>
inline constexpr bool is_view = !std::is_same_v<Stored<T>, std::remove_cvref_t<T>>;

template <typename T>
struct WithoutTask {
  using type = T;
  static constexpr bool is_task = false;
};
template <typename T>
struct WithoutTask<Task<T>> {
  using type = T;
  static constexpr bool is_task = true;
};

/// Result and parameters of a callable, without the Call& that it may take first.
template <typename Result, typename... Parameters>
struct CallableOf {
  using Returned = Result;
  using Value = typename WithoutTask<Result>::type;
  using Arguments = std::tuple<Parameters...>;
  using Kept = std::tuple<Stored<Parameters>...>;
  static constexpr bool is_coroutine = WithoutTask<Result>::is_task;
  static constexpr std::size_t count = sizeof...(Parameters);
  static constexpr bool has_view = (is_view<Parameters> || ...);
  static constexpr bool outlives_message = (wire::outlives_message<Stored<Parameters>> && ...);
};

template <typename Result, typename... Parameters>
struct CallableTraits : CallableOf<Result, Parameters...> {
  static constexpr bool takes_call = false;
};
template <typename Result, typename... Parameters>
struct CallableTraits<Result, Call&, Parameters...> : CallableOf<Result, Parameters...> {
  static constexpr bool takes_call = true;
};

template <typename Member>
struct TraitsOfMember;
#define VAGUS_TRAITS_OF_MEMBER(QUALIFIERS)                             \
  template <typename Class, typename Result, typename... Parameters>   \
  struct TraitsOfMember<Result (Class::*)(Parameters...) QUALIFIERS> { \
    using type = CallableTraits<Result, Parameters...>;                \
  };
VAGUS_TRAITS_OF_MEMBER()
VAGUS_TRAITS_OF_MEMBER(const)
VAGUS_TRAITS_OF_MEMBER(noexcept)
VAGUS_TRAITS_OF_MEMBER(const noexcept)
#undef VAGUS_TRAITS_OF_MEMBER

template <typename Function>
concept HasOneSignature = requires {
  &Function::operator();
};

/// The traits of a lambda, a function object, a function or a member function with one signature.
template <typename Function>
struct TraitsOf {
  static_assert(HasOneSignature<Function>,
                "this callable has no single signature (a generic lambda, or overloaded): write its "
                "parameter types out");
  using type = typename TraitsOfMember<decltype(&Function::operator())>::type;
};
template <typename Result, typename... Parameters>
struct TraitsOf<Result (*)(Parameters...)> {
  using type = CallableTraits<Result, Parameters...>;
};
template <typename Result, typename... Parameters>
struct TraitsOf<Result (*)(Parameters...) noexcept> {
  using type = CallableTraits<Result, Parameters...>;
};
template <typename Member>
requires std::is_member_function_pointer_v<Member>
struct TraitsOf<Member> : TraitsOfMember<Member> {
};

template <typename Function>
using Traits = typename TraitsOf<std::decay_t<Function>>::type;

/// What the types of a signature are made of, as wire::TypeWalk spells it out.
struct SignatureShape {
  std::vector<std::string> parameters;
  std::string result;
  std::string part;  ///< of what it reports ahead of its result; empty if nothing was declared
  std::vector<wire::TypeDescription> types;
};

/// A signature at run time.
struct Signature {
  std::type_index result = typeid(void);
  std::vector<std::type_index> parameters;
  std::string result_name;
  std::vector<std::string> parameter_names;
  SignatureShape (*shape)() = nullptr;  ///< made when it is asked for
  std::string part_name = {};  ///< of what it reports ahead of its result; empty if none was declared
  /// Of what no C++ type declares, but a text that was read when the program ran; it has no type_index then.
  std::shared_ptr<const SignatureShape> described = nullptr;

  /// `(double, string) -> int`
  std::string to_string() const;
  /// Its types spelled out; nothing if it is not known what they are.
  SignatureShape spelled_out() const { return described ? *described : shape ? shape() : SignatureShape(); }
  /// May a handler of this signature handle what was declared with that one? The types have to be the same;
  /// where the one was described by text, those that it spells out, and `any` is each of them. A handler
  /// without a result may owe it by Call::defer().
  bool fits(const Signature& declared) const;

  friend bool operator==(const Signature& a, const Signature& b) noexcept {
    return a.result == b.result && a.parameters == b.parameters;
  }
};

/// Bytes are bytes, whoever owns them.
template <typename T>
std::type_index type_index_of() {
  if constexpr (std::is_same_v<T, Loan<const std::byte>>) return typeid(Bytes);
  return typeid(T);
}

template <typename T>
std::string spelled_out(wire::TypeWalk& walk) {
  if constexpr (std::is_void_v<T>) {
    return "void";
  } else {
    walk.add<T>();
    return walk.take_text();
  }
}

/// `Part`: what is reported ahead of the result; void: nothing was declared.
template <typename Result, typename Kept, typename Part = void>
struct SignatureOf;
template <typename Result, typename... Kept, typename Part>
struct SignatureOf<Result, std::tuple<Kept...>, Part> {
  static Signature make() {
    Signature signature;
    signature.result = result_index();
    signature.parameters = {type_index_of<Kept>()...};
    signature.result_name = wire::type_name<Result>();
    signature.parameter_names = {wire::type_name<Kept>()...};
    signature.shape = &shape;
    if constexpr (!std::is_void_v<Part>) signature.part_name = wire::type_name<Part>();
    return signature;
  }

 private:
  static std::type_index result_index() {
    if constexpr (std::is_void_v<Result>) {
      return typeid(void);
    } else {
      return type_index_of<Stored<Result>>();
    }
  }

  static SignatureShape shape() {
    wire::TypeWalk walk;
    SignatureShape shape;
    (shape.parameters.push_back(spelled_out<Kept>(walk)), ...);
    shape.result = spelled_out<Result>(walk);
    if constexpr (!std::is_void_v<Part>) shape.part = spelled_out<Part>(walk);
    shape.types = walk.types();
    return shape;
  }
};

}  // namespace vagus::detail
