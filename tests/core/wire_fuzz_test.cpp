// Bytes that nobody meant: whatever is made of them, a DecodeError is all that may come out.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <msgpack.hpp>

#include <vagus/wire/error_message.hpp>
#include <vagus/wire/hello.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

#include "wire_hex.hpp"

namespace {

using namespace vagus::wire;
using vagus::Bytes;
using vagus::Value;
using vagus::test::hex;

struct Inner {
  int number = 0;
  std::optional<std::string> text = std::nullopt;
  std::vector<Inner> inners = {};
};

class Defined {
 public:
  int number = 0;
  std::map<std::string, Inner> inners = {};
  MSGPACK_DEFINE(number, inners)
};

struct Everything {
  bool boolean = false;
  std::int8_t small = 0;
  std::uint64_t large = 0;
  float real = 0;
  std::vector<bool> booleans = {};
  std::map<int, std::vector<std::string>> map = {};
  std::variant<std::monostate, int, Inner> variant = {};
  std::chrono::milliseconds duration = {};
  std::chrono::system_clock::time_point time = {};
  std::array<std::byte, 2> bytes = {};
  std::unique_ptr<Inner> pointer = nullptr;
  Defined defined = {};
  Value value = {};
};

// What is allowed to happen to bytes: they are decoded, or there is a DecodeError.
template <class F>
bool survives(F&& decode) {
  try {
    decode();
    return true;
  } catch (const DecodeError& error) {
    EXPECT_LT(std::string_view(error.what()).size(), 1000u);
    return false;
  }
}

void try_everything(const Bytes& bytes, int& decoded) {
  decoded += survives([&] { parse(bytes, {}); });
  decoded += survives([&] { decode_hello(bytes); });
  decoded += survives([&] { from_bytes<ErrorMessage>(bytes); });
  decoded += survives([&] { from_bytes<Value>(bytes); });
  decoded += survives([&] { from_bytes<Everything>(bytes); });
  decoded += survives([&] { from_bytes<std::set<double>>(bytes); });
  decoded += survives([&] { from_bytes<Defined>(bytes); });
}

TEST(WireFuzz, random_bytes_are_decoded_or_refused) {
  std::mt19937 random(20240229);
  int decoded = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random() % 40);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    // Containers lead further than what comes by chance.
    if (!bytes.empty() && round % 2 == 0) bytes[0] = static_cast<std::byte>(0x80 + random() % 32);
    ASSERT_NO_THROW(try_everything(bytes, decoded)) << hex(bytes);
  }
  EXPECT_GT(decoded, 0);
}

Bytes some_message(unsigned which) {
  Bytes buffer(1000);
  Writer writer{buffer};
  switch (which % 4) {
    case 0:
      begin_request(writer, 17, "machine.x.move_to", true);
      pack(writer, std::tuple(1.5, "fast", std::vector<int>{1, 300, 70000}));
      write_extension(writer, {.time_remaining_us = 1'000'000, .priority = 1, .chain = Chain{77, 2}});
      break;
    case 1:
      pack(writer, Everything{});
      break;
    case 2:
      writer.raw(encode(Hello{}));
      break;
    default: {
      ErrorMessage error;
      error.message = "it failed";
      error.data = Value::Map{{"a", Value::Array{1, 2.5, Bytes(5)}}};
      pack(writer, error);
    }
  }
  EXPECT_FALSE(writer.overflowed());
  buffer.resize(writer.size());
  return buffer;
}

TEST(WireFuzz, messages_with_a_few_bytes_changed_are_decoded_or_refused) {
  std::mt19937 random(20240301);
  constexpr int rounds = 20'000;
  int decoded = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    Bytes bytes = some_message(round);
    for (unsigned change = 0; change <= random() % 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    ASSERT_NO_THROW(try_everything(bytes, decoded)) << hex(bytes);
  }
  EXPECT_GT(decoded, rounds / 100);
}

TEST(WireFuzz, what_was_decoded_is_encoded_to_what_is_decoded_to_the_same) {
  std::mt19937 random(20240302);
  constexpr int rounds = 20'000;
  int decoded = 0;
  for (int round = 0; round < rounds; ++round) {
    Bytes bytes(1 + random() % 12);
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>(random() % 4 == 0 ? random() : random() % 5 + 0x90);
    Reader reader{bytes};
    Value value;
    if (!survives([&] { unpack(reader, value); })) continue;
    ++decoded;
    const Bytes again = to_bytes(value);
    ASSERT_LE(again.size(), reader.offset() + 4 * reader.offset()) << hex(bytes);
    ASSERT_EQ(hex(to_bytes(from_bytes<Value>(again))), hex(again)) << hex(bytes);
    ASSERT_FALSE(to_string(value).empty());
  }
  EXPECT_GT(decoded, rounds / 100);
}

}  // namespace
