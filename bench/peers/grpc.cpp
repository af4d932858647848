// gRPC over a UNIX socket, with the callback service that its makers recommend.

#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include <grpcpp/grpcpp.h>

#include "echo.grpc.pb.h"
#include "peers/in_order.hpp"
#include "peers/peer.hpp"

namespace bench {

namespace {

class Service final : public grpc_echo::Echo::CallbackService {
  ::grpc::ServerUnaryReactor* Call(::grpc::CallbackServerContext* context, const grpc_echo::Payload* request,
                                   grpc_echo::Payload* answer) override {
    answer->set_bytes(request->bytes());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(::grpc::Status::OK);
    return reactor;
  }
};

/// One call under way.
struct Call {
  ::grpc::ClientContext context;
  grpc_echo::Payload answer;
  ::grpc::Status status;
  bool done = false;  // guarded by Caller::mutex_
};

class Caller {
 public:
  Caller(const std::string& address, std::size_t size)
      : stub_(grpc_echo::Echo::NewStub(make_channel(address))) {
    request_.set_bytes(std::string(size, 'x'));
  }

  void call() {
    Call call;
    call.status = stub_->Call(&call.context, request_, &call.answer);
    check(call);
  }

  void send() {
    Call& call = *pending_.emplace_back(std::make_unique<Call>());
    stub_->async()->Call(&call.context, &request_, &call.answer, [this, &call](::grpc::Status status) {
      const std::scoped_lock lock(mutex_);
      call.status = std::move(status);
      call.done = true;
      done_.notify_one();
    });
  }
  void receive() {
    const Call& call = *pending_.front();
    {
      std::unique_lock lock(mutex_);
      done_.wait(lock, [&] { return call.done; });
    }
    check(call);
    pending_.pop_front();
  }

 private:
  static std::shared_ptr<::grpc::Channel> make_channel(const std::string& address) {
    ::grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    return ::grpc::CreateCustomChannel(address, ::grpc::InsecureChannelCredentials(), arguments);
  }
  void check(const Call& call) const {
    require(call.status.ok(), call.status.error_message().c_str());
    require(call.answer.bytes().size() == request_.bytes().size(), "a wrong answer");
  }

  const std::unique_ptr<grpc_echo::Echo::Stub> stub_;
  grpc_echo::Payload request_;
  std::deque<std::unique_ptr<Call>> pending_;  // in the order in which they were made
  std::mutex mutex_;
  std::condition_variable done_;
};

std::string fresh_address() {
  static int number = 0;
  return "unix-abstract:vagus-bench-grpc-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

Pair pair_of(Pin pin, std::size_t size, std::size_t count) {
  const std::string address = fresh_address();
  Pair pair;
  pair.pin = pin;
  pair.serve = [address](Server& server) {
    Service service;
    ::grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(-1);
    builder.AddListeningPort(address, ::grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    const auto running = builder.BuildAndStart();
    require(running != nullptr, "the server does not start");
    server.ready();
    server.wait_end();
  };
  pair.caller = [address, size, count]() -> SliceRunner {
    const auto caller = std::make_shared<Caller>(address, size);
    return one_or_many_of(caller, count);
  };
  return pair;
}

}  // namespace

Peer grpc_peer() { return blocking_peer("grpc", pair_of); }

}  // namespace bench
