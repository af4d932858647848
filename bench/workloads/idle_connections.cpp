#include "workloads/idle_connections.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <vagus/wire/codec.hpp>
#include <vagus/wire/hello.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/splitter.hpp>

#include "workloads/body.hpp"

namespace bench {

namespace {

using vagus::Bytes;
namespace wire = vagus::wire;

void require(bool good, const char* call) {
  if (!good) throw std::system_error(errno, std::generic_category(), call);
}

sockaddr_in address_of(const std::string& url) {
  const auto host = url.find("//") + 2;
  const auto colon = url.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));
  if (::inet_pton(AF_INET, url.substr(host, colon - host).c_str(), &address.sin_addr) != 1) {
    throw std::invalid_argument(url + " has no address by numbers");
  }
  return address;
}

/// A native head without the library.
class Connection {
 public:
  explicit Connection(const sockaddr_in& address)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    require(socket_ >= 0, "socket");
    require(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  }
  Connection(Connection&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Connection& operator=(Connection&&) = delete;
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }

  /// Returns when it was answered.
  void request(std::uint32_t id, std::string_view method, std::span<const std::byte> argument) {
    const Bytes message = wire::written([&](wire::Writer& writer) {
      wire::begin_request(writer, id, method, false);
      writer.array(1);
      writer.raw(argument);
    });
    require(
        ::send(socket_, message.data(), message.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(message.size()),
        "send");
    wire::Splitter splitter{wire::Limits{}};
    Bytes come;
    while (!has_answer(splitter, come, id)) read_more(come);
  }

 private:
  static bool has_answer(wire::Splitter& splitter, Bytes& come, std::uint32_t id) {
    for (;;) {
      const std::size_t size = splitter.find(come);
      if (size == 0) return false;
      const auto message = wire::parse(std::span(come).first(size), wire::Limits{});
      const bool answer = message.kind == wire::MessageKind::response && message.id == id;
      if (answer && message.failed()) throw std::runtime_error("the body answers with an error");
      come.erase(come.begin(), come.begin() + static_cast<std::ptrdiff_t>(size));
      if (answer) return true;
    }
  }

  void read_more(Bytes& come) {
    std::byte bytes[4096];
    const ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
    require(size >= 0, "recv");
    if (size == 0) throw std::runtime_error("the body has closed a connection");
    come.insert(come.end(), bytes, bytes + size);
  }

  int socket_;
};

Connection open_one(const sockaddr_in& address) {
  Connection connection(address);
  wire::Hello hello;
  hello.name = "idle";
  connection.request(1, "$hello", wire::encode(hello));
  const Bytes number = wire::written([](wire::Writer& writer) { writer.integer(7); });
  connection.request(2, "bench.echo", number);
  return connection;
}

}  // namespace

Pair body_and_connections(const std::string& url, unsigned connections) {
  BodyOptions options;
  options.url = url;
  options.max_links = 2 * connections;
  Pair pair;
  pair.serve = body(options);
  pair.server_end = Child::End::ask;
  pair.caller = [url, connections]() -> SliceRunner {
    const auto open = std::make_shared<std::vector<Connection>>();
    return [open, connections, address = address_of(url)](Slice& slice) {
      slice.begin();
      for (unsigned number = 0; number < connections; ++number) open->push_back(open_one(address));
      slice.end(connections);
    };
  };
  return pair;
}

void allow_descriptors(unsigned long number) {
  rlimit limit{};
  require(::getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  if (limit.rlim_cur >= number) return;
  if (limit.rlim_max < number) {
    throw std::runtime_error("a process may open " + std::to_string(limit.rlim_max) + " descriptors here, " +
                             std::to_string(number) + " are needed (ulimit -Hn)");
  }
  limit.rlim_cur = number;
  require(::setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

}  // namespace bench
