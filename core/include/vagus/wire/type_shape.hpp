/// What types are made of, as text to compare and as data to show.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <variant>
#include <vector>

#include <vagus/wire/fields.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/type_name.hpp>

namespace vagus::wire {

/// One field of a struct.
struct FieldDescription {
  std::string name;  ///< empty if VAGUS_FIELDS does not say it
  std::string type;  ///< as wire::type_name() has it

  friend bool operator==(const FieldDescription&, const FieldDescription&) = default;
};

/// One number of an enum.
struct EnumeratorDescription {
  std::string name;
  std::int64_t number = 0;  ///< one beyond the largest of these as that which has the same 64 bits

  friend bool operator==(const EnumeratorDescription&, const EnumeratorDescription&) = default;
};

/// A struct that travels as an array of its fields, or an enum that travels as its number.
struct TypeDescription {
  std::string name;
  std::vector<FieldDescription> fields;  ///< of a struct
  std::string number;                    ///< of an enum: the type of its numbers; empty for a struct
  std::vector<EnumeratorDescription> enumerators =
      {};  ///< of an enum: none if VAGUS_ENUMERATORS does not say them

  friend bool operator==(const TypeDescription&, const TypeDescription&) = default;
};

/// Walks types: spells out what they are on the wire, and notes the structs and enums that it meets.
///
/// The text of a struct is `{position_mm: double, moving: bool}`, or `{double, bool}` if its fields have no
/// names; of an enum `enum uint8`; one that is inside of itself is `^` and how many structs it is further
/// out; all else is as in type_name(). What structs and enums are called is not in it: that does not travel.
class TypeWalk {
 public:
  /// Adds the text of T.
  template <class T>
  void add();
  void add_text(std::string_view text) { text_ += text; }
  /// The text since the last one that was taken.
  std::string take_text() { return std::exchange(text_, {}); }
  /// All so far, each once, in the order in which they were met. Two that differ may have one name.
  const std::vector<TypeDescription>& types() const noexcept { return types_; }

 private:
  template <class T>
  void add_struct();
  template <class T>
  void add_enum();
  /// True if it is inside of itself, and has been added.
  bool add_outer(std::type_index type);
  void note(TypeDescription description);

  std::string text_;
  std::vector<TypeDescription> types_;
  std::vector<std::type_index> open_;  // the structs that the walk is inside of
};

/// 64 bits that tell texts apart: FNV-1a (Fowler, Noll, Vo; offset basis and prime of its 64-bit form).
std::uint64_t shape_hash(std::string_view text) noexcept;

namespace detail {

template <class... T>
void add_all(TypeWalk& walk, std::string_view name) {
  walk.add_text(name);
  [[maybe_unused]] std::string_view before = "<";
  ((walk.add_text(std::exchange(before, ", ")), walk.add<T>()), ...);
  walk.add_text(sizeof...(T) == 0 ? "<>" : ">");
}

/// How the walk goes on inside of a template; the types that end it are not here.
template <class T>
struct InsideOf {
  static constexpr bool known = false;
};
template <class T, std::size_t Size>
struct InsideOf<std::array<T, Size>> {
  static constexpr bool known = !ByteLike<T>;
  static void add(TypeWalk& walk) {
    walk.add_text("array<");
    walk.add<T>();
    walk.add_text(", " + std::to_string(Size) + '>');
  }
};
template <class T, std::size_t Extent>
struct InsideOf<std::span<T, Extent>> {
  static constexpr bool known = !ByteLike<std::remove_cv_t<T>>;
  static void add(TypeWalk& walk) { add_all<T>(walk, "list"); }
};
template <class T>
struct InsideOf<Loan<T>> {
  static constexpr bool known = !ByteLike<std::remove_cv_t<T>>;
  static void add(TypeWalk& walk) { add_all<T>(walk, "loan"); }
};
template <class T>
struct InsideOf<std::optional<T>> {
  static constexpr bool known = true;
  static void add(TypeWalk& walk) { add_all<T>(walk, "optional"); }
};
template <class T, class Deleter>
struct InsideOf<std::unique_ptr<T, Deleter>> : InsideOf<std::optional<T>> {};
template <class T>
struct InsideOf<std::shared_ptr<T>> : InsideOf<std::optional<T>> {};
template <class... T>
struct InsideOf<std::tuple<T...>> {
  static constexpr bool known = true;
  static void add(TypeWalk& walk) { add_all<T...>(walk, "tuple"); }
};
template <class First, class Second>
struct InsideOf<std::pair<First, Second>> : InsideOf<std::tuple<First, Second>> {};
template <>
struct InsideOf<UnknownAlternative> {
  static constexpr bool known = true;
  static void add(TypeWalk& walk) { walk.add_text(type_name<UnknownAlternative>()); }
};
template <class... T>
struct InsideOf<std::variant<T...>> {
  static constexpr bool known = true;
  static void add(TypeWalk& walk) { add_all<T...>(walk, "variant"); }
};

}  // namespace detail

template <class T>
void TypeWalk::add() {
  using Plain = std::remove_cvref_t<T>;
  if constexpr (std::is_enum_v<Plain>) {
    add_enum<Plain>();
  } else if constexpr (detail::InsideOf<Plain>::known) {
    detail::InsideOf<Plain>::add(*this);
  } else if constexpr (detail::PlainAggregate<Plain>) {
    add_struct<Plain>();
  } else if constexpr (detail::Map<Plain>) {
    detail::add_all<typename Plain::key_type, typename Plain::mapped_type>(*this, "map");
  } else if constexpr (detail::Set<Plain>) {
    detail::add_all<typename Plain::value_type>(*this, "set");
  } else if constexpr (detail::Sequence<Plain> && !detail::ByteSequence<Plain> && !detail::is_text<Plain>) {
    detail::add_all<typename Plain::value_type>(*this, "list");
  } else {
    add_text(type_name<Plain>());
  }
}

template <class T>
void TypeWalk::add_enum() {
  using Number = typename Codec<T>::Underlying;
  TypeDescription description{
      .name = type_name<T>(), .fields = {}, .number = type_name<Number>(), .enumerators = {}};
  text_ += "enum " + description.number;
  if constexpr (detail::HasEnumerators<T>) {
    for (const auto& [name, value] : detail::all_enumerators<T>) {
      description.enumerators.push_back({std::string(name), static_cast<std::int64_t>(value)});
    }
  }
  note(std::move(description));
}

template <class T>
void TypeWalk::add_struct() {
  if (add_outer(typeid(T))) return;
  const auto names = vagus::detail::field_names<T>();
  TypeDescription description;
  description.name = type_name<T>();
  open_.push_back(typeid(T));
  text_ += '{';
  const auto add_field = [&]<class Field>() {
    const std::size_t index = description.fields.size();
    if (index != 0) text_ += ", ";
    FieldDescription& field = description.fields.emplace_back();
    field.type = type_name<Field>();
    if (!names.empty()) {
      field.name = names[index];
      text_ += field.name + ": ";
    }
    add<Field>();
  };
  const auto add_fields = [&]<class... Field>(std::type_identity<std::tuple<Field...>>) {
    (add_field.template operator()<Field>(), ...);
  };
  add_fields(vagus::detail::FieldTypes<T>{});
  text_ += '}';
  open_.pop_back();
  note(std::move(description));
}

}  // namespace vagus::wire
