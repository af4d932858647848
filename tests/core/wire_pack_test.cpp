#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <filesystem>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/wire/pack.hpp>

#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::test::error_of;
using vagus::test::hex;
using vagus::test::unhex;
using vagus::wire::from_bytes;
using vagus::wire::MalformedError;
using vagus::wire::pack;
using vagus::wire::Packable;
using vagus::wire::Reader;
using vagus::wire::to_bytes;
using vagus::wire::TypeError;
using vagus::wire::Unpackable;
using vagus::wire::Writer;
using namespace std::chrono_literals;

template <class T>
std::string packed(const T& value) {
  return hex(to_bytes(value));
}

template <class T>
T unpacked(std::string_view text) {
  return from_bytes<T>(unhex(text));
}

// What arrives is what was sent, and no message that is cut off is taken for one.
template <class T>
void expect_round_trip(const T& value) {
  const Bytes bytes = to_bytes(value);
  EXPECT_EQ(from_bytes<T>(bytes), value) << hex(bytes);
  Reader reader{bytes};
  EXPECT_EQ(reader.skip().size(), bytes.size()) << "it is one value";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(from_bytes<T>(std::span(bytes).first(size)), MalformedError)
        << hex(bytes) << " cut at " << size;
  }
}

template <class T>
void expect_edges() {
  using Range = std::numeric_limits<T>;
  for (const T value : {Range::min(), Range::max(), T{0}, T{1}, T{127}, static_cast<T>(Range::min() + 1),
                        static_cast<T>(Range::max() - 1)}) {
    expect_round_trip(value);
  }
  if constexpr (sizeof(T) < 8) {
    EXPECT_THROW(from_bytes<T>(to_bytes(std::int64_t{Range::max()} + 1)), TypeError);
    EXPECT_THROW(from_bytes<T>(to_bytes(std::int64_t{Range::min()} - 1)), TypeError);
  } else if constexpr (std::is_signed_v<T>) {
    EXPECT_THROW(from_bytes<T>(to_bytes(std::uint64_t{1} << 63)), TypeError);
  } else {
    EXPECT_THROW(from_bytes<T>(to_bytes(-1)), TypeError);
  }
}

TEST(Pack, brings_integers_of_every_width_back) {
  expect_edges<signed char>();
  expect_edges<unsigned char>();
  expect_edges<short>();
  expect_edges<unsigned short>();
  expect_edges<int>();
  expect_edges<unsigned int>();
  expect_edges<long>();
  expect_edges<unsigned long>();
  expect_edges<long long>();
  expect_edges<unsigned long long>();
  expect_edges<char>();
  expect_edges<char8_t>();
  expect_edges<char16_t>();
  expect_edges<char32_t>();
  expect_edges<wchar_t>();
}

TEST(Pack, brings_booleans_back_and_takes_no_integer_for_one) {
  expect_round_trip(true);
  expect_round_trip(false);
  EXPECT_THROW(unpacked<bool>("01"), TypeError);
  EXPECT_THROW(unpacked<int>("c3"), TypeError);
}

enum class Small : std::int8_t { minus = -1, one = 1 };
enum Plain { first, second };
enum class Flag : bool { off, on };

TEST(Pack, brings_enums_back_as_integers_within_their_type) {
  expect_round_trip(Small::minus);
  expect_round_trip(second);
  expect_round_trip(Flag::on);
  expect_round_trip(std::byte{0xfe});
  EXPECT_EQ(packed(Small::one), "01");
  EXPECT_EQ(packed(Flag::on), "01");
  EXPECT_EQ(static_cast<int>(unpacked<Small>("64")), 100) << "names are not known, so any value is taken";
  EXPECT_THROW(unpacked<Small>("cc80"), TypeError);
  EXPECT_THROW(unpacked<Flag>("02"), TypeError);
}

enum class Phase : std::uint8_t { idle = 1, moving = 2, unknown = 255 };
VAGUS_ENUMERATORS(Phase, idle, moving, unknown)
enum class Tool : std::int16_t { drill = -1, mill };
VAGUS_ENUMERATORS(Tool, drill, mill)
struct Holder {
  enum class Grip { open, closed };
};
VAGUS_ENUMERATORS(Holder::Grip, open, closed)
VAGUS_ENUM_FALLBACK(Phase, unknown)

