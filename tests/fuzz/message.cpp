// A message as a peer sends it: taken apart, and what is in it decoded as whatever it may be meant to be.
//
// Many inputs are no message, but a value: those are decoded as they are.

#include <string>
#include <type_traits>

#include <vagus/wire/error_message.hpp>
#include <vagus/wire/message.hpp>

#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/decoding.hpp"
#include "support/input.hpp"

using namespace vagus;

namespace {

// What a value may take for each of its bytes in the message: an empty struct in a list takes one. While a
// list grows its memory is there twice.
constexpr std::size_t most_per_byte = 3 * sizeof(fuzz::Containers);
// The text of an error, what is taken once, and copies of the blocks that come along.
constexpr std::size_t most_at_all = 16 * 1024 + 4 * fuzz::Blocks::block_size;

template <typename Use>
void survives(std::size_t size, const Use& use) {
  const fuzz::Allocations allocations;
  try {
    use();
  } catch (const wire::DecodeError& error) {
    fuzz::check(std::string_view(error.what()).size() < 1000, "an error has a bounded text");
  }
  fuzz::check(allocations.peak() <= most_at_all + most_per_byte * size,
              "what a message takes is in proportion to its size");
}

/// What was decoded is encoded to what is decoded to the same.
template <typename T>
void encode_again(const T& value) {
  const Bytes once = wire::to_bytes(value);
  const Bytes twice = wire::to_bytes(wire::from_bytes<T>(once));
  if constexpr (!std::is_same_v<T, std::unordered_map<std::string, double>>) {
    fuzz::check(once == twice, "a value survives its encoding");
  }
  if constexpr (std::is_same_v<T, Value>) fuzz::check(!to_string(value).empty(), "a value can be shown");
}

void decode_value(std::span<const std::byte> bytes) {
  // A message is looked through before anything in it is decoded, and so are these.
  wire::Reader reader(bytes);
  reader.skip();
  if (!reader.at_end()) return;
  fuzz::decode_all(bytes, [](const auto& value) { encode_again(value); });
}

void decode_with_blocks(std::span<const std::byte> bytes) {
  wire::Reader(bytes).skip();
  fuzz::Blocks blocks;
  const wire::MessageSource::Scope scope(&blocks);
  fuzz::decode_all(bytes, [](const auto&) {});
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void encode_message_again(const wire::Message& message) {
  const Bytes bytes = wire::written([&](wire::Writer& writer) {
    switch (message.kind) {
      case wire::MessageKind::request:
        wire::begin_request(writer, message.id, message.method, true);
        break;
      case wire::MessageKind::notification:
        wire::begin_notification(writer, message.method, true);
        break;
      case wire::MessageKind::response:
        wire::begin_response(writer, message.id);
        writer.raw(message.error);
        writer.raw(message.result);
        return;
    }
    writer.raw(message.params);
    wire::write_extension(writer, message.extension);
  });
  const wire::Message again = wire::parse(bytes, {});
  const auto& extension = message.extension;
  fuzz::check(again.kind == message.kind && again.id == message.id && again.method == message.method &&
                  same(again.params, message.params) && same(again.error, message.error) &&
                  same(again.result, message.result),
              "a message survives its encoding");
  fuzz::check(same(again.extension.keyword_arguments, extension.keyword_arguments) &&
                  again.extension.time_remaining_us == extension.time_remaining_us &&
                  again.extension.priority == extension.priority &&
                  again.extension.chain == extension.chain &&
                  again.extension.traceparent == extension.traceparent,
              "an extension survives its encoding");
}

void take_apart(std::span<const std::byte> bytes) {
  const wire::Message message = wire::parse(bytes, {});
  encode_message_again(message);
  if (message.kind != wire::MessageKind::response) {
    decode_value(message.params);
    decode_with_blocks(message.params);
    if (!message.extension.keyword_arguments.empty()) decode_value(message.extension.keyword_arguments);
    return;
  }
  decode_value(message.result);
  wire::Reader error(message.error);
  encode_again(wire::decode_error(error));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::Input(data, size).rest();
  survives(size, [&] { take_apart(bytes); });
  survives(size, [&] { decode_value(bytes); });
  survives(size, [&] { decode_with_blocks(bytes); });
  survives(size, [&] { encode_again(wire::from_bytes<wire::ErrorMessage>(bytes)); });
  return 0;
}
