/// Reads one table of a file key by key, and finds the keys that nobody has asked for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <vagus/core/deadline.hpp>
#include <vagus/core/options.hpp>

#include "document.hpp"
#include "faults.hpp"

namespace vagus {

/// A text and where it stands.
struct PlacedText {
  std::string text;
  Place place;
};

/// What is of another type, or out of range, is a fault, and as if it were not there. The table and the
/// faults have to outlive it.
class TableReader {
 public:
  /// `where`: `[limits]`, for errors. A node that is no table is a fault.
  TableReader(const Node& node, std::string where, Faults& faults);

  const std::string& where() const noexcept { return where_; }
  const Place& place() const noexcept { return node_.place; }
  Faults& faults() const noexcept { return faults_; }

  /// What a key stands for; null if it is not there.
  const Node* find(std::string_view key);
  /// The same of a key that may not be there, for which the caller has its own fault.
  const Node* forbidden(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<PlacedText> placed_text(std::string_view key);
  /// The same of what may be a secret, or was meant to be one: what stands there instead is not shown.
  std::optional<PlacedText> secret_text(std::string_view key);
  /// A fault if it is not there.
  std::optional<PlacedText> required_text(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);
  /// `"250ms"`, or `"none"`: no timeout.
  std::optional<Duration> timeout(std::string_view key);
  /// Of bytes: `4096` or `"64MiB"`, from 1 on.
  std::optional<std::size_t> size(std::string_view key);
  /// A list of texts; none if the key is not there.
  std::vector<PlacedText> texts(std::string_view key);
  /// The elements of a list; a fault if it is none. `expected`: what they are, for that.
  const Node::List* list(std::string_view key, std::string_view expected);
  const Node* table(std::string_view key);

  /// One of the words.
  template <typename T>
  std::optional<T> choice(std::string_view key,
                          std::initializer_list<std::pair<std::string_view, T>> choices) {
    std::vector<std::string> words;
    for (const auto& [word, value] : choices) words.emplace_back(word);
    const Node* const node = word_of(key, words);
    if (node == nullptr) return std::nullopt;
    for (const auto& [word, value] : choices) {
      if (*node->text() == word) return value;
    }
    return std::nullopt;
  }

  /// Says that what a key stands for is not what was expected.
  void refuse(std::string_view key, const Node& node, std::string_view expected) const;
  /// The same, and does not show it.
  void refuse_kind(std::string_view key, const Node& node, std::string_view expected) const;
  /// All keys that were not asked for are faults.
  void finish() const;

 private:
  void refuse_as(std::string_view key, const Node& node, const std::string& what,
                 std::string_view expected) const;
  const Node* look_up(std::string_view key) const noexcept;
  const Node* word_of(std::string_view key, const std::vector<std::string>& words);

  const Node& node_;
  const std::string where_;
  Faults& faults_;
  std::vector<std::string> asked_;
  std::vector<std::string> forbidden_;
};

/// The four keys of CallDefaults.
CallDefaults read_defaults(TableReader& table);

/// `a, b or c`
std::string one_of(const std::vector<std::string>& words);

}  // namespace vagus
