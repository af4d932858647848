// What comes to a socket that listens for datagrams, from four peers.
//
// The input is a row of datagrams: a byte that says from whom and what of it is put in for the input (the
// hello, the number of the link), twelve bits for its length, and its bytes.

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <vagus/core/asio_context.hpp>

#include "datagram/acceptor.hpp"
#include "datagram/datagram_link.hpp"
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;
using namespace vagus::transport::datagram;
using transport::Link;

namespace {

constexpr std::size_t peers = 4;
constexpr std::size_t max_links = 3;
// The links and what they may keep, their queues are beyond what an input fills.
constexpr std::size_t most_memory = 8 << 20;

boost::asio::ip::udp loopback_family() { return boost::asio::ip::udp::v4(); }

Socket bound_socket() {
  Socket socket(loopback_family());
  socket.bind({boost::asio::ip::address_v4::loopback(), 0});
  return socket;
}

/// A peer: a socket that only receives, what it sends is handed to the port.
struct Peer {
  Socket socket = bound_socket();
  Address address = socket.local();
  std::optional<std::uint64_t> link;

  void hear() {
    std::array<std::byte, 2048> datagram;
    for (auto got = socket.receive(datagram); got.status != Socket::Status::nothing;
         got = socket.receive(datagram)) {
      if (got.status != Socket::Status::done || got.size > datagram.size()) continue;
      const auto bytes = std::span(datagram).first(got.size);
      if (is_framed(bytes)) {
        check_frame(bytes);
        continue;
      }
      const wire::Message message = wire::parse(bytes, wire::Limits());
      if (message.kind == wire::MessageKind::response && !message.failed())
        link = decode_answer(message).link;
    }
  }
  static void check_frame(std::span<const std::byte> datagram) {
    const auto frame = read_frame(datagram);
    fuzz::check(frame.has_value(), "what is sent is of a known kind");
    fuzz::check(frame->kind != FrameKind::message && frame->kind != FrameKind::reliable,
                "nothing is said that nobody said");
  }
};

struct World {
  World() {
    context.max_links = max_links;
    port = std::make_shared<Port>(context, bound_socket(), "udp://fuzz");
    acceptor = std::make_shared<Acceptor>(*port, Options(), traits, true, [this](std::unique_ptr<Link> link) {
      links.push_back(std::move(link));
    });
    port->open(acceptor);
  }
  ~World() {
    port->close_door();
    acceptor->close();
    links.clear();
    boost::asio::io_context& asio = asio_context(loop);
    asio.restart();
    asio.poll();
  }

  void give(const Peer& from, const Bytes& datagram) {
    Calls calls;
    {
      MutexLock lock(port->mutex());
      port->take(from.address, datagram, calls);
    }
    for (const auto& call : calls) call();
  }
  void read_all() {
    for (const auto& link : links) {
      while (const auto message = link->try_receive()) {
        wire::parse(*message, wire::Limits());  // throws unless it is one
        link->release();
      }
    }
  }

  void forget_ended() {
    transport::Slot slot;
    std::erase_if(
        links, [&](const auto& link) { return link->try_claim(1, slot) == transport::ClaimStatus::closed; });
  }

  static constexpr transport::LinkTraits traits = traits_of("udp");
  Log log{[](LogLevel, std::string_view) {}, LogLevel::off};
  EventLoop loop;
  transport::TransportContext context{.loop = loop, .log = log, .hello = {}, .limits = {}};
  std::shared_ptr<Port> port;
  std::shared_ptr<Acceptor> acceptor;
  std::vector<std::unique_ptr<Link>> links;
};

Bytes next_datagram(fuzz::Input& input, unsigned how, const Peer& from) {
  const std::size_t size = input.byte() | (input.byte() & 0x0fu) << 8;
  const auto bytes = input.bytes(size);
  if (how % 4 == 1) return encode_question(wire::Hello(), 1 + how / 16);
  Bytes datagram;
  if (how % 4 == 2 && from.link && bytes.size() >= 9) {
    datagram.resize(Frame::size);
    fuzz::Input parts(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    Frame frame;
    frame.kind = static_cast<FrameKind>(1 + parts.byte() % 7);
    frame.link = *from.link;
    frame.number = parts.number<std::uint32_t>();
    frame.reliable = parts.number<std::uint32_t>();
    write(std::span(datagram).first<Frame::size>(), frame);
    const auto message = parts.rest();
    datagram.insert(datagram.end(), message.begin(), message.end());
    return datagram;
  }
  datagram.assign(bytes.begin(), bytes.end());
  return datagram;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  std::array<Peer, peers> others;
  World world;
  const fuzz::Allocations allocations;
  while (!input.empty()) {
    const unsigned how = input.byte();
    Peer& from = others[how / 4 % peers];
    world.give(from, next_datagram(input, how, from));
    from.hear();
    world.forget_ended();
    fuzz::check(world.links.size() <= max_links, "a listener has no more links than it may");
    if (how >= 128) world.read_all();
  }
  world.read_all();
  fuzz::check(allocations.peak() <= most_memory + 16 * size, "strangers take little memory");
  return 0;
}
