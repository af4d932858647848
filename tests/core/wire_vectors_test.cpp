// What docs/wire.md promises, byte for byte: tests/vectors/messages.txt read in both directions.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/wire/error_message.hpp>
#include <vagus/wire/hello.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

#include "wire_hex.hpp"
#include "wire_json.hpp"

namespace {

using namespace vagus::wire;
using vagus::Bytes;
using vagus::Value;
using vagus::test::hex;
using vagus::test::Json;
using vagus::test::unhex;

struct Vector {
  std::string mode;  // "=" both ways, "<" read only, "!" invalid
  Bytes bytes;
  Value meaning;
  std::string line;
};

std::filesystem::path vectors_file() {
#if defined(VAGUS_TESTS_DIR)
  return std::filesystem::path(VAGUS_TESTS_DIR) / "vectors/messages.txt";
#else
  return std::filesystem::path(__FILE__).parent_path().parent_path() / "vectors/messages.txt";
#endif
}

std::vector<Vector> vectors() {
  std::ifstream file(vectors_file());
  EXPECT_TRUE(file) << vectors_file();
  std::vector<Vector> vectors;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    Vector vector;
    std::string bytes;
    std::string meaning;
    words >> vector.mode >> bytes;
    std::getline(words, meaning);
    vector.bytes = unhex(bytes);
    vector.meaning = Json::parse(meaning);
    vector.line = line;
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

Value value_of(std::span<const std::byte> bytes) { return from_bytes<Value>(bytes); }

const Value& content(const Value& meaning) { return meaning.map().at(0).second; }
const std::string& kind(const Value& meaning) { return meaning.map().at(0).first.string(); }

// From bytes to what they mean
// -------------------------------------------------------------------------------------

void add_extension(Value::Map& meaning, const Extension& extension) {
  if (!extension.keyword_arguments.empty()) {
    meaning.emplace_back("keyword_arguments", value_of(extension.keyword_arguments));
  }
  if (extension.time_remaining_us) meaning.emplace_back("time_remaining_us", *extension.time_remaining_us);
  if (extension.priority) meaning.emplace_back("priority", *extension.priority);
  if (extension.chain) {
    meaning.emplace_back("chain", Value::Array{extension.chain->root, extension.chain->depth});
  }
  if (!extension.traceparent.empty()) meaning.emplace_back("traceparent", extension.traceparent);
  if (extension.progress != 0) meaning.emplace_back("progress", extension.progress);
  if (!extension.signature.empty()) meaning.emplace_back("signature", extension.signature);
}

Value meaning_of_message(std::span<const std::byte> bytes) {
  const Message message = parse(bytes, {});
  Value::Map meaning;
  if (message.kind != MessageKind::notification) meaning.emplace_back("id", message.id);
  if (message.kind == MessageKind::response) {
    meaning.emplace_back("error", value_of(message.error));
    meaning.emplace_back("result", value_of(message.result));
    return Value::Map{{"response", meaning}};
  }
  meaning.emplace_back("method", message.method);
  meaning.emplace_back("params", value_of(message.params));
  add_extension(meaning, message.extension);
  return Value::Map{{message.kind == MessageKind::request ? "request" : "notification", meaning}};
}

Value meaning_of_hello(std::span<const std::byte> bytes) {
  const Hello hello = decode_hello(bytes);
  Value::Array capabilities(hello.capabilities.begin(), hello.capabilities.end());
  return Value::Map{{"hello", Value::Map{{"version", hello.version},
                                         {"name", hello.name},
                                         {"role", hello.role == Role::head ? "head" : "body"},
                                         {"incarnation", hello.incarnation},
                                         {"capabilities", capabilities},
                                         {"max_message_size", hello.max_message_size},
                                         {"max_pending", hello.max_pending}}}};
}

Value meaning_of_error(std::span<const std::byte> bytes) {
  const auto error = from_bytes<ErrorMessage>(bytes);
  Value::Map meaning{{"type", error.type},
                     {"message", error.message},
                     {"trace", Value::Array(error.trace.begin(), error.trace.end())}};
  if (error.data) meaning.emplace_back("data", *error.data);
  if (error.execution) meaning.emplace_back("execution", *error.execution);
  return Value::Map{{"error", meaning}};
}

Value meaning_of(const std::string& kind, std::span<const std::byte> bytes) {
  if (kind == "value") return Value::Map{{"value", value_of(bytes)}};
  if (kind == "hello") return meaning_of_hello(bytes);
  if (kind == "error") return meaning_of_error(bytes);
  return meaning_of_message(bytes);
}

// From what is meant to bytes
// --------------------------------------------------------------------------------------

struct ExtensionToSend {
  Bytes keyword_arguments = {};
  Extension extension = {};
};

void fill(ExtensionToSend& out, const Value& meaning) {
  if (const Value* const value = meaning.find("keyword_arguments")) {
    out.keyword_arguments = to_bytes(*value);
    out.extension.keyword_arguments = out.keyword_arguments;
  }
  if (const Value* const value = meaning.find("time_remaining_us")) {
    out.extension.time_remaining_us = value->unsigned_integer();
  }
  if (const Value* const value = meaning.find("priority")) {
    out.extension.priority = static_cast<std::int32_t>(value->integer());
  }
  if (const Value* const value = meaning.find("chain")) {
    out.extension.chain = Chain{value->array().at(0).unsigned_integer(),
                                static_cast<std::uint32_t>(value->array().at(1).unsigned_integer())};
  }
  if (const Value* const value = meaning.find("traceparent")) out.extension.traceparent = value->string();
  if (const Value* const value = meaning.find("progress")) {
    out.extension.progress = static_cast<std::uint32_t>(value->unsigned_integer());
  }
  if (const Value* const value = meaning.find("signature")) out.extension.signature = value->string();
}

std::uint32_t id_of(const Value& meaning) {
  return static_cast<std::uint32_t>(meaning.find("id")->unsigned_integer());
}

void write_message(Writer& writer, const std::string& kind, const Value& meaning) {
  if (kind == "response") {
    begin_response(writer, id_of(meaning));
    pack(writer, *meaning.find("error"));
    pack(writer, *meaning.find("result"));
    return;
  }
  ExtensionToSend more;
  fill(more, meaning);
  const bool extended = !more.extension.empty();
  const std::string& method = meaning.find("method")->string();
  if (kind == "request") {
    begin_request(writer, id_of(meaning), method, extended);
  } else {
    begin_notification(writer, method, extended);
  }
  pack(writer, *meaning.find("params"));
  if (extended) write_extension(writer, more.extension);
}

Bytes hello_bytes(const Value& meaning) {
  Hello hello;
  hello.version = static_cast<std::uint32_t>(meaning.find("version")->unsigned_integer());
  hello.name = meaning.find("name")->string();
  hello.role = meaning.find("role")->string() == "head" ? Role::head : Role::body;
  hello.incarnation = meaning.find("incarnation")->unsigned_integer();
  for (const Value& capability : meaning.find("capabilities")->array()) {
    hello.capabilities.push_back(capability.string());
  }
  hello.max_message_size = meaning.find("max_message_size")->unsigned_integer();
  hello.max_pending = meaning.find("max_pending")->unsigned_integer();
  return encode(hello);
}

Bytes error_bytes(const Value& meaning) {
  ErrorMessage error;
  error.type = meaning.find("type")->string();
  error.message = meaning.find("message")->string();
  for (const Value& line : meaning.find("trace")->array()) error.trace.push_back(line.string());
  if (const Value* const data = meaning.find("data")) error.data = *data;
  if (const Value* const execution = meaning.find("execution")) error.execution = execution->string();
  return to_bytes(error);
}

Bytes bytes_of(const Value& meaning) {
  const std::string& what = kind(meaning);
  if (what == "value") return to_bytes(content(meaning));
  if (what == "hello") return hello_bytes(content(meaning));
  if (what == "error") return error_bytes(content(meaning));
  Bytes buffer(10'000);
  Writer writer{buffer};
  write_message(writer, what, content(meaning));
  EXPECT_FALSE(writer.overflowed());
  buffer.resize(writer.size());
  return buffer;
}

// ------------------------------------------------------------------------------------------------------------------

TEST(WireVectors, are_read_as_what_they_mean) {
  int read = 0;
  for (const Vector& vector : vectors()) {
    if (vector.mode == "!") continue;
    ASSERT_NO_THROW({
      EXPECT_EQ(to_string(meaning_of(kind(vector.meaning), vector.bytes)), to_string(vector.meaning))
          << vector.line;
      EXPECT_EQ(meaning_of(kind(vector.meaning), vector.bytes), vector.meaning) << vector.line;
    }) << vector.line;
    ++read;
  }
  EXPECT_GT(read, 50);
}

TEST(WireVectors, are_written_byte_for_byte) {
  int written = 0;
  for (const Vector& vector : vectors()) {
    if (vector.mode != "=") continue;
    ASSERT_NO_THROW(EXPECT_EQ(hex(bytes_of(vector.meaning)), hex(vector.bytes)) << vector.line)
        << vector.line;
    ++written;
  }
  EXPECT_GT(written, 40);
}

TEST(WireVectors, that_are_invalid_are_refused) {
  int refused = 0;
  for (const Vector& vector : vectors()) {
    if (vector.mode != "!") continue;
    EXPECT_THROW(meaning_of(kind(vector.meaning), vector.bytes), DecodeError) << vector.line;
    ++refused;
  }
  EXPECT_GT(refused, 20);
}

TEST(WireVectors, have_no_other_modes) {
  for (const Vector& vector : vectors()) {
    EXPECT_TRUE(vector.mode == "=" || vector.mode == "<" || vector.mode == "!") << vector.line;
  }
}

}  // namespace
