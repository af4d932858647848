/// Memory that travels without being copied: a message refers to it. Part of what makes vagus::Loan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace vagus::wire {

/// The extension type of a reference in a message: the place of the block among those that the message brings
/// along, 32 bits, big endian.
inline constexpr std::int8_t block_reference_type = 76;

/// Memory of a link that both ends see. It is the link's again when nobody here has it any more and the peer
/// has given back what refers to it. May outlive the link.
class Block {
 public:
  virtual ~Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  std::span<std::byte> bytes() const noexcept { return bytes_; }
  /// Stands for the link over which it can travel.
  const void* lender() const noexcept { return lender_; }

 protected:
  Block(std::span<std::byte> bytes, const void* lender) noexcept : bytes_(bytes), lender_(lender) {}

 private:
  const std::span<std::byte> bytes_;
  const void* const lender_;
};

/// The blocks that one message refers to, by their place in it. Threads: one at a time.
class Attachments {
 public:
  /// For messages over the link that `lender` stands for; null: over one that lends nothing.
  explicit Attachments(const void* lender) noexcept : lender_(lender) {}

  /// The block's place; empty if it is not of this link, and has to be copied.
  std::optional<std::uint32_t> add(const std::shared_ptr<Block>& block) {
    if (lender_ == nullptr || !block || block->lender() != lender_) return std::nullopt;
    blocks_.push_back(block);
    return static_cast<std::uint32_t>(blocks_.size() - 1);
  }

  const void* lender() const noexcept { return lender_; }
  std::span<const std::shared_ptr<Block>> blocks() const noexcept { return blocks_; }
  bool empty() const noexcept { return blocks_.empty(); }

 private:
  const void* lender_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

/// Memory of the peer's: it may change it while we read.
struct ReceivedBlock {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keeper;  ///< gives it back when the last copy is gone; null: there is none
};

/// Where the message comes from that this thread decodes.
class MessageSource {
 public:
  /// What the message refers to as this place; without a keeper if it refers to nothing there.
  virtual ReceivedBlock attached(std::uint32_t place) = 0;
  /// So many bytes of the blocks of one message may be read as values of their own, which are copied: what
  /// its size would allow if it had them in itself.
  virtual std::size_t most_copied() const noexcept = 0;
  /// Keeps bytes of the message where they are; null: it cannot, or they are none of its: copy what is
  /// needed.
  virtual std::shared_ptr<const void> keep(std::span<const std::byte> bytes) = 0;

  /// Null where no message of a link is decoded: in handlers, for calls of the process to itself.
  static MessageSource* current() noexcept;

  /// Makes a source that of this thread for a scope.
  class Scope {
   public:
    explicit Scope(MessageSource* source) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    MessageSource* const outer_;
  };

 protected:
  ~MessageSource() = default;
};

}  // namespace vagus::wire
