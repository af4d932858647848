#include <map>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include <vagus/wire/type_shape.hpp>

namespace vagus::wire::testing {

enum class Mode : std::uint8_t { slow, fast };

struct Position {
  double x_mm = 0.0;
  double y_mm = 0.0;
};
VAGUS_FIELDS(Position, x_mm, y_mm)

struct Status {
  Position at;
  Mode mode = Mode::slow;
  std::vector<std::string> faults;
};
VAGUS_FIELDS(Status, at, mode, faults)

struct Unnamed {
  int count = 0;
  std::optional<std::string> text;
};

struct Node {
  std::string name;
  std::vector<Node> children;
};
VAGUS_FIELDS(Node, name, children)

struct Empty {};

class Machine {
 public:
  struct Inner {
    bool moving = false;
  };
};
VAGUS_FIELDS(Machine::Inner, moving)

struct Swapped {
  int first = 0;
  int second = 0;
};
VAGUS_FIELDS(Swapped, second, first)

namespace {

template <class T>
std::string shape() {
  TypeWalk walk;
  walk.add<T>();
  return walk.take_text();
}

TEST(TypeShape, of_what_has_no_parts_is_its_name) {
  EXPECT_EQ(shape<bool>(), "bool");
  EXPECT_EQ(shape<int>(), "int");
  EXPECT_EQ(shape<std::uint8_t>(), "uint8");
  EXPECT_EQ(shape<std::string>(), "string");
  EXPECT_EQ(shape<std::vector<std::byte>>(), "bytes");
  EXPECT_EQ(shape<Value>(), "any");
  EXPECT_EQ(shape<std::chrono::milliseconds>(), "duration");
}

TEST(TypeShape, spells_out_what_is_inside_of_containers) {
  EXPECT_EQ(shape<std::vector<Mode>>(), "list<enum uint8>");
  EXPECT_EQ((shape<std::map<std::string, std::set<int>>>()), "map<string, set<int>>");
  EXPECT_EQ((shape<std::tuple<int, std::pair<bool, Unnamed>>>()),
            "tuple<int, tuple<bool, {int, optional<string>}>>");
  EXPECT_EQ((shape<std::variant<std::monostate, double>>()), "variant<nil, double>");
  EXPECT_EQ((shape<std::array<Position, 2>>()), "array<{x_mm: double, y_mm: double}, 2>");
  EXPECT_EQ(shape<std::unique_ptr<Mode>>(), "optional<enum uint8>");
  EXPECT_EQ(shape<std::tuple<>>(), "tuple<>");
}

TEST(TypeShape, of_a_struct_is_its_fields_with_their_names_if_it_has_any) {
  EXPECT_EQ(shape<Status>(), "{at: {x_mm: double, y_mm: double}, mode: enum uint8, faults: list<string>}");
  EXPECT_EQ(shape<Unnamed>(), "{int, optional<string>}");
  EXPECT_EQ(shape<Machine::Inner>(), "{moving: bool}");
  EXPECT_EQ(shape<Empty>(), "{}");
}

TEST(TypeShape, of_a_struct_that_holds_itself_ends) {
  EXPECT_EQ(shape<Node>(), "{name: string, children: list<^0>}");
}

TEST(TypeShape, notes_each_struct_and_enum_once) {
  TypeWalk walk;
  walk.add<Status>();
  walk.add<std::vector<Position>>();
  const std::vector<TypeDescription> expected{
      {"Position", {{"x_mm", "double"}, {"y_mm", "double"}}, ""},
      {"Mode", {}, "uint8"},
      {"Status", {{"at", "Position"}, {"mode", "Mode"}, {"faults", "list<string>"}}, ""}};
  EXPECT_EQ(walk.types(), expected);
}

enum class Phase : std::int8_t { idle = -1, moving };
VAGUS_ENUMERATORS(Phase, idle, moving)

TEST(TypeShape, of_an_enum_does_not_tell_its_enumerators_but_its_description_does) {
  TypeWalk walk;
  walk.add<Phase>();
  EXPECT_EQ(walk.take_text(), "enum int8");
  const std::vector<TypeDescription> expected{{"Phase", {}, "int8", {{"idle", -1}, {"moving", 0}}}};
  EXPECT_EQ(walk.types(), expected);
}

TEST(TypeShape, tells_that_a_variant_may_grow) {
  EXPECT_EQ((shape<std::variant<int, UnknownAlternative>>()), "variant<int, unknown>");
}

TEST(TypeShape, finds_fields_that_are_named_in_the_wrong_order) {
  EXPECT_THROW(shape<Swapped>(), std::logic_error);
}

// The test vectors of the hash's authors.
TEST(TypeShape, is_hashed_by_fnv_1a) {
  EXPECT_EQ(shape_hash(""), 0xcbf29ce484222325u);
  EXPECT_EQ(shape_hash("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(shape_hash("foobar"), 0x85944171f73967e8u);
}

}  // namespace
}  // namespace vagus::wire::testing
