/// One way to carry messages, and the table of all of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/log.hpp>
#include <vagus/transport/link.hpp>
#include <vagus/transport/url.hpp>
#include <vagus/wire/limits.hpp>

namespace vagus::transport {

/// What a transport needs from whoever uses it. Everything referred to outlives what was made with it.
struct TransportContext {
  EventLoop& loop;
  Log& log;
  wire::Hello hello;             ///< what to tell the peer of ourselves
  wire::Limits limits;           ///< what to accept from it
  std::size_t max_links = 4096;  ///< of one listener; further peers are turned away with a log line
  bool logins_demanded = false;  ///< whoever uses the links lets no peer do anything before it has logged in
};

/// Takes a link that has come about; its hello is done, start() is the receiver's. Called on threads of the
/// loop, on several at once when several peers come.
using LinkHandler = std::function<void(std::unique_ptr<Link>)>;
/// Takes the link, or why there is none.
using ConnectHandler = std::function<void(Result<std::unique_ptr<Link>>)>;

/// Accepts links for as long as it lives. Destroyed (not from inside its handler), the handler is not running
/// and is not called again; the address is free for the next.
class Listener {
 public:
  virtual ~Listener() = default;
  /// The URL under which it can be reached.
  virtual std::string url() const = 0;
};

/// One attempt to connect. Destroyed before its handler was called, the handler is never called; the same
/// rules as for Listener.
class Connecting {
 public:
  virtual ~Connecting() = default;
};

/// Makes links of one kind. All functions are safe from any thread.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Starts to listen. Throws ApiParamError for a bad address or an unknown option, PermissionDeniedError, or
  /// TransportDisconnectedError that says that the address is taken, by whom if known.
  virtual std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                           LinkHandler accepted) = 0;

  /// Tries once. `connected` is called exactly once, on a thread of the loop, never inside this call: nobody
  /// there is TransportDisconnectedError, a peer that does not finish its hello in time
  /// ConnectionTimeoutError, one that speaks something else ProtocolError, a foreign one
  /// PermissionDeniedError. Throws ApiParamError for a bad address.
  virtual std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context,
                                              Deadline deadline, ConnectHandler connected) = 0;

  /// Does connecting lead to any number of peers, which come and go, rather than to one? Then it is done by
  /// listen(), with a context whose hello has the role of a head, and connect() is not called.
  virtual bool finds_many() const noexcept { return false; }
};

/// Schemes and their transports: a value that can be extended, not a global.
class TransportRegistry {
 public:
  /// With all transports that were compiled in.
  static TransportRegistry builtin();

  /// Adds one, or puts it in the place of the former one of that scheme.
  void add(std::string scheme, std::shared_ptr<Transport> transport);

  /// Throws ApiParamError that lists the schemes there are.
  std::shared_ptr<Transport> find(std::string_view scheme) const;

  std::vector<std::string> schemes() const;

 private:
  std::map<std::string, std::shared_ptr<Transport>, std::less<>> transports_;
};

}  // namespace vagus::transport