TEST(Pack, refuses_numbers_that_are_no_enumerators_where_those_are_known) {
  expect_round_trip(Tool::drill);
  expect_round_trip(Tool::mill);
  expect_round_trip(Holder::Grip::closed);
  EXPECT_EQ(error_of<TypeError>([] { unpacked<Tool>("02"); }),
            "at byte 0: expected one of drill (-1), mill (0), found integer 2");
  EXPECT_EQ(error_of<TypeError>([] { unpacked<std::vector<Holder::Grip>>("920002"); }),
            "at [1] (byte 2): expected one of open (0), closed (1), found integer 2");
}

TEST(Pack, reads_numbers_that_are_no_enumerators_as_the_fallback_if_there_is_one) {
  expect_round_trip(Phase::moving);
  EXPECT_EQ(unpacked<Phase>("03"), Phase::unknown);
  EXPECT_EQ(unpacked<Phase>("00"), Phase::unknown);
  EXPECT_THROW(unpacked<Phase>("cd0100"), TypeError)
      << "what the underlying type does not hold is no number of it";
  EXPECT_THROW(unpacked<Phase>("c0"), TypeError);
}

TEST(Pack, brings_real_numbers_back) {
  for (const double value : {0.0, 1.5, -1e300, std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::infinity()}) {
    expect_round_trip(value);
  }
  for (const float value : {0.0F, 1.5F, std::numeric_limits<float>::max(),
                            std::numeric_limits<float>::lowest(), -std::numeric_limits<float>::infinity()}) {
    expect_round_trip(value);
  }
  EXPECT_EQ(packed(1.5F), "ca3fc00000");
  EXPECT_TRUE(std::isnan(from_bytes<double>(to_bytes(std::nan("")))));
  EXPECT_TRUE(std::isnan(from_bytes<float>(to_bytes(std::nan("")))));
}

TEST(Pack, rounds_a_double_to_a_float_but_refuses_one_that_no_float_comes_near) {
  EXPECT_EQ(from_bytes<float>(to_bytes(0.1)), 0.1F);
  EXPECT_EQ(unpacked<float>("07"), 7.0F);
  EXPECT_THROW(from_bytes<float>(to_bytes(1e39)), TypeError);
  EXPECT_EQ(from_bytes<float>(to_bytes(std::numeric_limits<double>::infinity())),
            std::numeric_limits<float>::infinity());
}

TEST(Pack, brings_text_back) {
  expect_round_trip(std::string());
  expect_round_trip(std::string("h\xc3\xa9llo"));
  expect_round_trip(std::string("with\0zero", 9));
  expect_round_trip(std::string(300, 'x'));
  expect_round_trip(std::filesystem::path("/tmp/some where"));
  EXPECT_EQ(packed("abc"), "a3616263");
  EXPECT_EQ(packed(std::string_view("abc")), "a3616263");
  const char* const pointer = "abc";
  EXPECT_EQ(packed(pointer), "a3616263");
  const char* const null = nullptr;
  EXPECT_EQ(packed(null), "c0");
  const char unterminated[3] = {'a', 'b', 'c'};
  EXPECT_EQ(packed(unterminated), "a3616263");
  EXPECT_EQ(unpacked<std::string>("c403616263"), "abc") << "some peers send text as bin";
}

TEST(Pack, reads_string_views_and_spans_as_views_into_the_message) {
  const Bytes text = unhex("a3616263");
  EXPECT_EQ(from_bytes<std::string_view>(text).data(), reinterpret_cast<const char*>(text.data() + 1));
  const Bytes binary = unhex("c403010203");
  EXPECT_EQ(from_bytes<std::span<const std::byte>>(binary).data(), binary.data() + 2);
  EXPECT_EQ(from_bytes<std::span<const unsigned char>>(binary)[2], 3);
}

TEST(Pack, writes_bytes_as_bin) {
  expect_round_trip(unhex(""));
  expect_round_trip(unhex("00ff10"));
  expect_round_trip(std::vector<unsigned char>{1, 2, 3});
  expect_round_trip(std::vector<char>{'a', 'b'});
  expect_round_trip(std::array<std::byte, 2>{std::byte{1}, std::byte{2}});
  expect_round_trip(std::array<unsigned char, 2>{1, 2});
  const Bytes bytes = unhex("010203");
  EXPECT_EQ(packed(bytes), "c403010203");
  EXPECT_EQ(packed(std::span<const std::byte>(bytes)), "c403010203");
  EXPECT_EQ(packed(std::span<const std::byte, 2>(bytes.data(), 2)), "c4020102");
  EXPECT_EQ(packed(std::vector<unsigned char>{1, 2, 3}), "c403010203");
  EXPECT_EQ(packed(std::vector<signed char>{1, 2, 3}), "93010203") << "signed char is a number";
  EXPECT_THROW((unpacked<std::array<std::byte, 2>>("c403010203")), TypeError);
}

