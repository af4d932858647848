#include "ring/doorbell.hpp"

#include "posix/futex.hpp"

namespace vagus::transport::ring {

namespace {

bool asks_for(std::uint64_t ticket, Wish wish) noexcept {
  return (ticket & static_cast<std::uint64_t>(wish)) != 0;
}

void ring_futex(posix::FutexWord& bell) noexcept {
  // PAIR bell-rung
  bell.fetch_add(1, std::memory_order_seq_cst);
  posix::futex_wake(bell);
}

}  // namespace

void Ringer::ring(std::uint64_t ticket, std::uint64_t& rung, Bell bell) noexcept {
  rung = ticket;
  if (asks_for(ticket, Wish::record_bell)) ring_futex(own_.record_bell);
  if (asks_for(ticket, Wish::space_bell)) ring_futex(own_.space_bell);
  if (asks_for(ticket, Wish::event_loop)) lifeline_.ring(bell);
}

void BellWaiter::add_space_wish(Wish wish) noexcept {
  MutexLock lock(mutex_);
  space_wishes_ |= static_cast<std::uint64_t>(wish);
  // A new number, since the peer may have rung for the former one.
  // PAIR space-or-ticket
  own_.space_ticket.store(++space_ticket_number_ << wish_bits | space_wishes_, std::memory_order_seq_cst);
}

bool BellWaiter::remove_space_wish(Wish wish) noexcept {
  MutexLock lock(mutex_);
  const bool wished = (space_wishes_ & static_cast<std::uint64_t>(wish)) != 0;
  space_wishes_ &= ~static_cast<std::uint64_t>(wish);
  const std::uint64_t ticket = space_wishes_ == 0 ? 0 : space_ticket_number_ << wish_bits | space_wishes_;
  // Relaxed: the wishes that remain are in the ticket before and after.
  own_.space_ticket.store(ticket, std::memory_order_relaxed);
  return wished;
}

}  // namespace vagus::transport::ring
