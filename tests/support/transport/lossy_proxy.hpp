#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace vagus::testing {

/// What becomes of datagrams between two sockets; each in percent.
struct Weather {
  unsigned lost = 0;
  unsigned doubled = 0;
  unsigned late = 0;  ///< come after some of those that were sent after them
  unsigned cut = 0;   ///< lose their end
};

/// Stands between a head and a body that talk over UDP at loopback addresses, and loses, doubles, reorders
/// and cuts what they send to each other, by a seed.
class LossyProxy {
 public:
  /// `body_port` is at 127.0.0.1.
  LossyProxy(std::uint16_t body_port, const Weather& weather, unsigned seed);
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  /// Where the head is to connect to. One head at a time.
  std::string url() const;
  /// How many datagrams did not come as they were sent.
  int spoilt() const;

 private:
  class Sockets;
  const std::unique_ptr<Sockets> sockets_;
  std::thread thread_;
};

}  // namespace vagus::testing
