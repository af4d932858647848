#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <vagus/core/bytes.hpp>
#include <vagus/core/error.hpp>
#include <vagus/wire/hello.hpp>
#include <vagus/wire/message.hpp>

namespace vagus::transport::datagram {

/// The limit of a datagram over IPv4, which holds for IPv6 here, too.
inline constexpr std::size_t max_datagram = 65'507;

/// A question is made so long at least, so that the answer finds room: it is never longer than the question,
/// and nobody can use a listener to send more to another than he sends himself. Fits one Ethernet frame.
inline constexpr std::size_t min_question = 1'200;

/// The request `$hello` and its answer, which carry, beside the hello, the number that their sender has given
/// to the link: whatever is sent to him has it in its frame. In the answer it stands beside the number of
/// whom it answers.
struct Greeting {
  wire::Hello hello;
  std::uint64_t link = 0;
  std::uint64_t peer_link = 0;  ///< of an answer
};

/// Throws ApiParamError if the hello cannot be sent.
Bytes encode_question(const wire::Hello& hello, std::uint64_t link);
Bytes encode_answer(std::uint32_t id, const Greeting& greeting);
/// An answer of at most `room` bytes that says why there is none.
Bytes encode_refusal(std::uint32_t id, const Error& why, std::size_t room);

/// Is this the request `$hello`?
bool is_question(const wire::Message& message) noexcept;
/// Throws ProtocolError that says what is wrong with it.
Greeting decode_question(const wire::Message& message);
/// Throws ProtocolError, or what the other side says why it refuses.
Greeting decode_answer(const wire::Message& message);

}  // namespace vagus::transport::datagram
