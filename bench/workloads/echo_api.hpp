/// The contract of all that is measured here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <vagus/vagus.hpp>

namespace bench {

/// 40 bytes, as a body might report them.
struct Reading {
  std::int64_t sent_ns = 0;  ///< of the clock that all figures are of; 0: not timed
  std::int64_t number = 0;
  double x = 0;
  double y = 0;
  double z = 0;
};

class EchoApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<int(int value)> echo{this, "echo"};
  vagus::Method<vagus::Bytes(std::span<const std::byte> bytes)> echo_span{this, "echo_span"};
  vagus::Method<vagus::Bytes(const vagus::Bytes& bytes)> echo_bytes{this, "echo_bytes"};
  vagus::Method<int(vagus::Loan<const std::byte> bytes)> ends{this, "ends", "The first and the last byte."};
  vagus::Event<void(const Reading& reading)> reading{this, "reading"};
};

}  // namespace bench
