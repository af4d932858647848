/// A file as a tree, in which everything knows where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vagus {

class Faults;

/// From 1 on; 0: nowhere.
struct Place {
  unsigned line = 0;
  unsigned column = 0;
};

struct Entry;

/// One value.
struct Node {
  /// A date or a time, as it is written: nothing here is one.
  struct Date {
    std::string text;
  };
  using List = std::vector<Node>;
  using Table = std::vector<Entry>;

  Place place;
  std::variant<std::string, bool, std::int64_t, double, List, Table, Date> value;

  const std::string* text() const noexcept { return std::get_if<std::string>(&value); }
  const List* list() const noexcept { return std::get_if<List>(&value); }
  const Table* table() const noexcept { return std::get_if<Table>(&value); }
};

/// One key of a table, and what it stands for.
struct Entry {
  std::string key;
  Place place;
  Node node;
};

/// As much of a text as fits in an error.
std::string shown(std::string_view text);

/// What it is, for errors: `"two"`, `12`, `a table`.
std::string shown(const Node& node);
/// The same without the value of a text or a number, which somebody may have meant as a secret.
std::string kind_of(const Node& node);

/// Reads TOML. What is none is a fault, and the table is empty then.
Node parse_document(std::string_view text, Faults& faults);

}  // namespace vagus
