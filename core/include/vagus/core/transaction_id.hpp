/// The name of one call on the wire.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

namespace vagus {

/// Which side of a link made something: the head connects, the body listens.
enum class Side : std::uint8_t { head, body };

constexpr Side opposite(Side side) noexcept { return side == Side::head ? Side::body : Side::head; }
constexpr const char* to_string(Side side) noexcept { return side == Side::head ? "head" : "body"; }

/// A 32-bit transaction id. The top bit tells which side made it (0 head, 1 body), the rest is a number that
/// is never 0 in an id that a generator made. Prints as `17.head`.
class TransactionId {
 public:
  static constexpr std::uint32_t max_number = 0x7fff'ffffu;

  /// No transaction.
  constexpr TransactionId() noexcept = default;
  constexpr explicit TransactionId(std::uint32_t wire) noexcept : wire_(wire) {}
  constexpr TransactionId(Side side, std::uint32_t number) noexcept
      : wire_((side == Side::body ? 0x8000'0000u : 0u) | (number & max_number)) {}

  constexpr Side side() const noexcept { return (wire_ & 0x8000'0000u) != 0 ? Side::body : Side::head; }
  constexpr std::uint32_t number() const noexcept { return wire_ & max_number; }
  /// The id as it travels.
  constexpr std::uint32_t wire() const noexcept { return wire_; }
  constexpr explicit operator bool() const noexcept { return number() != 0; }

  friend constexpr auto operator<=>(TransactionId, TransactionId) noexcept = default;

 private:
  std::uint32_t wire_ = 0;
};

inline std::string to_string(TransactionId id) {
  return id ? std::to_string(id.number()) + '.' + to_string(id.side()) : std::string("none");
}
inline std::ostream& operator<<(std::ostream& out, TransactionId id) { return out << to_string(id); }

}  // namespace vagus

template <>
struct std::hash<vagus::TransactionId> {
  std::size_t operator()(vagus::TransactionId id) const noexcept {
    return std::hash<std::uint32_t>{}(id.wire());
  }
};
