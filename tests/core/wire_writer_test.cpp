#include <array>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/wire/pack.hpp>
#include <vagus/wire/writer.hpp>

#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::test::hex;
using vagus::test::unhex;
using vagus::wire::Writer;

template <class F>
std::string written(F&& write) {
  std::array<std::byte, 512> buffer;
  Writer writer{buffer};
  write(writer);
  EXPECT_FALSE(writer.overflowed());

  Writer counter = Writer::counting();
  write(counter);
  EXPECT_EQ(counter.size(), writer.size());
  EXPECT_FALSE(counter.overflowed());
  return hex(std::span(buffer).first(writer.size()));
}

std::string integer(std::int64_t value) {
  return written([value](Writer& writer) { writer.integer(value); });
}

std::string unsigned_integer(std::uint64_t value) {
  return written([value](Writer& writer) { writer.unsigned_integer(value); });
}

TEST(Writer, gives_each_integer_its_smallest_encoding) {
  EXPECT_EQ(integer(0), "00");
  EXPECT_EQ(integer(127), "7f");
  EXPECT_EQ(integer(128), "cc80");
  EXPECT_EQ(integer(255), "ccff");
  EXPECT_EQ(integer(256), "cd0100");
  EXPECT_EQ(integer(65535), "cdffff");
  EXPECT_EQ(integer(65536), "ce00010000");
  EXPECT_EQ(integer(4294967295), "ceffffffff");
  EXPECT_EQ(integer(4294967296), "cf0000000100000000");
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::max()), "cf7fffffffffffffff");
  EXPECT_EQ(unsigned_integer(std::numeric_limits<std::uint64_t>::max()), "cfffffffffffffffff");
  EXPECT_EQ(integer(-1), "ff");
  EXPECT_EQ(integer(-32), "e0");
  EXPECT_EQ(integer(-33), "d0df");
  EXPECT_EQ(integer(-128), "d080");
  EXPECT_EQ(integer(-129), "d1ff7f");
  EXPECT_EQ(integer(-32768), "d18000");
  EXPECT_EQ(integer(-32769), "d2ffff7fff");
  EXPECT_EQ(integer(-2147483648LL), "d280000000");
  EXPECT_EQ(integer(-2147483649LL), "d3ffffffff7fffffff");
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::min()), "d38000000000000000");
}

TEST(Writer, writes_nil_booleans_and_both_widths_of_real_numbers) {
  EXPECT_EQ(written([](Writer& writer) { writer.nil(); }), "c0");
  EXPECT_EQ(written([](Writer& writer) { writer.boolean(false); }), "c2");
  EXPECT_EQ(written([](Writer& writer) { writer.boolean(true); }), "c3");
  EXPECT_EQ(written([](Writer& writer) { writer.real(1.5); }), "cb3ff8000000000000");
  EXPECT_EQ(written([](Writer& writer) { writer.real(1.5F); }), "ca3fc00000");
}

// The first bytes of what `write` writes, and its size.
template <class F>
std::string head(F&& write, std::size_t bytes) {
  Bytes buffer(70000);
  Writer writer{buffer};
  write(writer);
  EXPECT_FALSE(writer.overflowed());
  return hex(std::span(buffer).first(bytes)) + " of " + std::to_string(writer.size());
}

