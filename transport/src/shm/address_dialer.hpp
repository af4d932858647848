#pragma once

#include <string>
#include <utility>

#include "local/access.hpp"
#include "shm/address.hpp"
#include "shm/dialer.hpp"

namespace vagus::transport::shm {

/// Connects to whoever listens at an address, and has to be somebody who may be there.
class AddressDialer final : public Dialer {
 public:
  AddressDialer(const Address& address, local::Access access)
      : address_(address), access_(std::move(access)) {}

  const std::string& text() const noexcept override { return address_.text(); }
  std::optional<Dialled> dial() override;
  std::string busy() const override { return "too many others wait to be let in"; }

 private:
  /// False: the listener's backlog is full.
  bool try_connect(int socket) const;

  const Address address_;
  const local::Access access_;
};

}  // namespace vagus::transport::shm
