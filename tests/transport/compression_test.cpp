// Messages in their compressed form.
#include "stream/compression.hpp"

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/reader.hpp>

#include "stream/zstd.hpp"

namespace vagus::testing {
namespace {

using namespace transport;
using transport::stream::compress_in_place;
using transport::stream::Decompressed;
using transport::stream::is_compressed;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

class Compression : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!stream::zstd::available()) GTEST_SKIP() << "built without libzstd";
  }
};

Bytes bytes_of(const std::string& text) {
  Bytes bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

Bytes some_text(std::size_t size) {
  std::string text;
  for (int number = 0; text.size() < size; ++number) {
    text += "axis " + std::to_string(number % 7) + " at " + std::to_string(number * 7919 % 1000) + " mm; ";
  }
  text.resize(size);
  return bytes_of(text);
}

Bytes random_bytes(std::size_t size) {
  std::mt19937_64 random(size);
  Bytes bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

Bytes compressed(Bytes message) {
  message.resize(compress_in_place(message));
  return message;
}

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t place = 0; place + 1 < hex.size(); place += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(place, 2), nullptr, 16)));
  }
  return bytes;
}

TEST_F(Compression, a_message_survives_and_becomes_shorter) {
  Decompressed decompressed;
  for (const std::size_t size : {std::size_t{200}, std::size_t{4096}, std::size_t{70'000}, mebibyte}) {
    const Bytes message = some_text(size);
    const Bytes packed = compressed(message);
    ASSERT_TRUE(is_compressed(packed));
    EXPECT_LT(packed.size(), size * 3 / 4);
    // Whoever looks for its end sees one value.
    wire::Reader reader{packed};
    reader.skip();
    EXPECT_TRUE(reader.at_end());
    const auto again = decompressed.take(packed, mebibyte);
    EXPECT_TRUE(std::ranges::equal(again, message));
  }
}

TEST_F(Compression, what_does_not_become_shorter_stays_as_it_is) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16},
                                 std::size_t{17}, std::size_t{30}, std::size_t{4096}, std::size_t{300'000}}) {
    const Bytes message = random_bytes(size);
    EXPECT_EQ(compressed(message), message) << size;
  }
}

TEST_F(Compression, no_other_message_looks_like_a_compressed_one) {
  for (const char* other : {"", "93", "9302a16190", "94000190c0", "940101c0c0", "9403", "c0"}) {
    EXPECT_FALSE(is_compressed(from_hex(other))) << other;
  }
}

TEST_F(Compression, a_size_over_the_limit_is_refused_and_says_both) {
  const Bytes packed = compressed(some_text(10'000));
  Decompressed decompressed;
  EXPECT_EQ(decompressed.take(packed, 10'000).size(), 10'000U);
  try {
    decompressed.take(packed, 9'999);
    FAIL() << "it was taken";
  } catch (const wire::MalformedError& error) {
    EXPECT_STREQ(error.what(), "decompressed it would have 10000 bytes, more than the limit of 9999");
  }
}

TEST_F(Compression, is_as_the_vectors_say) {
  std::ifstream file(VAGUS_TESTS_DIR "/vectors/compressed.txt");
  int valid = 0;
  int invalid = 0;
  Decompressed decompressed;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string mode;
    std::string hex;
    std::string message;
    if (!(words >> mode >> hex >> message) || mode == "#") continue;
    SCOPED_TRACE(line);
    const Bytes packed = from_hex(hex);
    EXPECT_TRUE(is_compressed(packed));
    if (mode == "<") {
      ++valid;
      EXPECT_TRUE(std::ranges::equal(decompressed.take(packed, mebibyte), from_hex(message)));
    } else {
      ++invalid;
      EXPECT_THROW(decompressed.take(packed, mebibyte), wire::DecodeError);
    }
  }
  EXPECT_EQ(valid, 4);
  EXPECT_EQ(invalid, 14);
}

TEST_F(Compression, only_who_says_so_in_a_hello_takes_part) {
  wire::Hello hello;
  EXPECT_FALSE(stream::offers_compression(hello));
  hello.capabilities = {"lz4", "zstd"};
  EXPECT_TRUE(stream::offers_compression(hello));
  hello.version = 0;
  EXPECT_FALSE(stream::offers_compression(hello));
}

}  // namespace
}  // namespace vagus::testing
