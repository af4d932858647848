/// How a side that waits is woken, and why no wake-up is lost.
///
/// A side that is about to wait for records or for space puts a *ticket* into its own memory: a number that
/// it has never used before, with bits that say which bell to ring (`Wish`). 0 means that nobody waits. Then
/// it looks once more whether what it waits for has come, and only then sleeps. The peer publishes a record
/// (or gives space back), then looks at the ticket; if it is one for which it has not rung yet, it rings.
///
///        waits                                        publishes
///    W0  rings = bell                              P1  header (or consumed) = ...     seq_cst
///    W1  ticket = new                  seq_cst     P2  is there a ticket?             seq_cst
///    W2  header (or consumed) == ... ? seq_cst     P3  bell = bell + 1, wake it       seq_cst
///    W3  sleep while bell == rings
///
/// In the one order of all seq_cst operations either P1 is before W2, and the waiting side sees what was
/// published and does not sleep (PAIR record-or-ticket, space-or-ticket); or W2 is before P1, hence W1 before
/// P2, and the peer sees the ticket and rings. It changes the bell after W0 then, since W0 is before W1:
/// either the kernel finds it changed when the sleep begins, or the wake-up finds the sleeper (PAIR
/// bell-rung). The kernel does the two, look and sleep, under one lock.
///
/// Each ticket is rung for once at most, however much is published: the ticket itself stays for the sleeper
/// to take away. Hence its number: a sleeper that comes back at once has another one. 61 bits do not wrap.
///
/// For the event loop, a word of our own takes the place of the bell: it says whether the link is armed, and
/// whether the loop was rung while it was not. The loop, when it is rung, takes the reader role if it finds
/// it given away.
///
///    W0  word = unarmed                           P2, P3  as above: the event loop is rung
///    W1  ticket = new                  seq_cst    L1      former = word, word = rung; was it armed?
///    W2  header == ... ?               seq_cst
///    W3  armed, if it is still unarmed
///
/// The ticket may be used up by a peer that only now comes to look at it after a record that was read long
/// ago: then the loop finds nothing armed, and the next record brings no bell. But that was after W1, hence
/// after W0, and W3 finds the word changed (PAIR bell-or-armed).
///
/// The bells lie in the memory of the side that rings: nobody sleeps on a word that only he himself can
/// change. A bell for the event loop is not a futex but a pipe, see Lifeline.
///
/// There are two tickets and two futex bells, one for records and one for space, so that a thread that waits
/// to read and another that waits to write never share a word. A thread that waits for both puts a wish for
/// the bell of records into its ticket for space.
///
/// Acquire and release do not suffice for W1 and W2, P1 and P2: each is a store followed by a load of another
/// word, which any processor lets change places.
#pragma once

#include <atomic>
#include <cstdint>

#include <vagus/core/deadline.hpp>
#include <vagus/core/fault_point.hpp>
#include <vagus/core/mutex.hpp>

#include "ring/lifeline.hpp"
#include "ring/ring_layout.hpp"
#include "ring/sleeper.hpp"

namespace vagus::transport::ring {

/// The bells that a ticket asks for: its lowest bits.
enum class Wish : std::uint64_t { record_bell = 1, space_bell = 2, event_loop = 4 };
inline constexpr unsigned wish_bits = 3;
inline constexpr std::uint64_t all_wishes = (1u << wish_bits) - 1;

/// Rings the peer.
class Ringer {
 public:
  Ringer(Control& own, const Control& peer, Lifeline& lifeline) noexcept
      : own_(own), peer_(peer), lifeline_(lifeline) {}

  /// After a record was published; by whoever published it.
  void after_record() noexcept {
    // PAIR record-or-ticket
    const std::uint64_t ticket = peer_.record_ticket.load(std::memory_order_seq_cst);
    if (ticket != 0 && ticket != rung_for_records_) [[unlikely]]
      ring(ticket, rung_for_records_, Bell::records);
  }

  /// After space was given back; by whoever gave it.
  void after_space() noexcept {
    // PAIR space-or-ticket
    const std::uint64_t ticket = peer_.space_ticket.load(std::memory_order_seq_cst);
    if (ticket != 0 && ticket != rung_for_space_) [[unlikely]]
      ring(ticket, rung_for_space_, Bell::space);
  }

 private:
  void ring(std::uint64_t ticket, std::uint64_t& rung, Bell bell) noexcept;

  Control& own_;
  const Control& peer_;
  Lifeline& lifeline_;
  std::uint64_t rung_for_records_ = 0;  // the sender's
  std::uint64_t rung_for_space_ = 0;    // the reader's
};

/// Waits for the peer's bells.
class BellWaiter {
 public:
  BellWaiter(Control& own, const Control& peer) noexcept
      : own_(own), record_sleeper_(peer.record_bell), space_sleeper_(peer.space_bell) {}

