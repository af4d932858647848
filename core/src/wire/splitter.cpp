#include <algorithm>
#include <string>

#include <vagus/wire/big_endian.hpp>
#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/splitter.hpp>

#include "wire/reader_head.hpp"

namespace vagus::wire {

namespace {

std::uint64_t length_at(const std::byte* at, const detail::Lead& lead) {
  switch (lead.length_width) {
    case 0:
      return lead.length;
    case 1:
      return detail::load<std::uint8_t>(at + 1);
    case 2:
      return detail::load<std::uint16_t>(at + 1);
    default:
      return detail::load<std::uint32_t>(at + 1);
  }
}

[[noreturn]] void fail(std::uint64_t position, const std::string& what) {
  throw MalformedError("at byte " + std::to_string(position) + " of a message: " + what);
}

}  // namespace

std::size_t Splitter::find(std::span<const std::byte> bytes) {
  while (left_ != 0) {
    if (!look_at(bytes)) return 0;
    while (left_ == 0 && !waiting_.empty()) {
      left_ = waiting_.back();
      waiting_.pop_back();
    }
  }
  if (position_ > bytes.size()) return 0;  // the end of the last value has not come yet
  const auto size = static_cast<std::size_t>(position_);
  position_ = 0;
  left_ = left_in_all_ = 1;
  return size;
}

/// Takes note of the next value, or of several that are small; false if it is not there yet.
bool Splitter::look_at(std::span<const std::byte> bytes) {
  const std::uint64_t end = bytes.size();
  if (position_ >= end) return false;
  if (position_ == 0 && detail::leads[static_cast<std::uint8_t>(bytes[0])].kind != Kind::array) {
    fail(0, "a message is an array, this is none");
  }
  if (pass_plain_values(bytes)) return true;
  const std::byte* const at = bytes.data() + position_;
  const detail::Lead& lead = detail::leads[static_cast<std::uint8_t>(*at)];
  if (lead.header == 0) fail(position_, "no value begins with c1");
  if (end - position_ < lead.header) return false;
  const std::uint64_t length = length_at(at, lead);
  const std::uint64_t start = position_;
  position_ += lead.header;
  --left_;
  --left_in_all_;
  if (lead.is_container()) {
    enter(start, lead.kind == Kind::map ? 2 * length : length);
  } else {
    position_ += length;
  }
  check_size(start);
  return true;
}

/// Numbers, short texts and the like, of which the first byte says how long they are; false if none is next.
bool Splitter::pass_plain_values(std::span<const std::byte> bytes) {
  const std::uint64_t start = position_;
  const std::uint64_t before = left_;
  while (left_ != 0 && position_ < bytes.size()) {
    const std::uint64_t size = detail::plain_sizes[static_cast<std::uint8_t>(bytes[position_])];
    if (size == 0) break;
    position_ += size;
    --left_;
  }
  if (left_ == before) return false;
  left_in_all_ -= before - left_;
  check_size(start);
  return true;
}

void Splitter::enter(std::uint64_t start, std::uint64_t children) {
  if (waiting_.size() >= std::min(limits_.depth, Reader::max_depth)) {
    fail(start, "arrays and maps are nested more than " +
                    std::to_string(std::min(limits_.depth, Reader::max_depth)) + " levels deep");
  }
  left_in_all_ += children;
  if (children == 0) return;
  waiting_.push_back(left_);
  left_ = children;
}

void Splitter::check_size(std::uint64_t start) const {
  if (position_ + left_in_all_ <= limits_.message_size) return;
  fail(start, "with what begins here it would have at least " + std::to_string(position_ + left_in_all_) +
                  " bytes, more than the limit of " + std::to_string(limits_.message_size));
}

}  // namespace vagus::wire
