#include <utility>

#include "peers/peer.hpp"

namespace bench {

namespace {

[[maybe_unused]] Peer not_built(const char* name, const char* packages) {
  Peer peer;
  peer.name = name;
  peer.packages = packages;
  return peer;
}

// What the peers send when many requests are under way.
constexpr std::size_t small_request = 16;

}  // namespace

Peer waiting_peer(std::string name,
                  std::function<Pair(Pin, Waiting, std::size_t size, std::size_t count)> pair_of) {
  Peer peer;
  peer.name = std::move(name);
  peer.modes = {Waiting::block, Waiting::spin};
  peer.echo = [pair_of](Pin pin, Waiting waiting, std::size_t size) {
    return pair_of(pin, waiting, size, 1);
  };
  peer.in_flight = [pair_of](Pin pin, Waiting waiting, std::size_t count) {
    return pair_of(pin, waiting, small_request, count);
  };
  return peer;
}

Peer blocking_peer(std::string name, std::function<Pair(Pin, std::size_t size, std::size_t count)> pair_of) {
  Peer peer = waiting_peer(std::move(name), [pair_of](Pin pin, Waiting, std::size_t size, std::size_t count) {
    return pair_of(pin, size, count);
  });
  peer.modes = {Waiting::block};
  return peer;
}

std::vector<Peer> peers() {
  return {
      boost_message_queue_peer(),  // Vagus itself needs Boost
#ifdef VAGUS_BENCH_ZEROMQ
      zeromq_peer(),
#else
      not_built("zeromq", "libzmq3-dev"),
#endif
#ifdef VAGUS_BENCH_NNG
      nng_peer(),
#else
      not_built("nng", "libnng-dev"),
#endif
#ifdef VAGUS_BENCH_SD_BUS
      sd_bus_peer(),
#else
      not_built("sd_bus", "libsystemd-dev"),
#endif
#ifdef VAGUS_BENCH_CAPNPROTO
      capnproto_peer(),
#else
      not_built("capnproto", "libcapnp-dev capnproto"),
#endif
#ifdef VAGUS_BENCH_GRPC
      grpc_peer(),
#else
      not_built("grpc", "libgrpc++-dev protobuf-compiler-grpc"),
#endif
#ifdef VAGUS_BENCH_NATS
      nats_peer(),
#else
      not_built("nats", "libnats-dev nats-server"),
#endif
  };
}

}  // namespace bench
