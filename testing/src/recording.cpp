#include "recording.hpp"

#include <optional>
#include <utility>

#include "forwarding_link.hpp"
#include "record.hpp"
#include "spoken.hpp"

namespace vagus::testing {

using namespace transport;

namespace {

/// Reads along what is sent and received.
class RecordingLink final : public ForwardingLink {
 public:
  RecordingLink(std::unique_ptr<Link> inner, std::shared_ptr<Transcript::Record> record, std::string name)
      : ForwardingLink(std::move(inner)),
        record_(std::move(record)),
        name_(std::move(name)),
        spoken_(record_->options()) {}
  ~RecordingLink() override { stop(); }

  bool commit(Slot& slot, std::size_t used) override {
    // Before it can be answered.
    record_->add(spoken_, name_, true, slot.bytes.first(used));
    return ForwardingLink::commit(slot, used);
  }
  std::optional<std::span<const std::byte>> try_receive() override {
    const auto message = ForwardingLink::try_receive();
    if (message) record_->add(spoken_, name_, false, *message);
    return message;
  }

 private:
  const std::shared_ptr<Transcript::Record> record_;
  const std::string name_;
  Spoken spoken_;  // the record's lock guards it
};

/// Makes links that are recorded.
class Recorder {
 public:
  Recorder(std::shared_ptr<Transcript::Record> record, std::string name)
      : record_(std::move(record)), name_(std::move(name)) {}

  std::unique_ptr<Link> operator()(std::unique_ptr<Link> link) const {
    return std::make_unique<RecordingLink>(std::move(link), record_, name_);
  }

 private:
  std::shared_ptr<Transcript::Record> record_;
  std::string name_;
};

}  // namespace

RecordingTransport::RecordingTransport(std::shared_ptr<Transport> inner,
                                       std::shared_ptr<Transcript::Record> record, std::string name)
    : inner_(std::move(inner)), record_(std::move(record)), name_(std::move(name)) {}

std::unique_ptr<Listener> RecordingTransport::listen(const Url& url, const TransportContext& context,
                                                     LinkHandler accepted) {
  return inner_->listen(url, context,
                        [recorded = Recorder(record_, name_), accepted = std::move(accepted)](
                            std::unique_ptr<Link> link) { accepted(recorded(std::move(link))); });
}

std::unique_ptr<Connecting> RecordingTransport::connect(const Url& url, const TransportContext& context,
                                                        Deadline deadline, ConnectHandler connected) {
  auto wrapped = [recorded = Recorder(record_, name_),
                  connected = std::move(connected)](Result<std::unique_ptr<Link>> link) {
    if (!link) return connected(std::move(link));
    connected(recorded(std::move(link).value()));
  };
  return inner_->connect(url, context, deadline, std::move(wrapped));
}

}  // namespace vagus::testing
