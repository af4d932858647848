// A link whose peer writes into its memory whatever the input says, also while we look at it.
//
// The input is a choice of sizes, what changes between two looks, see Changes, and then a list of steps: what
// the peer plants in its memory, and what this side does with its end of the link. Whatever it is, this side
// reads messages that lie where messages may lie, or ends the link with a ProtocolError, and takes little
// memory.

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "ring/ring_link.hpp"
#include "ring/ring_writer.hpp"
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"
#include "support/shared_memory.hpp"

using namespace vagus;
using namespace vagus::transport;
using fuzz::check;
using fuzz::Input;
using fuzz::SharedMemory;

namespace {

constexpr std::size_t arena_bytes = 65536;
constexpr std::size_t max_message_size = 100'000;
// A message that is put together, one that is about to be sent, and what a link takes by itself.
constexpr std::size_t most_memory = 1024 * 1024;

class NoLifeline final : public ring::Lifeline {
 public:
  void start(std::weak_ptr<ring::LifelineObserver> /*observer*/) override {}
  void ring(ring::Bell /*bell*/) noexcept override {}
  void close() noexcept override {}
};

// Faster than algorithms, which this program is compiled without any optimisation of.
void fill(std::span<std::byte> bytes, int value) {
  if (!bytes.empty()) std::memset(bytes.data(), value, bytes.size());
}
void copy(std::span<const std::byte> from, std::span<std::byte> to) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

/// The memory of both sides, for rings of one size.
class Memory {
 public:
  explicit Memory(std::size_t ring_bytes)
      : ring_bytes_(ring_bytes),
        own_(ring::memory_size(ring_bytes), SharedMemory::Ours::writable),
        own_arena_(arena_bytes, SharedMemory::Ours::writable),
        peer_(ring::memory_size(ring_bytes), SharedMemory::Ours::read_only),
        peer_arena_(arena_bytes, SharedMemory::Ours::read_only) {}

  /// As it is when a link begins.
  void reset() const {
    for (const SharedMemory* memory : {&own_, &peer_}) {
      fill(memory->theirs(), 0);
      ::new (memory->theirs().data()) ring::Control;
    }
  }

  ring::LinkMemory link_memory() const {
    return {
        .own = {control(own_.ours()), own_.ours().data() + ring::ring_offset, ring_bytes_, own_arena_.ours()},
        .peer = {control(peer_.ours()), peer_.ours().data() + ring::ring_offset, ring_bytes_,
                 peer_arena_.ours()},
        .owner = nullptr};
  }
  /// What the peer writes.
  const SharedMemory& peer() const noexcept { return peer_; }
  ring::Control& peer_control() const noexcept { return *control(peer_.theirs()); }
  const ring::Control& own_control() const noexcept { return *control(own_.theirs()); }
  ring::OwnMemory peer_ring() const noexcept {
    return {&peer_control(), peer_.theirs().data() + ring::ring_offset, ring_bytes_};
  }
  bool in_peer_memory(std::span<const std::byte> bytes) const noexcept {
    return is_inside(bytes, peer_.ours().subspan(ring::ring_offset)) || is_inside(bytes, peer_arena_.ours());
  }

 private:
  static ring::Control* control(std::span<std::byte> memory) noexcept {
    return reinterpret_cast<ring::Control*>(memory.data());
  }
  static bool is_inside(std::span<const std::byte> part, std::span<const std::byte> whole) noexcept {
    const auto begin = reinterpret_cast<std::uintptr_t>(part.data());
    const auto whole_begin = reinterpret_cast<std::uintptr_t>(whole.data());
    return begin >= whole_begin && begin + part.size() <= whole_begin + whole.size();
  }

  const std::size_t ring_bytes_;
  const SharedMemory own_;
  const SharedMemory own_arena_;
  const SharedMemory peer_;
  const SharedMemory peer_arena_;
};

/// Both ends of one link, from its beginning to its end.
class Story {
 public:
  Story(const Memory& memory, EventLoop& loop, bool with_arena)
      : memory_(memory),
        writer_(memory.peer_ring(), memory.own_control()),
        link_(make_parts(loop, with_arena)) {}

  void run(Input& input) {
    constexpr std::array steps{&Story::plant_word,   &Story::plant_header,   &Story::plant_bytes,
                               &Story::set_consumed, &Story::set_returned,   &Story::set_tickets,
                               &Story::publish,      &Story::publish_blocks, &Story::publish_part,
                               &Story::receive,      &Story::release,        &Story::attach,
                               &Story::keep,         &Story::forget,         &Story::claim,
                               &Story::commit,       &Story::push,           &Story::abandon,
                               &Story::borrow,       &Story::wait,           &Story::arm};
    // A peer can go on for ever, an input need not.
    for (int step = 0; step < 200 && !input.empty(); ++step) {
      (this->*steps[input.byte() % steps.size()])(input);
      check(!violated_ || link_.try_claim(1, after_end_) == ClaimStatus::closed,
            "nothing is sent once the peer has broken the rules");
    }
  }

