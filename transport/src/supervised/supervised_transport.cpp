#include "supervised/supervised_transport.hpp"

#include <atomic>
#include <string>
#include <utility>

#include <vagus/core/error.hpp>

#include "ring/link_options.hpp"
#include "shm/acceptor.hpp"
#include "shm/connect_attempt.hpp"
#include "supervised/channel_source.hpp"
#include "supervised/inherited_channel.hpp"
#include "supervised/supervision.hpp"

namespace vagus::transport::supervised {

namespace {

/// A process inherits one channel, and of two who listen at it each would get some of the links.
class ChannelClaim {
 public:
  explicit ChannelClaim(const std::string& url) {
    if (claimed().exchange(true)) {
      throw TransportDisconnectedError(url + " is taken: this process listens at its inherited link already");
    }
  }
  ~ChannelClaim() { claimed().store(false); }
  ChannelClaim(const ChannelClaim&) = delete;
  ChannelClaim& operator=(const ChannelClaim&) = delete;

 private:
  static std::atomic<bool>& claimed() noexcept {
    static std::atomic<bool> flag{false};
    return flag;
  }
};

class SupervisedListener final : public Listener {
 public:
  SupervisedListener(const Url& url, const TransportContext& context, LinkHandler accepted)
      : url_(url.to_string()),
        claim_(url_),
        acceptor_(std::make_shared<shm::Acceptor>(std::make_unique<ChannelSource>(url_), context,
                                                  ring::parse_link_options(url, {}),
                                                  open_inherited_channel(url_), std::move(accepted))) {
    acceptor_->start();
  }
  ~SupervisedListener() override { acceptor_->close(); }
  SupervisedListener(const SupervisedListener&) = delete;
  SupervisedListener& operator=(const SupervisedListener&) = delete;

  std::string url() const override { return url_; }

 private:
  const std::string url_;
  const ChannelClaim claim_;
  const std::shared_ptr<shm::Acceptor> acceptor_;
};

class BodyTransport final : public Transport {
 public:
  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    return std::make_unique<SupervisedListener>(url, context, std::move(accepted));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext&, Deadline,
                                      ConnectHandler) override {
    throw ApiParamError(url.to_string() +
                        ": a supervised body has no address; the process that has the "
                        "vagus::Supervisor connects by vagus::connect(supervisor)");
  }
};

class BodyDialer final : public shm::Dialer {
 public:
  BodyDialer(std::string text, std::shared_ptr<Supervision> supervision)
      : text_(std::move(text)), supervision_(std::move(supervision)) {}

  const std::string& text() const noexcept override { return text_; }
  std::optional<shm::Dialled> dial() override { return supervision_->dial(); }
  std::string busy() const override {
    return "the body is being started or about to end, or has closed the link that it inherited";
  }

 private:
  const std::string text_;
  const std::shared_ptr<Supervision> supervision_;
};

class BodyConnecting final : public Connecting {
 public:
  explicit BodyConnecting(std::shared_ptr<shm::ConnectAttempt> attempt) : attempt_(std::move(attempt)) {}
  ~BodyConnecting() override { attempt_->cancel(); }
  BodyConnecting(const BodyConnecting&) = delete;
  BodyConnecting& operator=(const BodyConnecting&) = delete;

 private:
  const std::shared_ptr<shm::ConnectAttempt> attempt_;
};

class HeadTransport final : public Transport {
 public:
  explicit HeadTransport(std::shared_ptr<Supervision> supervision) : supervision_(std::move(supervision)) {}

  std::unique_ptr<Listener> listen(const Url& url, const TransportContext&, LinkHandler) override {
    throw ApiParamError(url.to_string() + ": with a Supervisor one connects; the body listens");
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline deadline,
                                      ConnectHandler connected) override {
    auto attempt = std::make_shared<shm::ConnectAttempt>(
        std::make_unique<BodyDialer>(url.to_string(), supervision_), context,
        ring::parse_link_options(url, {}), deadline, std::move(connected));
    context.loop.post([attempt] { attempt->run(); });
    return std::make_unique<BodyConnecting>(std::move(attempt));
  }

 private:
  const std::shared_ptr<Supervision> supervision_;
};

}  // namespace

std::shared_ptr<Transport> make_transport() { return std::make_shared<BodyTransport>(); }

std::shared_ptr<Transport> make_head_transport(std::shared_ptr<Supervision> supervision) {
  return std::make_shared<HeadTransport>(std::move(supervision));
}

}  // namespace vagus::transport::supervised
