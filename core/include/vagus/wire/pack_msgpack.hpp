/// How types that msgpack-cxx knows travel, and how it packs what only this library knows. Part of
/// <vagus/wire/pack.hpp>.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <typeinfo>

#include <msgpack/adaptor/adaptor_base.hpp>

#include <vagus/core/aggregate.hpp>
#include <vagus/core/bytes.hpp>
#include <vagus/wire/codec.hpp>

namespace vagus::wire {

/// Set this to true for a type that shall travel as msgpack-cxx packs it, and that is not recognised by
/// itself. Recognised are types with MSGPACK_DEFINE or MSGPACK_DEFINE_MAP, types for which an adaptor was
/// specialised, and those of msgpack-cxx itself.
template <class T>
inline constexpr bool uses_msgpack = false;

namespace detail {

template <class T>
concept HasMsgpackMembers = requires(const T& value, msgpack::packer<Writer>& packer) {
  value.msgpack_pack(packer);
}
|| requires(T& value, const msgpack::object& object) { value.msgpack_unpack(object); };

/// What marks the adaptors at the end of this file.
struct AggregateAdaptor {};

/// Is there an adaptor of the user's own? Where there is none, the general one falls back to that of
/// version 1.
template <class Adaptor, class General>
inline constexpr bool is_specialised =
    !std::is_base_of_v<General, Adaptor> && !std::is_base_of_v<AggregateAdaptor, Adaptor>;

template <class T>
concept HasMsgpackAdaptor = is_specialised<msgpack::adaptor::pack<T>, msgpack::v1::adaptor::pack<T>> ||
    is_specialised<msgpack::adaptor::convert<T>, msgpack::v1::adaptor::convert<T>>;

/// Types of the standard library that msgpack-cxx has adaptors for and this library has no codec for.
template <class T>
inline constexpr bool is_left_to_msgpack = [] {
  constexpr std::string_view names[] = {"std::complex<", "std::forward_list<", "std::reference_wrapper<",
                                        "std::basic_string<wchar_t", "std::__cxx11::basic_string<wchar_t"};
  for (const std::string_view name : names) {
    if (vagus::detail::raw_type_name<T>.starts_with(name)) return true;
  }
  return false;
}();

// The adaptors for types of the standard library are not looked up: that would instantiate them before
// headers that come later could define them.
template <class T>
concept UsesMsgpack = uses_msgpack<T> ||
    (std::is_class_v<T> &&
     (is_left_to_msgpack<T> ||
      (!vagus::detail::is_from_std<T> &&
       (HasMsgpackMembers<T> || vagus::detail::is_from_msgpack<T> || HasMsgpackAdaptor<T>))));

/// An aggregate that msgpack-cxx itself cannot pack.
template <class T>
concept ForeignToMsgpack = vagus::detail::Aggregate<T> && !HasMsgpackMembers<T>;

/// A value as msgpack-cxx reads it. Text and binary data in it are views into the bytes.
class MsgpackTree {
 public:
  /// `bytes` are one value that was found valid before.
  explicit MsgpackTree(std::span<const std::byte> bytes);
  ~MsgpackTree();
  MsgpackTree(const MsgpackTree&) = delete;
  MsgpackTree& operator=(const MsgpackTree&) = delete;

  const msgpack::object& root() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The bytes of a value of msgpack-cxx.
Bytes encode(const msgpack::object& object);

/// Makes a value of msgpack-cxx from its bytes. All of it lives as long as the zone.
void decode(std::span<const std::byte> bytes, msgpack::object& object, msgpack::zone& zone);

}  // namespace detail

template <detail::UsesMsgpack T>
struct Codec<T> {
  static void pack(Writer& writer, const T& value) {
    msgpack::packer<Writer> packer{writer};
    packer.pack(value);
  }

  static void unpack(Reader& reader, T& value) {
    const std::size_t offset = reader.offset();
    const detail::MsgpackTree tree{reader.skip()};
    try {
      tree.root().convert(value);
    } catch (const std::bad_cast&) {  // msgpack::type_error, which does not say what was wrong
      reader.fail_type("what msgpack-cxx converts to " + std::string(vagus::detail::raw_type_name<T>),
                       offset);
    }
  }
};

}  // namespace vagus::wire

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  // Plain aggregates inside of what msgpack-cxx packs travel as they do on their own. They are packed by way
  // of their bytes: whatever their fields are, msgpack-cxx need not know them.

  template <class T>
  struct pack<T, std::enable_if_t<vagus::wire::detail::ForeignToMsgpack<T>>>
      : vagus::wire::detail::AggregateAdaptor {
    template <class Stream>
    msgpack::packer<Stream>& operator()(msgpack::packer<Stream>& packer, const T& value) const {
      const vagus::Bytes bytes = vagus::wire::to_bytes(value);
      // Appends the bytes as they are: the header of a bin would be another call.
      return packer.pack_bin_body(reinterpret_cast<const char*>(bytes.data()),
                                  static_cast<std::uint32_t>(bytes.size()));
    }
  };

  template <class T>
  struct convert<T, std::enable_if_t<vagus::wire::detail::ForeignToMsgpack<T>>>
      : vagus::wire::detail::AggregateAdaptor {
    const msgpack::object& operator()(const msgpack::object& object, T& value) const {
      const vagus::Bytes bytes = vagus::wire::detail::encode(object);
      vagus::wire::Reader reader{bytes, vagus::wire::Reader::max_depth};
      vagus::wire::unpack(reader, value);
      return object;
    }
  };

  template <class T>
  struct object_with_zone<T, std::enable_if_t<vagus::wire::detail::ForeignToMsgpack<T>>> {
    void operator()(msgpack::object::with_zone& object, const T& value) const {
      const vagus::Bytes bytes = vagus::wire::to_bytes(value);
      put(object, bytes);
    }

   private:
    // A template, since a complete with_zone takes more headers than are wanted here.
    template <class WithZone>
    static void put(WithZone& object, const vagus::Bytes& bytes) {
      vagus::wire::detail::decode(bytes, object, object.zone);
    }
  };

  }  // namespace adaptor
}
}  // namespace msgpack
