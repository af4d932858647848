// NATS request and reply over TCP, through its server, which runs where the kernel likes. The processor time
// is that of the two ends only.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <nats/nats.h>

#include "peers/in_order.hpp"
#include "peers/peer.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* subject = "echo";

void check(natsStatus status) { require(status == NATS_OK, natsStatus_GetText(status)); }

struct Free {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(natsSubscription* subscription) const { natsSubscription_Destroy(subscription); }
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

/// That nobody uses now.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(socket, generic, size) == 0 && ::getsockname(socket, generic, &size) == 0;
  ::close(socket);
  require(bound, "there is no free port");
  return ntohs(address.sin_port);
}

[[noreturn]] void run_broker(int port) {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDERR_FILENO);
  for (const char* program : {"nats-server", "/usr/sbin/nats-server"}) {
    ::execlp(program, program, "-a", "127.0.0.1", "-p", std::to_string(port).c_str(), nullptr);
  }
  ::_exit(1);
}

/// Tries until the server is there.
Owned<natsConnection> connect(int port) {
  natsOptions* options = nullptr;
  check(natsOptions_Create(&options));
  const Owned<natsOptions> owned(options);
  check(natsOptions_SetURL(options, ("nats://127.0.0.1:" + std::to_string(port)).c_str()));
  check(natsOptions_SetSendAsap(options, true));
  for (const auto deadline = Clock::now() + 10s;; std::this_thread::sleep_for(10ms)) {
    natsConnection* connection = nullptr;
    const natsStatus status = natsConnection_Connect(&connection, options);
    if (status == NATS_OK) return Owned<natsConnection>(connection);
    if (Clock::now() > deadline) check(status);
  }
}

void answer(natsConnection* connection, natsSubscription*, natsMsg* request, void*) {
  natsConnection_Publish(connection, natsMsg_GetReply(request), natsMsg_GetData(request),
                         natsMsg_GetDataLength(request));
  natsMsg_Destroy(request);
}

class Caller {
 public:
  Caller(int port, std::size_t size)
      : connection_(connect(port)), inbox_(make_inbox()), bytes_(size, 'x'), answers_(subscribe()) {}
  ~Caller() { natsInbox_Destroy(inbox_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void call() {
    natsMsg* message = nullptr;
    check(natsConnection_Request(&message, connection_.get(), subject, bytes_.data(), length(), 10'000));
    take(message);
  }
  void send() {
    check(natsConnection_PublishRequest(connection_.get(), subject, inbox_, bytes_.data(), length()));
  }
  void receive() {
    natsMsg* message = nullptr;
    check(natsSubscription_NextMsg(&message, answers_.get(), 10'000));
    take(message);
  }

 private:
  static natsInbox* make_inbox() {
    natsInbox* inbox = nullptr;
    check(natsInbox_Create(&inbox));
    return inbox;
  }
  Owned<natsSubscription> subscribe() {
    natsSubscription* subscription = nullptr;
    check(natsConnection_SubscribeSync(&subscription, connection_.get(), inbox_));
    return Owned<natsSubscription>(subscription);
  }
  int length() const { return static_cast<int>(bytes_.size()); }
  void take(natsMsg* message) const {
    const Owned<natsMsg> owned(message);
    require(natsMsg_GetDataLength(message) == length(), "a wrong answer");
  }

  const Owned<natsConnection> connection_;
  natsInbox* const inbox_;
  const std::vector<char> bytes_;
  const Owned<natsSubscription> answers_;
};

Pair pair_of(Pin pin, std::size_t size, std::size_t count) {
  const int port = free_port();
  Pair pair;
  pair.pin = pin;
  pair.server_end = Child::End::ask;  // since it has a child of its own
  pair.serve = [port](Server& server) {
    const Child broker(-1, Child::End::kill, [port](Channel&) { run_broker(port); });
    const auto connection = connect(port);
    natsSubscription* subscription = nullptr;
    check(natsConnection_Subscribe(&subscription, connection.get(), subject, &answer, nullptr));
    const Owned<natsSubscription> owned(subscription);
    check(natsConnection_Flush(connection.get()));
    server.ready();
    server.wait_end();
  };
  pair.caller = [port, size, count]() -> SliceRunner {
    const auto caller = std::make_shared<Caller>(port, size);
    return one_or_many_of(caller, count);
  };
  return pair;
}

}  // namespace

Peer nats_peer() { return blocking_peer("nats", pair_of); }

}  // namespace bench