 private:
  ring::RingLinkParts make_parts(EventLoop& loop, bool with_arena) {
    static constexpr LinkTraits traits{.scheme = "fuzz"};
    ring::RingLinkParts parts;
    parts.traits = &traits;
    parts.max_sent_size = parts.max_received_size = max_message_size;
    parts.wait_policy = WaitPolicy::block;
    parts.trusts_peer = with_arena;  // both ways are to be tried
    const ring::LinkMemory memory = memory_.link_memory();
    if (with_arena) {
      parts.arena = std::make_shared<ring::Arena>(memory.own.arena, *memory.peer.control, nullptr);
      parts.trimmer = std::make_unique<ring::ArenaTrimmer>(loop, parts.arena);
    }
    parts.state =
        std::make_shared<ring::LinkState>(loop, log_, "the link", memory, std::make_shared<NoLifeline>());
    return parts;
  }

  void on_log(std::string_view line) {
    check(line.find("broke the rules of shared memory") != std::string_view::npos,
          "a link ends for a reason");
    check(!std::exchange(violated_, true), "a link ends once");
  }

  // What the peer does ------------------------------------------------------------------------------

  void plant_word(Input& input) {
    const auto offset = input.number<std::uint16_t>() % (memory_.peer().theirs().size() / 8) * 8;
    const auto word = input.number<std::uint64_t>();
    std::memcpy(memory_.peer().theirs().data() + offset, &word, sizeof word);
  }
  void plant_header(Input& input) {
    const ring::Position place = input.byte() * ring::record_alignment;
    const ring::RecordHeader header{static_cast<ring::RecordKind>(input.byte()),
                                    input.number<std::uint32_t>()};
    memory_.peer_ring().header_at(place).store(header.word());
  }
  void plant_bytes(Input& input) {
    const auto place = memory_.peer().theirs().subspan(input.number<std::uint16_t>() % ring::ring_offset);
    copy(input.bytes(input.byte()), place);
  }
  void set_consumed(Input& input) {
    const auto distance =
        static_cast<std::uint64_t>(static_cast<std::int16_t>(input.number<std::uint16_t>()));
    memory_.peer_control().consumed += distance * (input.byte() % 2 == 0 ? ring::record_alignment : 1);
  }
  void set_returned(Input& input) {
    memory_.peer_control().returned[input.byte()] +=
        static_cast<std::uint32_t>(static_cast<std::int16_t>(input.number<std::uint16_t>()));
  }
  void set_tickets(Input& input) {
    memory_.peer_control().record_ticket = input.number<std::uint64_t>();
    memory_.peer_control().space_ticket = input.number<std::uint64_t>();
    memory_.peer_control().processor = input.byte();
  }

  /// As a peer does that keeps to the rules, but for what it writes.
  void put_record(std::uint8_t kind, std::span<const std::byte> first, std::span<const std::byte> rest) {
    std::span<std::byte> bytes;
    const std::size_t size = first.size() + rest.size();
    if (size > ring::max_record_length(memory_.peer_ring().ring_bytes)) return;
    if (writer_.reserve(size, bytes) != ring::RingWriter::Outcome::granted) return;
    copy(first, bytes);
    copy(rest, bytes.subspan(first.size()));
    writer_.publish(static_cast<ring::RecordKind>(kind), size);
  }
  void publish(Input& input) {
    const std::uint8_t kind = input.byte();
    put_record(kind % 10, {}, input.bytes(input.number<std::uint16_t>() % 2048));
  }
  void publish_blocks(Input& input) {
    std::vector<ring::BlockReference> references(input.byte() % 6);
    for (ring::BlockReference& reference : references) {
      const std::uint8_t shape = input.byte();
      reference.index = input.byte();
      reference.offset = input.byte() * (shape % 16 == 1 ? 1 : ring::page_size);
      reference.size = shape % 16 == 2 ? input.number<std::uint64_t>() : input.number<std::uint16_t>();
      if (shape % 16 == 3) reference.index = input.number<std::uint32_t>();
    }
    const std::uint8_t lie = input.byte();
    const ring::BlockList list{static_cast<std::uint32_t>(references.size()) + (lie % 16 == 1 ? 1U : 0U),
                               static_cast<std::uint32_t>(lie >> 4U)};
    std::vector<std::byte> head(ring::block_list_size(references.size()));
    std::memcpy(head.data(), &list, sizeof list);
    if (!references.empty()) {
      std::memcpy(head.data() + sizeof list, references.data(), head.size() - sizeof list);
    }
    put_record(static_cast<std::uint8_t>(ring::RecordKind::with_blocks), head, input.bytes(input.byte()));
  }
  void publish_part(Input& input) {
    const ring::MessageSize size = input.number<std::uint32_t>();
    put_record(static_cast<std::uint8_t>(ring::RecordKind::first_part), std::as_bytes(std::span(&size, 1)),
               input.bytes(input.number<std::uint16_t>() % 1024));
  }

