#include <algorithm>
#include <array>
#include <cmath>

#include <vagus/wire/block.hpp>

#include "wire/reader_head.hpp"

namespace vagus::wire {

using detail::load;

namespace {

const detail::Lead& lead_at(const std::byte* at) { return detail::leads[detail::load_lead(at)]; }

std::size_t length_at(const std::byte* at, const detail::Lead& lead) {
  switch (lead.length_width) {
    case 0:
      return lead.length;
    case 1:
      return load<std::uint8_t>(at + 1);
    case 2:
      return load<std::uint16_t>(at + 1);
    default:
      return load<std::uint32_t>(at + 1);
  }
}

}  // namespace

Reader::Head Reader::head(const std::byte* at) const {
  if (at == end_) [[unlikely]]
    fail_malformed("a value is expected, but the bytes end here", at);
  const detail::Lead& lead = lead_at(at);
  const auto left = static_cast<std::size_t>(end_ - at);
  if (lead.header == 0) [[unlikely]]
    fail_c1(at);
  if (left < lead.header) [[unlikely]]
    fail_malformed("the value that begins here is cut off", at);

  const std::size_t length = length_at(at, lead);
  const std::size_t least = lead.kind == Kind::map ? 2 * length : length;
  if (left - lead.header < least) [[unlikely]]
    fail_cut_off(at, lead.kind, length, left - lead.header);
  if (lead.is_container()) return {lead.kind, lead.header, 0, length};
  return {lead.kind, lead.header, length, 0};
}

Reader::Head Reader::expect(Kind kind, std::string_view expected) const {
  const Head found = head(position_);
  if (found.kind != kind) [[unlikely]]
    fail_type(expected);
  return found;
}

Kind Reader::peek() const {
  if (position_ == end_) [[unlikely]]
    static_cast<void>(head(position_));
  const detail::Lead& lead = lead_at(position_);
  if (lead.header == 0) [[unlikely]]
    fail_c1(position_);
  return lead.kind;
}

namespace {

Integer from_signed(std::int64_t value) { return {static_cast<std::uint64_t>(value), value < 0}; }

Integer integer_at(const std::byte* at, std::uint8_t lead) {
  switch (lead) {
    case 0xcc:
      return {load<std::uint8_t>(at + 1), false};
    case 0xcd:
      return {load<std::uint16_t>(at + 1), false};
    case 0xce:
      return {load<std::uint32_t>(at + 1), false};
    case 0xcf:
      return {load<std::uint64_t>(at + 1), false};
    case 0xd0:
      return from_signed(static_cast<std::int8_t>(load<std::uint8_t>(at + 1)));
    case 0xd1:
      return from_signed(static_cast<std::int16_t>(load<std::uint16_t>(at + 1)));
    case 0xd2:
      return from_signed(static_cast<std::int32_t>(load<std::uint32_t>(at + 1)));
    case 0xd3:
      return from_signed(static_cast<std::int64_t>(load<std::uint64_t>(at + 1)));
    default:
      return from_signed(static_cast<std::int8_t>(lead));
  }
}

std::string range(const std::string& least, const std::string& most) {
  return "an integer from " + least + " to " + most;
}

}  // namespace

Integer Reader::integer_here(std::size_t& size) const {
  if (position_ == end_) [[unlikely]]
    static_cast<void>(head(position_));
  const std::uint8_t byte = detail::load_lead(position_);
  const detail::Lead& lead = detail::leads[byte];
  if (lead.kind != Kind::integer) [[unlikely]]
    fail_type("an integer");
  size = std::size_t{lead.header} + lead.length;
  if (remaining() < size) [[unlikely]]
    fail_cut_off(position_, Kind::integer, lead.length, remaining() - lead.header);
  return integer_at(position_, byte);
}

Integer Reader::wide_any_integer() {
  std::size_t size = 0;
  const Integer value = integer_here(size);
  position_ += size;
  return value;
}

std::int64_t Reader::wide_integer(std::int64_t least, std::int64_t most) {
  std::size_t size = 0;
  const Integer value = integer_here(size);
  const auto result = static_cast<std::int64_t>(value.bits);
  const bool fits = value.negative == (result < 0) && result >= least && result <= most;
  if (!fits) [[unlikely]]
    fail_type(range(std::to_string(least), std::to_string(most)));
  position_ += size;
  return result;
}

std::uint64_t Reader::wide_unsigned_integer(std::uint64_t most) {
  std::size_t size = 0;
  const Integer value = integer_here(size);
  if (value.negative || value.bits > most) [[unlikely]]
    fail_type(range("0", std::to_string(most)));
  position_ += size;
  return value.bits;
}

double Reader::other_real() {
  const Head found = head(position_);
  std::size_t size = found.size();
  double result = 0;
  if (found.kind == Kind::real) {
    result = found.payload == 4
                 ? static_cast<double>(std::bit_cast<float>(load<std::uint32_t>(position_ + 1)))
                 : std::bit_cast<double>(load<std::uint64_t>(position_ + 1));
  } else if (found.kind == Kind::integer) {
    const Integer value = integer_here(size);
    const std::uint64_t magnitude = value.negative ? 0 - value.bits : value.bits;
    // A double holds 53 bits: what is between the highest and the lowest bit set must be no more.
    if (magnitude != 0 && 64 - std::countl_zero(magnitude) - std::countr_zero(magnitude) > 53) {
      fail_type("a real number, or an integer that a double can hold");
    }
    result = static_cast<double>(magnitude);
    if (value.negative) result = -result;
  } else {
    fail_type("a real number");
  }
  position_ += size;
  return result;
}

std::string_view Reader::long_str(bool also_bin) {
  const Head found = head(position_);
  if (found.kind != Kind::str && !(also_bin && found.kind == Kind::bin)) [[unlikely]] {
    const auto block = also_bin ? try_block() : std::nullopt;
    if (!block) fail_type("a str");
    return {reinterpret_cast<const char*>(block->data()), block->size()};
  }
  const auto* const text = reinterpret_cast<const char*>(position_ + found.header);
  position_ += found.size();
  return {text, found.payload};
}

std::optional<std::span<const std::byte>> Reader::try_block() {
  const Head found = head(position_);
  MessageSource* const source = MessageSource::current();
  if (found.kind != Kind::ext || found.payload != sizeof(std::uint32_t) || source == nullptr) return {};
  const std::byte* const payload = position_ + found.header;
  if (static_cast<std::int8_t>(payload[-1]) != block_reference_type) return {};
  const auto place = detail::load<std::uint32_t>(payload);
  const ReceivedBlock block = source->attached(place);
  if (!block.keeper) return {};
  // Who asks for bytes most likely copies them: a reference of 6 bytes must not stand for the same block
  // again and again. Whoever writes a message refers to its blocks in their order, to each once.
  if (place < next_place_) fail_malformed("it refers to a block that an earlier value has referred to");
  // Different references may still be to the same memory, or to a sparse file that cost its owner nothing.
  const std::size_t left = source->most_copied() - std::min(block_bytes_, source->most_copied());
  if (block.bytes.size() > left) {
    fail_malformed("it refers to more bytes than the " + std::to_string(source->most_copied()) +
                   " that a message may have: raise max_message_size at both ends");
  }
  next_place_ = place + 1;
  block_bytes_ += block.bytes.size();
  position_ += found.size();
  return block.bytes;
}

std::span<const std::byte> Reader::bin() {
  const Head found = head(position_);
  if (found.kind != Kind::bin && found.kind != Kind::str) [[unlikely]] {
    if (const auto block = try_block()) return *block;
    fail_type("a bin");
  }
  const std::span bytes{position_ + found.header, found.payload};
  position_ += found.size();
  return bytes;
}

std::size_t Reader::long_container(Kind kind) {
  const Head found = expect(kind, to_string(kind));
  position_ += found.size();
  return found.elements;
}

Ext Reader::ext() {
  const Head found = expect(Kind::ext, "an ext");
  const std::byte* const payload = position_ + found.header;
  const Ext result{static_cast<std::int8_t>(payload[-1]), {payload, found.payload}};
  position_ += found.size();
  return result;
}

std::span<const std::byte> Reader::skip() {
  // How many values each outer level still waits for. Only what is in use is ever written or read.
  std::array<std::size_t, max_depth> waiting;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::size_t open = 0;
  std::size_t left = 1;  // values still to come on this level
  for (const std::byte* at = position_;;) {
    const std::size_t there = static_cast<std::size_t>(end_ - at);
    const std::size_t plain = there == 0 ? 0 : detail::plain_sizes[static_cast<std::uint8_t>(*at)];
    if (plain - 1 < there) [[likely]] {  // not 0, and all there
      at += plain;
    } else {
      const Head found = head(at);
      const bool container = found.kind == Kind::array || found.kind == Kind::map;
      if (container && depth_ + open >= depth_limit_) [[unlikely]]
        fail_depth(at);
      at += found.size();
      if (found.elements != 0) {
        waiting[open++] = left - 1;
        left = found.children();
        continue;
      }
    }
    --left;
    while (left == 0 && open != 0) left = waiting[--open];
    if (left == 0) {
      const std::span bytes{position_, at};
      position_ = at;
      return bytes;
    }
  }
}

}  // namespace vagus::wire
