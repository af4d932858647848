#pragma once

#include "workloads/echo_api.hpp"

namespace bench {

/// The API with its handlers.
class ServedEcho : public EchoApi {
 public:
  explicit ServedEcho(const vagus::ApiOptions& options = {}) : EchoApi("bench", options) {
    echo.handle([](int value) { return value; });
    echo_span.handle(
        [](std::span<const std::byte> bytes) { return vagus::Bytes(bytes.begin(), bytes.end()); });
    echo_bytes.handle([](vagus::Bytes bytes) { return bytes; });
    ends.handle([](const vagus::Loan<const std::byte>& bytes) {
      return static_cast<int>(bytes[0]) + static_cast<int>(bytes[bytes.size() - 1]);
    });
  }
};

}  // namespace bench
