#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "report/json.hpp"

namespace bench {

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + '"';
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// One object on one line.
class Object {
 public:
  void add(const char* key, const std::string& value) { add_raw(key, quoted(value)); }
  void add(const char* key, double value) { add_raw(key, number(value)); }
  void add_name(const RowName& name) {
    add("name", name.name);
    add("mode", name.mode);
    add("pin", name.pin);
    if (name.size.find_first_not_of("0123456789") == std::string::npos) {
      add_raw("size", name.size);
    } else {
      add("size", name.size);
    }
  }
  std::string text() const { return "{" + members_ + "}"; }

 private:
  void add_raw(const char* key, const std::string& value) {
    if (!members_.empty()) members_ += ", ";
    members_ += quoted(key) + ": " + value;
  }

  std::string members_;
};

std::string object_of(const Row& row) {
  Object object;
  object.add_name(row.name);
  object.add("p50_us", row.p50_us);
  object.add("p99_us", row.p99_us);
  object.add("p999_us", row.p999_us);
  object.add("ops_s", row.operations_per_second);
  object.add("cpu_s_per_million", row.cpu_seconds_per_million);
  object.add("limit_p50_us", row.limit_p50_us);
  object.add("ratio", row.ratio);
  if (!std::isnan(row.times_vagus)) object.add("times_vagus", row.times_vagus);
  if (!row.unit.empty()) {
    object.add("value", row.value);
    object.add("unit", row.unit);
  }
  if (!row.error.empty()) object.add("error", row.error);
  return object.text();
}

void write_list(const std::string& file, const std::vector<std::string>& objects) {
  std::ofstream out(file);
  out << "[\n";
  for (std::size_t index = 0; index < objects.size(); ++index) {
    out << "  " << objects[index] << (index + 1 < objects.size() ? ",\n" : "\n");
  }
  out << "]\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

RowName name_of(const std::string& path) {
  RowName name;
  std::istringstream parts(path);
  std::getline(parts, name.name, '/');
  std::getline(parts, name.mode, '/');
  std::getline(parts, name.pin, '/');
  std::getline(parts, name.size);
  return name;
}

}  // namespace

void write_json(const std::string& file, const std::vector<Row>& rows) {
  std::vector<std::string> objects;
  for (const Row& row : rows) objects.push_back(object_of(row));
  write_list(file, objects);
}

void write_ratios(const std::string& file, const Ratios& ratios) {
  std::vector<std::string> objects;
  for (const auto& [path, ratio] : ratios) {
    Object object;
    object.add_name(name_of(path));
    object.add("ratio", std::round(ratio * 100) / 100);
    objects.push_back(object.text());
  }
  write_list(file, objects);
}

}  // namespace bench
