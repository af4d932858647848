#include "arbitrator_payload.hpp"

#include <chrono>
#include <cstdint>

namespace vagus {

namespace {

std::optional<std::uint64_t> time_left(Deadline deadline, TimePoint now) {
  if (deadline.is_never()) return std::nullopt;
  // Rounded up: the handler's deadline never comes before the caller's.
  const auto left = std::chrono::ceil<std::chrono::microseconds>(deadline.remaining(now));
  return static_cast<std::uint64_t>(left.count());
}

}  // namespace

wire::Extension extension_of(const detail::Outgoing& message, Deadline deadline,
                             const std::optional<wire::Chain>& chain, TimePoint now) {
  wire::Extension extension;
  extension.keyword_arguments = message.keyword;
  extension.time_remaining_us = time_left(deadline, now);
  if (message.priority != Priority::normal) extension.priority = static_cast<std::int32_t>(message.priority);
  if (chain) extension.chain = wire::Chain{chain->root, chain->depth + 1};
  return extension;
}

Bytes Arbitrator::arguments_for_plain(const detail::Outgoing& message) const {
  std::shared_ptr<const detail::MemberInfo> declared;
  if (!message.keyword.empty()) {
    if (const auto owner = routing_.owner(*message.name_space)) {
      declared = owner->root->declared(*message.name_space);
    }
  }
  return plain_arguments(message, declared ? &declared->parameters : nullptr);
}

Arbitrator::Payload::Payload(const Arbitrator& arbitrator, const detail::Outgoing& message, Session& session,
                             const wire::Extension& extension)
    : message_(message), plain_(session.plain() != nullptr) {
  if (plain_) {
    arguments_ = arbitrator.arguments_for_plain(message);
  } else {
    signature_ = differing_signature(message, session);
    extension_ = extension;
    extension_.signature = signature_;
  }
}

void Arbitrator::Payload::renew_time_left(Deadline deadline) {
  if (!plain_) extension_.time_remaining_us = time_left(deadline, Deadline::now());
}

void Arbitrator::Payload::write(wire::Writer& writer) const {
  plain_ ? writer.raw(arguments_) : message_.pack(writer);
  if (extended()) wire::write_extension(writer, extension_);
}

}  // namespace vagus
