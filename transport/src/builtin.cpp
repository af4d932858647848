/// The one list of the transports that are compiled in.
#include <vagus/transport/transport.hpp>

#include "inproc/inproc_transport.hpp"
#include "shm/shm_transport.hpp"
#include "supervised/supervised_transport.hpp"

namespace vagus::transport {

TransportRegistry TransportRegistry::builtin() {
  TransportRegistry registry;
  registry.add("inproc", inproc::make_transport());
  registry.add("shm", shm::make_transport());
  registry.add("supervised", supervised::make_transport());
  return registry;
}

}  // namespace vagus::transport
