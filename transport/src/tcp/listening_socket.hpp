#pragma once

#include <string>

#include "posix/file_descriptor.hpp"
#include "tcp/host_port.hpp"

namespace vagus::transport::tcp {

/// A TCP socket that listens, and where.
struct ListeningSocket {
  posix::FileDescriptor socket;
  std::string address;  ///< as in the URL, with the port that the system chose for 0
};

/// May other machines connect? If not, what is missing, and what there is to do about it.
struct Exposure {
  bool allowed = false;
  const char* lack = "";
  const char* remedy = "";
};

/// Listens at the first address of the host that this machine has. Throws ApiParamError if other machines
/// could connect that may not, TransportDisconnectedError that says who has the port there,
/// PermissionDeniedError. A name is looked up by the calling thread.
ListeningSocket listen_at(const Url& url, const Exposure& exposure);

}  // namespace vagus::transport::tcp