TEST(Pack, brings_sequences_back) {
  expect_round_trip(std::vector<int>{});
  expect_round_trip(std::vector<int>{1, -200, 70000});
  expect_round_trip(std::vector<bool>{true, false, true});
  expect_round_trip(std::vector<std::vector<std::string>>{{"a", "b"}, {}, {"c"}});
  expect_round_trip(std::deque<std::string>{"a", "b"});
  expect_round_trip(std::list<double>{1, 2.5});
  expect_round_trip(std::set<int>{3, 1, 2});
  expect_round_trip(std::multiset<int>{1, 1, 2});
  expect_round_trip(std::unordered_set<std::string>{"a", "b"});
  expect_round_trip(std::vector<int>(100, 7));
  const std::vector<double> numbers{1, 2};
  EXPECT_EQ(packed(std::span(numbers)), packed(numbers));
}

TEST(Pack, brings_maps_back) {
  expect_round_trip(std::map<std::string, int>{});
  expect_round_trip(std::map<std::string, int>{{"a", 1}, {"b", 2}});
  expect_round_trip(std::map<int, std::vector<std::string>>{{1, {"x"}}, {2, {}}});
  expect_round_trip(std::unordered_map<std::string, double>{{"a", 1}, {"b", 2}});
  expect_round_trip(std::multimap<int, int>{{1, 1}, {1, 2}});
  EXPECT_EQ((unpacked<std::map<std::string, int>>("82a16101a16102").at("a")), 2)
      << "the last of equal keys counts";
}

TEST(Pack, brings_arrays_pairs_and_tuples_of_just_their_length_back) {
  expect_round_trip(std::array<int, 3>{1, 2, 3});
  expect_round_trip(std::array<std::string, 0>{});
  expect_round_trip(std::pair<int, std::string>{1, "x"});
  expect_round_trip(std::tuple<>{});
  expect_round_trip(std::tuple<int, std::string, std::vector<bool>>{1, "x", {true}});
  EXPECT_EQ((error_of<TypeError>([] { unpacked<std::array<int, 3>>("920102"); })),
            "at byte 0: expected an array of 3, found array of 2");
  EXPECT_THROW((unpacked<std::pair<int, int>>("93010203")), TypeError);
  EXPECT_THROW((unpacked<std::tuple<int, int>>("9101")), TypeError);
}

TEST(Pack, writes_nil_for_what_is_empty) {
  expect_round_trip(std::optional<int>{});
  expect_round_trip(std::optional<int>{5});
  expect_round_trip(std::optional<std::string>{"x"});
  expect_round_trip(std::monostate{});
  EXPECT_EQ(packed(std::optional<int>{}), "c0");
  EXPECT_EQ(packed(std::unique_ptr<int>{}), "c0");
  EXPECT_EQ(packed(nullptr), "c0");
  EXPECT_EQ(*from_bytes<std::unique_ptr<int>>(to_bytes(std::make_unique<int>(5))), 5);
  EXPECT_EQ(*from_bytes<std::shared_ptr<std::string>>(to_bytes(std::make_shared<std::string>("x"))), "x");
  EXPECT_EQ(unpacked<std::shared_ptr<int>>("c0"), nullptr);
}

TEST(Pack, overwrites_what_was_there_before) {
  std::optional<int> optional = 5;
  std::vector<int> vector{1, 2, 3};
  std::map<int, int> map{{7, 7}};
  const Bytes bytes = unhex("c0 9104 810102");
  Reader reader{bytes};
  vagus::wire::unpack(reader, optional);
  vagus::wire::unpack(reader, vector);
  vagus::wire::unpack(reader, map);
  EXPECT_EQ(optional, std::nullopt);
  EXPECT_EQ(vector, std::vector<int>{4});
  EXPECT_EQ(map, (std::map<int, int>{{1, 2}}));
}

