#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

namespace vagus::testing {

/// Carries messages by way of another transport until it is closed, as the death of a process does it: all at
/// once, whatever still runs. Safe from any thread; its links keep what they need of it.
class ClosableTransport final : public transport::Transport {
 public:
  explicit ClosableTransport(std::shared_ptr<transport::Transport> inner);
  ~ClosableTransport() override;

  /// Frees the addresses, then ends the links: whoever sees his end may listen there. Links that still come
  /// end at once, and nobody is reached. Not from inside of a listener's handler, which it waits for.
  void close();

  std::unique_ptr<transport::Listener> listen(const Url& url, const transport::TransportContext& context,
                                              transport::LinkHandler accepted) override;
  std::unique_ptr<transport::Connecting> connect(const Url& url, const transport::TransportContext& context,
                                                 Deadline deadline,
                                                 transport::ConnectHandler connected) override;
  bool finds_many() const noexcept override { return inner_->finds_many(); }

  class Ends;

 private:
  const std::shared_ptr<transport::Transport> inner_;
  const std::shared_ptr<Ends> ends_;
};

}  // namespace vagus::testing
