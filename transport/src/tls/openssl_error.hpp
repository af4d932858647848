/// What OpenSSL says, as errors that say what to do.
#pragma once

#include <string>

#include <openssl/ssl.h>

#include <vagus/core/error.hpp>
#include <vagus/core/transaction_id.hpp>

namespace vagus::transport::tls {

/// The newest entry of this thread's error queue, which is empty afterwards, for people.
std::string take_openssl_text();

/// Why the peer's certificate is not taken; null if it was, or if none was looked at. `side` is ours. The
/// peer is "it", here and below.
ErrorPtr certificate_error(const SSL* ssl, Side side, const std::string& host);

/// What a failure of the TLS layer means; takes this thread's error queue.
ErrorPtr tls_error(const SSL* ssl, Side side, const std::string& host);

ErrorPtr no_tls_error();

}  // namespace vagus::transport::tls
