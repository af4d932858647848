#include "datagram/acceptor.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <vagus/core/random_number.hpp>

#include "datagram/datagram_link.hpp"

namespace vagus::transport::datagram {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_answered = 256;
constexpr Duration time_to_come_back = 5s;
constexpr Duration pause_between_lines = 1s;
// A peer that says no hello says no farewell either.
constexpr Duration plain_peer_remembered = 60s;

std::uint64_t fresh_number() {
  for (;;) {
    if (const std::uint64_t number = vagus::detail::random_number(); number != 0) return number;
  }
}

}  // namespace

Acceptor::Acceptor(Port& port, const Options& options, const LinkTraits& traits, bool takes_plain,
                   LinkHandler accepted)
    : port_(port),
      options_(options),
      traits_(traits),
      takes_plain_(takes_plain),
      links_(std::make_shared<LinkCount>(port.context().max_links)),
      accepted_(std::make_shared<const LinkHandler>(std::move(accepted))) {}

std::string Acceptor::who(const Address& address) const {
  return "the peer at " + to_string(address) + " of " + port_.text();
}

// Hello
// ---------------------------------------------------------------------------------------------------------------

void Acceptor::on_message(const Address& from, const wire::Message& message,
                          std::span<const std::byte> datagram, Calls& calls) {
  if (is_question(message)) return answer(from, message, datagram.size(), calls);
  if (message.kind == wire::MessageKind::response) {
    return port_.drop(from, "it is a response, and nobody has asked");
  }
  greet_plain(from, message, datagram, calls);
}

void Acceptor::answer(const Address& from, const wire::Message& message, std::size_t room, Calls& calls) {
  Bytes reply;
  try {
    Greeting question = decode_question(message);
    // It came twice: whoever has used the number that he was given has had the answer.
    if (const auto present = port_.find(from); present && present->answers(question.link)) return;
    if (!links_->take()) {
      throw TransportDisconnectedError("there are " + std::to_string(links_->limit()) +
                                       " links already, the limit");
    }
    const std::uint64_t peer_link = question.link;
    reply =
        encode_answer(message.id, {port_.context().hello, number_for(from, std::move(question)), peer_link});
    if (reply.size() > room) {
      throw ProtocolError("a hello of " + std::to_string(room) + " bytes, and the answer takes " +
                          std::to_string(reply.size()) + ": an answer is never longer, pad the hello");
    }
  } catch (const Error& why) {
    reply = encode_refusal(message.id, why, room);
    log_turned_away(from, why.what());
    if (reply.size() > room) return;
  }
  static_cast<void>(port_.send(reply, from, calls));  // no room: it asks again
}

std::uint64_t Acceptor::number_for(const Address& from, Greeting question) {
  const TimePoint now = Deadline::now();
  forget_old(now);
  for (const Answered& answered : answered_) {
    if (answered.address == from && answered.question.link == question.link) return answered.link;
  }
  answered_.push_back({from, std::move(question), fresh_number(), now});
  return answered_.back().link;
}

void Acceptor::forget_old(TimePoint now) {
  while (!answered_.empty() &&
         (answered_.size() >= most_answered || now - answered_.front().at > time_to_come_back)) {
    answered_.pop_front();
  }
}

bool Acceptor::on_frame(const Address& from, const Frame& frame, Calls& calls) {
  forget_old(Deadline::now());
  const auto found = std::find_if(answered_.begin(), answered_.end(), [&](const Answered& answered) {
    return answered.address == from && answered.link == frame.link;
  });
  if (found == answered_.end() || frame.kind == FrameKind::bye || frame.kind == FrameKind::unknown_link) {
    return false;
  }
  Answered answered = std::move(*found);
  answered_.erase(found);
  auto place = take_place(from);
  if (!place) return false;
  Parties parties;
  parties.address = from;
  parties.hello = std::move(answered.question.hello);
  parties.link = answered.link;
  parties.peer_link = answered.question.link;
  parties.place = std::move(place);
  parties.keep_alive = options_.keep_alive;
  parties.unanswered_pings = options_.unanswered_pings();
  begin(std::move(parties), calls);
  return true;
}

void Acceptor::on_refused(const Address& from, Calls&) {
  answered_.remove_if([&](const Answered& answered) { return answered.address == from; });
}

// Plain peers
// ---------------------------------------------------------------------------------------------------------

void Acceptor::greet_plain(const Address& from, const wire::Message& message,
                           std::span<const std::byte> datagram, Calls& calls) {
  if (!takes_plain_) return port_.drop(from, "its sender has not said hello");
  if (port_.find(from)) return port_.drop(from, "it comes in no frame, and its sender has said hello");
  if (!message.method.empty() && message.method.front() == '$') {
    return port_.drop(from, "it is for peers that have said hello");
  }
  auto place = take_place(from);
  if (!place) return;
  Parties parties;
  parties.address = from;
  parties.hello.version = 0;
  parties.place = std::move(place);
  parties.keep_alive = plain_peer_remembered;
  begin(std::move(parties), calls)->take_plain(datagram, calls);
}

// Links
// ---------------------------------------------------------------------------------------------------------------

std::shared_ptr<void> Acceptor::take_place(const Address& from) {
  auto place = links_->take();
  if (!place) {
    log_turned_away(from, "there are " + std::to_string(links_->limit()) + " links already, the limit");
  }
  return place;
}

void Acceptor::log_turned_away(const Address& from, const std::string& why) {
  const TimePoint now = Deadline::now();
  // Whoever sends one bad hello can send a million.
  if (now < next_line_) {
    ++unlogged_;
    return;
  }
  next_line_ = now + pause_between_lines;
  const std::uint64_t others = std::exchange(unlogged_, 0);
  port_.context().log.warning(who(from) + " is turned away: " + why +
                              (others == 0 ? "" : "; so were " + std::to_string(others) + " before it"));
}

std::shared_ptr<Conversation> Acceptor::begin(Parties parties, Calls& calls) {
  parties.text = who(parties.address);
  parties.port = port_.shared_from_this();
  const auto conversation = std::make_shared<Conversation>(std::move(parties));
  port_.add(conversation, calls);
  // A std::function has to be copyable, so the link travels in a shared box. If nobody takes it, it ends.
  const auto box =
      std::make_shared<std::unique_ptr<Link>>(std::make_unique<DatagramLink>(conversation, traits_));
  calls.emplace_back([conversation, box, gate = gate_, accepted = accepted_] {
    conversation->begin();
    try {
      gate->run([&] { (*accepted)(std::move(*box)); });
    } catch (const std::exception& error) {
      conversation->log().error(conversation->text() + ": the handler of new links threw: " + error.what());
    }
  });
  return conversation;
}

}  // namespace vagus::transport::datagram
