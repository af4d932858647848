#pragma once

#include <string>
#include <utility>

#include "local/access.hpp"
#include "shm/address.hpp"
#include "shm/socket_source.hpp"

namespace vagus::transport::shm {

/// The connections to a socket that listens at an address.
class AddressSource final : public SocketSource {
 public:
  AddressSource(const Address& address, local::Access access)
      : address_(address), access_(std::move(access)) {}

  const std::string& text() const noexcept override { return address_.text(); }
  Taken take(int descriptor) const override;
  void check(const Credentials& peer) const override;
  void ended() const override {}  // what listens does not end by itself

 private:
  const Address address_;
  const local::Access access_;
};

}  // namespace vagus::transport::shm
