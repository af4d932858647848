#include "conformance/raw_peer.hpp"

#include <algorithm>
#include <future>
#include <stdexcept>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/core/random_number.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus::testing {

Bytes bytes_of(const Value& message) { return wire::to_bytes(message); }

// One end of a link
// -----------------------------------------------------------------------------------------------

RawLink::RawLink(std::unique_ptr<transport::Link> link) : link_(std::move(link)) { link_->start(*this); }

RawLink::~RawLink() { link_->stop(); }

void RawLink::on_closed(const ErrorPtr& reason) {
  reason_ = reason;
  closed_.raise();
}

void RawLink::send_bytes(std::span<const std::byte> message) {
  const auto deadline = Deadline::after(generous);
  const auto wait = [&] {
    if (deadline.passed()) throw std::runtime_error("there was no space to send in time");
    link_->wait_writable(deadline);
  };
  transport::Slot slot;
  auto status = link_->try_claim(message.size(), slot);
  for (; status == transport::ClaimStatus::full; status = link_->try_claim(message.size(), slot)) wait();
  if (status != transport::ClaimStatus::claimed) throw std::runtime_error("the message could not be sent");
  std::copy(message.begin(), message.end(), slot.bytes.begin());
  if (link_->commit(slot, message.size())) return;
  do {
    wait();
  } while (!link_->push(slot));
}

void RawLink::open(const Value::Array& handles, const Value::Array& listens) {
  const Value::Map picture{{"handles", handles}, {"listens", listens}, {"complete", true}};
  send(Value::Array{2, "$interest", Value::Array{picture}});
}

std::optional<Value> RawLink::receive() {
  const auto bytes = receive_bytes();
  return bytes ? std::optional(wire::from_bytes<Value>(*bytes)) : std::nullopt;
}

std::optional<Bytes> RawLink::receive_bytes() {
  const auto deadline = Deadline::after(generous);
  for (;;) {
    const bool ended = closed_.raised();
    if (const auto bytes = link_->try_receive()) {
      Bytes message(bytes->begin(), bytes->end());
      link_->release();
      return message;
    }
    if (ended) return std::nullopt;
    if (deadline.passed()) throw std::runtime_error("no message came in time");
    link_->wait_readable(deadline);
  }
}

std::optional<Value> RawLink::receive_call() {
  for (;;) {
    auto message = receive();
    if (!message) return message;
    const auto& parts = message->array();
    const bool told = parts.at(0) == Value(2) && parts.at(1).string().starts_with('$');
    if (!told) return message;
  }
}

ErrorPtr RawLink::await_closed() {
  if (!closed_.await()) throw std::runtime_error("the link did not end in time");
  return reason_;
}

// Sides
// -----------------------------------------------------------------------------------------------

RawSide::RawSide(wire::Role role, std::uint32_t version, std::vector<std::string> capabilities,
                 std::uint64_t max_message_size)
    : log_([](LogLevel, std::string_view) {}, LogLevel::off) {
  hello_.version = version;
  hello_.name = "raw";
  hello_.role = role;
  hello_.max_message_size = max_message_size;
  hello_.capabilities = std::move(capabilities);
  hello_.incarnation = detail::random_number();
  thread_ = std::thread([this] {
    while (loop_.run_one()) {
    }
  });
}

RawSide::~RawSide() {
  loop_.stop();
  thread_.join();
}

std::shared_ptr<transport::Transport> RawSide::transport_of(const Url& url) {
  static const auto registry = transport::TransportRegistry::builtin();
  return registry.find(url.scheme);
}

RawHead::RawHead(const std::string& url, std::uint32_t version, std::uint64_t max_message_size)
    : side_(wire::Role::head, version, {}, max_message_size) {
  const Url parsed = Url::parse(url);
  std::promise<Result<std::unique_ptr<transport::Link>>> promise;
  auto outcome = promise.get_future();
  const auto connecting = RawSide::transport_of(parsed)->connect(
      parsed, side_.context(), Deadline::after(generous),
      [&promise](Result<std::unique_ptr<transport::Link>> link) { promise.set_value(std::move(link)); });
  if (outcome.wait_for(generous) != std::future_status::ready) {
    throw std::runtime_error("connecting did not come to an end");
  }
  link_ = std::make_unique<RawLink>(outcome.get().value());
}

RawBody::RawBody(const std::string& url, std::uint32_t version, std::vector<std::string> capabilities)
    : side_(wire::Role::body, version, std::move(capabilities)) {
  const Url parsed = Url::parse(url);
  listener_ = RawSide::transport_of(parsed)->listen(parsed, side_.context(),
                                                    [this](std::unique_ptr<transport::Link> link) {
                                                      std::lock_guard lock(mutex_);
                                                      links_.push_back(std::move(link));
                                                      accepted_.notify_all();
                                                    });
}

std::unique_ptr<RawLink> RawBody::accept() {
  std::unique_lock lock(mutex_);
  if (!accepted_.wait_for(lock, generous, [this] { return !links_.empty(); })) {
    throw std::runtime_error("no head came in time");
  }
  auto link = std::move(links_.front());
  links_.erase(links_.begin());
  return std::make_unique<RawLink>(std::move(link));
}

}  // namespace vagus::testing
