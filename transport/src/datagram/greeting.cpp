#include "datagram/greeting.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <vagus/wire/error_message.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus::transport::datagram {

namespace {

constexpr std::string_view method = "$hello";
constexpr std::string_view link_key = "link";
constexpr std::string_view peer_link_key = "peer_link";
constexpr std::string_view padding_key = "padding";
constexpr std::uint32_t question_id = 1;
constexpr std::size_t longest_reason = 512;

/// The map of the hello with more entries, which other readers skip.
template <typename Entries>
void write_hello(wire::Writer& writer, const Bytes& hello, std::size_t count, const Entries& entries) {
  wire::Reader reader(hello);
  writer.map(reader.map() + count);
  writer.raw(std::span(hello).subspan(reader.offset()));
  entries();
}

Bytes encoded(const wire::Hello& hello) {
  try {
    return wire::encode(hello);
  } catch (const std::length_error& error) {
    throw ApiParamError(std::string("the hello of this side cannot be sent: ") + error.what());
  }
}

Bytes encode_question(const Bytes& hello, std::uint64_t link, std::span<const std::byte> padding) {
  return wire::written([&](wire::Writer& writer) {
    wire::begin_request(writer, question_id, method, false);
    writer.array(1);
    write_hello(writer, hello, 2, [&] {
      writer.str(link_key);
      writer.unsigned_integer(link);
      writer.str(padding_key);
      writer.bin(padding);
    });
  });
}

Greeting read(std::span<const std::byte> map) {
  Greeting greeting{wire::decode_hello(map)};
  wire::Reader reader(map);
  for (std::size_t left = reader.map(); left > 0; --left) {
    const std::string_view key = reader.text();
    if (key == link_key) {
      greeting.link = reader.unsigned_integer();
    } else if (key == peer_link_key) {
      greeting.peer_link = reader.unsigned_integer();
    } else {
      reader.skip();
    }
  }
  if (greeting.link == 0) {
    throw ProtocolError("the peer's hello does not number the link, as over datagrams it has to (\"link\")");
  }
  return greeting;
}

/// The peer's words, as far as a log or a terminal can bear them.
std::string readable(std::string_view text) {
  std::string result(text.substr(0, longest_reason));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c >= 0 && (c < ' ' || c == 0x7f); }, '?');
  return result;
}

[[noreturn]] void throw_refusal(std::span<const std::byte> error) {
  wire::Reader reader(error);
  const wire::ErrorMessage refusal = wire::decode_error(reader);
  const std::string text = "the peer refuses the link: " + readable(refusal.message);
  if (refusal.type == "vagus::PermissionDeniedError") throw PermissionDeniedError(text);
  if (refusal.type == "vagus::ProtocolError") throw ProtocolError(text);
  throw TransportDisconnectedError(text);
}

}  // namespace

Bytes encode_question(const wire::Hello& hello, std::uint64_t link) {
  const Bytes map = encoded(hello);
  const Bytes bare = encode_question(map, link, {});
  if (bare.size() >= min_question) return bare;
  return encode_question(map, link, Bytes(min_question - bare.size()));
}

Bytes encode_answer(std::uint32_t id, const Greeting& greeting) {
  const Bytes map = encoded(greeting.hello);
  return wire::written([&](wire::Writer& writer) {
    wire::begin_response(writer, id);
    writer.nil();
    write_hello(writer, map, 2, [&] {
      writer.str(link_key);
      writer.unsigned_integer(greeting.link);
      writer.str(peer_link_key);
      writer.unsigned_integer(greeting.peer_link);
    });
  });
}

Bytes encode_refusal(std::uint32_t id, const Error& why, std::size_t room) {
  const auto with = [&](std::string_view text) {
    return wire::written([&](wire::Writer& writer) {
      wire::begin_response(writer, id);
      wire::pack(writer, wire::ErrorMessage{.type = std::string("vagus::") + to_string(why.code()),
                                            .message = std::string(text),
                                            .trace = {}});
      writer.nil();
    });
  };
  const std::string_view text = why.what();
  const std::size_t bare = with({}).size() + 8;  // and the length of the text
  return with(text.substr(0, room > bare ? std::min(room - bare, longest_reason) : 0));
}

bool is_question(const wire::Message& message) noexcept {
  return message.kind == wire::MessageKind::request && message.method == method;
}

Greeting decode_question(const wire::Message& message) {
  try {
    wire::Reader params(message.params);
    if (params.array() != 1) throw ProtocolError("the peer's $hello has not one param");
    return read(params.skip());
  } catch (const wire::DecodeError& error) {
    throw ProtocolError(std::string("the peer's hello is not readable: ") + error.what());
  }
}

Greeting decode_answer(const wire::Message& message) {
  try {
    if (message.failed()) throw_refusal(message.error);
    return read(message.result);
  } catch (const wire::DecodeError& error) {
    throw ProtocolError(std::string("the peer's hello is not readable: ") + error.what());
  }
}

}  // namespace vagus::transport::datagram
