#include <any>
#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/aggregate.hpp>

namespace {

using vagus::detail::Aggregate;
using vagus::detail::field_count;
using vagus::detail::for_each_field;
using vagus::detail::has_array;
using vagus::detail::HasBase;
using vagus::detail::initialiser_count;
using vagus::detail::with_fields;

struct Empty {};

struct Point {
  double x = 0;
  double y = 0;
};

enum class Colour { red };

// One of everything that a user may have.
struct Full {
  bool boolean;
  char character;
  Colour colour;
  double number;
  const char* pointer;
  std::string string;
  std::string_view view;
  std::array<int, 3> array;
  std::vector<bool> booleans;
  std::vector<Point> points;
  std::map<std::string, int> map;
  std::unordered_map<int, std::string> hashed;
  std::pair<int, std::string> pair;
  std::tuple<int, Point> tuple;
  std::optional<std::string> optional;
  std::optional<std::variant<int, std::string>> nested;
  std::variant<std::monostate, int, std::string, Point> variant;
  std::unique_ptr<int> unique;
  std::shared_ptr<Point> shared;
  std::chrono::milliseconds duration;
  std::chrono::system_clock::time_point time;
  std::filesystem::path path;
  std::span<const std::byte> span;
  Point point;
  std::any any;
  std::function<void()> function;
  std::byte byte;
  std::nullptr_t null;
  float f28;
  float f29;
  float f30;
  float f31;
};

struct Node {
  int value = 0;
  std::vector<Node> children = {};
  std::unique_ptr<Node> next = nullptr;
};

struct NoDefault {
  explicit NoDefault(int number) : value(number) {}
  int value;
};
struct WithNoDefault {
  int a;
  NoDefault b;
};

struct Derived : Point {
  int z = 0;
};
struct DerivedFromEmpty : Empty {
  int z = 0;
};
struct WithAny {
  std::any any;
};

struct ArrayFirst {
  int array[3];
};
struct ArrayInside {
  std::string name;
  char array[300];
  int z;
};
struct ArrayOfArrays {
  int array[2][2];
  int z;
};
struct ArrayOfPoints {
  Point array[2];
};

class WithConstructor {
 public:
  WithConstructor() = default;
  int value = 0;
};
union Union {
  int a;
  float b;
};

template <class T>
constexpr bool with_array() {
  constexpr std::size_t count = initialiser_count<T>();
  return has_array<T, count>(std::make_index_sequence<count>{});
}

TEST(Aggregate, is_a_struct_without_constructors_and_nothing_else) {
  EXPECT_TRUE(Aggregate<Point>);
  EXPECT_TRUE(Aggregate<Empty>);
  EXPECT_TRUE(Aggregate<Node>);
  EXPECT_FALSE(Aggregate<int>);
  EXPECT_FALSE(Aggregate<Union>);
  EXPECT_FALSE(Aggregate<int[3]>);
  EXPECT_FALSE(Aggregate<WithConstructor>);
  EXPECT_FALSE((Aggregate<std::array<int, 3>>))
      << "what the standard library makes of it is its own business";
}

TEST(Aggregate, has_its_fields_counted) {
  EXPECT_EQ(field_count<Empty>(), 0u);
  EXPECT_EQ(field_count<Point>(), 2u);
  EXPECT_EQ(field_count<Node>(), 3u);
  EXPECT_EQ(field_count<WithNoDefault>(), 2u);
  EXPECT_EQ(field_count<Full>(), 32u);
}

TEST(Aggregate, with_a_base_class_is_recognised) {
  EXPECT_TRUE(HasBase<Derived>);
  EXPECT_TRUE(HasBase<DerivedFromEmpty>);
  EXPECT_FALSE(HasBase<Point>);
  EXPECT_FALSE(HasBase<Full>);
  EXPECT_FALSE(HasBase<WithAny>);
}

TEST(Aggregate, with_an_array_is_recognised) {
  EXPECT_TRUE(with_array<ArrayFirst>());
  EXPECT_TRUE(with_array<ArrayInside>());
  EXPECT_TRUE(with_array<ArrayOfArrays>());
  EXPECT_TRUE(with_array<ArrayOfPoints>());
  EXPECT_FALSE(with_array<Full>());
  EXPECT_FALSE(with_array<Node>());
}

TEST(Aggregate, is_walked_in_the_order_of_its_fields) {
  Point point{1, 2};
  std::vector<double> seen;
  for_each_field(point, [&seen](double& field) {
    seen.push_back(field);
    field *= 10;
  });
  EXPECT_EQ(seen, (std::vector<double>{1, 2}));
  EXPECT_EQ(point.x, 10);
  EXPECT_EQ(point.y, 20);
}

TEST(Aggregate, that_is_const_has_const_fields) {
  const Point point{1, 2};
  const double sum = with_fields(point, [](auto& x, auto& y) {
    static_assert(std::is_const_v<std::remove_reference_t<decltype(x)>>);
    return x + y;
  });
  EXPECT_EQ(sum, 3);
}

TEST(Aggregate, of_32_fields_is_walked_to_its_end) {
  Full full{};
  full.f31 = 7;
  std::size_t fields = 0;
  const void* last = nullptr;
  for_each_field(full, [&](auto& field) {
    ++fields;
    last = &field;
  });
  EXPECT_EQ(fields, 32u);
  EXPECT_EQ(last, &full.f31);
}

TEST(Aggregate, that_is_empty_is_walked_without_a_step) {
  Empty empty;
  for_each_field(empty, [](auto&) { FAIL(); });
}

}  // namespace
