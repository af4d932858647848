#include <array>

#include <vagus/wire/pack_chrono.hpp>

namespace vagus::wire {

namespace {

constexpr std::int8_t timestamp_type = -1;
constexpr std::uint32_t second = 1'000'000'000;

}  // namespace

void Codec<Timestamp>::pack(Writer& writer, const Timestamp& value) {
  std::array<std::byte, 12> bytes;
  std::size_t size = 0;
  const auto seconds = static_cast<std::uint64_t>(value.seconds);
  if (seconds >> 34 == 0) {
    if (value.nanoseconds == 0 && seconds >> 32 == 0) {
      detail::store(bytes.data(), static_cast<std::uint32_t>(seconds));
      size = 4;
    } else {
      detail::store(bytes.data(), std::uint64_t{value.nanoseconds} << 34 | seconds);
      size = 8;
    }
  } else {
    detail::store(bytes.data(), value.nanoseconds);
    detail::store(bytes.data() + 4, seconds);
    size = 12;
  }
  writer.ext(timestamp_type, std::span(bytes).first(size));
}

void Codec<Timestamp>::unpack(Reader& reader, Timestamp& value) {
  const std::size_t offset = reader.offset();
  if (reader.peek() != Kind::ext) reader.fail_type("a timestamp");
  const auto [type, bytes] = reader.ext();
  if (type != timestamp_type) reader.fail_type("a timestamp, which is an ext of type -1", offset);

  const std::byte* const at = bytes.data();
  switch (bytes.size()) {
    case 4:
      value = {detail::load<std::uint32_t>(at), 0};
      break;
    case 8: {
      const auto both = detail::load<std::uint64_t>(at);
      value = {static_cast<std::int64_t>(both & 0x3'ffff'ffff), static_cast<std::uint32_t>(both >> 34)};
      break;
    }
    case 12:
      value = {static_cast<std::int64_t>(detail::load<std::uint64_t>(at + 4)),
               detail::load<std::uint32_t>(at)};
      break;
    default:
      reader.fail_type("a timestamp, which has 4, 8 or 12 bytes", offset);
  }
  if (value.nanoseconds >= second) reader.fail_type("a timestamp with less than 10^9 nanoseconds", offset);
}

}  // namespace vagus::wire
