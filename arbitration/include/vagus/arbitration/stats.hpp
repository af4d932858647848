/// What an ApiArb has done so far.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vagus {

/// Figures since the ApiArb was made; each is exact, together they are of about one moment.
struct Stats {
  std::uint64_t calls_made = 0;          ///< solicited, by this side
  std::uint64_t messages_posted = 0;     ///< unsolicited, by this side; one for each peer that it went to
  std::uint64_t events_unheard = 0;      ///< posted while no peer listened
  std::uint64_t posts_dropped = 0;       ///< by `when_full = drop`, or while they waited for a link
  std::uint64_t calls_dropped = 0;       ///< while they waited for a link, for newer ones
  std::uint64_t calls_resent = 0;        ///< idempotent ones, since their link was lost
  std::uint64_t requests_received = 0;   ///< solicited, by the peers
  std::uint64_t requests_refused = 0;    ///< not run: wrong arguments, nobody to handle it, a full queue
  std::uint64_t requests_expired = 0;    ///< not run: the caller had given up before a worker was free
  std::uint64_t messages_received = 0;   ///< unsolicited, by the peers
  std::uint64_t messages_unhandled = 0;  ///< unsolicited, and nothing handled them
  std::uint64_t messages_dropped = 0;    ///< unsolicited, and a queue was full or the arguments were wrong
  std::uint64_t handlers_failed = 0;     ///< handlers and callbacks that an exception left
  std::uint64_t late_replies = 0;        ///< to calls that had ended before
  std::uint64_t unknown_replies = 0;     ///< to calls that were never made
  std::uint64_t links_opened = 0;
  std::uint64_t links_lost = 0;
  std::size_t links = 0;          ///< open now
  std::size_t calls_pending = 0;  ///< sent, not answered yet
};

}  // namespace vagus
