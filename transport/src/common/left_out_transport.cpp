#include "common/left_out_transport.hpp"

#include <utility>

#include <vagus/core/error.hpp>

namespace vagus::transport {

namespace {

class LeftOutTransport final : public Transport {
 public:
  explicit LeftOutTransport(std::string library) : library_(std::move(library)) {}

  std::unique_ptr<Listener> listen(const Url& url, const TransportContext&, LinkHandler) override {
    refuse(url);
  }
  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext&, Deadline,
                                      ConnectHandler) override {
    refuse(url);
  }

 private:
  [[noreturn]] void refuse(const Url& url) const {
    throw ApiParamError(url.to_string() + ": this Vagus has no " + url.scheme +
                        "://, since it was built without " + library_);
  }

  const std::string library_;
};

}  // namespace

std::shared_ptr<Transport> make_left_out_transport(std::string library) {
  return std::make_shared<LeftOutTransport>(std::move(library));
}

}  // namespace vagus::transport
