/// A body that programs of others call, and heads that call them.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "interop/program.hpp"
#include "support/core/flag.hpp"
#include "support/core/notes.hpp"

namespace vagus::testing {

using namespace std::chrono_literals;
using Array = Value::Array;
using Map = Value::Map;

class PanelApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int, int)> add{this, "add"};
  Method<std::string(std::string)> echo{this, "echo"};
  Method<Bytes(Bytes)> bytes{this, "bytes"};
  Method<Value(Value)> value{this, "value"};
  Method<int(int)> work{this, "work", "Always fails."};
  Method<void()> visit{this, "visit", "Tells who came."};
  Method<void()> wait{this, "wait", "Until nobody waits for it any more."};
  Event<void(int)> ticked{this, "ticked"};
};

/// A body that listens to plain peers.
struct Panel {
  explicit Panel(const std::string& url) : body(listen(url), {.name = "body", .log = log.log()}) {
    api.add.handle([](int a, int b) { return a + b; });
    api.echo.handle([](const std::string& text) { return text; });
    api.bytes.handle([](Bytes bytes) { return bytes; });
    api.value.handle([](const Value& value) { return value; });
    api.work.handle([](int) -> int { throw std::out_of_range("the axis ends at 300 mm"); });
    api.visit.handle([this](Call& call) {
      {
        std::lock_guard lock(mutex);
        last_visitor = call.peer();
      }
      visited.raise();
    });
    api.wait.handle([this](Call& call) {
      waiting.raise();
      try {
        call.sleep_for(generous);
      } catch (const TransactionCancelled&) {
        left.raise();
      }
    });
    listening = api.ticked.subscribe([this](int number) { ticks.add(std::to_string(number)); });
    body.attach(api);
    body.start();
  }
  /// Who called `visit`, waited for.
  Peer visitor() {
    if (!visited.await()) throw std::runtime_error("nobody came to visit");
    std::lock_guard lock(mutex);
    return last_visitor;
  }

  RecordedLog log;
  std::mutex mutex;
  Peer last_visitor;  // guarded by mutex
  Flag visited;
  Flag waiting;
  Flag left;
  Notes ticks;
  PanelApi api{"panel", {.workers = 2}};
  Registration listening;
  ApiArb body;
};

}  // namespace vagus::testing
