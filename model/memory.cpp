// The store buffers. With MemoryKind::tso a store waits in its thread's buffer until it gets to memory in
// turn; a load sees the youngest store of its own thread, else memory; a locked operation, as seq_cst stores
// and all read-modify-writes are on x86, waits until the buffer is empty and goes to memory itself.
//
// With MemoryKind::weak a store may overtake those ahead of it to other words, unless it is a release; a
// seq_cst store is buffered like a release, and a seq_cst load waits until those of its thread are in memory.
#include "machine.hpp"

namespace vagus::model {

namespace {

bool is_header_place(Location location) noexcept {
  return location < record_bell && location % words_per_slot == 0;
}

void commit(State& state, Location location, std::uint8_t value) noexcept {
  state.memory[location] = value;
  // What is behind padding is published by the padding.
  if (is_header_place(location) && value != no_header && value < behind_padding) ++state.writer.visible;
}

bool has_store_to(const Thread& thread, Location location) noexcept {
  for (unsigned i = 0; i < thread.store_count; ++i) {
    if (thread.stores[i].location() == location) return true;
  }
  return false;
}

bool has_seq_cst_store(const Thread& thread) noexcept {
  for (unsigned i = 0; i < thread.store_count; ++i) {
    if (thread.stores[i].order() == Order::seq_cst) return true;
  }
  return false;
}

}  // namespace

bool may_drain(const Thread& thread, unsigned store, MemoryKind memory) noexcept {
  if (store == 0) return true;
  if (memory == MemoryKind::tso || thread.stores[store].order() != Order::relaxed) return false;
  for (unsigned i = 0; i < store; ++i) {
    if (thread.stores[i].location() == thread.stores[store].location()) return false;
  }
  return true;
}

void drain(State& state, unsigned thread, unsigned store) noexcept {
  Thread& owner = state.threads[thread];
  commit(state, owner.stores[store].location(), owner.stores[store].value);
  --owner.store_count;
  for (unsigned i = store; i < owner.store_count; ++i) owner.stores[i] = owner.stores[i + 1];
  owner.stores[owner.store_count] = {};
}

Machine::Word Machine::load(Location location, Order order) const noexcept {
  if (scenario_.memory == MemoryKind::weak && order == Order::seq_cst && has_seq_cst_store(me_)) return {};
  for (unsigned i = me_.store_count; i-- > 0;) {
    if (me_.stores[i].location() == location) return me_.stores[i].value;
  }
  return state_.memory[location];
}

bool Machine::store(Location location, std::uint8_t value, Order order) noexcept {
  if (scenario_.memory == MemoryKind::tso && order == Order::seq_cst) {
    if (me_.store_count != 0) return false;
    commit(state_, location, value);
    return true;
  }
  if (me_.store_count == max_stores) return false;
  const auto packed = static_cast<std::uint8_t>(static_cast<unsigned>(order) << 6 | location);
  me_.stores[me_.store_count++] = {packed, value};
  return true;
}

Machine::Word Machine::exchange(Location location, std::uint8_t value) noexcept {
  if (me_.store_count != 0) return {};
  const std::uint8_t former = state_.memory[location];
  commit(state_, location, value);
  return former;
}

Machine::Word Machine::exchange_if(Location location, std::uint8_t expected, std::uint8_t value) noexcept {
  if (me_.store_count != 0) return {};
  const std::uint8_t former = state_.memory[location];
  if (former == expected) commit(state_, location, value);
  return former;
}

bool Machine::lock(Location mutex) noexcept {
  // Acquire is all that a mutex promises here; on x86 it is a locked operation.
  if (scenario_.memory == MemoryKind::tso ? me_.store_count != 0 : has_store_to(me_, mutex)) return false;
  if (state_.memory[mutex] != 0) return false;
  state_.memory[mutex] = 1;
  return true;
}

bool Machine::may_enter_wishes() const noexcept {
  for (const Thread& thread : state_.threads) {
    if (&thread != &me_ && has_store_to(thread, space_ticket)) return false;
  }
  return true;
}

}  // namespace vagus::model