  // What this side does -----------------------------------------------------------------------------

  void receive(Input& /*input*/) {
    const bool violated_before = violated_;
    const auto message = link_.try_receive();
    check(!message || !nothing_more_, "nothing is received after what broke the rules");
    if (violated_ && !violated_before) nothing_more_ = true;  // by what it found in the ring
    if (!message) return;
    check(message->size() <= max_message_size, "a message keeps to its limit");
    touch(*message);
  }
  void release(Input& /*input*/) { link_.release(); }
  void attach(Input& input) {
    const auto block = link_.attached(input.byte());
    if (!block.keeper) return;
    check(memory_.in_peer_memory(block.bytes), "a block lies in the peer's arena");
    touch(block.bytes);
    if (kept_.size() < 100) kept_.push_back(block.keeper);
  }
  void keep(Input& /*input*/) {
    if (auto kept = link_.keep(); kept && kept_.size() < 100) kept_.push_back(std::move(kept));
  }
  void forget(Input& input) {
    if (!kept_.empty()) kept_.erase(kept_.begin() + input.byte() % static_cast<std::ptrdiff_t>(kept_.size()));
  }

  void claim(Input& input) {
    if (sending_ != Sending::nothing) return;
    const std::size_t size = input.number<std::uint16_t>() * std::size_t{input.byte() % 3U};
    const auto blocks = std::span(borrowed_).first(std::min<std::size_t>(input.byte() % 4, borrowed_.size()));
    if (link_.try_claim(size, slot_, blocks) != ClaimStatus::claimed) return;
    check(slot_.bytes.size() >= size, "what was claimed is there");
    fill(slot_.bytes, 0x5a);
    sending_ = Sending::claimed;
  }
  void commit(Input& input) {
    if (sending_ != Sending::claimed) return;
    const std::size_t used = slot_.bytes.size() - std::min<std::size_t>(input.byte(), slot_.bytes.size());
    sending_ = link_.commit(slot_, used) ? Sending::nothing : Sending::partly;
  }
  void push(Input& /*input*/) {
    if (sending_ == Sending::partly && link_.push(slot_)) sending_ = Sending::nothing;
  }
  void abandon(Input& /*input*/) {
    if (sending_ == Sending::nothing) return;
    link_.abandon(slot_);
    sending_ = Sending::nothing;
  }
  void borrow(Input& input) {
    if (input.byte() % 4 == 0) return borrowed_.clear();
    try {
      auto block = link_.borrow(input.number<std::uint16_t>() % 20'000);
      if (!block) return;
      fill(block->bytes(), 0xa5);
      borrowed_.push_back(std::move(block));
    } catch (const OverloadedError&) {
      check(!violated_, "nothing is lent once the peer has broken the rules");
    }
  }
  void wait(Input& input) {
    const bool or_writable = input.byte() % 2 == 0;
    link_.wait_readable(Deadline::after(Duration::zero()), or_writable);
    link_.wait_writable(Deadline::after(Duration::zero()));
  }
  void arm(Input& /*input*/) {
    static_cast<void>(link_.arm());
    link_.disarm();
    static_cast<void>(link_.arm_writable());
  }

  static void touch(std::span<const std::byte> bytes) {
    static std::array<std::byte, max_message_size> looked_at;
    copy(bytes, looked_at);
  }

  enum class Sending { nothing, claimed, partly };

  const Memory& memory_;
  Log log_{[this](LogLevel, std::string_view line) { on_log(line); }, LogLevel::warning};
  ring::RingWriter writer_;  // the peer's
  bool violated_ = false;
  bool nothing_more_ = false;
  Sending sending_ = Sending::nothing;
  Slot slot_;
  Slot after_end_;
  std::vector<std::shared_ptr<wire::Block>> borrowed_;
  std::vector<std::shared_ptr<const void>> kept_;
  ring::RingLink link_;
};

/// Does what is left to do on the loop: timers that were stopped.
void empty(EventLoop& loop) {
  bool emptied = false;
  loop.post([&] { emptied = true; });
  while (!emptied) loop.run_one();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Memory memories[]{Memory(4096), Memory(16384)};
  static EventLoop loop;
  Input input(data, size);
  const std::uint8_t shape = input.byte();
  const Memory& memory = memories[shape % 2];
  memory.reset();
  {
    const fuzz::Allocations allocations;
    const fuzz::Changes changes(memory.peer(), input);
    Story(memory, loop, shape % 4 < 2).run(input);
    check(allocations.peak() <= most_memory, "a link takes little memory");
  }
  empty(loop);
  return 0;
}
