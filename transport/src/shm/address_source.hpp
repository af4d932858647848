#pragma once

#include <string>

#include "shm/address.hpp"
#include "shm/socket_source.hpp"

namespace vagus::transport::shm {

/// The connections to a socket that listens at an address.
class AddressSource final : public SocketSource {
 public:
  explicit AddressSource(const Address& address) : address_(address) {}

  const std::string& text() const noexcept override { return address_.text(); }
  Taken take(int descriptor) const override;
  void check(const Credentials& peer) const override;
  void ended() const override {}  // what listens does not end by itself

 private:
  const Address address_;
};

}  // namespace vagus::transport::shm
