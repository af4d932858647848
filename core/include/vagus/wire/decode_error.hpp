/// What can be wrong with a message.
#pragma once

#include <stdexcept>

namespace vagus::wire {

/// A message, or a part of it, cannot be read as what it should be. The text says at which byte and at which
/// element, what was found and what was expected: `at [1].speed (byte 12): expected an integer, found str
/// "fast"`. What was found is shortened and escaped, so the text may be logged as it is.
struct DecodeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The bytes are no MessagePack, or no message: cut off, nested too deeply, of the wrong structure. Nothing
/// that follows them on the same link can be trusted.
struct MalformedError : DecodeError {
  using DecodeError::DecodeError;
};

/// A valid value, but of another kind than was asked for, or out of range. What follows it is not affected.
struct TypeError : DecodeError {
  using DecodeError::DecodeError;
};

}  // namespace vagus::wire
