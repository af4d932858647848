#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/type_name.hpp>

namespace outer::inner {

struct AxisStatus {
  double position = 0;
};
enum class Colour { red };
class Opaque {};
template <class T>
struct Box {
  T value = {};
};
template <std::size_t Size>
struct Ring {};
struct Holder {
  struct Inside {};
};

}  // namespace outer::inner

namespace {

using vagus::wire::type_name;

struct Hidden {};

TEST(TypeName, is_what_the_type_is_in_a_message) {
  EXPECT_EQ(type_name<void>(), "void");
  EXPECT_EQ(type_name<bool>(), "bool");
  EXPECT_EQ(type_name<int>(), "int");
  EXPECT_EQ(type_name<unsigned>(), "uint");
  EXPECT_EQ(type_name<signed char>(), "int8");
  EXPECT_EQ(type_name<unsigned char>(), "uint8");
  EXPECT_EQ(type_name<short>(), "int16");
  EXPECT_EQ(type_name<long>(), "int64");
  EXPECT_EQ(type_name<long long>(), "int64");
  EXPECT_EQ(type_name<std::uint64_t>(), "uint64");
  EXPECT_EQ(type_name<float>(), "float");
  EXPECT_EQ(type_name<double>(), "double");
  EXPECT_EQ(type_name<std::nullptr_t>(), "nil");
  EXPECT_EQ(type_name<vagus::Value>(), "any");
}

TEST(TypeName, of_text_and_bytes_is_the_same_whatever_holds_them) {
  EXPECT_EQ(type_name<std::string>(), "string");
  EXPECT_EQ(type_name<std::string_view>(), "string");
  EXPECT_EQ(type_name<const char*>(), "string");
  EXPECT_EQ(type_name<const char(&)[6]>(), "string");
  EXPECT_EQ(type_name<std::filesystem::path>(), "string");
  EXPECT_EQ(type_name<vagus::Bytes>(), "bytes");
  EXPECT_EQ(type_name<std::vector<unsigned char>>(), "bytes");
  EXPECT_EQ(type_name<std::span<const std::byte>>(), "bytes");
  EXPECT_EQ((type_name<std::array<std::byte, 4>>()), "bytes");
}

TEST(TypeName, of_containers_names_what_is_in_them) {
  EXPECT_EQ(type_name<std::vector<std::string>>(), "list<string>");
  EXPECT_EQ(type_name<std::vector<bool>>(), "list<bool>");
  EXPECT_EQ(type_name<std::deque<int>>(), "list<int>");
  EXPECT_EQ(type_name<std::list<std::list<int>>>(), "list<list<int>>");
  EXPECT_EQ(type_name<std::span<const double>>(), "list<double>");
  EXPECT_EQ(type_name<std::set<int>>(), "set<int>");
  EXPECT_EQ((type_name<std::array<double, 3>>()), "array<double, 3>");
  EXPECT_EQ((type_name<std::map<std::string, int>>()), "map<string, int>");
  EXPECT_EQ((type_name<std::unordered_map<int, vagus::Bytes>>()), "map<int, bytes>");
}

TEST(TypeName, of_the_other_templates_of_the_standard_library) {
  EXPECT_EQ(type_name<std::optional<double>>(), "optional<double>");
  EXPECT_EQ(type_name<std::unique_ptr<int>>(), "optional<int>");
  EXPECT_EQ(type_name<std::shared_ptr<int>>(), "optional<int>");
  EXPECT_EQ((type_name<std::tuple<int, std::string>>()), "tuple<int, string>");
  EXPECT_EQ((type_name<std::pair<int, std::string>>()), "tuple<int, string>");
  EXPECT_EQ(type_name<std::tuple<>>(), "tuple<>");
  EXPECT_EQ((type_name<std::variant<std::monostate, int>>()), "variant<nil, int>");
  EXPECT_EQ(type_name<std::chrono::milliseconds>(), "duration");
  EXPECT_EQ(type_name<std::chrono::system_clock::time_point>(), "time");
}

TEST(TypeName, of_types_of_the_users_is_their_own_without_namespaces) {
  struct Local {};
  EXPECT_EQ(type_name<outer::inner::AxisStatus>(), "AxisStatus");
  EXPECT_EQ(type_name<const outer::inner::AxisStatus&>(), "AxisStatus");
  EXPECT_EQ(type_name<outer::inner::Colour>(), "Colour");
  EXPECT_EQ(type_name<outer::inner::Opaque>(), "Opaque");
  EXPECT_EQ(type_name<outer::inner::Holder::Inside>(), "Inside");
  EXPECT_EQ(type_name<Hidden>(), "Hidden");
  EXPECT_EQ(type_name<Local>(), "Local");
  EXPECT_EQ(type_name<outer::inner::Box<std::string>>(), "Box<string>");
  EXPECT_EQ(type_name<outer::inner::Box<outer::inner::Box<Hidden>>>(), "Box<Box<Hidden>>");
  EXPECT_EQ(type_name<outer::inner::Ring<8>>(), "Ring<8>");
  EXPECT_EQ(type_name<std::vector<outer::inner::AxisStatus>>(), "list<AxisStatus>");
}

}  // namespace
