#include "ring/received_blocks.hpp"

#include <cstring>
#include <utility>

#include <vagus/core/fault_point.hpp>
#include <vagus/core/home_process.hpp>

#include "ring/announced_edges.hpp"

namespace vagus::transport::ring {

/// Gives one block back when it goes.
class ReceivedBlocks::Keeper {
 public:
  Keeper(std::shared_ptr<const void> owner, Control& own, std::uint32_t index) noexcept
      : owner_(std::move(owner)), own_(own), index_(index) {}
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper() {
    // A child of fork() that destroys its copy gives nothing back in its parent's name.
    if (!home_.left()) give_back(own_, index_);
  }

 private:
  const std::shared_ptr<const void> owner_;
  Control& own_;
  const std::uint32_t index_;
  const detail::HomeProcess home_;
};

ReceivedBlocks::ReceivedBlocks(std::span<const std::byte> arena, Control& own,
                               std::shared_ptr<const void> owner) noexcept
    : arena_(arena), own_(own), owner_(std::move(owner)) {}

const char* ReceivedBlocks::take(std::span<const std::byte> record, std::span<const std::byte>& message) {
  BlockList list;
  if (record.size() < sizeof list) return "a record with blocks that is too short";
  std::memcpy(&list, record.data(), sizeof list);
  if (list.count > max_blocks || list.first_is_message > 1 || list.count < list.first_is_message ||
      block_list_size(list.count) > record.size()) {
    return "a record with blocks that does not hold what it says";
  }
  entries_.clear();
  for (std::size_t place = 0; place < list.count; ++place) {
    // Copied out of the peer's memory: what is checked is what is used.
    BlockReference reference;
    std::memcpy(&reference, record.data() + block_list_size(place), sizeof reference);
    if (const char* violation = check(reference)) {
      entries_.clear();
      return violation;
    }
    entries_.push_back(
        {arena_.subspan(static_cast<std::size_t>(reference.offset), static_cast<std::size_t>(reference.size)),
         reference.index, nullptr});
  }
  VAGUS_FAULT_POINT("loan.received");
  first_is_message_ = list.first_is_message == 1;
  message = first_is_message_ ? entries_.front().bytes : record.subspan(block_list_size(list.count));
  return nullptr;
}

const char* ReceivedBlocks::check(const BlockReference& reference) const noexcept {
  if (reference.index >= max_blocks) return "a reference to a block of impossible number";
  if (reference.offset % page_size != 0) return "a reference to a block at an odd place";
  if (reference.offset > arena_.size() || reference.size > arena_.size() - reference.offset) {
    return "a reference to a block outside of its arena";
  }
  return nullptr;
}

wire::ReceivedBlock ReceivedBlocks::attached(std::uint32_t place) {
  const std::size_t first = first_is_message_ ? 1 : 0;
  if (place >= entries_.size() || place + first >= entries_.size()) return {};
  Entry& entry = entries_[place + first];
  return {entry.bytes, keep(entry)};
}

std::shared_ptr<const void> ReceivedBlocks::keep_message() {
  return first_is_message_ && !entries_.empty() ? keep(entries_.front()) : nullptr;
}

const std::shared_ptr<const void>& ReceivedBlocks::keep(Entry& entry) {
  if (!entry.keeper) entry.keeper = std::make_shared<const Keeper>(owner_, own_, entry.index);
  VAGUS_FAULT_POINT("loan.kept");
  return entry.keeper;
}

void ReceivedBlocks::release() noexcept {
  for (const Entry& entry : entries_) {
    if (!entry.keeper) give_back(own_, entry.index);
  }
  entries_.clear();
  first_is_message_ = false;
}

void ReceivedBlocks::give_back(Control& own, std::uint32_t index) noexcept {
  VAGUS_FAULT_POINT("loan.before_return");
  announce_published();
  // PAIR block-returned
  own.returned[index].fetch_add(1, std::memory_order_release);
}

}  // namespace vagus::transport::ring
