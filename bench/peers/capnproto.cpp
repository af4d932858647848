// Cap'n Proto RPC over a UNIX socket, one thread at each end.

#include <unistd.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <capnp/ez-rpc.h>

#include "echo.capnp.h"
#include "peers/in_order.hpp"
#include "peers/peer.hpp"

namespace bench {

namespace {

#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // of the base class, which is generated
class Echo final : public capnp_echo::Echo::Server {
 protected:
  kj::Promise<void> echo(EchoContext context) override {
    context.getResults().setBytes(context.getParams().getBytes());
    return kj::READY_NOW;
  }
};

class Caller {
 public:
  Caller(const std::string& address, std::size_t size)
      : client_(address), echo_(client_.getMain<capnp_echo::Echo>()), bytes_(size, capnp::byte{'x'}) {}

  void send() {
    auto request = echo_.echoRequest();
    request.setBytes(kj::arrayPtr(bytes_.data(), bytes_.size()));
    pending_.push_back(request.send());
  }
  void receive() {
    const auto answer = pending_.front().wait(client_.getWaitScope());
    pending_.pop_front();
    require(answer.getBytes().size() == bytes_.size(), "a wrong answer");
  }

 private:
  capnp::EzRpcClient client_;
  capnp_echo::Echo::Client echo_;
  const std::vector<capnp::byte> bytes_;
  std::deque<capnp::RemotePromise<capnp_echo::Echo::EchoResults>> pending_;
};

std::string fresh_address() {
  static int number = 0;
  return "unix-abstract:vagus-bench-capnproto-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

Pair pair_of(Pin pin, std::size_t size, std::size_t count) {
  const std::string address = fresh_address();
  Pair pair;
  pair.pin = pin;
  pair.serve = [address](Server& server) {
    capnp::EzRpcServer echo(kj::heap<Echo>(), address);
    echo.getPort().wait(echo.getWaitScope());  // from then on it listens
    server.ready();
    kj::NEVER_DONE.wait(echo.getWaitScope());
  };
  pair.caller = [address, size, count]() -> SliceRunner {
    const auto caller = std::make_shared<Caller>(address, size);
    const auto send = [caller] { caller->send(); };
    const auto receive = [caller] { caller->receive(); };
    return one_or_many(count, send, receive);
  };
  return pair;
}

}  // namespace

Peer capnproto_peer() { return blocking_peer("capnproto", pair_of); }

}  // namespace bench
