/// Which C++ types travel in messages, and as what.
///
/// - `bool`: boolean.
/// - Integers and character types: integer. One that the type cannot hold is an error.
/// - Enums: integer. Any that the underlying type holds is taken, unless VAGUS_ENUMERATORS says which there
/// are; then others are an error, or what VAGUS_ENUM_FALLBACK says.
/// - `float`, `double`: real number. Read from an integer, too, if that is held exactly.
/// - `std::string`, `std::string_view`, `const char*`, literals, `std::filesystem::path`: str. Read from a
/// bin, too.
/// - `std::vector`, `std::array` and `std::span` of `std::byte`, `char` or `unsigned char`: bin. Read from a
/// str, too.
/// - `std::vector`, `deque`, `list`, `set`, `unordered_set` and what is built like them: array.
/// - `std::array`, `std::pair`, `std::tuple`: array of exactly that length.
/// - `std::map`, `unordered_map` and what is built like them: map. The last of equal keys counts.
/// - `std::optional`, `std::unique_ptr`, `std::shared_ptr`: nil or the value.
/// - `std::variant`: array of the index of the alternative and its value. An index that is too large is an
/// error, unless the last alternative is `vagus::UnknownAlternative`.
/// - `std::monostate`, `std::nullptr_t`: nil.
/// - `std::chrono` durations: integer, nanoseconds. What exceeds 64 bits becomes the largest or the smallest
/// integer,
///   and these two are read as `max()` and `min()`.
/// - `std::chrono::system_clock` time points: ext -1, the timestamp of MessagePack.
/// - Aggregates of up to 32 fields: array. Fields that are missing at its end keep the value that they have,
/// extra
///   elements are ignored.
/// - `vagus::Loan`: a reference to memory that comes with the message, where the link can do that; else a
/// bin.
/// - `vagus::Value`: whatever it holds.
/// - Types with `MSGPACK_DEFINE`, `MSGPACK_DEFINE_MAP`, `MSGPACK_ADD_ENUM`, or an adaptor of msgpack-cxx: as
/// that
///   packs them. Where they hold plain aggregates, include this before they are defined.
/// - Types with a Codec: as that says.
///
/// `std::string_view` and `std::span<const std::byte>` (or of `const char`, `const unsigned char`) are read
/// as views into the message; handlers take only the first two, and results, parts and properties none, see
/// <vagus/wire/outlives_message.hpp>. `const char*`, literals and other spans can be written only.
#pragma once

#include <vagus/wire/codec.hpp>
#include <vagus/wire/pack_aggregate.hpp>
#include <vagus/wire/pack_chrono.hpp>
#include <vagus/wire/pack_containers.hpp>
#include <vagus/wire/pack_loan.hpp>
#include <vagus/wire/pack_msgpack.hpp>
#include <vagus/wire/pack_scalars.hpp>
#include <vagus/wire/pack_standard.hpp>
