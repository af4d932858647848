// D-Bus without a daemon in between, over a socket pair.

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include <systemd/sd-bus.h>

#include "peers/in_order.hpp"
#include "peers/peer.hpp"

namespace bench {

namespace {

constexpr const char* path = "/bench";
constexpr const char* interface_name = "vagus.bench";

int check(int code, const char* what) {
  if (code < 0) throw std::system_error(-code, std::generic_category(), what);
  return code;
}

struct FreeMessage {
  void operator()(sd_bus_message* message) const { ::sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, FreeMessage>;

struct FreeBus {
  void operator()(sd_bus* bus) const { ::sd_bus_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, FreeBus>;

/// Takes the descriptor over.
Bus make_bus(int descriptor, bool server) {
  sd_bus* bus = nullptr;
  check(::sd_bus_new(&bus), "sd_bus_new");
  Bus owned(bus);
  check(::sd_bus_set_fd(bus, descriptor, descriptor), "sd_bus_set_fd");
  check(::sd_bus_set_anonymous(bus, 1), "sd_bus_set_anonymous");
  if (server) {
    sd_id128_t id{};
    check(::sd_id128_randomize(&id), "sd_id128_randomize");
    check(::sd_bus_set_server(bus, 1, id), "sd_bus_set_server");
  }
  check(::sd_bus_start(bus), "sd_bus_start");
  return owned;
}

void process(sd_bus* bus) {
  if (check(::sd_bus_process(bus, nullptr), "sd_bus_process") == 0) {
    check(::sd_bus_wait(bus, UINT64_MAX), "sd_bus_wait");
  }
}

int echo(sd_bus_message* request, void*, sd_bus_error*) {
  const void* bytes = nullptr;
  std::size_t size = 0;
  check(::sd_bus_message_read_array(request, 'y', &bytes, &size), "sd_bus_message_read_array");
  sd_bus_message* reply = nullptr;
  check(::sd_bus_message_new_method_return(request, &reply), "sd_bus_message_new_method_return");
  const Message owned(reply);
  check(::sd_bus_message_append_array(reply, 'y', bytes, size), "sd_bus_message_append_array");
  check(::sd_bus_send(nullptr, reply, nullptr), "sd_bus_send");
  return 1;
}

class Caller {
 public:
  Caller(int descriptor, std::size_t size) : bus_(make_bus(descriptor, false)), bytes_(size, 'x') {}

  void call() {
    sd_bus_message* reply = nullptr;
    check(::sd_bus_call(bus_.get(), request().get(), 0, nullptr, &reply), "sd_bus_call");
    const Message owned(reply);
    const void* received = nullptr;
    std::size_t size = 0;
    check(::sd_bus_message_read_array(reply, 'y', &received, &size), "sd_bus_message_read_array");
    require(size == bytes_.size(), "a wrong answer");
  }

  void send() {
    check(::sd_bus_call_async(bus_.get(), nullptr, request().get(), &Caller::answered, this, 0),
          "sd_bus_call_async");
  }
  void receive() {
    while (answers_ == 0) process(bus_.get());
    --answers_;
  }

 private:
  Message request() {
    sd_bus_message* request = nullptr;
    check(::sd_bus_message_new_method_call(bus_.get(), &request, nullptr, path, interface_name, "echo"),
          "sd_bus_message_new_method_call");
    Message owned(request);
    check(::sd_bus_message_append_array(request, 'y', bytes_.data(), bytes_.size()),
          "sd_bus_message_append_array");
    return owned;
  }
  static int answered(sd_bus_message*, void* self, sd_bus_error*) {
    ++static_cast<Caller*>(self)->answers_;
    return 1;
  }

  const Bus bus_;
  const std::vector<char> bytes_;
  std::size_t answers_ = 0;
};

/// The ends of a socket pair, each for one process to take.
struct Ends {
  Ends() {
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0 ? 0 : -errno, "socketpair");
  }
  ~Ends() {
    ::close(sockets[0]);
    ::close(sockets[1]);
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  int sockets[2] = {-1, -1};
};

Pair pair_of(Pin pin, std::size_t size, std::size_t count) {
  const auto ends = std::make_shared<Ends>();
  Pair pair;
  pair.pin = pin;
  pair.serve = [ends](Server& server) {
    const Bus bus = make_bus(::dup(ends->sockets[0]), true);
    check(::sd_bus_add_object(bus.get(), nullptr, path, &echo, nullptr), "sd_bus_add_object");
    server.ready();
    for (;;) process(bus.get());
  };
  pair.caller = [ends, size, count]() -> SliceRunner {
    const auto caller = std::make_shared<Caller>(::dup(ends->sockets[1]), size);
    return one_or_many_of(caller, count);
  };
  return pair;
}

}  // namespace

Peer sd_bus_peer() { return blocking_peer("sd_bus", pair_of); }

}  // namespace bench
