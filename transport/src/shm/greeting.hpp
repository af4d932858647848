/// The datagrams on the socket of a link: the hello of each side, and what ends it.
///
///          0       8               12     16           24            32
///          +-------+---------------+------+------------+-------------+--------------------------------+
///          | magic | layout version| kind | ring bytes | arena bytes | the hello as on the wire, or   |
///          |       |               |      |            |             | code and text of a refusal, or |
///          |       |               |      |            |             | nothing                        |
///          +-------+---------------+------+------------+-------------+--------------------------------+
///
/// A hello carries two descriptors, or three: the sender's memory, the writing end of the pipe that rings its
/// event loop, and its arena if that has any bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <vagus/core/bytes.hpp>
#include <vagus/core/error.hpp>
#include <vagus/wire/hello.hpp>

namespace vagus::transport::shm {

/// Larger ones are none of ours.
inline constexpr std::size_t max_datagram_size = 32 * 1024;
constexpr std::size_t hello_descriptors(std::size_t arena_bytes) noexcept { return arena_bytes == 0 ? 2 : 3; }

enum class GreetingKind : std::uint32_t {
  hello = 1,
  refusal = 2,  ///< the listener's answer in place of its hello
  closing = 3   ///< the sender closes the link on purpose
};

struct PeerGreeting {
  wire::Hello hello;
  std::size_t ring_bytes = 0;
  std::size_t arena_bytes = 0;
};

/// Throws ApiParamError if the hello exceeds what one may contain.
Bytes encode_hello(const wire::Hello& hello, std::size_t ring_bytes, std::size_t arena_bytes = 0);
Bytes encode_refusal(const Error& why);
Bytes encode_closing();

/// What a peer's first datagram says. Throws ProtocolError if it is no hello, and what the peer says if it is
/// a refusal.
PeerGreeting decode_hello(std::span<const std::byte> datagram);
bool is_closing(std::span<const std::byte> datagram) noexcept;

}  // namespace vagus::transport::shm
