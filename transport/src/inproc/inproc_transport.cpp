#include "inproc/inproc_transport.hpp"

#include <exception>
#include <utility>

#include <vagus/core/error.hpp>

#include "common/address_name.hpp"
#include "common/call_gate.hpp"
#include "inproc/name_table.hpp"
#include "inproc/pair.hpp"

namespace vagus::transport::inproc {

namespace {

class InprocListener final : public Listener {
 public:
  InprocListener(std::string name, std::shared_ptr<ListenerState> state)
      : name_(std::move(name)), state_(std::move(state)) {
    NameTable::of_process().add(name_, state_);
  }
  ~InprocListener() override {
    NameTable::of_process().remove(name_);
    state_->gate.close();
  }
  InprocListener(const InprocListener&) = delete;
  InprocListener& operator=(const InprocListener&) = delete;

  std::string url() const override { return state_->url; }

 private:
  const std::string name_;
  const std::shared_ptr<ListenerState> state_;
};

/// Gives the body its end, on the body's event loop.
void hand_to_listener(const std::shared_ptr<ListenerState>& listener, std::unique_ptr<Link> link) {
  // A std::function has to be copyable, so the link travels in a shared box.
  const auto box = std::make_shared<std::unique_ptr<Link>>(std::move(link));
  listener->context.loop.post(
      [listener, box] { listener->gate.run([&] { listener->accepted(std::move(*box)); }); });
}

/// One attempt, as the event loop of the head sees it.
class Attempt {
 public:
  Attempt(const Url& url, const TransportContext& context, ConnectHandler connected)
      : url_(url),
        context_(context),
        options_(ring::parse_link_options(url, {})),
        connected_(std::move(connected)) {}

  void run() {
    gate_.run([this] { connected_(try_to_connect()); });
  }
  void cancel() noexcept { gate_.close(); }

 private:
  /// What connect() throws ends the attempt; what connected_ throws is not caught here.
  Result<std::unique_ptr<Link>> try_to_connect() const {
    try {
      return connect();
    } catch (const Error& error) {
      return make_error(error.code(), url_.to_string() + ": " + error.what(), {});
    } catch (const std::exception& error) {  // no memory
      return make_error<TransportDisconnectedError>(url_.to_string() + ": " + error.what());
    }
  }

  Result<std::unique_ptr<Link>> connect() const {
    Result<std::unique_ptr<Link>> result =
        make_error<TransportDisconnectedError>("nobody listens at " + url_.to_string() + " in this process");
    NameTable::of_process().with(url_.address, [&](const std::shared_ptr<ListenerState>& listener) {
      if (listener) result = connect_to(listener);
    });
    return result;
  }

  Result<std::unique_ptr<Link>> connect_to(const std::shared_ptr<ListenerState>& listener) const {
    auto place = listener->links->take();
    if (!place) {
      const std::string text =
          listener->url + " turns a head away: it has " + std::to_string(listener->links->limit()) + " links";
      listener->context.log.warning(text);
      return make_error<TransportDisconnectedError>(text);
    }
    Pair pair =
        make_pair({context_, options_, url_.to_string() + " (head)", nullptr},
                  {listener->context, listener->options, listener->url + " (body)", std::move(place)});
    hand_to_listener(listener, std::move(pair.body));
    return std::move(pair.head);
  }

  const Url url_;
  const TransportContext context_;
  const ring::LinkOptions options_;
  const ConnectHandler connected_;
  CallGate gate_;
};

class InprocConnecting final : public Connecting {
 public:
  explicit InprocConnecting(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
  ~InprocConnecting() override { attempt_->cancel(); }
  InprocConnecting(const InprocConnecting&) = delete;
  InprocConnecting& operator=(const InprocConnecting&) = delete;

 private:
  const std::shared_ptr<Attempt> attempt_;
};

class InprocTransport final : public Transport {
 public:
  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    check_address_name(url);
    auto state = std::make_shared<ListenerState>(url, context, std::move(accepted));
    return std::make_unique<InprocListener>(url.address, std::move(state));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline /*deadline*/,
                                      ConnectHandler connected) override {
    check_address_name(url);
    auto attempt = std::make_shared<Attempt>(url, context, std::move(connected));
    context.loop.post([attempt] { attempt->run(); });
    return std::make_unique<InprocConnecting>(std::move(attempt));
  }
};

}  // namespace

std::shared_ptr<Transport> make_transport() { return std::make_shared<InprocTransport>(); }

}  // namespace vagus::transport::inproc
