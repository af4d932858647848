#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <vagus/core/bytes.hpp>
#include <vagus/core/error.hpp>
#include <vagus/wire/hello.hpp>
#include <vagus/wire/limits.hpp>

namespace vagus::transport::stream {

/// The request `$hello`, with which the connecting side begins. Throws ApiParamError if the hello exceeds its
/// limits.
Bytes encode_hello_request(const wire::Hello& own);

struct HelloRequest {
  std::uint32_t id = 0;
  wire::Hello hello;
};

/// The peer's hello; empty if its first message is something else, as that of a peer is that speaks
/// MessagePack-RPC and no more. Throws ProtocolError for what is neither.
std::optional<HelloRequest> decode_first_message(std::span<const std::byte> message,
                                                 const wire::Limits& limits);

Bytes encode_hello_response(std::uint32_t id, const wire::Hello& own);
Bytes encode_hello_refusal(std::uint32_t id, const Error& why);

/// The hello of whoever was connected to. Throws the error with which it refuses, or ProtocolError.
wire::Hello decode_hello_response(std::span<const std::byte> message, const wire::Limits& limits);

}  // namespace vagus::transport::stream
