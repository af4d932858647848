#include "shm/shm_transport.hpp"

#include <sys/socket.h>

#include <string>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/core/fault_point.hpp>

#include "local/access.hpp"
#include "local/rendezvous.hpp"
#include "ring/link_options.hpp"
#include "shm/acceptor.hpp"
#include "shm/address.hpp"
#include "shm/address_dialer.hpp"
#include "shm/address_source.hpp"
#include "shm/connect_attempt.hpp"

namespace vagus::transport::shm {

namespace {

class ShmListener final : public Listener {
 public:
  ShmListener(const Address& address, const local::Access& access, const TransportContext& context,
              const ring::LinkOptions& options, LinkHandler accepted)
      : url_(address.text()),
        rendezvous_(address, access, SOCK_SEQPACKET),
        acceptor_(std::make_shared<Acceptor>(std::make_unique<AddressSource>(address, access), context,
                                             options, rendezvous_.take_socket(), std::move(accepted))) {
    acceptor_->start();
    VAGUS_FAULT_POINT("listen.listening");
  }
  ~ShmListener() override { acceptor_->close(); }
  ShmListener(const ShmListener&) = delete;
  ShmListener& operator=(const ShmListener&) = delete;

  std::string url() const override { return url_; }

 private:
  const std::string url_;
  local::Rendezvous rendezvous_;
  const std::shared_ptr<Acceptor> acceptor_;
};

class ShmConnecting final : public Connecting {
 public:
  explicit ShmConnecting(std::shared_ptr<ConnectAttempt> attempt) : attempt_(std::move(attempt)) {}
  ~ShmConnecting() override { attempt_->cancel(); }
  ShmConnecting(const ShmConnecting&) = delete;
  ShmConnecting& operator=(const ShmConnecting&) = delete;

 private:
  const std::shared_ptr<ConnectAttempt> attempt_;
};

ring::LinkOptions parse_options(const Url& url, const Address& address) {
  // A name without a file is one of our own user's: nobody else looks for it.
  if (address.is_abstract()) return ring::parse_link_options(url, {});
  return ring::parse_link_options(url, {"mode", "group", "users", "groups"});
}

class ShmTransport final : public Transport {
 public:
  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    const Address address(url);
    const ring::LinkOptions options = parse_options(url, address);
    return std::make_unique<ShmListener>(address, local::parse_access(url), context, options,
                                         std::move(accepted));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline deadline,
                                      ConnectHandler connected) override {
    const Address address(url);
    const ring::LinkOptions options = parse_options(url, address);
    local::Access access = local::parse_access(url);
    access.by_mode = false;  // the mode is the listener's, and says nothing of who that is
    auto attempt = std::make_shared<ConnectAttempt>(std::make_unique<AddressDialer>(address, access), context,
                                                    options, deadline, std::move(connected));
    context.loop.post([attempt] { attempt->run(); });
    return std::make_unique<ShmConnecting>(std::move(attempt));
  }
};

}  // namespace

std::shared_ptr<Transport> make_transport() { return std::make_shared<ShmTransport>(); }

}  // namespace vagus::transport::shm
