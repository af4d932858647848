#include <limits>
#include <string>

#include <vagus/wire/message.hpp>

namespace vagus::wire {

namespace {

// The first element of a message.
enum class Type : std::uint8_t { request = 0, response = 1, notification = 2 };

// The keys of the extension.
enum class Key : std::uint8_t {
  keyword_arguments = 0,
  time_remaining = 1,
  priority = 2,
  chain = 3,
  traceparent = 4,
  progress = 5,
  signature = 6
};

void put(Writer& writer, Type type) { writer.unsigned_integer(static_cast<std::uint8_t>(type)); }
void put(Writer& writer, Key key) { writer.unsigned_integer(static_cast<std::uint8_t>(key)); }

std::uint32_t read_id(Reader& reader) {
  constexpr std::int64_t least = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(reader.integer(least, most));
}

std::span<const std::byte> skip_array(Reader& reader) {
  if (reader.peek() != Kind::array) reader.fail_type("the params, which are an array");
  return reader.skip();
}

std::span<const std::byte> skip_map(Reader& reader) {
  if (reader.peek() != Kind::map) reader.fail_type("the keyword arguments, which are a map");
  return reader.skip();
}

Chain read_chain(Reader& reader) {
  const std::size_t offset = reader.offset();
  std::size_t elements = reader.array();
  if (elements < 2) reader.fail_type("a call chain, which is an array of 2", offset);
  const Reader::Level level{reader};
  Chain chain;
  chain.root = reader.unsigned_integer();
  chain.depth =
      static_cast<std::uint32_t>(reader.unsigned_integer(std::numeric_limits<std::uint32_t>::max()));
  for (; elements > 2; --elements) reader.skip();  // for later versions
  return chain;
}

void read_extension_entry(Reader& reader, Extension& extension) {
  const Integer key = reader.any_integer();
  if (key.bits > static_cast<std::uint64_t>(Key::signature)) {
    reader.skip();
    return;
  }
  switch (static_cast<Key>(key.bits)) {
    case Key::keyword_arguments:
      extension.keyword_arguments = skip_map(reader);
      break;
    case Key::time_remaining:
      extension.time_remaining_us = reader.unsigned_integer();
      break;
    case Key::priority:
      extension.priority = static_cast<std::int32_t>(
          reader.integer(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
      break;
    case Key::chain:
      extension.chain = read_chain(reader);
      break;
    case Key::traceparent:
      extension.traceparent = reader.str();
      break;
    case Key::progress:
      extension.progress =
          static_cast<std::uint32_t>(reader.unsigned_integer(std::numeric_limits<std::uint32_t>::max()));
      break;
    case Key::signature:
      extension.signature = reader.str();
      break;
  }
}

void read_extension(Reader& reader, Extension& extension) {
  if (reader.peek() != Kind::map) reader.fail_type("the extension, which is a map");
  const std::size_t entries = reader.map();
  const Reader::Level level{reader};
  for (std::size_t entry = 0; entry < entries; ++entry) {
    if (reader.peek() == Kind::integer) {
      read_extension_entry(reader, extension);
    } else {
      reader.skip();
      reader.skip();
    }
  }
}

void expect_elements(const Reader& reader, bool right, const char* expected) {
  if (!right) reader.fail_type(expected, 0);
}

// Fills in what is empty, so that nothing of it is copied.
void read_message(Reader& reader, Message& message) {
  const std::size_t elements = reader.array();
  const Reader::Level level{reader};
  expect_elements(reader, elements > 0, "a message of MessagePack-RPC, which is an array of 3 to 5");
  const std::uint64_t type = reader.unsigned_integer(2);

  switch (static_cast<Type>(type)) {
    case Type::request:
      expect_elements(reader, elements == 4 || elements == 5, "a request, which is an array of 4 or 5");
      message.kind = MessageKind::request;
      message.id = read_id(reader);
      message.method = reader.text();
      message.params = skip_array(reader);
      if (elements == 5) read_extension(reader, message.extension);
      break;
    case Type::response:
      expect_elements(reader, elements == 4, "a response, which is an array of 4");
      message.kind = MessageKind::response;
      message.id = read_id(reader);
      message.error = reader.skip();
      message.result = reader.skip();
      break;
    case Type::notification:
      expect_elements(reader, elements == 3 || elements == 4, "a notification, which is an array of 3 or 4");
      message.kind = MessageKind::notification;
      message.method = reader.text();
      message.params = skip_array(reader);
      if (elements == 4) read_extension(reader, message.extension);
      break;
  }
}

}  // namespace

Message parse(std::span<const std::byte> bytes, const Limits& limits) {
  Reader reader{bytes, limits.depth};
  if (bytes.size() > limits.message_size) {
    reader.fail_malformed("a message of " + std::to_string(bytes.size()) + " bytes exceeds the limit of " +
                          std::to_string(limits.message_size));
  }
  Message message;
  try {
    read_message(reader, message);
  } catch (const TypeError& error) {
    throw MalformedError(error.what());
  }
  if (!reader.at_end()) {
    reader.fail_malformed(std::to_string(reader.remaining()) + " bytes follow the message");
  }
  return message;
}

void begin_request(Writer& writer, std::uint32_t id, std::string_view method, bool extended) {
  writer.array(extended ? 5 : 4);
  put(writer, Type::request);
  writer.unsigned_integer(id);
  writer.str(method);
}

void begin_notification(Writer& writer, std::string_view method, bool extended) {
  writer.array(extended ? 4 : 3);
  put(writer, Type::notification);
  writer.str(method);
}

void write_extension(Writer& writer, const Extension& extension) {
  const bool keywords = !extension.keyword_arguments.empty();
  const bool traced = !extension.traceparent.empty();
  writer.map(std::size_t{keywords} + extension.time_remaining_us.has_value() +
             extension.priority.has_value() + extension.chain.has_value() + traced +
             std::size_t{extension.progress != 0} + std::size_t{!extension.signature.empty()});
  if (keywords) {
    put(writer, Key::keyword_arguments);
    writer.raw(extension.keyword_arguments);
  }
  if (extension.time_remaining_us) {
    put(writer, Key::time_remaining);
    writer.unsigned_integer(*extension.time_remaining_us);
  }
  if (extension.priority) {
    put(writer, Key::priority);
    writer.integer(*extension.priority);
  }
  if (extension.chain) {
    put(writer, Key::chain);
    writer.array(2);
    writer.unsigned_integer(extension.chain->root);
    writer.unsigned_integer(extension.chain->depth);
  }
  if (traced) {
    put(writer, Key::traceparent);
    writer.str(extension.traceparent);
  }
  if (extension.progress != 0) {
    put(writer, Key::progress);
    writer.unsigned_integer(extension.progress);
  }
  if (!extension.signature.empty()) {
    put(writer, Key::signature);
    writer.str(extension.signature);
  }
}

void begin_response(Writer& writer, std::uint32_t id) {
  writer.array(4);
  put(writer, Type::response);
  writer.unsigned_integer(id);
}

}  // namespace vagus::wire