  Sleeper& record_sleeper() noexcept { return record_sleeper_; }
  Sleeper& space_sleeper() noexcept { return space_sleeper_; }

  // By whoever holds the reader role --------------------------------------------------------------

  /// Sleeps until `ready()`, a call, or the deadline. `or_space`: `ready` asks for space too. The clock is
  /// looked at after each sleep, whatever ended it: the peer can keep any from beginning, by its bell.
  template <typename Ready>
  void sleep_for_records(const Ready& ready, Deadline deadline, bool or_space) {
    for (bool slept = false; !ready() && !record_sleeper_.called(); slept = true) {
      if (slept && deadline.passed()) return;
      const std::uint32_t heard = record_sleeper_.rings();
      show_record_ticket(Wish::record_bell);
      if (or_space) add_space_wish(Wish::record_bell);
      VAGUS_FAULT_POINT("parked.for_records");
      if (!ready()) record_sleeper_.sleep(heard, deadline);
      withdraw_record_ticket();
      if (or_space) remove_space_wish(Wish::record_bell);
    }
  }

  /// Gives the reader role to the event loop, which the peer rings when `next`, the header of the record to
  /// come, is written. False: it is already, or the loop was rung in vain meanwhile; the role is still the
  /// caller's.
  bool arm_for_records(const std::atomic<std::uint64_t>& next) noexcept {
    // Relaxed: the ticket's store brings it along.
    armed_for_records_.store(Armed::no, std::memory_order_relaxed);
    show_record_ticket(Wish::event_loop);
    VAGUS_FAULT_POINT("parked.event_loop");
    // PAIR record-or-ticket
    if (next.load(std::memory_order_seq_cst) == 0) {
      Armed former = Armed::no;
      // PAIR bell-or-armed. PAIR reader-role: whoever takes the role finds the reader as we leave it. From
      // here on another thread may have it, so that nothing of the reader's own is touched any more.
      if (armed_for_records_.compare_exchange_strong(former, Armed::yes, std::memory_order_seq_cst))
        return true;
    }
    withdraw_record_ticket();
    return false;
  }

  void disarm_for_records() noexcept {
    armed_for_records_.store(Armed::no, std::memory_order_relaxed);
    withdraw_record_ticket();
  }

  // By whoever holds the send turn ----------------------------------------------------------------

  template <typename Ready>
  void sleep_for_space(const Ready& ready, Deadline deadline) {
    for (bool slept = false; !ready() && !space_sleeper_.called(); slept = true) {
      if (slept && deadline.passed()) return;
      const std::uint32_t heard = space_sleeper_.rings();
      add_space_wish(Wish::space_bell);
      VAGUS_FAULT_POINT("parked.for_space");
      if (!ready()) space_sleeper_.sleep(heard, deadline);
      remove_space_wish(Wish::space_bell);
    }
  }

  // By any thread ---------------------------------------------------------------------------------

  /// As arm_for_records(), for space.
  template <typename Ready>
  bool arm_for_space(const Ready& ready) {
    add_space_wish(Wish::event_loop);
    return !ready() || !take_armed_for_space();
  }

  /// The event loop was rung: whether it was to be, and has the reader role now.
  bool take_armed_for_records() noexcept {
    // PAIR reader-role, PAIR bell-or-armed
    return armed_for_records_.exchange(Armed::rung, std::memory_order_seq_cst) == Armed::yes;
  }
  bool take_armed_for_space() noexcept { return remove_space_wish(Wish::event_loop); }

 private:
  enum class Armed : std::uint8_t {
    no,
    yes,
    rung  ///< while it was not armed, or when it was; arm_for_records() starts anew
  };

  void show_record_ticket(Wish wish) noexcept {
    // PAIR record-or-ticket
    own_.record_ticket.store(++record_ticket_number_ << wish_bits | static_cast<std::uint64_t>(wish),
                             std::memory_order_seq_cst);
  }
  void withdraw_record_ticket() noexcept {
    // Relaxed: a peer that still sees the ticket rings once in vain.
    own_.record_ticket.store(0, std::memory_order_relaxed);
  }
  void add_space_wish(Wish wish) noexcept VAGUS_EXCLUDES(mutex_);
  bool remove_space_wish(Wish wish) noexcept VAGUS_EXCLUDES(mutex_);

  Control& own_;
  Sleeper record_sleeper_;
  Sleeper space_sleeper_;
  std::atomic<Armed> armed_for_records_{Armed::no};
  std::uint64_t record_ticket_number_ = 0;  // the reader role's

  Mutex mutex_;
  std::uint64_t space_ticket_number_ VAGUS_GUARDED_BY(mutex_) = 0;
  std::uint64_t space_wishes_ VAGUS_GUARDED_BY(mutex_) = 0;
};

}  // namespace vagus::transport::ring