TEST(Writer, gives_each_length_its_smallest_encoding) {
  const auto str = [](std::size_t size) {
    return [size](Writer& writer) { writer.str(std::string(size, 'x')); };
  };
  EXPECT_EQ(head(str(0), 1), "a0 of 1");
  EXPECT_EQ(head(str(31), 1), "bf of 32");
  EXPECT_EQ(head(str(32), 2), "d920 of 34");
  EXPECT_EQ(head(str(255), 2), "d9ff of 257");
  EXPECT_EQ(head(str(256), 3), "da0100 of 259");
  EXPECT_EQ(head(str(65535), 3), "daffff of 65538");
  EXPECT_EQ(head(str(65536), 5), "db00010000 of 65541");

  const auto bin = [](std::size_t size) { return [size](Writer& writer) { writer.bin(Bytes(size)); }; };
  EXPECT_EQ(head(bin(0), 2), "c400 of 2");
  EXPECT_EQ(head(bin(255), 2), "c4ff of 257");
  EXPECT_EQ(head(bin(256), 3), "c50100 of 259");
  EXPECT_EQ(head(bin(65536), 5), "c600010000 of 65541");

  const auto array = [](std::size_t size) { return [size](Writer& writer) { writer.array(size); }; };
  EXPECT_EQ(head(array(15), 1), "9f of 1");
  EXPECT_EQ(head(array(16), 3), "dc0010 of 3");
  EXPECT_EQ(head(array(65535), 3), "dcffff of 3");
  EXPECT_EQ(head(array(65536), 5), "dd00010000 of 5");

  const auto map = [](std::size_t size) { return [size](Writer& writer) { writer.map(size); }; };
  EXPECT_EQ(head(map(15), 1), "8f of 1");
  EXPECT_EQ(head(map(16), 3), "de0010 of 3");
  EXPECT_EQ(head(map(65536), 5), "df00010000 of 5");

  const auto ext = [](std::size_t size) { return [size](Writer& writer) { writer.ext(-1, Bytes(size)); }; };
  EXPECT_EQ(head(ext(0), 3), "c700ff of 3");
  EXPECT_EQ(head(ext(1), 2), "d4ff of 3");
  EXPECT_EQ(head(ext(2), 2), "d5ff of 4");
  EXPECT_EQ(head(ext(3), 3), "c703ff of 6");
  EXPECT_EQ(head(ext(4), 2), "d6ff of 6");
  EXPECT_EQ(head(ext(8), 2), "d7ff of 10");
  EXPECT_EQ(head(ext(16), 2), "d8ff of 18");
  EXPECT_EQ(head(ext(17), 3), "c711ff of 20");
  EXPECT_EQ(head(ext(256), 4), "c80100ff of 260");
  EXPECT_EQ(head(ext(65536), 6), "c900010000ff of 65542");
}

TEST(Writer, never_writes_past_the_end_and_says_how_much_room_was_missing) {
  const auto write = [](Writer& writer) {
    writer.array(3);
    writer.integer(70000);
    writer.str("hello");
    writer.bin(unhex("010203"));
  };
  Writer counter = Writer::counting();
  write(counter);

  for (std::size_t room = 0; room <= counter.size(); ++room) {
    Bytes buffer(counter.size() + 8, std::byte{0xee});
    Writer writer{std::span(buffer).first(room)};
    write(writer);
    EXPECT_EQ(writer.overflowed(), room < counter.size()) << room;
    EXPECT_EQ(writer.size(), counter.size());
    for (std::size_t at = room; at < buffer.size(); ++at) EXPECT_EQ(buffer[at], std::byte{0xee}) << room;
  }
}

TEST(Writer, writes_nothing_more_after_what_did_not_fit) {
  Bytes buffer(3, std::byte{0xee});
  Writer writer{buffer};
  writer.integer(1);
  writer.str("too long");
  writer.integer(2);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.size(), 11u);
  EXPECT_EQ(hex(std::span(buffer).last(1)), "ee");
}

TEST(Writer, without_any_room_overflows) {
  Writer writer{std::span<std::byte>{}};
  EXPECT_FALSE(writer.overflowed());
  writer.nil();
  EXPECT_TRUE(writer.overflowed());
}

TEST(Writer, takes_bytes_that_are_messagepack_already) {
  EXPECT_EQ(written([](Writer& writer) {
              writer.array(2);
              writer.raw(unhex("c0c3"));
              writer.raw({});
            }),
            "92c0c3");
}

TEST(Writer, refuses_what_the_format_cannot_express) {
  Writer writer = Writer::counting();
  const volatile std::size_t unknown_to_the_compiler = std::size_t{1} << 32;
  const std::size_t too_long = unknown_to_the_compiler;
  const char byte = 0;
  EXPECT_THROW(writer.array(too_long), std::length_error);
  EXPECT_THROW(writer.map(too_long), std::length_error);
  EXPECT_THROW(writer.str({&byte, too_long}), std::length_error);
  writer.array(too_long - 1);
  EXPECT_EQ(writer.size(), 5u);
}

struct Ring {
  int value = 0;
  std::shared_ptr<Ring> next = nullptr;
};

TEST(Writer, ends_a_ring_of_pointers_with_an_error) {
  const auto ring = std::make_shared<Ring>();
  ring->next = ring;
  Writer writer = Writer::counting();
  EXPECT_THROW(vagus::wire::pack(writer, ring), std::length_error);
  ring->next = nullptr;
}

}  // namespace
