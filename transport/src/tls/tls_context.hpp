/// What all connections of one endpoint have in common.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include <vagus/core/transaction_id.hpp>

#include "tls/tls_options.hpp"
#include "tls/verification.hpp"

namespace vagus::transport::tls {

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct FreeConnection {
  void operator()(SSL* connection) const noexcept { SSL_free(connection); }
};
using Connection = std::unique_ptr<SSL, FreeConnection>;

/// Keys, certificates, and what is asked of the peer: TLS 1.3 unless the options say less, no renegotiation,
/// no resumption, and a certificate that is checked. Immutable, and so safe from any thread.
class TlsContext {
 public:
  /// Throws ApiParamError that names the file that is missing, unreadable or not what it should be, or says
  /// what a listener lacks. `url` is for messages.
  static std::shared_ptr<const TlsContext> make(Side side, const TlsOptions& options, const std::string& url);

  /// One more connection; of a head, to `host`, a name or an address, which the certificate has to be for.
  Connection connection(const std::string& host) const;
  Side side() const noexcept { return side_; }

 private:
  TlsContext(Side side, std::string url, const TlsOptions& options);
  [[noreturn]] void refuse(const std::string& what) const;
  void use_authorities(const TlsOptions& options);
  void use_certificate(const std::string& file);
  void use_key(const TlsOptions& options);
  void pin(const std::string& file);

  const Side side_;
  const std::string url_;
  const std::unique_ptr<SSL_CTX, FreeContext> context_;
  Certificate pinned_;
};

}  // namespace vagus::transport::tls
