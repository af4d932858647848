#include "recording.hpp"

#include <optional>
#include <utility>

#include "record.hpp"
#include "spoken.hpp"

namespace vagus::testing {

using namespace transport;

namespace {

/// Reads along what is sent and received, and leaves all else to the link inside.
class RecordingLink final : public Link {
 public:
  RecordingLink(std::unique_ptr<Link> inner, std::shared_ptr<Transcript::Record> record, std::string name)
      : inner_(std::move(inner)),
        record_(std::move(record)),
        name_(std::move(name)),
        spoken_(record_->options()) {}
  ~RecordingLink() override { RecordingLink::stop(); }
  RecordingLink(const RecordingLink&) = delete;
  RecordingLink& operator=(const RecordingLink&) = delete;

  const LinkTraits& traits() const noexcept override { return inner_->traits(); }
  const wire::Hello& peer_hello() const noexcept override { return inner_->peer_hello(); }
  Credentials peer_credentials() const noexcept override { return inner_->peer_credentials(); }
  std::size_t max_message_size() const noexcept override { return inner_->max_message_size(); }
  void start(LinkObserver& observer) override { inner_->start(observer); }

  const void* lender() const noexcept override { return inner_->lender(); }
  std::shared_ptr<wire::Block> borrow(std::size_t size) override { return inner_->borrow(size); }

  // Sending -----------------------------------------------------------------------------------------

  using Link::try_claim;
  ClaimStatus try_claim(std::size_t size, Slot& slot, Blocks blocks) override {
    return inner_->try_claim(size, slot, blocks);
  }
  bool commit(Slot& slot, std::size_t used) override {
    // Before it can be answered.
    record_->add(spoken_, name_, true, slot.bytes.first(used));
    return inner_->commit(slot, used);
  }
  bool push(Slot& slot) override { return inner_->push(slot); }
  void abandon(Slot& slot) noexcept override { inner_->abandon(slot); }
  void wait_writable(Deadline deadline) override { inner_->wait_writable(deadline); }
  bool arm_writable() override { return inner_->arm_writable(); }

  // Receiving ---------------------------------------------------------------------------------------

  std::optional<std::span<const std::byte>> try_receive() override {
    const auto message = inner_->try_receive();
    if (message) record_->add(spoken_, name_, false, *message);
    return message;
  }
  wire::ReceivedBlock attached(std::uint32_t place) override { return inner_->attached(place); }
  std::shared_ptr<const void> keep() override { return inner_->keep(); }
  void release() override { inner_->release(); }
  void disarm() override { inner_->disarm(); }
  void wait_readable(Deadline deadline, bool or_writable) override {
    inner_->wait_readable(deadline, or_writable);
  }
  bool arm() override { return inner_->arm(); }

  // -------------------------------------------------------------------------------------------------

  void interrupt() noexcept override { inner_->interrupt(); }
  void close(const ErrorPtr& reason) noexcept override { inner_->close(reason); }
  void stop() noexcept override { inner_->stop(); }

 private:
  const std::unique_ptr<Link> inner_;
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
