/// What an ApiArb has done so far.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include <vagus/core/error.hpp>
#include <vagus/core/peer.hpp>

namespace vagus {

/// How often each kind of error came. to_string() gives the name of a kind.
class ErrorCounts {
 public:
  std::uint64_t& operator[](ErrorCode code) noexcept { return counts_[static_cast<std::size_t>(code)]; }
  std::uint64_t operator[](ErrorCode code) const noexcept { return counts_[static_cast<std::size_t>(code)]; }
  std::uint64_t total() const noexcept {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  }

 private:
  std::array<std::uint64_t, error_code_count> counts_{};
};

/// What went over links in one direction: requests, answers, events, and what peers tell each other of
/// themselves after their greeting. What is lent is not among the bytes; a message counts when it begins to
/// be sent, and when it has come.
struct Volume {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// Figures since the ApiArb was made; each is exact, together they are of about one moment.
struct Stats {
  std::uint64_t calls_made = 0;          ///< solicited, by this side
  std::uint64_t calls_completed = 0;     ///< of those, with a result
  ErrorCounts calls_failed;              ///< of those, by the error that they ended with
  std::uint64_t messages_posted = 0;     ///< unsolicited, by this side; one for each peer that it went to
  std::uint64_t events_unheard = 0;      ///< posted while no peer listened
  std::uint64_t posts_dropped = 0;       ///< by `when_full = drop`, or while they waited for a link
  std::uint64_t calls_dropped = 0;       ///< while they waited for a link, for newer ones
  std::uint64_t calls_resent = 0;        ///< idempotent ones, since their link was lost
  std::uint64_t requests_received = 0;   ///< solicited, by the peers
  std::uint64_t requests_refused = 0;    ///< not run: wrong arguments, nobody to handle it, a full queue
  std::uint64_t requests_expired = 0;    ///< not run: the caller had given up before a worker was free
  std::uint64_t permissions_denied = 0;  ///< calls, events and subscriptions of peers that may not make them
  std::uint64_t logins_refused = 0;      ///< wrong ones, and those that came too soon after wrong ones
  std::uint64_t messages_received = 0;   ///< unsolicited, by the peers
  std::uint64_t messages_unhandled = 0;  ///< unsolicited, and nothing handled them
  std::uint64_t messages_dropped = 0;    ///< unsolicited, and a queue was full or the arguments were wrong
  std::uint64_t handlers_failed = 0;     ///< handlers, callbacks and hooks that an exception left
  std::uint64_t late_replies = 0;        ///< to calls that had ended before
  std::uint64_t unknown_replies = 0;     ///< to calls that were never made
  std::uint64_t links_opened = 0;
  std::uint64_t links_lost = 0;
  Volume sent;                       ///< over all links, those that have ended included
  Volume received;                   ///< likewise
  std::size_t links = 0;             ///< open now
  std::size_t calls_pending = 0;     ///< sent, not answered yet
  std::size_t requests_waiting = 0;  ///< requests and events that wait for a worker, of all APIs
};

/// What went over one link that is open.
struct PeerStats {
  Peer peer;
  Volume sent;
  Volume received;
};

}  // namespace vagus
