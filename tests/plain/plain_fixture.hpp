/// Peers that speak MessagePack-RPC and no more, and what they are told.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "conformance/raw_peer.hpp"
#include "support/core/flag.hpp"
#include "support/core/notes.hpp"

namespace vagus::testing {

using namespace std::chrono_literals;
using Array = Value::Array;
using Map = Value::Map;

/// The version of a hello that was never said.
inline constexpr std::uint32_t no_hello = 0;

inline std::string fresh_url() {
  static std::atomic<int> number{0};
  return "inproc://plain-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

/// Links within the process, for URLs with options that concern only plain peers.
class PlainTransport final : public transport::Transport {
 public:
  std::unique_ptr<transport::Listener> listen(const Url& url, const transport::TransportContext& context,
                                              transport::LinkHandler accepted) override {
    return inner_->listen(without_options(url), context, std::move(accepted));
  }
  std::unique_ptr<transport::Connecting> connect(const Url& url, const transport::TransportContext& context,
                                                 Deadline deadline,
                                                 transport::ConnectHandler connected) override {
    return inner_->connect(without_options(url), context, deadline, std::move(connected));
  }

 private:
  static Url without_options(Url url) {
    url.options.clear();
    return url;
  }
  const std::shared_ptr<transport::Transport> inner_ = transport::TransportRegistry::builtin().find("inproc");
};

inline Endpoint plain_endpoint(Side side, const std::string& url) {
  return {side, Url::parse(url), std::make_shared<PlainTransport>()};
}

class PanelApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int, int)> add{this, "add"};
  Method<double(double, Default<double>, Default<std::string>)> scale{
      this, "scale", "", params("value", param("factor", 2.0), param("unit", std::string("mm")))};
  Method<std::string(std::string)> echo{this, "echo"};
  Method<Value(Value)> value{this, "value"};
  Method<Bytes(Bytes)> bytes{this, "bytes"};
  Method<int(int)> work{this, "work"};
  Method<Streams<int, int>(int)> count{this, "count"};
  Method<int(int)> safe{this, "safe", "", MethodOptions{.idempotent = true}};
  Event<void(int)> ticked{this, "ticked"};
};

/// Values inside each other, so that the innermost is at this depth.
inline Value nested(int depth) {
  Value value(1);
  for (int level = 0; level < depth; ++level) value = Value(Array{value});
  return value;
}

/// A body that handles `panel`, and a plain client of it.
struct Served {
  explicit Served(const std::string& options = {}, ArbOptions arb = {})
      : url(fresh_url()), body(plain_endpoint(Side::body, url + options), with_log(arb)) {
    panel.add.handle([](int a, int b) { return a + b; });
    panel.echo.handle([](const std::string& text) { return text; });
    panel.value.handle([](const Value& value) { return value; });
    body.attach(panel);
    body.start();
    client = std::make_unique<RawHead>(url, no_hello);
  }
  ArbOptions with_log(ArbOptions arb) {
    arb.log = log.log();
    arb.name = "body";
    return arb;
  }
  RawLink& raw() { return **client; }
  /// What the client gets as the answer to what it sends. If anything else came before, it is that.
  Value answer_to(const Value& request) {
    raw().send(request);
    return next();
  }
  Value next() {
    auto message = raw().receive();
    if (!message) throw std::runtime_error("the link has ended instead");
    return *std::move(message);
  }
  /// Waits until the body has a peer, and gives it.
  Peer peer() {
    body.wait_open(generous);
    return body.peers().at(0);
  }

  RecordedLog log;
  const std::string url;
  PanelApi panel{"panel"};
  ApiArb body;
  std::unique_ptr<RawHead> client;
};

/// A head that calls a plain server.
struct Calling {
  explicit Calling(const std::string& options = {})
      : url(fresh_url()),
        server(url, no_hello),
        head(plain_endpoint(Side::head, url + options), {.log = log.log()}) {
    head.attach(panel);
    head.start();
    link = server.accept();
    head.wait_open(generous);
  }
  /// The request or notification that comes next.
  Value next() {
    auto message = link->receive();
    if (!message) throw std::runtime_error("the link has ended instead");
    return *std::move(message);
  }
  void answer(const Value& request, const Value& error, const Value& result) {
    link->send(Array{1, request.array().at(1), error, result});
  }

  RecordedLog log;
  const std::string url;
  RawBody server;
  PanelApi panel{"panel"};
  ApiArb head;
  std::unique_ptr<RawLink> link;
};

}  // namespace vagus::testing
