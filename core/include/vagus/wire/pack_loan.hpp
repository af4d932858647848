/// How loans travel: as a reference to memory that the message brings along, or as a bin. Part of
/// <vagus/wire/pack.hpp>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include <vagus/core/loan.hpp>
#include <vagus/wire/codec.hpp>

namespace vagus::wire {

namespace detail {

/// Writes a reference if the message can bring the block along, else the bytes.
void pack_lent(Writer& writer, const std::shared_ptr<Block>& block, std::span<const std::byte> bytes);

/// What was lent. Without a keeper: bytes in the message itself, which goes away. Throws what Reader throws;
/// TypeError if it is no whole number of elements.
ReceivedBlock unpack_lent(Reader& reader, std::size_t element_size, std::size_t alignment);

}  // namespace detail

template <class T>
struct Codec<Loan<const T>> {
  static void pack(Writer& writer, const Loan<const T>& loan) {
    detail::pack_lent(writer, loan.block(), std::as_bytes(std::span(loan.data(), loan.size())));
  }
  static void unpack(Reader& reader, Loan<const T>& loan) {
    const ReceivedBlock received = detail::unpack_lent(reader, sizeof(T), alignof(T));
    if (received.keeper) {
      loan = Loan<const T>(received);
      return;
    }
    Loan<T> copy(received.bytes.size() / sizeof(T));
    if (!received.bytes.empty()) std::memcpy(copy.data(), received.bytes.data(), received.bytes.size());
    loan = std::move(copy);
  }
};

}  // namespace vagus::wire
