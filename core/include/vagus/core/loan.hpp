/// Large arguments and results that are written where the other process reads them.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <vagus/wire/block.hpp>

namespace vagus {

/// What can be lent: its bytes are the value, any bytes are one, and it points nowhere. That any bytes are a
/// value cannot be checked: an aggregate with a `bool` or an enum of few values in it is not to be lent to or
/// by somebody whom you do not trust.
template <typename T>
concept Lendable = std::is_trivially_copyable_v<T> && !std::is_const_v<T> && !std::is_same_v<T, bool> &&
                   !std::is_pointer_v<T> && !std::is_member_pointer_v<T> && alignof(T) <= 4096;

namespace detail {

/// Throws std::bad_array_new_length for more than there can be.
template <typename T>
std::size_t bytes_of(std::size_t count) {
  if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
  return count * sizeof(T);
}

/// Aligned, and not written yet.
template <std::size_t Alignment>
std::shared_ptr<void> ordinary_memory(std::size_t size) {
  if constexpr (Alignment <= alignof(std::max_align_t)) {
    constexpr std::size_t unit = sizeof(std::max_align_t);
    return std::make_shared_for_overwrite<std::max_align_t[]>(size / unit + 1);
  } else {
    return {::operator new (size, std::align_val_t{Alignment}),
            [](void* memory) { ::operator delete (memory, std::align_val_t{Alignment}); }};
  }
}

}  // namespace detail

/// `size()` elements to be filled in place, borrowed with ApiBase::loan() or Call::loan(), or ordinary
/// memory. Then it is handed over as a `Loan<const T>`, to a method or as a handler's result:
///
///     vagus::Method<double(vagus::Loan<const float> samples)> mean{this, "mean"};
///     ...
///     vagus::Loan<float> samples = api.loan<float>(1'000'000);
///     std::generate(samples.begin(), samples.end(), measure);
///     const double mean = api.mean(std::move(samples)).call();
///
/// Over a link that shares memory nothing is copied on the way; over any other link the same program copies.
/// Belongs to one owner; distinct objects may be used from distinct threads.
template <typename T>
class Loan {
  static_assert(Lendable<T>, "what is lent is copied as bytes, and any bytes have to be a value of it");

 public:
  /// Of no elements.
  Loan() noexcept = default;
  /// Ordinary memory, which no link lends. The elements have no defined values yet.
  explicit Loan(std::size_t count)
      : keeper_(detail::ordinary_memory<alignof(T)>(detail::bytes_of<T>(count))),
        elements_(static_cast<T*>(keeper_.get()), count) {}
  /// The first `count` elements of a block, which is large enough.
  Loan(std::shared_ptr<wire::Block> block, std::size_t count) noexcept
      : keeper_(block, block->bytes().data()),
        elements_(static_cast<T*>(keeper_.get()), count),
        block_(std::move(block)) {}
  Loan(Loan&& other) noexcept
      : keeper_(std::move(other.keeper_)),
        elements_(std::exchange(other.elements_, {})),
        block_(std::move(other.block_)) {}
  Loan& operator=(Loan&& other) noexcept {
    Loan taken(std::move(other));
    keeper_.swap(taken.keeper_);
    std::swap(elements_, taken.elements_);
    block_.swap(taken.block_);
    return *this;
  }

  T* data() const noexcept { return elements_.data(); }
  std::size_t size() const noexcept { return elements_.size(); }
  bool empty() const noexcept { return elements_.empty(); }
  auto begin() const noexcept { return elements_.begin(); }
  auto end() const noexcept { return elements_.end(); }
  T& operator[](std::size_t index) const noexcept { return elements_[index]; }

  /// Whether it lies in memory that the peer of the link sees.
  bool is_shared() const noexcept { return block_ != nullptr; }

 private:
  friend class Loan<const T>;
  std::shared_ptr<void> keeper_;
  std::span<T> elements_;
  std::shared_ptr<wire::Block> block_;
};

/// The same, to be read: what a method or its result is declared with. Copies share the memory, which is
/// given back when the last of them is gone, whatever has become of the link.
///
/// What a peer has lent is its memory: a peer that breaks the rules may change it while you read. If you do
/// not trust it, check what copy() gives, and nothing that you read twice.
template <typename T>
class Loan<const T> {
  static_assert(Lendable<T>, "what is lent is copied as bytes, and any bytes have to be a value of it");

 public:
  Loan() noexcept = default;
  Loan(Loan<T>&& filled) noexcept  // NOLINT(google-explicit-constructor): handing over is the purpose
      : keeper_(std::move(filled.keeper_)),
        elements_(std::exchange(filled.elements_, {})),
        block_(std::move(filled.block_)) {}
  /// What came with a message; aligned, and a whole number of elements.
  explicit Loan(const wire::ReceivedBlock& received) noexcept
      : keeper_(received.keeper),
        elements_(reinterpret_cast<const T*>(received.bytes.data()), received.bytes.size() / sizeof(T)) {}

  const T* data() const noexcept { return elements_.data(); }
  std::size_t size() const noexcept { return elements_.size(); }
  bool empty() const noexcept { return elements_.empty(); }
  auto begin() const noexcept { return elements_.begin(); }
  auto end() const noexcept { return elements_.end(); }
  const T& operator[](std::size_t index) const noexcept { return elements_[index]; }
  /// In memory of your own, which nobody else changes.
  std::vector<T> copy() const { return {begin(), end()}; }

  /// The memory of a link that it was filled in; null if it was received, or is ordinary memory.
  const std::shared_ptr<wire::Block>& block() const noexcept { return block_; }

 private:
  std::shared_ptr<const void> keeper_;
  std::span<const T> elements_;
  std::shared_ptr<wire::Block> block_;
};

namespace detail {

/// In the block, or in ordinary memory if there is none.
template <typename T>
Loan<T> loan_of(std::shared_ptr<wire::Block> block, std::size_t count) {
  return block ? Loan<T>(std::move(block), count) : Loan<T>(count);
}

}  // namespace detail

}  // namespace vagus
