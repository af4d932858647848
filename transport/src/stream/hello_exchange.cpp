#include "stream/hello_exchange.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

#include <vagus/wire/codec.hpp>
#include <vagus/wire/error_message.hpp>
#include <vagus/wire/message.hpp>

namespace vagus::transport::stream {

namespace {

constexpr std::string_view hello_method = "$hello";
constexpr std::uint32_t hello_id = 1;
constexpr std::string_view prefix = "vagus::";

Bytes encode_own(const wire::Hello& own) {
  try {
    return wire::encode(own);
  } catch (const std::length_error& error) {
    throw ApiParamError(std::string("the hello of this side cannot be sent: ") + error.what());
  }
}

wire::Hello read_hello(std::span<const std::byte> bytes) {
  try {
    return wire::decode_hello(bytes);
  } catch (const wire::DecodeError& error) {
    throw ProtocolError(std::string("the peer's hello is not readable: ") + error.what());
  }
}

wire::Message parse_first(std::span<const std::byte> bytes, const wire::Limits& limits) {
  try {
    return wire::parse(bytes, limits);
  } catch (const wire::MalformedError& error) {
    throw ProtocolError(std::string("its first message is none of MessagePack-RPC: ") + error.what());
  }
}

[[noreturn]] void throw_refusal(std::span<const std::byte> bytes) {
  wire::Reader reader{bytes};
  const wire::ErrorMessage error = wire::decode_error(reader);
  for (std::size_t index = 0; index < error_code_count; ++index) {
    const auto code = static_cast<ErrorCode>(index);
    if (code == ErrorCode::remote || error.type != std::string(prefix) + to_string(code)) continue;
    make_error(code, "it refuses: " + error.message, {})->raise();
  }
  throw ProtocolError(
      "it refuses the hello: " + error.message +
      "; to connect to a MessagePack-RPC server that is none of Vagus put msgpack+ before the "
      "scheme of the URL");
}

}  // namespace

Bytes encode_hello_request(const wire::Hello& own) {
  const Bytes hello = encode_own(own);
  return wire::written([&](wire::Writer& writer) {
    wire::begin_request(writer, hello_id, hello_method, false);
    writer.array(1);
    writer.raw(hello);
  });
}

std::optional<HelloRequest> decode_first_message(std::span<const std::byte> bytes,
                                                 const wire::Limits& limits) {
  const wire::Message message = parse_first(bytes, limits);
  if (message.kind != wire::MessageKind::request || message.method != hello_method) return std::nullopt;
  wire::Reader reader{message.params};
  if (reader.array() != 1) throw ProtocolError("the peer's hello does not have one param");
  return HelloRequest{message.id, read_hello(message.params.subspan(reader.offset()))};
}

Bytes encode_hello_response(std::uint32_t id, const wire::Hello& own) {
  const Bytes hello = encode_own(own);
  return wire::written([&](wire::Writer& writer) {
    wire::begin_response(writer, id);
    writer.nil();
    writer.raw(hello);
  });
}

Bytes encode_hello_refusal(std::uint32_t id, const Error& why) {
  wire::ErrorMessage error;
  error.type = std::string(prefix) + to_string(why.code());
  error.message = why.what();
  return wire::written([&](wire::Writer& writer) {
    wire::begin_response(writer, id);
    wire::pack(writer, error);
    writer.nil();
  });
}

wire::Hello decode_hello_response(std::span<const std::byte> bytes, const wire::Limits& limits) {
  const wire::Message message = parse_first(bytes, limits);
  if (message.kind != wire::MessageKind::response || message.id != hello_id) {
    throw ProtocolError("it did not answer the hello, but sent another message first");
  }
  if (message.failed()) throw_refusal(message.error);
  return read_hello(message.result);
}

}  // namespace vagus::transport::stream
