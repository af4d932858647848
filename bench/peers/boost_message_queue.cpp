// Two boost::interprocess::message_queue, raw. To block is to wait for a condition variable between
// processes.

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include <boost/interprocess/ipc/message_queue.hpp>

#include "peers/in_order.hpp"
#include "peers/peer.hpp"

namespace bench {

namespace {

namespace interprocess = boost::interprocess;

/// Loses its name at once: children inherit it.
class Queue {
 public:
  Queue(std::size_t depth, std::size_t size) : Queue(fresh_name(), depth, size) {}

  void send(const std::vector<char>& bytes, Waiting waiting) {
    if (waiting == Waiting::block) return queue_.send(bytes.data(), bytes.size(), 0);
    while (!queue_.try_send(bytes.data(), bytes.size(), 0)) pause_processor();
  }
  void receive(std::vector<char>& bytes, Waiting waiting) {
    interprocess::message_queue::size_type size = 0;
    unsigned priority = 0;
    if (waiting == Waiting::block) return queue_.receive(bytes.data(), bytes.size(), size, priority);
    while (!queue_.try_receive(bytes.data(), bytes.size(), size, priority)) pause_processor();
  }

 private:
  Queue(const std::string& name, std::size_t depth, std::size_t size)
      : queue_(interprocess::create_only, name.c_str(), depth, size) {
    interprocess::message_queue::remove(name.c_str());
  }
  static std::string fresh_name() {
    static int number = 0;
    return "vagus-bench-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
  }

  interprocess::message_queue queue_;
};

struct Queues {
  Queues(std::size_t depth, std::size_t size) : there(depth, size), back(depth, size) {}
  Queue there;
  Queue back;
};

Pair pair_of(Pin pin, Waiting waiting, std::size_t size, std::size_t count) {
  // Making a queue touches all of it.
  const auto queues = std::make_shared<Queues>(count > 1 ? 2 * count : 4, size);
  Pair pair;
  pair.pin = pin;
  pair.serve = [=](Server& server) {
    std::vector<char> bytes(size);
    server.ready();
    for (;;) {
      queues->there.receive(bytes, waiting);
      queues->back.send(bytes, waiting);
    }
  };
  pair.caller = [=]() -> SliceRunner {
    const auto bytes = std::make_shared<std::vector<char>>(size, 'x');
    const auto send = [=] { queues->there.send(*bytes, waiting); };
    const auto receive = [=] { queues->back.receive(*bytes, waiting); };
    return one_or_many(count, send, receive);
  };
  return pair;
}

}  // namespace

Peer boost_message_queue_peer() { return waiting_peer("boost_message_queue", pair_of); }

}  // namespace bench
