#include "table_reader.hpp"

#include <algorithm>
#include <limits>

#include <vagus/core/suggestions.hpp>
#include <vagus/core/time_text.hpp>

#include "size_text.hpp"

namespace vagus {

namespace {

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TableReader::TableReader(const Node& node, std::string where, Faults& faults)
    : node_(node), where_(std::move(where)), faults_(faults) {
  if (node.table() == nullptr) {
    faults_.add(node.place, where_ + " is " + kind_of(node) + "; expected a table");
  }
}

const Node* TableReader::find(std::string_view key) {
  if (!contains(asked_, key)) asked_.emplace_back(key);
  return look_up(key);
}

const Node* TableReader::forbidden(std::string_view key) {
  forbidden_.emplace_back(key);
  return look_up(key);
}

const Node* TableReader::look_up(std::string_view key) const noexcept {
  if (node_.table() == nullptr) return nullptr;
  for (const Entry& entry : *node_.table()) {
    if (entry.key == key) return &entry.node;
  }
  return nullptr;
}

void TableReader::refuse(std::string_view key, const Node& node, std::string_view expected) const {
  refuse_as(key, node, shown(node), expected);
}

void TableReader::refuse_kind(std::string_view key, const Node& node, std::string_view expected) const {
  refuse_as(key, node, kind_of(node), expected);
}

void TableReader::refuse_as(std::string_view key, const Node& node, const std::string& what,
                            std::string_view expected) const {
  faults_.add(node.place,
              '\'' + shown(key) + "' in " + where_ + " is " + what + "; expected " + std::string(expected));
}

std::optional<PlacedText> TableReader::placed_text(std::string_view key) {
  const Node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->text() != nullptr) return PlacedText{*node->text(), node->place};
  refuse(key, *node, "text");
  return std::nullopt;
}

std::optional<PlacedText> TableReader::secret_text(std::string_view key) {
  const Node* const node = find(key);
  if (node == nullptr || node->text() != nullptr) return placed_text(key);
  refuse_kind(key, *node, "text");
  return std::nullopt;
}

std::optional<std::string> TableReader::text(std::string_view key) {
  auto found = placed_text(key);
  if (!found) return std::nullopt;
  return std::move(found->text);
}

std::optional<PlacedText> TableReader::required_text(std::string_view key) {
  const Node* const node = find(key);
  if (node != nullptr) return placed_text(key);
  if (node_.table() != nullptr) {
    faults_.add(node_.place, where_ + " has no '" + std::string(key) + "', which is needed");
  }
  return std::nullopt;
}

std::optional<bool> TableReader::flag(std::string_view key) {
  const Node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const flag = std::get_if<bool>(&node->value)) return *flag;
  refuse(key, *node, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::number(std::string_view key, std::int64_t least, std::int64_t most) {
  const Node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* const number = std::get_if<std::int64_t>(&node->value);
  if (number != nullptr && *number >= least && *number <= most) return *number;
  const bool bounded = most != std::numeric_limits<std::int64_t>::max();
  refuse(key, *node,
         "a whole number from " + std::to_string(least) + (bounded ? " to " + std::to_string(most) : " on"));
  return std::nullopt;
}

std::optional<Duration> TableReader::timeout(std::string_view key) {
  const Node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->text() != nullptr) {
    if (*node->text() == "none") return no_timeout;
    if (const auto time = time_from_text(*node->text())) return time;
  }
  refuse(key, *node,
         "a time such as \"250ms\": a whole number from 1 to 1000000, and ms, s, min or h; or \"none\"");
  return std::nullopt;
}

std::optional<std::size_t> TableReader::size(std::string_view key) {
  const Node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const number = std::get_if<std::int64_t>(&node->value); number != nullptr && *number > 0) {
    return static_cast<std::size_t>(*number);
  }
  if (node->text() != nullptr) {
    if (const auto size = size_from_text(*node->text())) return size;
  }
  refuse(key, *node, "a number of bytes such as 4096, \"64KiB\" or \"16MiB\"");
  return std::nullopt;
}

std::vector<PlacedText> TableReader::texts(std::string_view key) {
  std::vector<PlacedText> all;
  const Node::List* const elements = list(key, "texts");
  if (elements == nullptr) return all;
  for (const Node& element : *elements) {
    if (element.text() == nullptr) {
      refuse(key, element, "text in the list");
    } else {
      all.push_back({*element.text(), element.place});
    }
  }
  return all;
}

const Node::List* TableReader::list(std::string_view key, std::string_view expected) {
  const Node* const node = find(key);
  if (node == nullptr) return nullptr;
  if (node->list() == nullptr) refuse_kind(key, *node, "a list of " + std::string(expected));
  return node->list();
}

const Node* TableReader::table(std::string_view key) {
  const Node* const node = find(key);
  if (node == nullptr || node->table() != nullptr) return node;
  refuse_kind(key, *node, "a table");
  return nullptr;
}

const Node* TableReader::word_of(std::string_view key, const std::vector<std::string>& words) {
  const Node* const node = find(key);
  if (node == nullptr) return nullptr;
  const std::string* const given = node->text();
  if (given != nullptr && contains(words, *given)) return node;
  refuse(key, *node, one_of(words) + (given != nullptr ? did_you_mean(*given, words) : ""));
  return nullptr;
}

void TableReader::finish() const {
  if (node_.table() == nullptr) return;
  std::string known;
  for (const std::string& key : asked_) known += (known.empty() ? "" : ", ") + key;
  for (const Entry& entry : *node_.table()) {
    if (contains(asked_, entry.key) || contains(forbidden_, entry.key)) continue;
    const std::string meant = did_you_mean(entry.key, asked_);
    faults_.add(entry.place, "unknown key '" + shown(entry.key) + "' in " + where_ +
                                 (meant.empty() ? ";" : meant) + " known here: " + known);
  }
}

CallDefaults read_defaults(TableReader& table) {
  return {
      table.timeout("timeout"),
      table.choice<Priority>(
          "priority", {{"low", Priority::low}, {"normal", Priority::normal}, {"high", Priority::high}}),
      table.choice<WhenFull>(
          "when_full", {{"wait", WhenFull::wait}, {"refuse", WhenFull::refuse}, {"drop", WhenFull::drop}}),
      table.choice<WhenDown>("when_down", {{"fail", WhenDown::fail}, {"queue", WhenDown::queue}})};
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (index > 0) text += index + 1 == words.size() ? " or " : ", ";
    text += '"' + words[index] + '"';
  }
  return text;
}

}  // namespace vagus
