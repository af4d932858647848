#include "ring/arena.hpp"

#include <algorithm>
#include <utility>

#include <vagus/core/home_process.hpp>

#include "posix/memory_pages.hpp"
#include "ring/announced_edges.hpp"

namespace vagus::transport::ring {

namespace {

// Pages are asked for in pieces: of a page fault each, or of a system call each, would be many.
constexpr std::size_t provided_at_once = 256 * 1024;

constexpr std::size_t whole_pages(std::size_t size) noexcept {
  return (std::max<std::size_t>(size, 1) + page_size - 1) / page_size * page_size;
}

}  // namespace

/// Held by whoever fills and sends it.
class Arena::OwnBlock final : public wire::Block {
 public:
  OwnBlock(std::shared_ptr<Arena> arena, std::span<std::byte> bytes, std::uint32_t index) noexcept
      : Block(bytes, arena.get()), arena_(std::move(arena)), index_(index) {}
  ~OwnBlock() override {
    // A child of fork() has a copy of the arena's lock, which may never be given back.
    if (!home_.left()) arena_->let_go(index_);
  }

  std::uint32_t index() const noexcept { return index_; }

 private:
  const std::shared_ptr<Arena> arena_;
  const std::uint32_t index_;
  const detail::HomeProcess home_;
};

Arena::Arena(std::span<std::byte> memory, const Control& peer, std::shared_ptr<const void> owner) noexcept
    : memory_(memory), peer_(peer), owner_(std::move(owner)) {}

std::shared_ptr<wire::Block> Arena::allocate(std::size_t size) {
  if (size > memory_.size()) return nullptr;
  const std::size_t pages = whole_pages(size);
  MutexLock lock(mutex_);
  if (used_.capacity() == 0) {
    // At the first block, since most links have none: from here on nothing can fail half-way.
    used_.reserve(max_blocks);
    free_.reserve(max_blocks);
    for (std::uint32_t index = max_blocks; index > 0; --index) free_.push_back(index - 1);
  }
  reclaim();
  if (violation_ != nullptr) return nullptr;
  std::size_t offset = 0;
  const std::size_t place = find_place(pages, offset);
  if (free_.empty() || offset + pages > memory_.size() || !provide(offset + pages)) return nullptr;
  const std::uint32_t index = free_.back();
  auto block = std::make_shared<OwnBlock>(shared_from_this(), memory_.subspan(offset, size), index);
  free_.pop_back();
  used_.insert(used_.begin() + static_cast<std::ptrdiff_t>(place), index);
  Entry& entry = entries_[index];
  entry.offset = offset;
  entry.size = pages;
  entry.held = true;
  return block;
}

std::size_t Arena::find_place(std::size_t size, std::size_t& offset) const {
  offset = 0;
  for (std::size_t place = 0; place < used_.size(); ++place) {
    const Entry& entry = entries_[used_[place]];
    if (entry.offset - offset >= size) return place;
    offset = entry.offset + entry.size;
  }
  return used_.size();
}

bool Arena::provide(std::size_t end) {
  if (end <= provided_) return true;
  const std::size_t wanted = std::min(memory_.size(), end - end % provided_at_once + provided_at_once);
  if (!posix::provide_pages(memory_.subspan(provided_, wanted - provided_))) return false;
  provided_ = wanted;
  return true;
}

BlockReference Arena::lend(const wire::Block& block, std::size_t size) noexcept {
  const std::uint32_t index = static_cast<const OwnBlock&>(block).index();
  MutexLock lock(mutex_);
  Entry& entry = entries_[index];
  ++entry.sent;
  return {.offset = entry.offset, .size = size, .index = index};
}

void Arena::let_go(std::uint32_t index) noexcept {
  MutexLock lock(mutex_);
  entries_[index].held = false;
}

void Arena::reclaim() {
  for (std::size_t place = 0; place < used_.size();) {
    Entry& entry = entries_[used_[place]];
    // PAIR block-returned
    const std::uint32_t returned = peer_.returned[used_[place]].load(std::memory_order_acquire);
    announce_seen();
    // Modulo 2^32: more than that many of one block are never under way.
    if (entry.sent - returned > std::uint32_t{1} << 31) {
      violation_ = "a block of memory given back more often than it was sent";
      return;
    }
    if (entry.held || entry.sent != returned) {
      ++place;
      continue;
    }
    free_.push_back(used_[place]);
    used_.erase(used_.begin() + static_cast<std::ptrdiff_t>(place));
  }
}

bool Arena::trim() noexcept {
  MutexLock lock(mutex_);
  reclaim();
  const std::size_t end = used_.empty() ? 0 : entries_[used_.back()].offset + entries_[used_.back()].size;
  if (provided_ > end) {
    posix::free_pages(memory_.subspan(end, provided_ - end));
    provided_ = end;
  }
  return provided_ == 0;
}

const char* Arena::violation() const noexcept {
  MutexLock lock(mutex_);
  return violation_;
}

}  // namespace vagus::transport::ring
