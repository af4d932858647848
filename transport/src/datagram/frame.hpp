#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace vagus::transport::datagram {

/// What a datagram between two peers that have said hello is about.
enum class FrameKind : std::uint8_t {
  message = 1,          ///< one message, which may be lost
  reliable = 2,         ///< one message, which is sent until it is acknowledged
  acknowledgement = 3,  ///< all reliable messages up to `reliable` have come
  ping = 4,             ///< are you there?
  pong = 5,             ///< yes
  bye = 6,              ///< the link is closed
  unknown_link = 7,     ///< there is no link of this number here; `link` is the sender's own
};

/// What stands before the message in each datagram of a link, 20 bytes, numbers with the highest byte first:
///
///     0     0xc1, which no MessagePack begins with
///     1     the kind
///     2     two bytes, 0, not looked at
///     4     link: the number that the receiver has given to the link in its hello
///     12    number: of the last message that was sent, 1 for the first; in a message, its own
///     16    reliable: of the last reliable message that was sent; in a reliable one, its own
///
/// The two numbers say what comes after what, see Reception. Whoever does not know the number of the link,
/// since he has seen none of its datagrams, cannot send to it.
struct Frame {
  static constexpr std::size_t size = 20;
  static constexpr std::byte mark{0xc1};

  FrameKind kind = FrameKind::message;
  std::uint64_t link = 0;
  std::uint32_t number = 0;
  std::uint32_t reliable = 0;
};

/// Does a datagram claim to be of a link, rather than a bare message?
inline bool is_framed(std::span<const std::byte> datagram) noexcept {
  return !datagram.empty() && datagram.front() == Frame::mark;
}

void write(std::span<std::byte, Frame::size> at, const Frame& frame) noexcept;

/// Empty if it is too short or of a kind that is not known. What follows the frame is not looked at.
std::optional<Frame> read_frame(std::span<const std::byte> datagram) noexcept;

/// Is `a` later than `b`? The numbers go round.
inline bool is_later(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::int32_t>(a - b) > 0;
}

}  // namespace vagus::transport::datagram
