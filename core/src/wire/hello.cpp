#include <limits>
#include <stdexcept>
#include <string_view>

#include <vagus/wire/hello.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus::wire {

namespace {

constexpr std::string_view head = "head";
constexpr std::string_view body = "body";

void check(const Hello& hello) {
  bool fits =
      hello.name.size() <= Hello::max_name_size && hello.capabilities.size() <= Hello::max_capabilities;
  for (const std::string& capability : hello.capabilities) fits &= capability.size() <= Hello::max_name_size;
  if (!fits) {
    throw std::length_error(
        "a hello takes names of 255 bytes and 64 capabilities at most; the name here is \"" +
        hello.name.substr(0, Hello::max_name_size) + "\"");
  }
}

void write(Writer& writer, const Hello& hello) {
  writer.map(7);
  writer.str("version");
  writer.unsigned_integer(hello.version);
  writer.str("name");
  writer.str(hello.name);
  writer.str("role");
  writer.str(hello.role == Role::head ? head : body);
  writer.str("incarnation");
  writer.unsigned_integer(hello.incarnation);
  writer.str("capabilities");
  pack(writer, hello.capabilities);
  writer.str("max_message_size");
  writer.unsigned_integer(hello.max_message_size);
  writer.str("max_pending");
  writer.unsigned_integer(hello.max_pending);
}

std::string read_name(Reader& reader) {
  const std::size_t offset = reader.offset();
  const std::string_view name = reader.text();
  if (name.size() > Hello::max_name_size) reader.fail_type("a name of 255 bytes at most", offset);
  return std::string(name);
}

Role read_role(Reader& reader) {
  const std::size_t offset = reader.offset();
  const std::string_view role = reader.text();
  if (role != head && role != body) reader.fail_type("a role, \"head\" or \"body\"", offset);
  return role == head ? Role::head : Role::body;
}

std::vector<std::string> read_capabilities(Reader& reader) {
  const std::size_t offset = reader.offset();
  const std::size_t count = reader.array();
  if (count > Hello::max_capabilities) reader.fail_type("64 capabilities at most", offset);
  std::vector<std::string> capabilities;
  for (std::size_t index = 0; index < count; ++index) capabilities.push_back(read_name(reader));
  return capabilities;
}

std::uint32_t read_version(Reader& reader) {
  const std::size_t offset = reader.offset();
  const std::uint64_t version = reader.unsigned_integer(std::numeric_limits<std::uint32_t>::max());
  if (version == 0) reader.fail_type("a version from 1 on", offset);
  return static_cast<std::uint32_t>(version);
}

}  // namespace

Bytes encode(const Hello& hello) {
  check(hello);
  return written([&](Writer& writer) { write(writer, hello); });
}

Hello decode_hello(std::span<const std::byte> bytes) {
  Reader reader{bytes};
  Hello hello;
  bool has_version = false;
  bool has_role = false;
  const std::size_t entries = reader.map();
  const Reader::Level level{reader};
  for (std::size_t entry = 0; entry < entries; ++entry) {
    const std::string_view key = reader.text();
    if (key == "version") {
      hello.version = read_version(reader);
      has_version = true;
    } else if (key == "name") {
      hello.name = read_name(reader);
    } else if (key == "role") {
      hello.role = read_role(reader);
      has_role = true;
    } else if (key == "incarnation") {
      hello.incarnation = reader.unsigned_integer();
    } else if (key == "capabilities") {
      hello.capabilities = read_capabilities(reader);
    } else if (key == "max_message_size") {
      hello.max_message_size = reader.unsigned_integer();
    } else if (key == "max_pending") {
      hello.max_pending = reader.unsigned_integer();
    } else {
      reader.skip();
    }
  }
  if (!reader.at_end()) reader.fail_malformed("bytes follow the hello");
  if (!has_version || !has_role) reader.fail_type("a hello with version and role", 0);
  return hello;
}

}  // namespace vagus::wire
