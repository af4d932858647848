#include <stdexcept>
#include <string>

#include <vagus/wire/writer.hpp>

namespace vagus::wire {

void Writer::ext(std::int8_t type, std::span<const std::byte> bytes) {
  const auto type_byte = static_cast<std::uint8_t>(type);
  switch (bytes.size()) {
    case 1:
      put(0xd4, type_byte);
      break;
    case 2:
      put(0xd5, type_byte);
      break;
    case 4:
      put(0xd6, type_byte);
      break;
    case 8:
      put(0xd7, type_byte);
      break;
    case 16:
      put(0xd8, type_byte);
      break;
    default:
      length(0xc7, 0xc8, 0xc9, bytes.size());
      put(type_byte);
  }
  append(bytes.data(), bytes.size());
}

void Writer::fail_too_long(std::size_t length) {
  throw std::length_error("a value of " + std::to_string(length) +
                          " bytes or elements cannot travel: MessagePack allows 4294967295");
}

Writer::Indirection::Indirection(Writer& writer) : writer_(writer) {
  constexpr std::uint32_t most = 512;
  if (writer.indirections_ >= most) {
    throw std::length_error("more than 512 pointers inside each other cannot travel: do they form a ring?");
  }
  ++writer.indirections_;
}

}  // namespace vagus::wire
