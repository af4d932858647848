/// A transport that fails on purpose, for tests of what an application does then.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <vagus/core/deadline.hpp>
#include <vagus/transport/transport.hpp>

namespace vagus::testing {

/// What goes wrong, and how often: each rate is a share of the messages, from 0 to 1, of `refuse` a share of
/// the attempts to connect. A plain value; without any rate nothing goes wrong. Delays are of what this side
/// receives, all else of what it sends.
struct Faults {
  /// The same seed gives the same fault to the same message of the same link, and to the same attempt to
  /// connect: each has its number, and nothing else counts.
  std::uint64_t seed = 0;

  double hang_up = 0;   ///< the link ends after the message, which is sent
  double cut = 0;       ///< the link ends in the midst of the message, which never arrives
  double truncate = 0;  ///< the end of the message is missing: to its receiver it is no message; over unix,
                        ///< tcp and tls, the link ends there
  double garble = 0;    ///< one to four bytes of the message have other values
  double delay = 0;     ///< the message waits for up to `longest_delay`, and those behind it for that one
  double refuse = 0;    ///< the attempt ends in TransportDisconnectedError

  Duration longest_delay = std::chrono::milliseconds(2);
};

/// Carries messages by way of another transport, and does to them what its Faults say:
///
///     const auto faulty = vagus::testing::make_faulty("inproc", {.seed = 7, .hang_up = 0.1});
///     vagus::ApiArb head{vagus::testing::through(faulty, vagus::connect(url))};
///
/// What is wrong with a message is decided where it is sent, and how late it is where it is received: where
/// only one end of a link uses this transport, what that one sends is faulty, and what it receives is late.
/// Delays of several messages in a row add up.
///
/// What remains sure, since the links themselves keep to their contract in everything else:
///
/// - without `garble`, each call ends in the right value or in an error of the link
///   (TransportDisconnectedError, ProtocolError) or of the call (TransactionTimeout, OverloadedError), and no
///   handler runs twice for it;
/// - with `garble`, each call ends by its deadline. Its value may be any value of its type and its error any
///   error, since what a message says may be anything, the id of the call that it answers included. What the
///   peers have told each other of themselves may be wrong, too, until the link is made anew: cut_all();
/// - callbacks run once, nothing hangs, and after set() without any rate a new link is as good as ever.
///
/// All functions are safe from any thread. Links keep what they need of it.
class FaultyTransport final : public transport::Transport {
 public:
  /// By way of `inner`, whose scheme this is. URLs may name that, or `faulty+` and that.
  FaultyTransport(std::string_view scheme, std::shared_ptr<transport::Transport> inner, const Faults& faults);
  ~FaultyTransport() override;

  /// Its own one, such as `faulty+shm`.
  const std::string& scheme() const noexcept { return scheme_; }

  /// What goes wrong from now on, on the links that there are too.
  void set(const Faults& faults);
  /// Ends all links, as `hang_up` does.
  void cut_all();
  /// So many things went wrong so far, delays not counted.
  std::uint64_t done() const;

  std::unique_ptr<transport::Listener> listen(const Url& url, const transport::TransportContext& context,
                                              transport::LinkHandler accepted) override;
  std::unique_ptr<transport::Connecting> connect(const Url& url, const transport::TransportContext& context,
                                                 Deadline deadline,
                                                 transport::ConnectHandler connected) override;
  bool finds_many() const noexcept override { return inner_->finds_many(); }

  class Script;

 private:
  Url inner_url(const Url& url) const;

  const std::string scheme_;
  const std::shared_ptr<transport::Transport> inner_;
  const std::shared_ptr<Script> script_;
};

/// By way of what was compiled in for this scheme, say `shm`; see through(). Throws ApiParamError if that is
/// nothing.
std::shared_ptr<FaultyTransport> make_faulty(std::string_view scheme, const Faults& faults);

/// Puts a transport into the registry that does by way of `scheme`, say `shm`, what the faults say; its own
/// is `faulty+shm`, for URLs that come from elsewhere.
std::shared_ptr<FaultyTransport> add_faulty(transport::TransportRegistry& registry, std::string_view scheme,
                                            const Faults& faults);

}  // namespace vagus::testing
