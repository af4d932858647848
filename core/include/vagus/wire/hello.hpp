/// How two peers of this library introduce themselves to each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <vagus/core/bytes.hpp>
#include <vagus/wire/limits.hpp>

namespace vagus::wire {

/// The head connects, the body listens.
enum class Role : std::uint8_t { head, body };

/// What one peer tells the other before anything else: the only param of the request `$hello`, the result of
/// its response, or a datagram of its own. A plain value.
struct Hello {
  static constexpr std::size_t max_name_size = 255;  ///< bytes; of a capability, too
  static constexpr std::size_t max_capabilities = 64;

  std::uint32_t version = 1;  ///< of the wire that the peer speaks; 0 is none
  std::string name;           ///< for people; need not be unique
  Role role = Role::head;
  std::uint64_t incarnation = 0;  ///< random; another one means that the process was started anew
  std::vector<std::string>
      capabilities;  ///< what the peer can do beyond this version; unknown ones mean nothing
  std::uint64_t max_message_size = Limits{}.message_size;  ///< what it takes in one message, in bytes
  std::uint64_t max_pending = 65'536;  ///< how many calls it lets wait for their response at once

  friend bool operator==(const Hello&, const Hello&) = default;
};

/// The hello as a MessagePack map. Throws std::length_error if the name or the capabilities exceed their
/// limits.
Bytes encode(const Hello& hello);

/// Reads one hello, which `bytes` hold and nothing else. Keys that are unknown are skipped; version and role
/// have to be there, for the others the defaults hold. Throws DecodeError.
Hello decode_hello(std::span<const std::byte> bytes);

}  // namespace vagus::wire
