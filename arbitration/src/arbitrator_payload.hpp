#pragma once

#include <optional>
#include <string>

#include <vagus/wire/message.hpp>

#include "arbitrator.hpp"

namespace vagus {

/// What a call or message says of itself to the peer that it is for. `chain` is that which it is made in.
wire::Extension extension_of(const detail::Outgoing& message, Deadline deadline = Deadline::never(),
                             const std::optional<wire::Chain>& chain = std::nullopt, TimePoint now = {});

/// What follows the name in a message, as one peer takes it. Used where it is made, while the message and the
/// peer are there.
class Arbitrator::Payload {
 public:
  /// A plain peer takes no extension, and all arguments by position. Throws if it cannot be packed so.
  Payload(const Arbitrator& arbitrator, const detail::Outgoing& message, Session& session,
          const wire::Extension& extension = {});
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;

  /// From now on it says how much time is left until then.
  void renew_time_left(Deadline deadline);
  bool extended() const noexcept { return !extension_.empty(); }
  void write(wire::Writer& writer) const;

 private:
  const detail::Outgoing& message_;
  const bool plain_;
  Bytes arguments_;            // of a plain peer
  std::string signature_;      // of any other; extension_ looks into it
  wire::Extension extension_;  // likewise
};

}  // namespace vagus
