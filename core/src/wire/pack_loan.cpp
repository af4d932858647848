#include <array>

#include <vagus/wire/big_endian.hpp>
#include <vagus/wire/pack_loan.hpp>

namespace vagus::wire::detail {

namespace {

constexpr std::size_t reference_size = sizeof(std::uint32_t);

bool is_aligned(std::span<const std::byte> bytes, std::size_t alignment) noexcept {
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0;
}

ReceivedBlock referred_to(Reader& reader) {
  const std::size_t offset = reader.offset();
  const Ext reference = reader.ext();
  if (reference.type != block_reference_type || reference.bytes.size() != reference_size) {
    reader.fail_type("a bin, or a reference to a block", offset);
  }
  MessageSource* const source = MessageSource::current();
  ReceivedBlock block;
  if (source != nullptr) block = source->attached(load<std::uint32_t>(reference.bytes.data()));
  if (!block.keeper) reader.fail_malformed("it refers to a block that the message does not bring along");
  return block;
}

ReceivedBlock in_message(Reader& reader, std::size_t alignment) {
  ReceivedBlock received{reader.bin(), nullptr};
  MessageSource* const source = MessageSource::current();
  if (source != nullptr && is_aligned(received.bytes, alignment))
    received.keeper = source->keep(received.bytes);
  return received;
}

}  // namespace

void pack_lent(Writer& writer, const std::shared_ptr<Block>& block, std::span<const std::byte> bytes) {
  const auto place = writer.attachments() != nullptr ? writer.attachments()->add(block) : std::nullopt;
  if (!place) return writer.bin(bytes);
  std::array<std::byte, reference_size> reference{};
  store(reference.data(), *place);
  writer.ext(block_reference_type, reference);
}

ReceivedBlock unpack_lent(Reader& reader, std::size_t element_size, std::size_t alignment) {
  const std::size_t offset = reader.offset();
  const bool refers = reader.peek() == Kind::ext;
  ReceivedBlock received = refers ? referred_to(reader) : in_message(reader, alignment);
  if (received.bytes.size() % element_size != 0 || (refers && !is_aligned(received.bytes, alignment))) {
    reader.fail_type("a whole number of elements of " + std::to_string(element_size) + " bytes", offset);
  }
  return received;
}

}  // namespace vagus::wire::detail
