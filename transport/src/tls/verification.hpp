/// Which certificate was at fault.
#pragma once

#include <memory>

#include <openssl/ssl.h>

#include <vagus/core/transaction_id.hpp>

namespace vagus::transport::tls {

struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

/// Why a peer's certificates were not taken. OpenSSL itself forgets the certificate then.
struct Blame {
  int error = X509_V_OK;    ///< X509_V_ERR_...
  int depth = 0;            ///< 0: the peer's own; above: of its authorities
  Certificate certificate;  ///< at fault
};

/// Checks the chain of certificates that a peer shows: against `pinned`, or if that is null by OpenSSL's own
/// rules. A head's has to have a name, which permissions go by; `side` is ours. Returns what
/// SSL_CTX_set_cert_verify_callback() wants.
int verify(X509_STORE_CTX* chain, const X509* pinned, Side side);

/// Null if the peer's certificate was taken, or none was looked at.
const Blame* blame_of(const SSL* ssl) noexcept;

}  // namespace vagus::transport::tls
