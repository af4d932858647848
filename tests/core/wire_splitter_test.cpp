#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/splitter.hpp>

namespace vagus::wire {
namespace {

using namespace std::string_view_literals;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// One message of each shape that MessagePack has.
std::vector<std::string> messages() {
  std::vector<std::string> all;
  for (const auto message : {"\x90"sv,
                             "\x91\x01"sv,
                             "\x93\x02\xa1x\x90"sv,
                             "\x91\xc4\x02xy"sv,
                             "\x91\xc5\x00\x02xy"sv,
                             "\x91\xc6\x00\x00\x00\x02xy"sv,
                             "\x91\xd9\x02xy"sv,
                             "\x91\xda\x00\x02xy"sv,
                             "\x91\xdb\x00\x00\x00\x02xy"sv,
                             "\x92\xc0\xc3"sv,
                             "\x91\xca\x01\x02\x03\x04"sv,
                             "\x91\xcb\x01\x02\x03\x04\x05\x06\x07\x08"sv,
                             "\x91\xcc\x01"sv,
                             "\x91\xcd\x01\x02"sv,
                             "\x91\xce\x01\x02\x03\x04"sv,
                             "\x91\xcf\x01\x02\x03\x04\x05\x06\x07\x08"sv,
                             "\x91\xd0\x01"sv,
                             "\x91\xd4\x01x"sv,
                             "\x91\xd8\x01sixteen_bytes_xy"sv,
                             "\x91\xc7\x03\x01xyz"sv,
                             "\x91\x82\x01\x02\x03\x91\x04"sv,
                             "\xdc\x00\x02\x01\x02"sv,
                             "\xdd\x00\x00\x00\x02\x01\x02"sv,
                             "\x91\xde\x00\x01\xa1x\x90"sv,
                             "\x91\xdf\x00\x00\x00\x01\xa1x\x90"sv,
                             "\x92\x91\x91\x91\x90\xe0"sv}) {
    all.emplace_back(message);
  }
  return all;
}

TEST(Splitter, finds_the_end_of_each_message_only_when_it_is_there) {
  for (const std::string& message : messages()) {
    Splitter splitter{Limits{}};
    for (std::size_t size = 0; size < message.size(); ++size) {
      EXPECT_EQ(splitter.find(bytes_of(message).first(size)), 0u);
      EXPECT_LE(splitter.least(), message.size());
    }
    EXPECT_EQ(splitter.find(bytes_of(message)), message.size());
  }
}

TEST(Splitter, finds_the_same_messages_however_the_stream_is_cut) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::minstd_rand random(seed);
    std::vector<std::string> sent = messages();
    std::shuffle(sent.begin(), sent.end(), random);
    std::string stream;
    for (const std::string& message : sent) stream += message;

    Splitter splitter{Limits{}};
    std::vector<std::string> found;
    std::size_t begin = 0;
    for (std::size_t arrived = 0; arrived < stream.size();) {
      arrived = std::min(stream.size(), arrived + 1 + random() % 9);
      while (const std::size_t size = splitter.find(bytes_of(stream).subspan(begin, arrived - begin))) {
        found.push_back(stream.substr(begin, size));
        begin += size;
      }
    }
    EXPECT_EQ(found, sent) << "seed " << seed;
  }
}

TEST(Splitter, refuses_what_can_be_no_message) {
  for (const auto bytes : {"\xc1"sv, "\x01"sv, "\xc0"sv, "\x80"sv, "\xa0"sv, "G"sv, "\x91\xc1"sv}) {
    Splitter splitter{Limits{}};
    EXPECT_THROW(splitter.find(bytes_of(bytes)), MalformedError);
  }
}

TEST(Splitter, refuses_from_what_is_announced_before_it_has_come) {
  for (const auto bytes :
       {"\x91\xc6\xff\xff\xff\xff"sv, "\x91\xdb\xff\xff\xff\xff"sv, "\x91\xdd\xff\xff\xff\xff"sv,
        "\xdd\xff\xff\xff\xff"sv, "\x91\xdf\xff\xff\xff\xff"sv, "\x91\xc9\xff\xff\xff\xff\x01"sv}) {
    Splitter splitter{Limits{}};
    EXPECT_THROW(splitter.find(bytes_of(bytes)), MalformedError);
  }
}

TEST(Splitter, refuses_what_is_nested_too_deeply) {
  Splitter splitter{Limits{}};
  const std::string deep(100'000, '\x91');
  EXPECT_THROW(splitter.find(bytes_of(deep)), MalformedError);
}

TEST(Splitter, takes_a_message_of_the_largest_size_and_none_that_is_larger) {
  Limits limits;
  limits.message_size = 100;
  const std::string largest = "\x91\xc4\x61" + std::string(97, 'x');
  Splitter splitter{limits};
  EXPECT_EQ(splitter.find(bytes_of(largest)), 100u);
  EXPECT_THROW(splitter.find(bytes_of("\x91\xc4\x62"sv)), MalformedError);
}

}  // namespace
}  // namespace vagus::wire
