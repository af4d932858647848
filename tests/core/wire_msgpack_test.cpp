#include <complex>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <msgpack.hpp>

#include <vagus/wire/pack.hpp>

#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::test::error_of;
using vagus::test::hex;
using vagus::test::unhex;
using vagus::wire::from_bytes;
using vagus::wire::MalformedError;
using vagus::wire::to_bytes;
using vagus::wire::TypeError;

// Knows nothing of msgpack-cxx.
struct Point {
  double x = 0;
  std::chrono::milliseconds since = {};
  std::optional<std::string> label = std::nullopt;

  friend bool operator==(const Point&, const Point&) = default;
};

struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};

enum class Colour { red, green };

struct Defined {
  int number = 0;
  std::vector<Point> points = {};
  Point point = {};
  Empty empty = {};
  Colour colour = Colour::red;

  MSGPACK_DEFINE(number, points, point, empty, colour)
  friend bool operator==(const Defined&, const Defined&) = default;
};

class AsMap {
 public:
  int number = 0;
  std::map<std::string, Point> points = {};

  MSGPACK_DEFINE_MAP(number, points)
  friend bool operator==(const AsMap&, const AsMap&) = default;
};

// Holds, as a plain aggregate, what msgpack-cxx packs.
struct Outer {
  AsMap map = {};
  std::vector<Defined> defined = {};

  friend bool operator==(const Outer&, const Outer&) = default;
};

// Packed by an adaptor from outside.
struct Celsius {
  double degrees = 0;
  friend bool operator==(const Celsius&, const Celsius&) = default;
};

}  // namespace

MSGPACK_ADD_ENUM(Colour)

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  template <>
  struct pack<Celsius> {
    template <class Stream>
    packer<Stream>& operator()(packer<Stream>& packer, const Celsius& value) const {
      return packer.pack_double(value.degrees);
    }
  };
  template <>
  struct convert<Celsius> {
    const msgpack::object& operator()(const msgpack::object& object, Celsius& value) const {
      value.degrees = object.as<double>();
      return object;
    }
  };

  }  // namespace adaptor
}
}  // namespace msgpack

namespace {

const Point full{1.5, std::chrono::milliseconds{2}, "p"};

TEST(Msgpack, types_that_are_defined_for_it_travel_as_it_packs_them) {
  const Defined defined{7, {full, Point{}}, full, {}, Colour::green};
  EXPECT_EQ(from_bytes<Defined>(to_bytes(defined)), defined);

  AsMap map;
  map.number = 5;
  EXPECT_EQ(hex(to_bytes(map)), "82a66e756d62657205a6706f696e747380");
  map.points["a"] = full;
  EXPECT_EQ(from_bytes<AsMap>(to_bytes(map)), map);

  msgpack::sbuffer buffer;
  msgpack::pack(buffer, defined);
  EXPECT_EQ(hex(std::as_bytes(std::span(buffer.data(), buffer.size()))), hex(to_bytes(defined)));
}

TEST(Msgpack, and_plain_aggregates_hold_each_other) {
  AsMap map;
  map.points["a"] = full;
  const Outer outer{map, {Defined{1, {full}, full, {}, Colour::red}}};
  EXPECT_EQ(from_bytes<Outer>(to_bytes(outer)), outer);
}

TEST(Msgpack, packs_plain_aggregates_as_they_travel_on_their_own) {
  msgpack::sbuffer buffer;
  msgpack::pack(buffer, std::vector<Point>{full});
  EXPECT_EQ(hex(std::as_bytes(std::span(buffer.data(), buffer.size()))),
            hex(to_bytes(std::vector<Point>{full})));

  const msgpack::object_handle handle = msgpack::unpack(buffer.data(), buffer.size());
  EXPECT_EQ(handle.get().as<std::vector<Point>>(), std::vector<Point>{full});

  msgpack::zone zone;
  const msgpack::object object(full, zone);
  EXPECT_EQ(object.as<Point>(), full);
}

TEST(Msgpack, adaptors_from_outside_are_used) {
  EXPECT_EQ(hex(to_bytes(Celsius{1.5})), "cb3ff8000000000000");
  EXPECT_EQ(from_bytes<Celsius>(to_bytes(Celsius{20})), Celsius{20});
  EXPECT_EQ(from_bytes<std::vector<Celsius>>(to_bytes(std::vector<Celsius>{{1}, {2}})),
            (std::vector<Celsius>{{1}, {2}}));
}

TEST(Msgpack, types_of_its_own_travel) {
  EXPECT_EQ(hex(to_bytes(msgpack::type::nil_t{})), "c0");
  EXPECT_EQ(hex(to_bytes(msgpack::type::fix_int16{5})), "d10005");
  EXPECT_EQ((from_bytes<std::complex<double>>(to_bytes(std::complex<double>{1, 2}))),
            (std::complex<double>{1, 2}));
  const Bytes bytes = unhex("93 01 a161 c3");
  EXPECT_EQ(hex(to_bytes(from_bytes<msgpack::type::tuple<int, std::string, bool>>(bytes))), "9301a161c3");
}

TEST(Msgpack, packs_each_common_type_as_this_library_does) {
  const auto same = [](const auto& value) {
    msgpack::sbuffer buffer;
    msgpack::pack(buffer, value);
    EXPECT_EQ(hex(std::as_bytes(std::span(buffer.data(), buffer.size()))), hex(to_bytes(value)));
  };
  same(true);
  same(-70000);
  same(std::uint64_t{1} << 63);
  same('x');
  same(1.5);
  same(1.5F);
  same(std::string("text"));
  same(std::vector<int>{1, 2, 300});
  same(std::vector<bool>{true, false});
  same(std::vector<char>{'a'});
  same(std::vector<unsigned char>{1, 2});
  same(unhex("0102"));
  same(std::map<std::string, double>{{"a", 1.5}});
  same(std::pair<int, bool>{1, true});
  same(std::tuple<int, std::string>{1, "x"});
  same(std::optional<int>{});
  same(std::optional<int>{5});
  same(Colour::green);
}

TEST(Msgpack, packs_a_whole_double_as_an_integer_which_is_read_as_a_double_all_the_same) {
  msgpack::sbuffer buffer;
  msgpack::pack(buffer, 7.0);
  const auto bytes = std::as_bytes(std::span(buffer.data(), buffer.size()));
  EXPECT_EQ(hex(bytes), "07");
  EXPECT_EQ(from_bytes<double>(bytes), 7.0);
}

TEST(Msgpack, says_what_it_could_not_convert) {
  EXPECT_EQ(error_of<TypeError>([] {
              from_bytes<std::vector<Celsius>>(unhex("92 cb3ff8000000000000 a161"));
            }).substr(0, 55),
            "at [1] (byte 10): expected what msgpack-cxx converts to");
  EXPECT_THROW(from_bytes<Defined>(unhex("05")), TypeError);
  EXPECT_THROW(from_bytes<Defined>(unhex("9207 91 05")), TypeError) << "an aggregate inside";
}

TEST(Msgpack, is_given_nothing_that_was_not_checked_before) {
  EXPECT_THROW(from_bytes<Defined>(unhex("ddff000000")), MalformedError);
  EXPECT_THROW(from_bytes<Defined>(unhex("9207c1")), MalformedError);
  const Bytes whole = to_bytes(Defined{7, {full}, full, {}, Colour::green});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(from_bytes<Defined>(std::span(whole).first(size)), MalformedError) << size;
  }
}

}  // namespace
