#include <array>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/wire/outlives_message.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::wire::testing {
namespace {

struct Owner {
  std::string name;
  std::vector<Owner> below;
};
struct Viewer {
  std::vector<Viewer> below;
  std::string_view name;
};
struct Around {
  int number = 0;
  std::optional<Viewer> viewer;
};

template <class... T>
constexpr bool all_outlive = (outlives_message<T> && ...);
template <class... T>
constexpr bool any_outlives = (outlives_message<T> || ...);

TEST(OutlivesMessage, holds_for_what_owns_all_that_it_has) {
  static_assert(all_outlive<void, int, std::string, Bytes, Value, Owner, Loan<const float>>);
  static_assert(all_outlive<std::vector<std::string>, std::map<std::string, std::vector<char>>,
                            std::set<std::string>, std::array<Owner, 2>, std::unique_ptr<Owner>>);
}

TEST(OutlivesMessage, fails_for_views_however_deep_inside) {
  static_assert(!any_outlives<std::string_view, std::span<const std::byte>, std::span<const char>>);
  static_assert(!any_outlives<std::optional<std::string_view>, std::list<std::string_view>,
                              std::map<int, std::vector<std::span<const unsigned char>>>,
                              std::pair<int, std::string_view>, std::variant<int, std::string_view>,
                              std::array<std::string_view, 2>, std::shared_ptr<std::string_view>>);
  static_assert(!any_outlives<Viewer, Around, std::vector<Around>>);
}

}  // namespace
}  // namespace vagus::wire::testing
