#include "datagram/connect_attempt.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/asio_context.hpp>
#include <vagus/core/random_number.hpp>

#include "datagram/datagram_link.hpp"
#include "datagram/greeting.hpp"

namespace vagus::transport::datagram {

namespace {

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using boost::system::error_code;

constexpr Duration first_pause = 20ms;
constexpr Duration longest_pause = 1s;
// After so long without an answer the next address of the host has its turn.
constexpr Duration patience = 1s;

}  // namespace

/// Hands what comes to an attempt, which may be gone.
class ConnectAttempt::Answers final : public Door {
 public:
  Answers(std::weak_ptr<ConnectAttempt> attempt, const Port* port)
      : attempt_(std::move(attempt)), port_(port) {}

  bool on_frame(const Address&, const Frame&, Calls&) override { return false; }
  void on_message(const Address&, const wire::Message& message, std::span<const std::byte> datagram,
                  Calls& calls) override {
    if (message.kind != wire::MessageKind::response) return;
    calls.emplace_back([attempt = attempt_, port = port_, answer = Bytes(datagram.begin(), datagram.end())] {
      const auto present = attempt.lock();
      if (present) present->guarded([&] { present->on_answer(port, answer); });
    });
  }
  void on_refused(const Address&, Calls& calls) override {
    calls.emplace_back([attempt = attempt_, port = port_] {
      const auto present = attempt.lock();
      if (present) present->guarded([&] { present->on_refused(port); });
    });
  }

 private:
  const std::weak_ptr<ConnectAttempt> attempt_;
  const Port* const port_;  // tells answers to us from those to an address that was given up
};

ConnectAttempt::ConnectAttempt(const Url& url, const TransportContext& context, const Options& options,
                               const LinkTraits& traits, bool plain, Deadline deadline,
                               ConnectHandler connected)
    : url_(url),
      context_(context),
      options_(options),
      traits_(traits),
      plain_(plain),
      deadline_(deadline),
      connected_(std::move(connected)),
      link_(vagus::detail::random_number() | 1),
      question_(encode_question(context.hello, link_)),
      resolver_(asio_context(context.loop)),
      pause_over_(asio_context(context.loop)) {}

/// Each step of the attempt runs in here: what it throws ends the attempt.
template <typename Step>
void ConnectAttempt::guarded(const Step& step) {
  try {
    step();
  } catch (const Error& error) {
    finish(make_error(error.code(), url_.to_string() + ": " + error.what(), {}));
  } catch (const std::exception& error) {  // no memory, or Asio's
    finish(make_error<TransportDisconnectedError>(url_.to_string() + ": " + error.what()));
  }
}

void ConnectAttempt::run() {
  guarded([this] { find(); });
}

void ConnectAttempt::find() {
  namespace ip = boost::asio::ip;
  const HostAndPort to = parse_host_and_port(url_);
  const auto port = static_cast<std::uint16_t>(std::stoi(to.port));
  MutexLock lock(mutex_);
  if (done_) return;
  error_code no_address;
  const auto address = ip::make_address(to.host, no_address);
  if (!no_address) {
    addresses_.emplace_back(address, port);
  } else if (to.host == "localhost") {
    // Known without asking (RFC 6761). First that of IPv4, where a listener of this name is.
    addresses_ = {Address(ip::address_v4::loopback(), port), Address(ip::address_v6::loopback(), port)};
  }
  if (!addresses_.empty()) {
    lock.unlock();
    return try_next(nullptr);
  }
  wait_until(deadline_);
  resolver_.async_resolve(
      to.host, to.port, udp::resolver::numeric_service,
      [self = shared_from_this()](error_code error, const udp::resolver::results_type& results) {
        self->guarded([&] { self->on_resolved(error, results); });
      });
}

void ConnectAttempt::on_resolved(const error_code& error, const udp::resolver::results_type& results) {
  if (error) {
    return finish(make_error<TransportDisconnectedError>(url_.to_string() +
                                                         ": the name does not resolve: " + error.message()));
  }
  {
    MutexLock lock(mutex_);
    for (const auto& result : results) addresses_.push_back(result.endpoint());
  }
  try_next(nullptr);
}

void ConnectAttempt::try_next(ErrorPtr why) {
  for (;;) {
    Address address;
    {
      MutexLock lock(mutex_);
      if (done_) return;
      if (addresses_.empty()) break;
      std::rotate(addresses_.begin(), addresses_.begin() + 1, addresses_.end());
      address = addresses_.back();
    }
    try {
      return call(address);
    } catch (const Error& error) {
      // What an address has come to that was asked says more.
      if (!why) why = make_error(error.code(), url_.to_string() + ": " + error.what(), {});
    } catch (const std::exception& error) {  // no memory, or Asio's
      if (!why) why = make_error<TransportDisconnectedError>(url_.to_string() + ": " + error.what());
    }
    MutexLock lock(mutex_);
    std::erase(addresses_, address);
  }
  finish(why ? why : make_error<TransportDisconnectedError>(url_.to_string() + ": the name has no address"));
}

void ConnectAttempt::call(const Address& address) {
  Socket socket(address.protocol());
  socket.connect(address);
  const auto port = std::make_shared<Port>(context_, std::move(socket), url_.to_string());
  if (plain_) {
    Parties parties;
    parties.hello.version = 0;
    parties.address = address;
    return make_link(port, std::move(parties));
  }
  {
    MutexLock lock(mutex_);
    if (done_) return;
    port_ = port;
    address_ = address;
    asked_first_ = Deadline::now();
    pause_ = first_pause;
  }
  port->open(std::make_shared<Answers>(weak_from_this(), port.get()));
  ask();
}

void ConnectAttempt::ask() {
  MutexLock lock(mutex_);
  if (done_ || !port_) return;
  wait_until(std::min(Deadline::after(pause_), deadline_));
  pause_ = std::min(2 * pause_, longest_pause);
  const auto port = port_;
  const Address address = address_;
  lock.unlock();
  Calls calls;
  {
    MutexLock port_lock(port->mutex());
    static_cast<void>(port->send(question_, address, calls));
  }
  port->post(calls);
}

void ConnectAttempt::wait_until(Deadline end_of_pause) {
  end_of_pause_ = end_of_pause;
  if (end_of_pause.is_never()) return;
  pause_over_.expires_at(
      std::chrono::time_point_cast<std::chrono::steady_clock::duration>(end_of_pause.sleep_until()));
  pause_over_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->guarded([&self] { self->on_pause_over(); });
  });
}

