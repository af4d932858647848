#include "closable_transport.hpp"

#include <atomic>
#include <set>
#include <string>
#include <utility>

#include <vagus/core/mutex.hpp>

#include "forwarding_link.hpp"
#include "refused.hpp"

namespace vagus::testing {

using namespace transport;

namespace {

ErrorPtr is_closed() { return make_error<TransportDisconnectedError>("the scripted peer has died"); }

}  // namespace

/// What there is to be closed, shared with the links and listeners, which put themselves in and out.
class ClosableTransport::Ends {
 public:
  bool closed() const noexcept { return closed_.load(); }

  void add(Link* link) {
    MutexLock lock(links_mutex_);
    links_.insert(link);
    if (closed()) link->close(is_closed());
  }
  void remove(Link* link) {
    MutexLock lock(links_mutex_);
    links_.erase(link);
  }

  /// Each is the place of a listener, which is emptied when it is closed.
  void add(std::unique_ptr<Listener>* listener) {
    MutexLock lock(listeners_mutex_);
    listeners_.insert(listener);
    if (closed()) listener->reset();
  }
  void remove(std::unique_ptr<Listener>* listener) {
    MutexLock lock(listeners_mutex_);
    listeners_.erase(listener);
    listener->reset();
  }

  void close() {
    closed_.store(true);
    {
      MutexLock lock(listeners_mutex_);
      for (std::unique_ptr<Listener>* listener : listeners_) listener->reset();
    }
    MutexLock lock(links_mutex_);
    for (Link* link : links_) link->close(is_closed());
  }

 private:
  std::atomic<bool> closed_{false};

  // Held while listeners go, which wait for their handlers: those do not take it.
  Mutex listeners_mutex_;
  std::set<std::unique_ptr<Listener>*> listeners_ VAGUS_GUARDED_BY(listeners_mutex_);

  Mutex links_mutex_;
  std::set<Link*> links_ VAGUS_GUARDED_BY(links_mutex_);
};

namespace {

using Ends = ClosableTransport::Ends;

class ClosableLink final : public ForwardingLink {
 public:
  ClosableLink(std::unique_ptr<Link> inner, std::shared_ptr<Ends> ends)
      : ForwardingLink(std::move(inner)), ends_(std::move(ends)) {}
  ~ClosableLink() override {
    ends_->remove(this);
    stop();
  }

  void start(LinkObserver& observer) override {
    ForwardingLink::start(observer);
    ends_->add(this);  // not before: until then it may not be closed
  }

 private:
  const std::shared_ptr<Ends> ends_;
};

/// Has its inner one for as long as it is not closed.
class ClosableListener final : public Listener {
 public:
  ClosableListener(std::unique_ptr<Listener> inner, std::shared_ptr<Ends> ends)
      : url_(inner->url()), ends_(std::move(ends)), inner_(std::move(inner)) {
    ends_->add(&inner_);
  }
  ~ClosableListener() override { ends_->remove(&inner_); }
  ClosableListener(const ClosableListener&) = delete;
  ClosableListener& operator=(const ClosableListener&) = delete;

  std::string url() const override { return url_; }

 private:
  const std::string url_;
  const std::shared_ptr<Ends> ends_;
  std::unique_ptr<Listener> inner_;  // the ends' lock guards it
};

}  // namespace

ClosableTransport::ClosableTransport(std::shared_ptr<Transport> inner)
    : inner_(std::move(inner)), ends_(std::make_shared<Ends>()) {}

ClosableTransport::~ClosableTransport() = default;

void ClosableTransport::close() { ends_->close(); }

std::unique_ptr<Listener> ClosableTransport::listen(const Url& url, const TransportContext& context,
                                                    LinkHandler accepted) {
  auto inner = inner_->listen(url, context,
                              [ends = ends_, accepted = std::move(accepted)](std::unique_ptr<Link> link) {
                                accepted(std::make_unique<ClosableLink>(std::move(link), ends));
                              });
  return std::make_unique<ClosableListener>(std::move(inner), ends_);
}

std::unique_ptr<Connecting> ClosableTransport::connect(const Url& url, const TransportContext& context,
                                                       Deadline deadline, ConnectHandler connected) {
  if (ends_->closed()) return std::make_unique<Refused>(context.loop, is_closed(), std::move(connected));
  auto wrapped = [ends = ends_, connected = std::move(connected)](Result<std::unique_ptr<Link>> link) {
    if (!link) return connected(std::move(link));
    connected(std::unique_ptr<Link>(std::make_unique<ClosableLink>(std::move(link).value(), ends)));
  };
  return inner_->connect(url, context, deadline, std::move(wrapped));
}

}  // namespace vagus::testing
