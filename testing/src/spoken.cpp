#include "spoken.hpp"

#include <utility>

#include <vagus/core/transaction_id.hpp>
#include <vagus/testing/matching.hpp>
#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/error_message.hpp>
#include <vagus/wire/limits.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::testing {

namespace {

Value value_in(std::span<const std::byte> bytes) {
  wire::Reader reader(bytes);
  return wire::unpack<Value>(reader);
}

/// `machine.x.move_to(120.0)`.
std::string name_and_arguments(const wire::Message& message) {
  Received received{std::string(message.method), value_in(message.params).array(), {}};
  if (!message.extension.keyword_arguments.empty()) {
    received.named = value_in(message.extension.keyword_arguments).map();
  }
  return to_string(received);
}

/// One of the parameters of what the peers tell each other.
const Value& parameter(const Value& all, std::size_t index) {
  if (index >= all.array().size()) throw wire::MalformedError("too few parameters");
  return all.array()[index];
}

/// Between the peers themselves.
bool is_own(std::string_view name) { return name.starts_with('$'); }

std::string error_text(std::span<const std::byte> error) {
  wire::Reader reader(error);
  const wire::ErrorMessage message = wire::decode_error(reader);
  return message.type.empty() ? message.message : message.type + ": " + message.message;
}

}  // namespace

std::optional<std::string> Spoken::line(bool sent, std::span<const std::byte> bytes) {
  auto text = text_of(sent, bytes);
  if (text) text->insert(0, sent ? "-> " : "<- ");
  return text;
}

std::optional<std::string> Spoken::text_of(bool sent, std::span<const std::byte> bytes) {
  try {
    const wire::Message message = wire::parse(bytes, wire::Limits{});
    switch (message.kind) {
      case wire::MessageKind::request:
        return request(sent, message);
      case wire::MessageKind::response:
        return response(sent, message);
      case wire::MessageKind::notification:
        return notification(sent, message);
    }
  } catch (const wire::DecodeError&) {  // shown as what it is
  }
  return "malformed (" + std::to_string(bytes.size()) + " bytes)";
}

std::optional<std::string> Spoken::request(bool sent, const wire::Message& message) {
  requests(sent).insert_or_assign(message.id, std::string(message.method));
  if (is_own(message.method) && !options_.internal) return std::nullopt;
  return "call " + id_text(message.id) + name_and_arguments(message);
}

std::optional<std::string> Spoken::response(bool sent, const wire::Message& message) {
  if (const auto asked = requests(!sent).extract(message.id); asked && is_own(asked.mapped())) {
    if (!options_.internal) return std::nullopt;
  }
  if (message.failed()) return "error " + id_text(message.id) + error_text(message.error);
  const Value result = value_in(message.result);
  std::string text = "reply " + id_text(message.id) + (result.is_nil() ? "" : vagus::to_string(result));
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::optional<std::string> Spoken::notification(bool sent, const wire::Message& message) {
  if (message.method == "$cancel") return cancel(sent, message);
  if (message.method == "$progress") return progress(sent, message);
  if (is_own(message.method) && !options_.internal) return std::nullopt;
  return "event " + name_and_arguments(message);
}

std::optional<std::string> Spoken::cancel(bool sent, const wire::Message& message) {
  const Value params = value_in(message.params);
  const auto id = static_cast<std::uint32_t>(parameter(params, 0).unsigned_integer());
  const auto asked = requests(sent).find(id);
  if (asked == requests(sent).end()) return std::nullopt;  // answered meanwhile
  return "cancel " + id_text(id) + asked->second;
}

std::optional<std::string> Spoken::progress(bool sent, const wire::Message& message) {
  const Value params = value_in(message.params);
  const auto id = static_cast<std::uint32_t>(parameter(params, 0).unsigned_integer());
  // Who asked says with it only how much more he takes.
  const bool is_part = requests(!sent).contains(id);
  if (!is_part && !options_.internal) return std::nullopt;
  return (is_part ? "progress " : "progress taken ") + id_text(id) + vagus::to_string(parameter(params, 1));
}

std::string Spoken::id_text(std::uint32_t id) const {
  return options_.ids ? to_string(TransactionId(id)) + ' ' : std::string();
}

}  // namespace vagus::testing
