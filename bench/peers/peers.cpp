#include "peers/peer.hpp"

namespace bench {

namespace {

[[maybe_unused]] Peer not_built(const char* name, const char* packages) {
  Peer peer;
  peer.name = name;
  peer.packages = packages;
  return peer;
}

}  // namespace

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
