/// The notation of the test vectors: JSON, with a few objects for what JSON does not have.
/// tests/vectors/messages.txt explains it.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <vagus/wire/value.hpp>

#include "wire_hex.hpp"

namespace vagus::test {

/// Reads one JSON text. Throws std::invalid_argument, after which the rest of the line is in the message.
class Json {
 public:
  static Value parse(std::string_view text) {
    Json json(text);
    Value value = json.value();
    json.blanks();
    if (!json.rest_.empty()) json.fail("something follows");
    return value;
  }

 private:
  explicit Json(std::string_view text) : rest_(text) {}

  Value value() {
    blanks();
    if (takes("null")) return nullptr;
    if (takes("true")) return true;
    if (takes("false")) return false;
    if (rest_.starts_with('"')) return string();
    if (rest_.starts_with('[')) return array();
    if (rest_.starts_with('{')) return special(object());
    return number();
  }

  Value number() {
    const std::string text(rest_.substr(0, rest_.find_first_not_of("+-.0123456789e")));
    if (text.empty()) fail("no value");
    rest_.remove_prefix(text.size());
    if (text.find_first_of(".e") != std::string::npos) return std::strtod(text.c_str(), nullptr);
    if (text.front() == '-') return static_cast<std::int64_t>(std::strtoll(text.c_str(), nullptr, 10));
    return static_cast<std::uint64_t>(std::strtoull(text.c_str(), nullptr, 10));
  }

  std::string string() {
    std::string text;
    for (rest_.remove_prefix(1); !takes("\""); rest_.remove_prefix(1)) {
      if (rest_.empty()) fail("no closing quote");
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      text += rest_.front();
    }
    return text;
  }

  Value::Array array() {
    Value::Array array;
    rest_.remove_prefix(1);
    for (blanks(); !takes("]"); blanks()) {
      array.push_back(value());
      blanks();
      if (!takes(",") && !rest_.starts_with(']')) fail("no , or ]");
    }
    return array;
  }

  Value::Map object() {
    Value::Map map;
    rest_.remove_prefix(1);
    for (blanks(); !takes("}"); blanks()) {
      Value key = value();
      blanks();
      if (!takes(":")) fail("no :");
      map.emplace_back(std::move(key), value());
      blanks();
      if (!takes(",") && !rest_.starts_with('}')) fail("no , or }");
    }
    return map;
  }

  static Value special(Value::Map map) {
    if (map.size() != 1) return map;
    const auto& [name, content] = map.front();
    if (name == Value("$bin")) return unhex(content.string());
    if (name == Value("$ext")) {
      return Value::Ext{static_cast<std::int8_t>(content.array().at(0).integer()),
                        unhex(content.array().at(1).string())};
    }
    if (name == Value("$map")) {
      Value::Map entries;
      for (const Value& entry : content.array()) {
        entries.emplace_back(entry.array().at(0), entry.array().at(1));
      }
      return entries;
    }
    return map;
  }

  void blanks() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

  bool takes(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw std::invalid_argument("no JSON: " + reason + " at: " + std::string(rest_));
  }

  std::string_view rest_;
};

}  // namespace vagus::test
