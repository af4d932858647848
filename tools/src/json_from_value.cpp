#include "json.hpp"
#include "type_text.hpp"

namespace vagus::tools {

namespace {

std::string hex(const Bytes& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "hex:";
  text.reserve(4 + 2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4];
    text += digits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

bool is_list(const Value& value) { return value.kind() == Value::Kind::array; }

}  // namespace

Json JsonConverter::to_json(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::nil:
      return nullptr;
    case Value::Kind::boolean:
      return value.boolean();
    case Value::Kind::integer:
      try {
        return value.integer();
      } catch (const wire::TypeError&) {
        return value.unsigned_integer();
      }
    case Value::Kind::real:
      return value.real();
    case Value::Kind::str:
      return value.string();
    case Value::Kind::bin:
      return hex(value.bytes());
    case Value::Kind::array: {
      Json array = Json::array();
      for (const Value& element : value.array()) array.push_back(to_json(element));
      return array;
    }
    case Value::Kind::map: {
      const auto& map = value.map();
      bool text_keys = true;
      for (const auto& [key, element] : map) text_keys = text_keys && key.kind() == Value::Kind::str;
      Json json = text_keys ? Json::object() : Json::array();
      for (const auto& [key, element] : map) {
        if (text_keys) {
          json[key.string()] = to_json(element);
        } else {
          json.push_back(Json::array({to_json(key), to_json(element)}));
        }
      }
      return json;
    }
    case Value::Kind::ext:
      return Json{{"extension", value.ext().type}, {"bytes", hex(value.ext().bytes)}};
  }
  return nullptr;
}

/// One conversion.
class ToJson {
 public:
  explicit ToJson(const JsonConverter& converter) : converter_(converter) {}

  Json convert(const Value& value, const TypeText& type) const {
    if (const auto* const described = converter_.find(type.name)) {
      if (is_list(value)) return structure(value.array(), *described);
      for (const auto& one : described->enumerators) {
        if (value == number_of(one, *described)) return one.name;
      }
    }
    if (type.name == "time") return time(value);
    if (type.arguments.empty()) return JsonConverter::to_json(value);
    if (type.name == "optional") return value.is_nil() ? Json() : convert(value, type.arguments[0]);
    if (is_list(value)) return list(value.array(), type);
    if (type.name == "map" && type.arguments.size() == 2 && value.kind() == Value::Kind::map) {
      return map(value.map(), type);
    }
    return JsonConverter::to_json(value);
  }

 private:
  Json structure(const Value::Array& values, const wire::TypeDescription& type) const {
    const bool named = !type.fields.empty() && !type.fields[0].name.empty();
    Json json = named ? Json::object() : Json::array();
    for (std::size_t index = 0; index < values.size() && index < type.fields.size(); ++index) {
      Json field = convert(values[index], parse_type(type.fields[index].type));
      if (named) {
        json[type.fields[index].name] = std::move(field);
      } else {
        json.push_back(std::move(field));
      }
    }
    return json;
  }

  Json list(const Value::Array& values, const TypeText& type) const {
    Json json = Json::array();
    const bool variant =
        type.name == "variant" && values.size() == 2 && values[0].kind() == Value::Kind::integer;
    for (std::size_t index = 0; index < values.size(); ++index) {
      std::size_t which = type.name == "tuple" ? index : 0;
      if (variant && index == 0) {
        json.push_back(JsonConverter::to_json(values[0]));
        continue;
      }
      if (variant) which = values[0].unsigned_integer();
      json.push_back(which < type.arguments.size() ? convert(values[index], type.arguments[which])
                                                   : JsonConverter::to_json(values[index]));
    }
    return json;
  }

  Json map(const Value::Map& entries, const TypeText& type) const {
    const bool text_keys = type.arguments[0].name == "string";
    Json json = text_keys ? Json::object() : Json::array();
    for (const auto& [key, value] : entries) {
      if (text_keys && key.kind() == Value::Kind::str) {
        json[key.string()] = convert(value, type.arguments[1]);
      } else if (!text_keys) {
        json.push_back(Json::array({convert(key, type.arguments[0]), convert(value, type.arguments[1])}));
      }
    }
    return json;
  }

  static Json time(const Value& value) {
    try {
      const Bytes packed = wire::to_bytes(value);
      wire::Reader reader(packed);
      const auto time = wire::unpack<wire::Timestamp>(reader);
      if (time.nanoseconds == 0) return time.seconds;
      return static_cast<double>(time.seconds) + time.nanoseconds * 1e-9;
    } catch (const wire::DecodeError&) {
      return JsonConverter::to_json(value);
    }
  }

  const JsonConverter& converter_;
};

Json JsonConverter::to_json(const Value& value, const std::string& type) const {
  return ToJson(*this).convert(value, parse_type(type));
}

std::string one_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string many_lines(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

}  // namespace vagus::tools
