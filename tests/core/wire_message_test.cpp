#include <array>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>

#include "wire_hex.hpp"

namespace {

using vagus::Bytes;
using vagus::test::error_of;
using vagus::test::hex;
using vagus::test::unhex;
using vagus::wire::Chain;
using vagus::wire::Extension;
using vagus::wire::Limits;
using vagus::wire::MalformedError;
using vagus::wire::Message;
using vagus::wire::MessageKind;
using vagus::wire::parse;
using vagus::wire::Writer;

template <class F>
Bytes written(F&& write) {
  Bytes buffer(1024);
  Writer writer{buffer};
  write(writer);
  EXPECT_FALSE(writer.overflowed());
  buffer.resize(writer.size());
  return buffer;
}

// What is wrong with a message in hexadecimal.
std::string error(std::string_view text, const Limits& limits = {}) {
  const Bytes bytes = unhex(text);
  return error_of<MalformedError>([&] { parse(bytes, limits); });
}

// The extension of a notification that ends in these bytes.
Extension extension(const Bytes& notification) { return parse(notification, {}).extension; }

TEST(Message, that_is_a_request_comes_back_in_parts) {
  const Bytes bytes = written([](Writer& writer) {
    begin_request(writer, 17, "machine.x.move_to", false);
    vagus::wire::pack(writer, std::tuple(1.5));
  });
  EXPECT_EQ(hex(bytes), "940011b16d616368696e652e782e6d6f76655f746f91cb3ff8000000000000");
  const Message message = parse(bytes, {});
  EXPECT_EQ(message.kind, MessageKind::request);
  EXPECT_EQ(message.id, 17u);
  EXPECT_EQ(message.method, "machine.x.move_to");
  EXPECT_EQ(hex(message.params), "91cb3ff8000000000000");
  EXPECT_TRUE(message.extension.empty());
}

TEST(Message, that_is_a_notification_comes_back_in_parts) {
  const Bytes bytes = written([](Writer& writer) {
    begin_notification(writer, "a.b", false);
    writer.array(0);
  });
  EXPECT_EQ(hex(bytes), "9302a3612e6290");
  const Message message = parse(bytes, {});
  EXPECT_EQ(message.kind, MessageKind::notification);
  EXPECT_EQ(message.method, "a.b");
  EXPECT_EQ(hex(message.params), "90");
}

TEST(Message, that_is_a_response_comes_back_in_parts) {
  const Bytes bytes = written([](Writer& writer) {
    begin_response(writer, 0x80000001);
    writer.nil();
    writer.integer(42);
  });
  EXPECT_EQ(hex(bytes), "9401ce80000001c02a");
  const Message message = parse(bytes, {});
  EXPECT_EQ(message.kind, MessageKind::response);
  EXPECT_EQ(message.id, 0x80000001);
  EXPECT_FALSE(message.failed());
  EXPECT_EQ(hex(message.result), "2a");
}

TEST(Message, is_a_failure_if_its_error_is_anything_but_nil) {
  for (const char* const text : {"940101c2c0", "940101a0c0", "94010100c0", "94010190c0", "94010180c0"}) {
    const Bytes bytes = unhex(text);
    EXPECT_TRUE(parse(bytes, {}).failed()) << text;
  }
}

TEST(Message, brings_its_whole_extension_along) {
  const Bytes keywords = unhex("81a17805");
  const Extension sent{.keyword_arguments = keywords,
                       .time_remaining_us = 29'999'999,
                       .priority = -1,
                       .chain = Chain{std::numeric_limits<std::uint64_t>::max(), 3},
                       .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                       .progress = std::numeric_limits<std::uint32_t>::max(),
                       .signature = "(double) -> void"};
  const Bytes bytes = written([&sent](Writer& writer) {
    begin_request(writer, 1, "m", true);
    writer.array(0);
    write_extension(writer, sent);
  });
  const Extension seen = extension(bytes);
  EXPECT_EQ(hex(seen.keyword_arguments), hex(keywords));
  EXPECT_EQ(seen.time_remaining_us, sent.time_remaining_us);
  EXPECT_EQ(seen.priority, -1);
  EXPECT_EQ(seen.chain, sent.chain);
  EXPECT_EQ(seen.traceparent, sent.traceparent);
  EXPECT_EQ(seen.progress, sent.progress);
  EXPECT_EQ(seen.signature, sent.signature);
  EXPECT_FALSE(seen.empty());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse(std::span(bytes).first(size), {}), MalformedError) << size;
  }
}

