#include "multicast/multicast_transport.hpp"

#include <utility>

#include "datagram/acceptor.hpp"
#include "datagram/datagram_link.hpp"
#include "multicast/group.hpp"
#include "multicast/seeker.hpp"

namespace vagus::transport::multicast {

namespace {

using datagram::Port;

constexpr LinkTraits multicast_traits = datagram::traits_of("multicast");

/// A member of the group: answers who asks the group, and is talked to at an address of its own.
class Member final : public Listener {
 public:
  Member(const Url& url, const TransportContext& context, const Group& group, LinkHandler accepted)
      : url_(url.to_string()),
        port_(std::make_shared<Port>(context, make_own_socket(group), url_)),
        acceptor_(std::make_shared<datagram::Acceptor>(*port_, group.options, multicast_traits, false,
                                                       std::move(accepted))),
        membership_(std::make_shared<Membership>(group, url_, port_)) {
    port_->open(acceptor_);
    membership_->start();
  }
  ~Member() override {
    membership_->leave();
    port_->close_door();
    acceptor_->close();
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  std::string url() const override { return url_; }

 private:
  const std::string url_;
  const std::shared_ptr<Port> port_;
  const std::shared_ptr<datagram::Acceptor> acceptor_;
  const std::shared_ptr<Membership> membership_;
};

/// Whoever talks to the members of the group.
class Caller final : public Listener {
 public:
  Caller(const Url& url, const TransportContext& context, const Group& group, LinkHandler accepted)
      : url_(url.to_string()),
        port_(std::make_shared<Port>(context, make_own_socket(group), url_)),
        seeker_(std::make_shared<Seeker>(port_, group, multicast_traits, std::move(accepted))) {
    port_->open(seeker_);
    seeker_->start();
  }
  ~Caller() override {
    port_->close_door();
    seeker_->close();
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  std::string url() const override { return url_; }

 private:
  const std::string url_;
  const std::shared_ptr<Port> port_;
  const std::shared_ptr<Seeker> seeker_;
};

void check_safety(const Url& url, const Group& group) {
  if (group.only_this_machine || group.options.insecure) return;
  throw ApiParamError(
      url.to_string() +
      ": whoever reaches the group could call what is served here, since datagrams are neither "
      "encrypted nor authenticated; say interface=lo, for this machine alone, or insecure=yes");
}

class MulticastTransport final : public Transport {
 public:
  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    const Group group = parse_group(url);
    if (context.hello.role == wire::Role::head) {
      return std::make_unique<Caller>(url, context, group, std::move(accepted));
    }
    check_safety(url, group);
    return std::make_unique<Member>(url, context, group, std::move(accepted));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext&, Deadline,
                                      ConnectHandler) override {
    throw ApiParamError(url.to_string() + " leads to any number of peers: Transport::listen() finds them");
  }

  bool finds_many() const noexcept override { return true; }
};

}  // namespace

std::shared_ptr<Transport> make_transport() { return std::make_shared<MulticastTransport>(); }

}  // namespace vagus::transport::multicast