void ConnectAttempt::on_pause_over() {
  if (deadline_.passed()) {
    return finish(make_error<ConnectionTimeoutError>(url_.to_string() + " has not answered in time"));
  }
  std::shared_ptr<Port> silent;
  {
    MutexLock lock(mutex_);
    if (done_) return;
    if (!end_of_pause_.passed()) return wait_until(end_of_pause_);
    if (!port_) return wait_until(deadline_);  // nobody to ask yet, or no more
    if (addresses_.size() > 1 && Deadline::now() - asked_first_ >= patience) silent.swap(port_);
  }
  if (silent) return try_next(nullptr);
  ask();
}

std::shared_ptr<Port> ConnectAttempt::take_port(const Port* port) {
  MutexLock lock(mutex_);
  if (done_ || port_.get() != port) return nullptr;
  pause_over_.cancel();
  return std::exchange(port_, nullptr);
}

void ConnectAttempt::on_refused(const Port* port) {
  if (!take_port(port)) return;
  {
    MutexLock lock(mutex_);
    std::erase(addresses_, address_);
  }
  try_next(make_error<TransportDisconnectedError>("nobody listens at " + url_.to_string()));
}

void ConnectAttempt::on_answer(const Port* port, const Bytes& datagram) {
  Greeting greeting;
  Parties parties;
  std::shared_ptr<Port> taken;
  try {
    greeting = decode_answer(wire::parse(datagram, wire::Limits()));
    if (greeting.peer_link != link_) return;  // to another, or made up
    {
      MutexLock lock(mutex_);
      parties.address = address_;
    }
    taken = take_port(port);
  } catch (const std::exception&) {
    // Of an address that was given up: says nothing about the one that is asked now.
    if (!take_port(port)) return;
    throw;
  }
  if (!taken) return;
  parties.hello = std::move(greeting.hello);
  parties.link = link_;
  parties.peer_link = greeting.link;
  parties.keep_alive = options_.keep_alive;
  parties.unanswered_pings = options_.unanswered_pings();
  make_link(taken, std::move(parties));
}

void ConnectAttempt::make_link(const std::shared_ptr<Port>& port, Parties parties) {
  parties.port = port;
  parties.text = url_.to_string() + " (" + to_string(parties.address) + ")";
  const bool plain = parties.hello.version == 0;
  const Address address = parties.address;
  const Frame here{.kind = FrameKind::ping, .link = parties.peer_link};
  const auto conversation = std::make_shared<Conversation>(std::move(parties));
  auto link = std::make_unique<DatagramLink>(conversation, traits_);
  Calls calls;
  {
    MutexLock lock(port->mutex());
    port->add(conversation, calls);
    if (!plain) port->send(here, address, calls);  // so that the other side has its link, too
  }
  if (plain) {
    port->open(nullptr);
  } else {
    port->close_door();
  }
  conversation->begin();
  port->post(calls);
  finish(std::unique_ptr<Link>(std::move(link)));
}

void ConnectAttempt::finish(Outcome outcome) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(done_, true)) return;
    resolver_.cancel();
    pause_over_.cancel();
  }
  try {
    gate_.run([&] { connected_(std::move(outcome)); });
  } catch (const std::exception& error) {
    context_.log.error(url_.to_string() + ": the handler of a new link threw: " + error.what());
  }
}

void ConnectAttempt::cancel() noexcept {
  std::shared_ptr<Port> port;
  {
    MutexLock lock(mutex_);
    done_ = true;
    resolver_.cancel();
    pause_over_.cancel();
    port.swap(port_);
  }
  gate_.close();
}

}  // namespace vagus::transport::datagram
