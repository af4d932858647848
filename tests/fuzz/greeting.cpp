// The first datagram of an shm peer, with the descriptors that come along.
//
// The first byte of the input says which descriptors, the rest is the datagram.

#include "shm/greeting.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include <vagus/core/error.hpp>

#include "posix/memory_file.hpp"
#include "shm/link_making.hpp"
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;
using transport::posix::FileDescriptor;
using transport::shm::FirstDatagram;

namespace {

// A hello, see hello.cpp, and the bytes of the datagram itself.
constexpr std::size_t most_memory = 128 * 1024;

/// What peers may send along: what they ought to, and what they ought not.
class Descriptors {
 public:
  static constexpr unsigned kinds = 7;

  FileDescriptor make(unsigned kind) const {
    const std::array given{own_.segment.fd(),        own_.bell.write_end.get(), own_.segment.arena_fd(),
                           own_.bell.read_end.get(), unsealed_.get(),           nothing_.get()};
    return kind < given.size() ? FileDescriptor(::dup(given[kind])) : FileDescriptor();
  }

 private:
  const transport::shm::OwnPart own_{4096, 4096};
  const FileDescriptor unsealed_ = transport::posix::create_memory_file("fuzz", 8192);
  const FileDescriptor nothing_{::open("/dev/null", O_RDWR | O_CLOEXEC)};
};

FirstDatagram::Outcome first_datagram(fuzz::Input& input) {
  static const Descriptors descriptors;
  FirstDatagram::Outcome outcome;
  outcome.status = FirstDatagram::Outcome::Status::received;
  outcome.datagram.status = transport::posix::Datagram::Status::received;
  unsigned which = input.byte();
  outcome.datagram.descriptor_count = which % (transport::posix::max_passed_descriptors + 1);
  if (which < 128) {
    // As it has to be, so that what comes next is reached.
    for (unsigned place = 0; place < outcome.datagram.descriptor_count; ++place) {
      outcome.datagram.descriptors[place] = descriptors.make(place);
    }
  } else {
    for (unsigned place = 0; place < outcome.datagram.descriptor_count; ++place, which /= 3) {
      outcome.datagram.descriptors[place] = descriptors.make((place + which) % Descriptors::kinds);
    }
  }
  const auto bytes = input.rest();
  outcome.bytes.assign(bytes.begin(), bytes.end());
  return outcome;
}

void decode(std::span<const std::byte> datagram) {
  try {
    const auto greeting = transport::shm::decode_hello(datagram);
    const Bytes again =
        transport::shm::encode_hello(greeting.hello, greeting.ring_bytes, greeting.arena_bytes);
    const auto twice = transport::shm::decode_hello(again);
    fuzz::check(twice.hello == greeting.hello && twice.ring_bytes == greeting.ring_bytes &&
                    twice.arena_bytes == greeting.arena_bytes,
                "a greeting survives its encoding");
    fuzz::check(!transport::shm::is_closing(datagram), "a hello is no farewell");
  } catch (const IpcException&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  FirstDatagram::Outcome outcome = first_datagram(input);
  const fuzz::Allocations allocations;
  decode(outcome.bytes);
  try {
    const auto peer = transport::shm::check_hello(outcome);
    const auto memory = peer.segment.memory();
    fuzz::check(transport::ring::valid_ring_bytes(memory.ring_bytes), "a ring has a possible size");
    // All of it is there to be read.
    volatile std::byte last = memory.ring[memory.ring_bytes - 1];
    if (!memory.arena.empty()) last = memory.arena.back();
    static_cast<void>(last);
  } catch (const IpcException&) {
  }
  fuzz::check(allocations.peak() <= most_memory, "a greeting takes little memory");
  return 0;
}
