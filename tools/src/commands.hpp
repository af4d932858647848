/// What the subcommands do. Each writes to the standard output, and throws what kept it from that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "connection.hpp"
#include "exit_codes.hpp"

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

struct BenchOptions {
  std::string method;
  std::vector<std::string> arguments;
  Duration seconds = {};         ///< calls begin for so long; zero: 2 s, or with a count without limit
  std::uint64_t count = 0;       ///< of calls; 0: no limit
  unsigned callers = 1;          ///< threads that call
  std::ptrdiff_t in_flight = 1;  ///< calls of each that are under way at once
  double rate = 0;               ///< calls a second, of all together; 0: as fast as they can
  bool json = false;
};
/// Until all calls are made, or SIGINT or SIGTERM. Throws TransportDisconnectedError when the link is lost.
ExitCode bench(const ConnectionOptions& connection, const BenchOptions& options);

struct ListenOptions {
  std::string pattern = "**";
  std::size_t count = 0;  ///< ends after so many; 0: never
  bool json = false;
};
/// Until SIGINT or SIGTERM. Throws TransportDisconnectedError when the link is lost.
void listen(const ConnectionOptions& connection, const ListenOptions& options);

struct RecordOptions {
  std::string pattern = "**";
  std::string output;       ///< a file, `-` for the standard output
  bool force = false;       ///< overwrites the file
  Duration seconds = {};    ///< ends then; zero: never
  std::uint64_t count = 0;  ///< ends after so many; 0: never
  /// Listens there in place of the program, passes on all that comes, and records calls as well.
  std::string through;
  bool json = false;
};
/// As listen() does, into a file. See recording.hpp.
void record(const ConnectionOptions& connection, const RecordOptions& options);

struct ReplayOptions {
  std::string file;
  std::string listen_url;
  double speed = 1;      ///< 2: twice as fast
  bool loop = false;     ///< again and again
  bool at_once = false;  ///< does not wait for somebody who listens
  bool list = false;     ///< prints what is in it, and sends nothing
  bool json = false;
};
/// Until all is sent, or SIGINT or SIGTERM.
ExitCode replay(const ReplayOptions& options);

struct PingOptions {
  std::size_t count = 5;
  bool json = false;
};
void ping(const ConnectionOptions& connection, const PingOptions& options);

struct StatsOptions {
  std::string pattern = "**";
  bool json = false;
};
void stats(const ConnectionOptions& connection, const StatsOptions& options);

struct TopOptions {
  Duration interval = std::chrono::seconds(1);
  std::size_t count = 0;  ///< so many times; 0: until somebody quits
  bool json = false;
};
/// On a terminal it is redrawn, else there is a table for each interval.
void top(const ConnectionOptions& connection, const TopOptions& options);

struct ListOptions {
  Duration timeout = std::chrono::seconds(1);  ///< for each answer
  bool json = false;
};
void list(const ListOptions& options);

struct DoctorOptions {
  bool json = false;
};
/// With an empty URL it looks at what is around this process only.
ExitCode doctor(const ConnectionOptions& connection, const DoctorOptions& options);

struct GenerateOptions {
  std::string source;  ///< a URL, or a file with what `tree --json` has printed, `-` for the standard input
  std::string pattern = "**";
  std::string name_space = "contract";  ///< of the C++ that is made
};
void generate(ConnectionOptions connection, const GenerateOptions& options);

}  // namespace vagus::tools
