/// The one list of the transports that are compiled in.
#include <vagus/transport/transport.hpp>

#include "common/left_out_transport.hpp"
#include "inproc/inproc_transport.hpp"
#include "multicast/multicast_transport.hpp"
#include "shm/shm_transport.hpp"
#include "supervised/supervised_transport.hpp"
#include "tcp/tcp_transport.hpp"
#ifdef VAGUS_WITH_OPENSSL
#include "tls/tls_transport.hpp"
#endif
#include "udp/udp_transport.hpp"
#include "unix/unix_transport.hpp"

namespace vagus::transport {

TransportRegistry TransportRegistry::builtin() {
  TransportRegistry registry;
  registry.add("inproc", inproc::make_transport());
  registry.add("msgpack+udp", udp::make_plain_transport());
  registry.add("multicast", multicast::make_transport());
  registry.add("shm", shm::make_transport());
  registry.add("supervised", supervised::make_transport());
  registry.add("unix", unix_socket::make_transport());
  registry.add("tcp", tcp::make_transport());
#ifdef VAGUS_WITH_OPENSSL
  registry.add("tls", tls::make_transport());
#else
  registry.add("tls", make_left_out_transport("OpenSSL (VAGUS_OPENSSL=OFF)"));
#endif
  registry.add("msgpack+unix", unix_socket::make_transport(stream::Greeting::none));
  registry.add("msgpack+tcp", tcp::make_transport(stream::Greeting::none));
  registry.add("udp", udp::make_transport());
  return registry;
}

}  // namespace vagus::transport
