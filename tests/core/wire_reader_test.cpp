#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/wire/block.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/reader.hpp>
#include <vagus/wire/value.hpp>

#include "support/core/sanitizers.hpp"
#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::test::error_of;
using vagus::test::hex;
using vagus::test::unhex;
using vagus::wire::Kind;
using vagus::wire::MalformedError;
using vagus::wire::Reader;
using vagus::wire::TypeError;

// Reads with one function from bytes in hexadecimal, all of them.
template <class F>
auto read(std::string_view text, F&& function) {
  const Bytes bytes = unhex(text);
  Reader reader{bytes};
  auto value = function(reader);
  EXPECT_TRUE(reader.at_end()) << text;
  return value;
}

std::int64_t integer(std::string_view text) {
  return read(text, [](Reader& reader) { return reader.integer(); });
}
std::uint64_t unsigned_integer(std::string_view text) {
  return read(text, [](Reader& reader) { return reader.unsigned_integer(); });
}
double real(std::string_view text) {
  return read(text, [](Reader& reader) { return reader.real(); });
}
std::string str(std::string_view text) {
  return read(text, [](Reader& reader) { return std::string(reader.str()); });
}
Bytes skipped(std::string_view text) {
  return read(text, [](Reader& reader) {
    const auto bytes = reader.skip();
    return Bytes(bytes.begin(), bytes.end());
  });
}

