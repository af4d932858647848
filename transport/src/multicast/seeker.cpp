#include "multicast/seeker.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/random_number.hpp>

#include "datagram/datagram_link.hpp"
#include "datagram/greeting.hpp"

namespace vagus::transport::multicast {

namespace {

using namespace std::chrono_literals;

constexpr Duration first_pause = 20ms;
// A member that joins is found after so long at most, if no datagram is lost.
constexpr Duration longest_pause = 500ms;

}  // namespace

Seeker::Seeker(std::shared_ptr<datagram::Port> port, const Group& group, const LinkTraits& traits,
               LinkHandler accepted)
    : port_(port),
      group_(group),
      traits_(traits),
      accepted_(std::move(accepted)),
      links_(std::make_shared<LinkCount>(port->context().max_links)),
      link_(vagus::detail::random_number() | 1),
      question_(datagram::encode_question(port->context().hello, link_)),
      again_(port->context().loop, [this] { ask(); }),
      pause_(first_pause) {}

void Seeker::start() { again_.start(Deadline::now()); }

void Seeker::close() noexcept {
  again_.stop();
  gate_.close();
}

void Seeker::ask() {
  const auto port = port_.lock();
  if (!port) return;
  datagram::Calls calls;
  {
    MutexLock lock(port->mutex());
    static_cast<void>(port->send(question_, group_.address, calls));
  }
  for (const auto& call : calls) call();
  gate_.run([this] {
    again_.start(Deadline::now() + pause_);
    pause_ = std::min(2 * pause_, longest_pause);
  });
}

void Seeker::on_message(const datagram::Address& from, const wire::Message& message,
                        std::span<const std::byte>, datagram::Calls& calls) {
  const auto port = port_.lock();
  if (!port || message.kind != wire::MessageKind::response) return;
  const std::string who = "the member at " + datagram::to_string(from) + " of " + port->text();
  datagram::Greeting answer;
  try {
    answer = datagram::decode_answer(message);
  } catch (const Error& error) {
    return port->drop(from, error.what());
  }
  if (answer.peer_link != link_) return port->drop(from, "it answers nothing that was asked");
  const auto present = port->find(from);
  if (present && present->answers(answer.link)) return;
  auto place = links_->take();
  if (!place) {
    port->context().log.warning(who + " is left out: there are " + std::to_string(links_->limit()) +
                                " links already, the limit");
    return;
  }
  datagram::Parties parties;
  parties.port = port;
  parties.address = from;
  parties.text = who;
  parties.hello = std::move(answer.hello);
  parties.link = link_;
  parties.peer_link = answer.link;
  parties.place = std::move(place);
  parties.keep_alive = group_.options.keep_alive;
  parties.unanswered_pings = group_.options.unanswered_pings();
  const auto conversation = std::make_shared<datagram::Conversation>(std::move(parties));
  port->add(conversation, calls);
  // So that the member has its link, too.
  port->send({.kind = datagram::FrameKind::ping, .link = answer.link}, from, calls);
  const auto box = std::make_shared<std::unique_ptr<Link>>(
      std::make_unique<datagram::DatagramLink>(conversation, traits_));
  calls.emplace_back([self = shared_from_this(), conversation, box] {
    conversation->begin();
    try {
      self->gate_.run([&] { self->accepted_(std::move(*box)); });
    } catch (const std::exception& error) {
      conversation->log().error(conversation->text() + ": the handler of new links threw: " + error.what());
    }
  });
}

}  // namespace vagus::transport::multicast
