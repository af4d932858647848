/// What the subcommands do. Each writes to the standard output, and throws what kept it from that.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "connection.hpp"

namespace vagus::tools {

struct TreeOptions {
  std::string pattern = "**";
  bool json = false;
};
void tree(const ConnectionOptions& connection, const TreeOptions& options);

struct DescribeOptions {
  std::string name_space;
  bool json = false;
};
void describe(const ConnectionOptions& connection, const DescribeOptions& options);

struct CallCommandOptions {
  std::string method;
  std::vector<std::string> arguments;
  bool json = false;
};
void call(const ConnectionOptions& connection, const CallCommandOptions& options);

struct ListenOptions {
  std::string pattern = "**";
  std::size_t count = 0;  ///< ends after so many; 0: never
  bool json = false;
};
/// Until SIGINT or SIGTERM. Throws TransportDisconnectedError when the link is lost.
void listen(const ConnectionOptions& connection, const ListenOptions& options);

struct PingOptions {
  std::size_t count = 5;
  bool json = false;
};
void ping(const ConnectionOptions& connection, const PingOptions& options);

}  // namespace vagus::tools
