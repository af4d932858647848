#pragma once

#include <memory>
#include <string>

#include <vagus/testing/transcript.hpp>
#include <vagus/transport/transport.hpp>

namespace vagus::testing {

/// Carries messages by way of another transport, and has all of them written down.
class RecordingTransport final : public transport::Transport {
 public:
  RecordingTransport(std::shared_ptr<transport::Transport> inner, std::shared_ptr<Transcript::Record> record,
                     std::string name);

  std::unique_ptr<transport::Listener> listen(const Url& url, const transport::TransportContext& context,
                                              transport::LinkHandler accepted) override;
  std::unique_ptr<transport::Connecting> connect(const Url& url, const transport::TransportContext& context,
                                                 Deadline deadline,
                                                 transport::ConnectHandler connected) override;
  bool finds_many() const noexcept override { return inner_->finds_many(); }

 private:
  const std::shared_ptr<transport::Transport> inner_;
  const std::shared_ptr<Transcript::Record> record_;
  const std::string name_;
};

}  // namespace vagus::testing