TEST(Message, may_have_an_extension_with_nothing_in_it) {
  const Bytes bytes = written([](Writer& writer) {
    begin_notification(writer, "m", true);
    writer.array(0);
    write_extension(writer, {});
  });
  EXPECT_EQ(hex(bytes), "9402a16d9080");
  EXPECT_TRUE(extension(bytes).empty());
}

TEST(Message, has_what_is_unknown_in_its_extension_skipped) {
  EXPECT_TRUE(extension(unhex("9402a16d90 81 07 92c0c3")).empty());
  EXPECT_TRUE(extension(unhex("9402a16d90 83 ff c0 a178 c0 cfffffffffffffffff 80")).empty());
  EXPECT_EQ(extension(unhex("9402a16d90 82 18 c0 02 05")).priority, 5);
  EXPECT_EQ(extension(unhex("9402a16d90 81 03 93 07 02 c0")).chain, (Chain{7, 2}))
      << "a later version's chain";
}

TEST(Message, takes_integers_of_any_width_and_names_of_both_kinds) {
  const Bytes bytes = unhex("94 cc00 cf0000000000000011 c403612e62 90");
  const Message message = parse(bytes, {});
  EXPECT_EQ(message.kind, MessageKind::request);
  EXPECT_EQ(message.id, 17u);
  EXPECT_EQ(message.method, "a.b");
}

TEST(Message, takes_any_id_of_32_bits) {
  EXPECT_EQ(parse(unhex("9401 ceffffffff c0c0"), {}).id, 0xffffffffu);
  EXPECT_EQ(parse(unhex("9401 ff c0c0"), {}).id, 0xffffffffu) << "from a peer that counts in int";
  EXPECT_EQ(parse(unhex("9401 d280000000 c0c0"), {}).id, 0x80000000u);
  EXPECT_THROW(parse(unhex("9401 cf0000000100000000 c0c0"), {}), MalformedError);
  EXPECT_THROW(parse(unhex("9401 d3ffffffff7fffffff c0c0"), {}), MalformedError);
}

TEST(Message, is_refused_for_what_it_structurally_is_not) {
  for (const char* const text : {
           "",                              // nothing
           "c0",                            // no array
           "80",                            // a map
           "90",                            // nothing in it
           "9103",                          // no such type
           "9403010090",                    // no such type
           "94ff0100a190",                  // no such type
           "94a1300100a190",                // the type is no integer
           "930001a16d",                    // a request of three
           "960001a16d9080c0",              // a request of six
           "9402a16d90c0",                  // the extension is no map
           "9202a16d",                      // a notification of two
           "9502a16d9080c0",                // a notification of five
           "930101c0",                      // a response of three
           "950101c0c0c0",                  // a response of five
           "9400a131a16d90",                // the id is no integer
           "9400cb3ff0000000000000a16d90",  // nor a real number
           "94000105 90",                   // the method is no text
           "940001a16dc0",                  // the params are nil
           "940001a16d80",                  // or a map
           "940001a16d05",                  // or one value
           "9302a16d90c0",                  // something follows
           "9302a16d90 9302a16d90",         // another message follows
           "9402a16d90810005",              // keyword arguments are no map
           "9402a16d908101ff",              // time remaining is negative
           "9402a16d908102ce80000000",      // priority exceeds 32 bits
           "9402a16d908103910 1",           // a chain of one
           "9402a16d9081040 5",             // traceparent is no text
           "c1",                            // no value at all
           "ddff000000",                    // far too many elements
       }) {
    const Bytes bytes = unhex(text);
    EXPECT_THROW(parse(bytes, {}), MalformedError) << text;
  }
}

TEST(Message, that_is_refused_tells_why) {
  EXPECT_EQ(error("9103"), "at [0] (byte 1): expected an integer from 0 to 2, found integer 3");
  EXPECT_EQ(error("940001a16d80"),
            "at [3] (byte 5): expected the params, which are an array, found map of 0");
  EXPECT_EQ(error("930101c0"), "at byte 0: expected a response, which is an array of 4, found array of 3");
  EXPECT_EQ(error("9302a16d9005"), "at byte 5: 1 bytes follow the message");
  EXPECT_EQ(error("9302a16d90", {.message_size = 4}),
            "at byte 0: a message of 5 bytes exceeds the limit of 4");
}

TEST(Message, is_refused_if_it_is_nested_too_deeply) {
  EXPECT_EQ(error("9302a16d 91 91 90", {.depth = 4}), "nothing was thrown");
  EXPECT_NE(error("9302a16d 91 91 90", {.depth = 3}).find("nested deeper than 3 levels"), std::string::npos);
}

}  // namespace
