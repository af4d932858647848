#include <limits>
#include <stdexcept>
#include <string>

#include <msgpack/object.hpp>
#include <msgpack/pack.hpp>
#include <msgpack/unpack.hpp>

#include <vagus/wire/pack_msgpack.hpp>

namespace vagus::wire::detail {

namespace {

constexpr auto by_reference = [](msgpack::type::object_type, std::size_t, void*) { return true; };
constexpr auto by_copy = [](msgpack::type::object_type, std::size_t, void*) { return false; };

msgpack::object parse(std::span<const std::byte> bytes, msgpack::zone& zone,
                      msgpack::unpack_reference_func how) {
  // No count or length can exceed the bytes that are there, and no depth what a Reader lets through.
  const std::size_t most = bytes.size();
  const msgpack::unpack_limit limit(most, most, most, most, most, Reader::max_depth);
  try {
    return msgpack::unpack(zone, reinterpret_cast<const char*>(bytes.data()), bytes.size(), how, nullptr,
                           limit);
  } catch (const msgpack::unpack_error& error) {
    throw MalformedError(std::string("msgpack-cxx cannot read this value: ") + error.what());
  }
}

/// A stream for msgpack::packer that grows.
struct Sink {
  Bytes bytes;

  void write(const char* data, std::size_t size) {
    const auto* const first = reinterpret_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), first, first + size);
  }
};

}  // namespace

struct MsgpackTree::State {
  msgpack::zone zone;
  msgpack::object root;
};

MsgpackTree::MsgpackTree(std::span<const std::byte> bytes) : state_(std::make_unique<State>()) {
  state_->root = parse(bytes, state_->zone, by_reference);
}

MsgpackTree::~MsgpackTree() = default;

const msgpack::object& MsgpackTree::root() const noexcept { return state_->root; }

Bytes encode(const msgpack::object& object) {
  Sink sink;
  msgpack::packer<Sink> packer{sink};
  packer.pack(object);
  return std::move(sink.bytes);
}

void decode(std::span<const std::byte> bytes, msgpack::object& object, msgpack::zone& zone) {
  object = parse(bytes, zone, by_copy);
}

}  // namespace vagus::wire::detail
