#include "shm/greeting.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include <vagus/wire/decode_error.hpp>

#include "ring/ring_layout.hpp"

namespace vagus::transport::shm {

namespace {

struct Preamble {
  std::uint64_t magic = ring::layout_magic;
  std::uint32_t layout_version = ring::layout_version;
  GreetingKind kind = GreetingKind::hello;
  std::uint64_t ring_bytes = 0;
  std::uint64_t arena_bytes = 0;
};
static_assert(sizeof(Preamble) == 32);

constexpr std::size_t longest_refusal = 1024;

Bytes encode(Preamble preamble, std::span<const std::byte> rest) {
  Bytes datagram(sizeof preamble + rest.size());
  std::memcpy(datagram.data(), &preamble, sizeof preamble);
  std::copy(rest.begin(), rest.end(), datagram.begin() + sizeof preamble);
  return datagram;
}

bool read_preamble(std::span<const std::byte> datagram, Preamble& preamble) noexcept {
  if (datagram.size() < sizeof preamble) return false;
  std::memcpy(&preamble, datagram.data(), sizeof preamble);
  return preamble.magic == ring::layout_magic;
}

/// The peer's words, as far as a log or a terminal can bear them.
std::string readable(std::span<const std::byte> text) {
  std::string result;
  for (const std::byte byte : text.first(std::min(text.size(), longest_refusal))) {
    const char c = static_cast<char>(byte);
    result += c >= ' ' && c != 0x7f ? c : '?';
  }
  return result;
}

[[noreturn]] void throw_refusal(std::span<const std::byte> refusal) {
  if (refusal.empty()) throw ProtocolError("the peer refuses the link, and does not say why");
  const std::string text = "the peer refuses the link: " + readable(refusal.subspan(1));
  switch (static_cast<ErrorCode>(refusal[0])) {
    case ErrorCode::permission_denied:
      throw PermissionDeniedError(text);
    case ErrorCode::protocol:
      throw ProtocolError(text);
    default:
      throw TransportDisconnectedError(text);
  }
}

}  // namespace

Bytes encode_hello(const wire::Hello& hello, std::size_t ring_bytes, std::size_t arena_bytes) {
  try {
    return encode({.kind = GreetingKind::hello, .ring_bytes = ring_bytes, .arena_bytes = arena_bytes},
                  wire::encode(hello));
  } catch (const std::length_error& error) {
    throw ApiParamError(std::string("the hello of this side cannot be sent: ") + error.what());
  }
}

Bytes encode_refusal(const Error& why) {
  const std::string text = why.what();
  Bytes refusal{static_cast<std::byte>(why.code())};
  for (const char c : text.substr(0, longest_refusal)) refusal.push_back(static_cast<std::byte>(c));
  return encode({.kind = GreetingKind::refusal}, refusal);
}

Bytes encode_closing() { return encode({.kind = GreetingKind::closing}, {}); }

PeerGreeting decode_hello(std::span<const std::byte> datagram) {
  Preamble preamble;
  if (!read_preamble(datagram, preamble))
    throw ProtocolError("the peer does not speak the protocol of shm links");
  const auto rest = datagram.subspan(sizeof preamble);
  if (preamble.kind == GreetingKind::refusal) throw_refusal(rest);
  if (preamble.kind != GreetingKind::hello) throw ProtocolError("the peer's first datagram is not a hello");
  if (preamble.layout_version != ring::layout_version) {
    throw ProtocolError("the peer's layout of shared memory is version " +
                        std::to_string(preamble.layout_version) + ", ours is " +
                        std::to_string(ring::layout_version));
  }
  if (!ring::valid_ring_bytes(preamble.ring_bytes)) {
    throw ProtocolError("the peer's ring has an impossible size, " + std::to_string(preamble.ring_bytes) +
                        " bytes");
  }
  if (!ring::valid_arena_bytes(preamble.arena_bytes)) {
    throw ProtocolError("the peer's arena has an impossible size, " + std::to_string(preamble.arena_bytes) +
                        " bytes");
  }
  try {
    return {wire::decode_hello(rest), static_cast<std::size_t>(preamble.ring_bytes),
            static_cast<std::size_t>(preamble.arena_bytes)};
  } catch (const wire::DecodeError& error) {
    throw ProtocolError(std::string("the peer's hello is not readable: ") + error.what());
  }
}

bool is_closing(std::span<const std::byte> datagram) noexcept {
  Preamble preamble;
  return read_preamble(datagram, preamble) && preamble.kind == GreetingKind::closing;
}

}  // namespace vagus::transport::shm
