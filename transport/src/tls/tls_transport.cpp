#include "tls/tls_transport.hpp"

#include <string>
#include <utility>

#include "tcp/endpoint.hpp"
#include "tcp/tcp_kind.hpp"
#include "tls/tls_context.hpp"
#include "tls/tls_options.hpp"
#include "tls/tls_stream.hpp"

namespace vagus::transport::tls {

namespace {

class TlsKind final : public stream::StreamKind {
 public:
  TlsKind(std::shared_ptr<const TlsContext> context, std::string host)
      : context_(std::move(context)), host_(std::move(host)), below_(tcp::make_kind()) {}

  std::unique_ptr<stream::ByteStream> accepted(posix::FileDescriptor socket) const override {
    return std::make_unique<TlsStream>(context_, below_->accepted(std::move(socket)), host_);
  }
  std::unique_ptr<stream::ByteStream> connected(posix::FileDescriptor socket) const override {
    return std::make_unique<TlsStream>(context_, below_->connected(std::move(socket)), host_);
  }

 private:
  const std::shared_ptr<const TlsContext> context_;
  const std::string host_;
  const std::unique_ptr<const stream::StreamKind> below_;
};

stream::StreamOptions parse_options(const Url& url) {
  return stream::parse_stream_options(
      url, {"insecure", "ca", "certificate", "key", "pinned", "client_certificate", "minimum_version"});
}

class TlsTransport final : public Transport {
 public:
  std::unique_ptr<Listener> listen(const Url& url, const TransportContext& context,
                                   LinkHandler accepted) override {
    const stream::StreamOptions options = parse_options(url);
    const TlsOptions tls = parse_tls_options(url);
    auto keys = TlsContext::make(Side::body, tls, url.to_string());
    const bool asks_who = tls.client_certificate == ClientCertificate::required || context.logins_demanded;
    return tcp::listen(url, context, options, std::make_unique<TlsKind>(std::move(keys), ""),
                       {.allowed = asks_who || tcp::parse_insecure(url),
                        .lack = "this listener does not ask who connects",
                        .remedy = "have heads log in (ArbOptions::users) or show certificates "
                                  "(?client_certificate=required&ca=FILE)"},
                       std::move(accepted));
  }

  std::unique_ptr<Connecting> connect(const Url& url, const TransportContext& context, Deadline deadline,
                                      ConnectHandler connected) override {
    const stream::StreamOptions options = parse_options(url);
    const std::string host = tcp::parse_host_port(url).host;
    // Each attempt reads the files anew: what was renewed meanwhile is what counts.
    auto keys = TlsContext::make(Side::head, parse_tls_options(url), url.to_string());
    return tcp::connect(url, context, options, std::make_unique<TlsKind>(std::move(keys), host),
                        stream::Greeting::call, deadline, std::move(connected));
  }
};

}  // namespace

std::shared_ptr<Transport> make_transport() { return std::make_shared<TlsTransport>(); }

}  // namespace vagus::transport::tls