TEST(Pack, tells_the_alternatives_of_a_variant_by_their_index) {
  using Variant = std::variant<std::monostate, int, std::string, std::vector<int>>;
  expect_round_trip(Variant{});
  expect_round_trip(Variant{5});
  expect_round_trip(Variant{"x"});
  expect_round_trip(Variant{std::vector<int>{1, 2}});
  EXPECT_EQ(packed(Variant{5}), "920105");
  EXPECT_EQ(packed(Variant{}), "9200c0");
  EXPECT_EQ(error_of<TypeError>([] { unpacked<Variant>("920405"); }),
            "at [0] (byte 1): expected an integer from 0 to 3, found integer 4");
  EXPECT_THROW(unpacked<Variant>("93010505"), TypeError);
  EXPECT_THROW(unpacked<Variant>("05"), TypeError);
}

TEST(Pack, keeps_alternatives_that_are_unknown_where_a_variant_may_grow) {
  using Variant = std::variant<int, std::string, vagus::UnknownAlternative>;
  using Newer = std::variant<int, std::string, std::vector<int>, vagus::UnknownAlternative>;
  expect_round_trip(Variant{5});
  expect_round_trip(Variant{"x"});
  const std::string sent = packed(Newer{std::vector<int>{1, 2}});
  EXPECT_EQ(sent, "9202920102");
  const Variant read = unpacked<Variant>(sent);
  const vagus::UnknownAlternative expected{2, vagus::Value(vagus::Value::Array{1, 2})};
  EXPECT_EQ(std::get<2>(read), expected);
  EXPECT_EQ(packed(read), sent) << "passed on as what it was";
  EXPECT_EQ(unpacked<Newer>(packed(read)), Newer(std::vector<int>{1, 2}));
  EXPECT_THROW(unpacked<Variant>("92ff05"), TypeError);
  EXPECT_THROW(packed(Variant{vagus::UnknownAlternative{1, {}}}), std::invalid_argument);
}

TEST(Pack, writes_durations_as_nanoseconds) {
  expect_round_trip(5ns);
  expect_round_trip(-1500ms);
  expect_round_trip(std::chrono::hours{3});
  expect_round_trip(std::chrono::duration<double>{1.5});
  expect_round_trip(std::chrono::duration<float, std::milli>{-2.5F});
  expect_round_trip(std::chrono::duration<std::int8_t>{-128});
  EXPECT_EQ(packed(1us), "cd03e8");
  EXPECT_EQ((from_bytes<std::chrono::seconds>(to_bytes(1999ms))), 1s) << "what is finer is cut off";
  EXPECT_THROW((from_bytes<std::chrono::duration<std::int8_t>>(to_bytes(128s))), TypeError);
  EXPECT_THROW((from_bytes<std::chrono::duration<unsigned>>(to_bytes(-1s))), TypeError);
}

TEST(Pack, keeps_a_duration_that_means_for_ever) {
  expect_round_trip(std::chrono::nanoseconds::max());
  expect_round_trip(std::chrono::nanoseconds::min());
  expect_round_trip(std::chrono::hours::max());
  expect_round_trip(std::chrono::hours::min());
  EXPECT_EQ(packed(std::chrono::seconds::max()), packed(std::chrono::nanoseconds::max()));
  const std::chrono::duration<double> endless{std::numeric_limits<double>::infinity()};
  EXPECT_EQ(packed(endless), packed(std::chrono::nanoseconds::max()));
  EXPECT_EQ(packed(-endless), packed(std::chrono::nanoseconds::min()));
  const std::chrono::duration<double> none{std::nan("")};
  EXPECT_THROW(to_bytes(none), std::domain_error);
}

