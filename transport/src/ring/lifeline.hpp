#pragma once

#include <cstdint>
#include <memory>

#include <vagus/core/error.hpp>

namespace vagus::transport::ring {

enum class Bell : std::uint8_t { records, space };

/// Hears of what comes over a lifeline. The calls come on threads of the event loop, no lock held.
class LifelineObserver {
 public:
  virtual ~LifelineObserver() = default;
  /// The peer has rung. Not to be believed, only to be looked after.
  virtual void on_bell(Bell bell) = 0;
  /// The peer is gone, or has said what it may not say: a ProtocolError. Once.
  virtual void on_peer_gone(const ErrorPtr& reason) = 0;
};

/// What joins the two ends of a link besides memory: rings the peer's event loop, and ends when the peer
/// does. All functions are safe from any thread.
class Lifeline {
 public:
  virtual ~Lifeline() = default;

  virtual void start(std::weak_ptr<LifelineObserver> observer) = 0;
  /// Makes the peer's event loop call on_bell(). Waits for nothing.
  virtual void ring(Bell bell) noexcept = 0;
  /// Takes leave of the peer and gives all descriptors back; may be called again. A call to the observer may
  /// be under way when it returns.
  virtual void close() noexcept = 0;
};

}  // namespace vagus::transport::ring
