#include "support/transport/lossy_proxy.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace vagus::testing {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int make_socket() {
  const int made = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_in anywhere = loopback(0);
  if (made < 0 || ::bind(made, reinterpret_cast<const sockaddr*>(&anywhere), sizeof anywhere) != 0) {
    throw std::runtime_error(std::string("no socket for a proxy: ") + std::strerror(errno));
  }
  return made;
}

}  // namespace

class LossyProxy::Sockets {
 public:
  Sockets(std::uint16_t body_port, const Weather& weather, unsigned seed)
      : weather_(weather),
        random_(seed),
        body_(loopback(body_port)),
        to_head_(make_socket()),
        to_body_(make_socket()),
        stop_(::eventfd(0, EFD_CLOEXEC)) {}
  ~Sockets() {
    for (const int one : {to_head_, to_body_, stop_}) ::close(one);
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  void run() {
    for (;;) {
      std::array<pollfd, 3> waiting{pollfd{to_head_, POLLIN, 0}, {to_body_, POLLIN, 0}, {stop_, POLLIN, 0}};
      // What is held back comes after a while even if nothing follows it.
      const int ready = ::poll(waiting.data(), waiting.size(), held_.empty() ? -1 : 2);
      if (waiting[2].revents != 0) return;
      if (ready == 0) let_go();
      if (waiting[0].revents != 0) forward(true);
      if (waiting[1].revents != 0) forward(false);
    }
  }
  void stop() {
    const std::uint64_t one = 1;
    if (::write(stop_, &one, sizeof one) != sizeof one) std::abort();
  }
  std::uint16_t port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(to_head_, reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }
  int spoilt() const { return spoilt_.load(); }

 private:
  struct Held {
    bool from_head;
    std::vector<char> datagram;
  };

  bool chance(unsigned percent) {
    const bool came = random_() % 100 < percent;
    if (came) ++spoilt_;
    return came;
  }

  void forward(bool from_head) {
    std::vector<char> datagram(65'536);
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const auto count = ::recvfrom(from_head ? to_head_ : to_body_, datagram.data(), datagram.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &size);
    if (count < 0) return;  // a refusal of what was sent before
    if (from_head) head_ = from;
    datagram.resize(static_cast<std::size_t>(count));
    if (chance(weather_.lost)) return;
    if (chance(weather_.cut)) datagram.resize(random_() % (datagram.size() + 1));
    if (chance(weather_.late)) {
      held_.push_back({from_head, std::move(datagram)});
      return;
    }
    send(from_head, datagram);
    if (chance(weather_.doubled)) send(from_head, datagram);
    if (held_.size() > 2 || (!held_.empty() && random_() % 2 == 0)) let_go();
  }
  void let_go() {
    const Held held = std::move(held_.front());
    held_.pop_front();
    send(held.from_head, held.datagram);
  }
  void send(bool from_head, const std::vector<char>& datagram) {
    const sockaddr_in& to = from_head ? body_ : head_;
    ::sendto(from_head ? to_body_ : to_head_, datagram.data(), datagram.size(), 0,
             reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

  const Weather weather_;
  std::mt19937 random_;
  const sockaddr_in body_;
  const int to_head_;
  const int to_body_;
  const int stop_;
  sockaddr_in head_{};
  std::deque<Held> held_;
  std::atomic<int> spoilt_{0};
};

LossyProxy::LossyProxy(std::uint16_t body_port, const Weather& weather, unsigned seed)
    : sockets_(std::make_unique<Sockets>(body_port, weather, seed)), thread_([this] { sockets_->run(); }) {}

LossyProxy::~LossyProxy() {
  sockets_->stop();
  thread_.join();
}

std::string LossyProxy::url() const { return "udp://127.0.0.1:" + std::to_string(sockets_->port()); }

int LossyProxy::spoilt() const { return sockets_->spoilt(); }

}  // namespace vagus::testing