TEST(Reader, takes_an_integer_of_any_width) {
  for (const char* const text : {"05", "cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d10005",
                                 "d200000005", "d30000000000000005"}) {
    EXPECT_EQ(integer(text), 5) << text;
    EXPECT_EQ(unsigned_integer(text), 5u) << text;
  }
  for (const char* const text : {"fb", "d0fb", "d1fffb", "d2fffffffb", "d3fffffffffffffffb"}) {
    EXPECT_EQ(integer(text), -5) << text;
    EXPECT_THROW(unsigned_integer(text), TypeError) << text;
  }
  EXPECT_EQ(integer("d38000000000000000"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(integer("cf7fffffffffffffff"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(unsigned_integer("cfffffffffffffffff"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_THROW(integer("cf8000000000000000"), TypeError);
}

TEST(Reader, says_in_which_range_an_integer_was_expected) {
  const Bytes bytes = unhex("cd012c");
  Reader reader{bytes};
  EXPECT_EQ(error_of<TypeError>([&] { reader.integer(-128, 127); }),
            "at byte 0: expected an integer from -128 to 127, found integer 300");
  EXPECT_EQ(error_of<TypeError>([&] { reader.unsigned_integer(255); }),
            "at byte 0: expected an integer from 0 to 255, found integer 300");
  EXPECT_EQ(reader.integer(-32768, 32767), 300) << "the reader stays where it was";

  const Bytes small = unhex("ff 7f");
  Reader smaller{small};
  EXPECT_THROW(smaller.integer(0, 10), TypeError);
  EXPECT_EQ(smaller.integer(), -1);
  EXPECT_THROW(smaller.unsigned_integer(126), TypeError);
  EXPECT_EQ(smaller.unsigned_integer(127), 127u);
}

TEST(Reader, tells_any_integer_by_its_bits_and_sign) {
  const Bytes bytes = unhex("05 fb cfffffffffffffffff d38000000000000000");
  Reader reader{bytes};
  EXPECT_EQ(reader.any_integer().bits, 5u);
  const vagus::wire::Integer negative = reader.any_integer();
  EXPECT_TRUE(negative.negative);
  EXPECT_EQ(static_cast<std::int64_t>(negative.bits), -5);
  const vagus::wire::Integer large = reader.any_integer();
  EXPECT_FALSE(large.negative);
  EXPECT_EQ(large.bits, std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(reader.any_integer().negative);
  EXPECT_TRUE(reader.at_end());
}

TEST(Reader, takes_real_numbers_of_both_widths) {
  EXPECT_EQ(real("cb3ff8000000000000"), 1.5);
  EXPECT_EQ(real("ca3fc00000"), 1.5);
  EXPECT_TRUE(std::isnan(real("ca7fc00000")));
  EXPECT_EQ(real("cbfff0000000000000"), -std::numeric_limits<double>::infinity());
}

TEST(Reader, takes_an_integer_for_a_real_number_only_if_nothing_is_lost) {
  EXPECT_EQ(real("00"), 0.0);
  EXPECT_EQ(real("07"), 7.0);
  EXPECT_EQ(real("f9"), -7.0);
  EXPECT_EQ(real("cf0020000000000000"), 0x1p53);
  EXPECT_EQ(real("cf8000000000000000"), 0x1p63);
  EXPECT_EQ(real("d38000000000000000"), -0x1p63);
  EXPECT_THROW(real("cf0020000000000001"), TypeError);
  EXPECT_THROW(real("cfffffffffffffffff"), TypeError);
  EXPECT_THROW(real("d3ffdfffffffffffff"), TypeError);
}

TEST(Reader, takes_no_real_number_for_an_integer) { EXPECT_THROW(integer("cb3ff0000000000000"), TypeError); }

TEST(Reader, takes_strings_of_any_width) {
  EXPECT_EQ(str("a0"), "");
  EXPECT_EQ(str("a3616263"), "abc");
  EXPECT_EQ(str("d903616263"), "abc");
  EXPECT_EQ(str("da0003616263"), "abc");
  EXPECT_EQ(str("db00000003616263"), "abc");
  EXPECT_THROW(str("c403616263"), TypeError);
}

TEST(Reader, takes_a_bin_for_text_and_a_str_for_a_bin) {
  const auto text = [](Reader& reader) { return std::string(reader.text()); };
  EXPECT_EQ(read("a3616263", text), "abc");
  EXPECT_EQ(read("c403616263", text), "abc");
  EXPECT_THROW(read("93010203", text), TypeError);

  const auto bin = [](Reader& reader) { return hex(reader.bin()); };
  EXPECT_EQ(read("c403616263", bin), "616263");
  EXPECT_EQ(read("c50003616263", bin), "616263");
  EXPECT_EQ(read("c600000003616263", bin), "616263");
  EXPECT_EQ(read("a3616263", bin), "616263");
}

TEST(Reader, takes_extension_values_of_any_width) {
  for (const char* const text : {"d405aa", "c70105aa", "c8000105aa", "c90000000105aa"}) {
    const std::string seen = read(text, [](Reader& reader) {
      const auto [type, bytes] = reader.ext();
      return std::to_string(type) + ' ' + hex(bytes);
    });
    EXPECT_EQ(seen, "5 aa") << text;
  }
  EXPECT_EQ(read("d7ff 0000000000000000", [](Reader& reader) { return reader.ext().bytes.size(); }), 8u);
}

TEST(Reader, returns_views_into_the_message) {
  const Bytes bytes = unhex("a3616263 c40201 02");
  Reader reader{bytes};
  EXPECT_EQ(reader.str().data(), reinterpret_cast<const char*>(bytes.data() + 1));
  EXPECT_EQ(reader.bin().data(), bytes.data() + 6);
}

TEST(Reader, takes_nil_and_booleans) {
  const Bytes bytes = unhex("c0 c0 c3 c2 01");
  Reader reader{bytes};
  reader.nil();
  EXPECT_TRUE(reader.try_nil());
  EXPECT_FALSE(reader.try_nil());
  EXPECT_TRUE(reader.boolean());
  EXPECT_FALSE(reader.boolean());
  EXPECT_THROW(reader.boolean(), TypeError);
  EXPECT_THROW(reader.nil(), TypeError);
  EXPECT_EQ(reader.offset(), 4u);
  EXPECT_EQ(reader.remaining(), 1u);
}

TEST(Reader, tells_the_kind_of_what_comes_next) {
  const std::pair<const char*, Kind> cases[] = {
      {"c0", Kind::nil},          {"c3", Kind::boolean}, {"05", Kind::integer}, {"d0fb", Kind::integer},
      {"ca00000000", Kind::real}, {"a0", Kind::str},     {"c400", Kind::bin},   {"90", Kind::array},
      {"80", Kind::map},          {"d40500", Kind::ext}};
  for (const auto& [text, kind] : cases) {
    const Bytes bytes = unhex(text);
    EXPECT_EQ(Reader{bytes}.peek(), kind) << text;
  }
  EXPECT_THROW(static_cast<void>(Reader{{}}.peek()), MalformedError);
}

TEST(Reader, refuses_c1_everywhere) {
  for (const char* const text : {"c1", "91c1", "81c100", "8100c1"}) {
    EXPECT_THROW(skipped(text), MalformedError) << text;
  }
  const Bytes bytes = unhex("c1");
  EXPECT_THROW(static_cast<void>(Reader{bytes}.peek()), MalformedError);
  EXPECT_THROW(Reader{bytes}.integer(), MalformedError);
  EXPECT_THROW(Reader{bytes}.unsigned_integer(), MalformedError);
  EXPECT_THROW(Reader{bytes}.real(), MalformedError);
  EXPECT_THROW(Reader{bytes}.boolean(), MalformedError);
  EXPECT_THROW(Reader{bytes}.nil(), MalformedError);
  EXPECT_THROW(Reader{bytes}.array(), MalformedError);
  EXPECT_THROW(Reader{bytes}.str(), MalformedError);
}

TEST(Reader, refuses_counts_and_lengths_that_cannot_be_there) {
  for (const char* const text : {"ddff000000", "dfff000000", "ddffffffff00", "dcffff00", "deffff0000",
                                 "c6ffffffff00", "dbffffffff", "c9ffffffff0500", "9200", "8200c0"}) {
    EXPECT_THROW(skipped(text), MalformedError) << text;
  }
  const Bytes bomb = unhex("ddff000000");
  EXPECT_EQ(error_of<MalformedError>([&] { Reader{bomb}.array(); }),
            "at byte 0: cut off: an array of 4278190080 begins here, but only 0 bytes follow");
  const Bytes map = unhex("83c0c0c0c0c0");
  EXPECT_THROW(Reader{map}.map(), MalformedError) << "three entries take six bytes";
  const Bytes array = unhex("93c0c0");
  EXPECT_THROW(Reader{array}.array(), MalformedError);
}

TEST(Reader, skips_one_whole_value_and_returns_its_bytes) {
  const Bytes bytes = unhex("83 01 92 c0 a161 02 80 03 ca00000000 07");
  Reader reader{bytes};
  EXPECT_EQ(hex(reader.skip()), "830192c0a161028003ca00000000");
  EXPECT_EQ(reader.integer(), 7);
  EXPECT_EQ(hex(skipped("90")), "90");
  EXPECT_EQ(hex(skipped("9190")), "9190");
  EXPECT_EQ(hex(skipped("92909190")), "92909190");
}

TEST(Reader, stays_in_front_of_what_it_could_not_skip) {
  const Bytes bytes = unhex("05 93 01 02");
  Reader reader{bytes};
  reader.skip();
  EXPECT_THROW(reader.skip(), MalformedError);
  EXPECT_EQ(reader.offset(), 1u);
}

std::string nested(std::size_t levels) {
  std::string text;
  for (std::size_t level = 1; level < levels; ++level) text += "91";
  return text + "90";
}

TEST(Reader, refuses_to_go_deeper_than_its_limit) {
  EXPECT_NO_THROW(skipped(nested(64)));
  EXPECT_EQ(error_of<MalformedError>([] { skipped(nested(65)); }).find("at [0][0]"), 0u);
  EXPECT_NE(error_of<MalformedError>([] { skipped(nested(65)); }).find("nested deeper than 64 levels"),
            std::string::npos);

  const Bytes bytes = unhex(nested(3));
  EXPECT_NO_THROW(Reader(bytes, 3).skip());
  EXPECT_THROW(Reader(bytes, 2).skip(), MalformedError);
  EXPECT_THROW(Reader(bytes, 0).skip(), MalformedError);
}

TEST(Reader, has_a_limit_of_depth_that_nobody_can_raise) {
  const Bytes bytes = unhex(nested(Reader::max_depth));
  EXPECT_NO_THROW(Reader(bytes, 1'000'000).skip());
  const Bytes deeper = unhex(nested(Reader::max_depth + 1));
  EXPECT_THROW(Reader(deeper, 1'000'000).skip(), MalformedError);
  const Bytes endless(100'000, std::byte{0x91});
  EXPECT_THROW(Reader(endless, 1'000'000).skip(), MalformedError);
}

struct Tree {
  std::vector<Tree> children;
};

TEST(Reader, refuses_to_fill_a_recursive_type_deeper_than_its_limit) {
  EXPECT_NO_THROW(vagus::wire::from_bytes<Tree>(unhex(nested(64))));
  EXPECT_THROW(vagus::wire::from_bytes<Tree>(unhex(nested(65))), MalformedError);
}

TEST(Reader, counts_levels_that_are_open_while_it_skips) {
  const Bytes bytes = unhex("91 91 90");
  Reader reader{bytes, 2};
  reader.array();
  const Reader::Level level{reader};
  EXPECT_THROW(reader.skip(), MalformedError);
}

TEST(Reader, refuses_every_message_that_is_cut_off) {
  const Bytes whole = unhex(
      "dc0010 01 fb cc80 cd0100 ce00010000 cf0000000100000000 d0df d3ffffffff7fffffff ca3fc00000 "
      "cb3ff8000000000000 d903616263 c40201ff 82a16101a16292c2c3 c70305010203 d7ff0000000000000000 c0");
  EXPECT_EQ(Reader{whole}.skip().size(), whole.size());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Reader reader{std::span(whole).first(size)};
    EXPECT_THROW(reader.skip(), MalformedError) << size;
  }
}

TEST(Reader, says_where_what_was_found_and_what_was_expected) {
  const auto error = [](std::string_view text, std::size_t skip) {
    const Bytes bytes = unhex(text);
    Reader reader{bytes};
    reader.array();
    for (; skip != 0; --skip) reader.skip();
    return error_of<TypeError>([&reader] { reader.integer(); });
  };
  EXPECT_EQ(error("92 05 ac6e6f742061206e756d626572", 1),
            "at [1] (byte 2): expected an integer, found str \"not a number\"");
  EXPECT_EQ(error("91 c0", 0), "at [0] (byte 1): expected an integer, found nil");
  EXPECT_EQ(error("91 c3", 0), "at [0] (byte 1): expected an integer, found boolean true");
  EXPECT_EQ(error("91 cb3ff0000000000000", 0), "at [0] (byte 1): expected an integer, found real number 1.0");
  EXPECT_EQ(error("91 c403616263", 0), "at [0] (byte 1): expected an integer, found bin of 3 bytes");
  EXPECT_EQ(error("91 9101", 0), "at [0] (byte 1): expected an integer, found array of 1");
  EXPECT_EQ(error("91 8101c0", 0), "at [0] (byte 1): expected an integer, found map of 1");
  EXPECT_EQ(error("91 d405aa", 0), "at [0] (byte 1): expected an integer, found ext of type 5 and 1 bytes");
}

TEST(Reader, names_the_path_to_what_was_wrong) {
  const auto error = [](std::string_view text) {
    return error_of<TypeError>([text] {
      vagus::wire::from_bytes<std::vector<std::map<std::string, std::vector<int>>>>(unhex(text));
    });
  };
  EXPECT_EQ(error("92 80 82 a161 91 01 a162 92 02 c3").substr(0, 17), "at [1].b[1] (byte");
  EXPECT_EQ(error("91 81 a3612062 91 c3").substr(0, 18), "at [0][\"a b\"][0] (");
  EXPECT_EQ(error("91 81 05 90").substr(0, 17), "at [0][key 0] (by");
}

TEST(Reader, looks_for_no_path_where_no_value_can_lie) {
  // As a message becomes that its sender changes after it was read: each value in another one.
  const Bytes bytes(100'000, std::byte{0x91});
  EXPECT_EQ(error_of<TypeError>([&] { Reader{bytes}.fail_type("an integer", 50'000); }),
            "at byte 50000: expected an integer, found array of 1");
}

TEST(Reader, shows_what_was_found_shortened_and_safe_to_log) {
  const auto error = [](std::string_view text) {
    return error_of<TypeError>([bytes = unhex(text)] { Reader{bytes}.integer(); });
  };
  EXPECT_EQ(error("a7 0a 1b 22 5c ff 7f 41"),
            R"(at byte 0: expected an integer, found str "\n\x1b\"\\\xff\x7fA")");
  EXPECT_EQ(error("a5 c3a4 e280ae"), "at byte 0: expected an integer, found str \"\xc3\xa4\\xe2\\x80\\xae\"")
      << "text that changes the direction of writing is escaped";
  std::string lots = "d964";
  for (int index = 0; index < 100; ++index) lots += "41";
  EXPECT_EQ(error(lots), "at byte 0: expected an integer, found str \"" + std::string(32, 'A') + "\"...");
}

TEST(Reader, says_when_there_is_nothing_left_to_read) {
  Reader reader{{}};
  EXPECT_TRUE(reader.at_end());
  const std::string error = error_of<MalformedError>([&] { reader.integer(); });
  EXPECT_EQ(error, "at byte 0: a value is expected, but the bytes end here");
  EXPECT_THROW(reader.skip(), MalformedError);
  EXPECT_THROW(reader.nil(), MalformedError);
  EXPECT_FALSE(reader.try_nil());
}

// A peer that shares the memory of a message may change it at any time. Here it changes the first byte to and
// fro, and whether that falls between two looks at it is up to the machine;
// tests/fuzz/corpus/changing_message is exact.
template <class Read>
void read_while_it_changes(std::array<std::uint8_t, 4> message, std::uint8_t other, Read&& read_value) {
  std::atomic<bool> begun{false};
  std::atomic<bool> enough{false};
  const std::uint8_t one = message.front();
  std::thread peer([&] {
    while (!enough) {
      __atomic_store_n(message.data(), other, __ATOMIC_RELAXED);
      __atomic_store_n(message.data(), one, __ATOMIC_RELAXED);
      begun = true;
    }
  });
  while (!begun) std::this_thread::yield();
  const auto bytes = std::as_bytes(std::span(message));
  std::size_t farthest = 0;
  for (int round = 0; round < vagus::testing::repeated(200'000); ++round) {
    Reader reader{bytes};
    try {
      read_value(reader);
    } catch (const vagus::wire::DecodeError&) {
    }
    farthest = std::max(farthest, reader.offset());
  }
  enough = true;
  peer.join();
  EXPECT_LE(farthest, bytes.size());
}

TEST(Reader, stays_within_a_text_whose_length_changes_while_it_is_read) {
  read_while_it_changes({0xa3, 'a', 'b', 'c'}, 0xbf, [](Reader& reader) { reader.str(); });
  read_while_it_changes({0xa3, 'a', 'b', 'c'}, 0xbf, [](Reader& reader) { reader.text(); });
}

TEST(Reader, stays_within_a_number_whose_width_changes_while_it_is_read) {
  read_while_it_changes({0xcc, 1, 2, 3}, 0xcf, [](Reader& reader) { reader.integer(); });
  read_while_it_changes({0xcc, 1, 2, 3}, 0xcf, [](Reader& reader) { reader.any_integer(); });
  read_while_it_changes({0xcc, 1, 2, 3}, 0xcb, [](Reader& reader) { reader.real(); });
}

/// A message that brings two blocks along.
class TwoBlocks final : public vagus::wire::MessageSource {
 public:
  explicit TwoBlocks(std::size_t most_copied = 8) : most_copied_(most_copied) {}

  vagus::wire::ReceivedBlock attached(std::uint32_t place) override {
    if (place > 1) return {};
    return {std::span(*blocks_).subspan(place * 4, 4), blocks_};
  }
  std::size_t most_copied() const noexcept override { return most_copied_; }
  std::shared_ptr<const void> keep(std::span<const std::byte>) override { return nullptr; }

 private:
  const std::size_t most_copied_;
  const std::shared_ptr<const std::array<std::byte, 8>> blocks_ =
      std::make_shared<const std::array<std::byte, 8>>();
};

TEST(Reader, gives_the_bytes_of_each_block_once_so_that_a_small_message_does_not_become_a_large_one) {
  TwoBlocks blocks;
  const vagus::wire::MessageSource::Scope scope(&blocks);
  using Lists = std::vector<Bytes>;
  EXPECT_EQ(vagus::wire::from_bytes<Lists>(unhex("92 d64c00000000 d64c00000001")), Lists(2, Bytes(4)));
  for (const char* const text : {"92 d64c00000000 d64c00000000", "92 d64c00000001 d64c00000000"}) {
    EXPECT_EQ(error_of<MalformedError>([&] { vagus::wire::from_bytes<Lists>(unhex(text)); }),
              "at [1] (byte 7): it refers to a block that an earlier value has referred to");
    EXPECT_THROW(vagus::wire::from_bytes<vagus::Value>(unhex(text)), MalformedError);
  }
}

TEST(Reader, gives_no_more_bytes_of_blocks_than_a_message_may_have) {
  TwoBlocks blocks(7);
  const vagus::wire::MessageSource::Scope scope(&blocks);
  using Lists = std::vector<Bytes>;
  EXPECT_EQ(vagus::wire::from_bytes<Lists>(unhex("91 d64c00000000")), Lists(1, Bytes(4)));
  EXPECT_EQ(
      error_of<MalformedError>([] { vagus::wire::from_bytes<Lists>(unhex("92 d64c00000000 d64c00000001")); }),
      "at [1] (byte 7): it refers to more bytes than the 7 that a message may have: raise "
      "max_message_size at both ends");
}

}  // namespace
