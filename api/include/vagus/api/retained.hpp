/// The last value that an event has told, for whoever begins to listen to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <vagus/core/bytes.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus::detail {

class ApiRoot;

/// Safe from any thread.
class Retained {
 public:
  explicit Retained(std::string name_space)
      : name_space_(std::make_shared<const std::string>(std::move(name_space))) {}

  const std::string& name_space() const noexcept { return *name_space_; }
  /// The packed array of arguments; empty: nothing was told yet.
  Bytes last() const;
  /// Keeps these arguments and tells them to all peers of `root` that listen, unless they are the last ones.
  /// Never waits for a peer.
  void update(ApiRoot& root, Bytes arguments);
  /// Tells one peer, or all if it is 0, the last ones if it listens.
  void tell(ApiRoot& root, std::uint64_t peer) const;

 private:
  void send(ApiRoot& root, std::uint64_t peer) const VAGUS_REQUIRES(mutex_);

  const std::shared_ptr<const std::string> name_space_;
  // Held while it is told: what a peer hears last is the last.
  mutable Mutex mutex_;
  Bytes arguments_ VAGUS_GUARDED_BY(mutex_);
};

/// What one observer was told last: that is not told again. Safe from any thread.
class LastTold {
 public:
  /// Is that something new?
  bool is_new(std::uint64_t peer, Bytes value);

 private:
  Mutex mutex_;
  std::uint64_t peer_ VAGUS_GUARDED_BY(mutex_) = 0;  // anew with each connection
  Bytes value_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::detail
