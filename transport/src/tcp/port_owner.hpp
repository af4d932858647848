#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

namespace vagus::transport::tcp {

/// Who listens at an address of this machine, or at all of its addresses: "process 12 (mill_body)", or
/// "another process" if the system does not tell, as of processes of other users.
std::string owner_of(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace vagus::transport::tcp
