#include <utility>

#include <vagus/testing/faulty_transport.hpp>

#include "faulty_link.hpp"
#include "faulty_script.hpp"
#include "refused.hpp"

namespace vagus::testing {

using namespace transport;

namespace {

/// Of the scheme of what is faulty.
constexpr std::string_view own_prefix = "faulty+";

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
  FaultRandom random = Script::random_for(faults, 0, script_->next_attempt());
  if (share(random) < faults.refuse) {
    script_->count();
    return std::make_unique<Refused>(
        context.loop,
        make_error<TransportDisconnectedError>("a faulty transport refuses to connect to " + url.to_string()),
        std::move(connected));
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
