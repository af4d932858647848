#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/testing/faulty_transport.hpp>

namespace vagus::testing {

using namespace transport;

namespace {

using Random = std::mt19937_64;

/// Of the scheme of what is faulty.
constexpr std::string_view own_prefix = "faulty+";

double share(Random& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

std::size_t below(Random& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

ErrorPtr dropped() {
  return make_error<TransportDisconnectedError>("the link was dropped by a faulty transport");
}

}  // namespace

/// What a transport and all of its links share.
class FaultyTransport::Script {
 public:
  explicit Script(const Faults& faults) : faults_(faults) {}

  void set(const Faults& faults) {
    MutexLock lock(mutex_);
    faults_ = faults;
  }
  Faults faults() const {
    MutexLock lock(mutex_);
    return faults_;
  }

  /// Decides about one thing: its number is all that the decision depends on, besides the seed.
  static Random random_for(const Faults& faults, std::uint64_t link, std::uint64_t number) {
    std::seed_seq seeds{faults.seed, link, number};
    return Random(seeds);
  }
  std::uint64_t next_number() noexcept { return ++numbers_; }
  void count() noexcept { ++done_; }
  std::uint64_t done() const noexcept { return done_.load(); }

  void add(Link* link) {
    MutexLock lock(mutex_);
    links_.insert(link);
  }
  void remove(Link* link) {
    MutexLock lock(mutex_);
    links_.erase(link);
  }
  void cut_all() {
    MutexLock lock(mutex_);
    for (Link* link : links_) link->close(dropped());
  }

 private:
  mutable Mutex mutex_;
  Faults faults_ VAGUS_GUARDED_BY(mutex_);
  std::set<Link*> links_ VAGUS_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> numbers_{0};
  std::atomic<std::uint64_t> done_{0};
};

namespace {

using Script = FaultyTransport::Script;

/// Faults are made where a message is sent, but for delays: there the message has arrived, and is not shown.
class FaultyLink final : public Link, private LinkObserver {
 public:
  FaultyLink(std::unique_ptr<Link> inner, std::shared_ptr<Script> script, EventLoop& loop)
      : inner_(std::move(inner)),
        script_(std::move(script)),
        number_(script_->next_number()),
        timer_(std::make_unique<Timer>(loop, [this] { tell_readable(); })) {
    script_->add(this);
  }
  ~FaultyLink() override {
    script_->remove(this);
    FaultyLink::stop();
  }
  FaultyLink(const FaultyLink&) = delete;
  FaultyLink& operator=(const FaultyLink&) = delete;

  const LinkTraits& traits() const noexcept override { return inner_->traits(); }
  const wire::Hello& peer_hello() const noexcept override { return inner_->peer_hello(); }
  Credentials peer_credentials() const noexcept override { return inner_->peer_credentials(); }
  std::size_t max_message_size() const noexcept override { return inner_->max_message_size(); }

  void start(LinkObserver& observer) override {
    observer_ = &observer;
    inner_->start(*this);
  }

  const void* lender() const noexcept override { return inner_->lender(); }
  std::shared_ptr<wire::Block> borrow(std::size_t size) override { return inner_->borrow(size); }

  // Sending -----------------------------------------------------------------------------------------

  using Link::try_claim;
  ClaimStatus try_claim(std::size_t size, Slot& slot, Blocks blocks) override {
    return inner_->try_claim(size, slot, blocks);
  }

  bool commit(Slot& slot, std::size_t used) override {
    const Faults faults = script_->faults();
    Random random = Script::random_for(faults, number_, ++sent_);
    const double fault = share(random);
    double limit = faults.cut;
    if (fault < limit) {
      script_->count();
      inner_->abandon(slot);
      inner_->close(dropped());
      return true;
    }
    if (fault < (limit += faults.drop)) {
      script_->count();
      const bool sent = inner_->commit(slot, used);
      if (!sent) inner_->abandon(slot);
      inner_->close(dropped());
      return true;
    }
    if (used != 0 && fault < (limit += faults.truncate)) {
      script_->count();
      used = below(random, used);
    } else if (used != 0 && fault < limit + faults.garble) {
      script_->count();
      for (std::size_t bytes = 1 + below(random, 4); bytes != 0; --bytes) {
        slot.bytes[below(random, used)] = static_cast<std::byte>(random());
      }
    }
    return inner_->commit(slot, used);
  }

  bool push(Slot& slot) override { return inner_->push(slot); }
  void abandon(Slot& slot) noexcept override { inner_->abandon(slot); }
  void wait_writable(Deadline deadline) override { inner_->wait_writable(deadline); }
  bool arm_writable() override { return inner_->arm_writable(); }

  // Receiving ---------------------------------------------------------------------------------------

  std::optional<std::span<const std::byte>> try_receive() override {
    if (!held_) {
      held_ = inner_->try_receive();
      if (!held_) return {};
      begin_delay();
    }
    if (is_delayed()) return {};
    return held_;
  }
  wire::ReceivedBlock attached(std::uint32_t place) override { return inner_->attached(place); }
  std::shared_ptr<const void> keep() override { return inner_->keep(); }
  void release() override {
    held_.reset();
    inner_->release();
  }

  void disarm() override {
    {
      MutexLock lock(mutex_);
      if (timer_) timer_->stop();
    }
    inner_->disarm();
  }

  void wait_readable(Deadline deadline, bool or_writable) override {
    if (!held_) return inner_->wait_readable(deadline, or_writable);
    MutexLock lock(mutex_);
    const Deadline until = shown_at_ < deadline ? shown_at_ : deadline;
    while (!std::exchange(interrupted_, false) && !ended_ && wait_until(changed_, lock, until)) {
    }
  }

  bool arm() override {
    if (!held_) return inner_->arm();
    MutexLock lock(mutex_);
    if (ended_ || shown_at_.passed()) return false;
    if (timer_) timer_->start(shown_at_.at());
    return true;
  }

  // -------------------------------------------------------------------------------------------------

  void interrupt() noexcept override {
    {
      MutexLock lock(mutex_);
      interrupted_ = true;
      changed_.notify_all();
    }
    inner_->interrupt();
  }
  void close(const ErrorPtr& reason) noexcept override { inner_->close(reason); }
  void stop() noexcept override {
    std::unique_ptr<Timer> timer;  // destroyed outside of the lock: it waits for what it calls
    {
      MutexLock lock(mutex_);
      timer = std::move(timer_);
    }
    timer.reset();
    inner_->stop();
  }

 private:
  void on_readable() override { tell_readable(); }
  void on_writable() override { observer_->on_writable(); }
  void on_closed(const ErrorPtr& reason) override {
    {
      MutexLock lock(mutex_);
      ended_ = true;  // what had arrived is shown at once
      changed_.notify_all();
    }
    observer_->on_closed(reason);
  }

  /// Never overlaps itself: one that comes meanwhile follows it.
  void tell_readable() {
    if (calls_.fetch_add(1) != 0) return;
    for (unsigned seen = 1;;) {
      observer_->on_readable();
      const unsigned former = calls_.fetch_sub(seen);
      if (former == seen) return;
      seen = former - seen;
    }
  }

  void begin_delay() {
    const Faults faults = script_->faults();
    // Counted apart from what is sent.
    Random random = Script::random_for(faults, ~number_, ++received_);
    const bool delayed = share(random) < faults.delay && faults.longest_delay.count() > 0;
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(faults.longest_delay.count(), 1));
    const Duration delay{delayed ? static_cast<std::int64_t>(below(random, most)) : 0};
    MutexLock lock(mutex_);
    shown_at_ = Deadline::after(delay);
  }
  bool is_delayed() {
    MutexLock lock(mutex_);
    return !ended_ && !shown_at_.passed();
  }

  const std::unique_ptr<Link> inner_;
  const std::shared_ptr<Script> script_;
  const std::uint64_t number_;
  LinkObserver* observer_ = nullptr;  // since start()
  std::atomic<unsigned> calls_{0};    // of on_readable() that are due

  std::uint64_t sent_ = 0;  // the send turn's

  std::uint64_t received_ = 0;                      // the reader role's
  std::optional<std::span<const std::byte>> held_;  // likewise: taken off the link and not released

  Mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Timer> timer_ VAGUS_GUARDED_BY(mutex_);  // null since stop()
  Deadline shown_at_ VAGUS_GUARDED_BY(mutex_) = Deadline::never();
  bool interrupted_ VAGUS_GUARDED_BY(mutex_) = false;
  bool ended_ VAGUS_GUARDED_BY(mutex_) = false;
};

class FaultyListener final : public Listener {
 public:
  FaultyListener(std::string scheme, std::unique_ptr<Listener> inner)
      : scheme_(std::move(scheme)), inner_(std::move(inner)) {}
  std::string url() const override {
    Url url = Url::parse(inner_->url());
    url.scheme = scheme_;
    return url.to_string();
  }

 private:
  const std::string scheme_;
  const std::unique_ptr<Listener> inner_;
};

/// An attempt that fails, as if nobody was there.
class Refused final : public Connecting {
 public:
  Refused(EventLoop& loop, const Url& url, ConnectHandler connected)
      : timer_(loop, [url, connected = std::move(connected)] {
          connected(make_error<TransportDisconnectedError>("a faulty transport refuses to connect to " +
                                                           url.to_string()));
        }) {
    timer_.start(Deadline::now());
  }

 private:
  Timer timer_;
};

}  // namespace

FaultyTransport::FaultyTransport(std::string_view scheme, std::shared_ptr<Transport> inner,
                                 const Faults& faults)
    : scheme_(std::string(own_prefix).append(scheme)),
      inner_(std::move(inner)),
      script_(std::make_shared<Script>(faults)) {}

FaultyTransport::~FaultyTransport() = default;

void FaultyTransport::set(const Faults& faults) { script_->set(faults); }
void FaultyTransport::cut_all() { script_->cut_all(); }
std::uint64_t FaultyTransport::done() const { return script_->done(); }

Url FaultyTransport::inner_url(const Url& url) const {
  Url inner = url;
  if (url.scheme == scheme_) inner.scheme.erase(0, own_prefix.size());
  return inner;
}

std::unique_ptr<Listener> FaultyTransport::listen(const Url& url, const TransportContext& context,
                                                  LinkHandler accepted) {
  auto wrapped = [script = script_, &loop = context.loop, accepted = std::move(accepted)](auto link) {
    accepted(std::make_unique<FaultyLink>(std::move(link), script, loop));
  };
  return std::make_unique<FaultyListener>(url.scheme,
                                          inner_->listen(inner_url(url), context, std::move(wrapped)));
}

std::unique_ptr<Connecting> FaultyTransport::connect(const Url& url, const TransportContext& context,
                                                     Deadline deadline, ConnectHandler connected) {
  const Faults faults = script_->faults();
  Random random = Script::random_for(faults, 0, script_->next_number());
  if (share(random) < faults.refuse) {
    script_->count();
    return std::make_unique<Refused>(context.loop, url, std::move(connected));
  }
  auto wrapped = [script = script_, &loop = context.loop,
                  connected = std::move(connected)](Result<std::unique_ptr<Link>> link) {
    if (!link) return connected(std::move(link));
    connected(std::unique_ptr<Link>(std::make_unique<FaultyLink>(std::move(link).value(), script, loop)));
  };
  return inner_->connect(inner_url(url), context, deadline, std::move(wrapped));
}

std::shared_ptr<FaultyTransport> make_faulty(std::string_view scheme, const Faults& faults) {
  return std::make_shared<FaultyTransport>(scheme, TransportRegistry::builtin().find(scheme), faults);
}

std::shared_ptr<FaultyTransport> add_faulty(TransportRegistry& registry, std::string_view scheme,
                                            const Faults& faults) {
  auto transport = std::make_shared<FaultyTransport>(scheme, registry.find(scheme), faults);
  registry.add(transport->scheme(), transport);
  return transport;
}

}  // namespace vagus::testing
