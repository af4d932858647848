#include "datagram/frame.hpp"

#include <vagus/wire/big_endian.hpp>

namespace vagus::transport::datagram {

namespace {

bool is_known(std::uint8_t kind) noexcept {
  return kind >= static_cast<std::uint8_t>(FrameKind::message) &&
         kind <= static_cast<std::uint8_t>(FrameKind::unknown_link);
}

}  // namespace

void write(std::span<std::byte, Frame::size> at, const Frame& frame) noexcept {
  at[0] = Frame::mark;
  at[1] = static_cast<std::byte>(frame.kind);
  at[2] = at[3] = std::byte{0};
  wire::detail::store(at.data() + 4, frame.link);
  wire::detail::store(at.data() + 12, frame.number);
  wire::detail::store(at.data() + 16, frame.reliable);
}

std::optional<Frame> read_frame(std::span<const std::byte> datagram) noexcept {
  if (datagram.size() < Frame::size || !is_framed(datagram)) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(datagram[1]);
  if (!is_known(kind)) return std::nullopt;
  return Frame{static_cast<FrameKind>(kind), wire::detail::load<std::uint64_t>(datagram.data() + 4),
               wire::detail::load<std::uint32_t>(datagram.data() + 12),
               wire::detail::load<std::uint32_t>(datagram.data() + 16)};
}

}  // namespace vagus::transport::datagram