TEST(Pack, knows_units_that_are_no_whole_number_of_nanoseconds) {
  using Frames = std::chrono::duration<std::int64_t, std::ratio<1, 60>>;
  EXPECT_EQ(from_bytes<std::chrono::nanoseconds>(to_bytes(Frames{90})), 1500ms);
  EXPECT_EQ(from_bytes<Frames>(to_bytes(1500ms)), Frames{90});
  EXPECT_EQ(packed(Frames::max()), packed(std::chrono::nanoseconds::max()));
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 90'000>>;
  for (const std::int64_t count : {1, 2, 59, 89, 90'001}) {
    for (const std::int64_t sign : {1, -1}) {
      expect_round_trip(Frames{sign * count});
      expect_round_trip(Ticks{sign * count});
      expect_round_trip(std::chrono::sys_time<Frames>{Frames{sign * count}});
      expect_round_trip(std::chrono::sys_time<Ticks>{Ticks{sign * count}});
    }
  }
  expect_round_trip(std::chrono::duration<std::uint16_t, std::ratio<1, 60>>{59});
  using Picoseconds = std::chrono::duration<std::int64_t, std::pico>;
  EXPECT_EQ(packed(Picoseconds{1999}), packed(1ns)) << "what is finer is cut off";
  EXPECT_EQ(from_bytes<Picoseconds>(to_bytes(5ns)), Picoseconds{5000});
  EXPECT_THROW(from_bytes<Picoseconds>(to_bytes(std::chrono::hours{24 * 365})), TypeError);
}

TEST(Pack, writes_points_in_time_as_the_timestamp_extension) {
  using Clock = std::chrono::system_clock;
  const auto at = [](std::chrono::nanoseconds since) { return Clock::time_point{since}; };
  EXPECT_EQ(packed(at(1s)), "d6ff00000001");
  EXPECT_EQ(packed(at(1s + 1ns)), "d7ff0000000400000001");
  EXPECT_EQ(packed(at(-1ns)), "c70cff3b9ac9ffffffffffffffffff");
  expect_round_trip(at(0s));
  expect_round_trip(at(1'700'000'000s));
  expect_round_trip(at(1'700'000'000s + 123'456'789ns));
  expect_round_trip(at(-1'700'000'000s - 123'456'789ns));
  expect_round_trip(at(4'294'967'295s));
  expect_round_trip(at(4'294'967'296s));
  expect_round_trip(at(9'000'000'000s));
  expect_round_trip(std::chrono::sys_days{std::chrono::year{1815} / 12 / 10});
  expect_round_trip(std::chrono::sys_seconds{20'000'000'000s});
  using Nanoseconds = std::chrono::sys_time<std::chrono::nanoseconds>;
  EXPECT_EQ(packed(Nanoseconds::min()), "c70cff08a7f200fffffffdda3e82fb");
  EXPECT_THROW(packed(std::chrono::sys_days::max()), std::domain_error) << "no 64 bits can count its seconds";
  EXPECT_THROW(packed(std::chrono::sys_days::min()), std::domain_error);
}

TEST(Pack, reads_all_three_forms_of_the_timestamp) {
  using Time = std::chrono::sys_time<std::chrono::nanoseconds>;
  EXPECT_EQ(unpacked<Time>("d6ff00000001"), Time{1s});
  EXPECT_EQ(unpacked<Time>("d7ff0000000000000001"), Time{1s});
  EXPECT_EQ(unpacked<Time>("c70cff000000000000000000000001"), Time{1s});
  EXPECT_THROW(unpacked<Time>("d60100000001"), TypeError) << "another extension";
  EXPECT_THROW(unpacked<Time>("d5ff0001"), TypeError) << "no such length";
  EXPECT_THROW(unpacked<Time>("d7ffee6b280000000000"), TypeError) << "a second is 10^9 nanoseconds";
  EXPECT_THROW(unpacked<Time>("c70cff000000007fffffffffffffff"), TypeError) << "no 64 bits can hold that";
  EXPECT_THROW(unpacked<Time>("01"), TypeError);
}

struct Status {
  double position = 1.5;
  bool moving = true;
  std::vector<std::string> faults = {"none"};

  friend bool operator==(const Status&, const Status&) = default;
};

struct Machine {
  std::string name = "machine";
  std::map<std::string, Status> axes = {};
  std::optional<Status> spindle = std::nullopt;
  std::array<Status, 2> doors = {};

  friend bool operator==(const Machine&, const Machine&) = default;
};

struct Nothing {
  friend bool operator==(const Nothing&, const Nothing&) = default;
};

TEST(Pack, brings_aggregates_back) {
  expect_round_trip(Status{2.5, false, {"hot", "loud"}});
  expect_round_trip(Nothing{});
  expect_round_trip(Machine{"m", {{"x", Status{}}, {"y", Status{1, false, {}}}}, Status{}, {}});
  EXPECT_EQ(packed(Status{1.5, true, {}}), "93cb3ff8000000000000c390");
  EXPECT_EQ(packed(Nothing{}), "90");
}

TEST(Pack, keeps_the_initialisers_of_fields_that_an_older_peer_does_not_send) {
  EXPECT_EQ(unpacked<Status>("90"), Status{});
  EXPECT_EQ(unpacked<Status>("91cb4000000000000000"), (Status{2, true, {"none"}}));
  EXPECT_EQ(unpacked<std::vector<Status>>("929091cb4000000000000000"),
            (std::vector<Status>{Status{}, Status{2, true, {"none"}}}));
}

TEST(Pack, ignores_fields_that_a_newer_peer_sends_besides) {
  EXPECT_EQ(unpacked<Status>("95 cb3ff8000000000000 c2 90 8101930102c3 c0"), (Status{1.5, false, {}}));
  EXPECT_EQ(unpacked<Nothing>("9201c0"), Nothing{});
  EXPECT_THROW(unpacked<Status>("94 cb3ff8000000000000 c2 90 c1"), MalformedError) << "but looks at them";
}

TEST(Pack, says_which_field_was_wrong) {
  EXPECT_EQ(error_of<TypeError>([] { unpacked<Machine>("92 a16d 81 a178 93 01 c3 91 05"); }),
            "at [1].x[2][0] (byte 10): expected a str, found integer 5");
  EXPECT_EQ(error_of<TypeError>([] { unpacked<Status>("8101c0"); }),
            "at byte 0: expected an array, found map of 1");
}

struct Node {
  int value = 0;
  std::vector<Node> children = {};
  std::unique_ptr<Node> next = nullptr;
};

TEST(Pack, brings_recursive_types_back) {
  Node node{1, {}, std::make_unique<Node>()};
  node.children.push_back(Node{2, {}, nullptr});
  node.next->value = 3;
  const Node back = from_bytes<Node>(to_bytes(node));
  EXPECT_EQ(back.value, 1);
  EXPECT_EQ(back.children.at(0).value, 2);
  EXPECT_EQ(back.next->value, 3);
  EXPECT_EQ(back.next->next, nullptr);
}

struct Large {
  std::array<double, 1000> values = {};
};

TEST(Pack, reserves_no_more_than_the_bytes_that_are_there_can_hold) {
  Bytes bytes = unhex("dd 00100000");
  bytes.resize(bytes.size() + 0x100000, std::byte{0xc0});
  EXPECT_THROW(from_bytes<std::vector<Large>>(bytes), TypeError) << "8 GB would have been reserved";
  EXPECT_THROW(unpacked<std::vector<Large>>("ddff000000"), MalformedError);
  EXPECT_THROW((unpacked<std::unordered_map<int, Large>>("dfff000000")), MalformedError);
}

TEST(Pack, takes_nothing_that_follows_a_value) { EXPECT_THROW(unpacked<int>("0101"), MalformedError); }

class Angle {
 public:
  double degrees = 0;
  explicit Angle(double value = 0) : degrees(value) {}
  friend bool operator==(const Angle&, const Angle&) = default;
};

}  // namespace

template <>
struct vagus::wire::Codec<Angle> {
  static void pack(Writer& writer, const Angle& angle) { writer.real(angle.degrees); }
  static void unpack(Reader& reader, Angle& angle) { angle = Angle(reader.real()); }
};

namespace {

TEST(Pack, takes_types_that_bring_their_own_codec) {
  expect_round_trip(Angle(30));
  expect_round_trip(std::vector<Angle>{Angle(30), Angle(60)});
  EXPECT_EQ(packed(Angle(1.5)), packed(1.5));
}

class Opaque {
 public:
  explicit Opaque(int) {}
};

TEST(Pack, knows_at_compile_time_what_can_travel) {
  EXPECT_TRUE(Packable<int>);
  EXPECT_TRUE(Packable<const int>);
  EXPECT_TRUE(Packable<char[6]>);
  EXPECT_TRUE(Packable<const char*>);
  EXPECT_TRUE(Packable<Status>);
  EXPECT_TRUE(Packable<std::vector<Status>>);
  EXPECT_TRUE(Packable<std::span<const double>>);
  EXPECT_TRUE(Unpackable<std::string_view>);
  EXPECT_FALSE(Packable<Opaque>);
  EXPECT_FALSE(Packable<std::vector<Opaque>>);
  EXPECT_FALSE((Packable<std::map<int, Opaque>>));
  EXPECT_FALSE(Packable<std::optional<Opaque>>);
  EXPECT_FALSE((Packable<std::tuple<int, Opaque>>));
  EXPECT_FALSE((Packable<std::variant<int, Opaque>>));
  EXPECT_FALSE(Packable<int*>);
  EXPECT_FALSE(Packable<void (*)()>);
  EXPECT_FALSE(Packable<std::chrono::steady_clock::time_point>) << "it means nothing to another machine";
  EXPECT_FALSE(Unpackable<const int>);
  EXPECT_FALSE(Unpackable<const char*>);
  EXPECT_FALSE(Unpackable<std::span<const double>>);
  EXPECT_FALSE(Unpackable<std::span<std::byte>>);
}

}  // namespace
