/// What a URL says of TLS.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/transport/url.hpp>

namespace vagus::transport::tls {

enum class ClientCertificate : std::uint8_t { no, optional, required };

/// Paths are as they were given; empty: not given.
struct TlsOptions {
  std::string ca = {};  ///< a file of certificates in PEM form, or a folder of them named by their hashes
  std::string certificate = {};  ///< a file in PEM form: this side's, then those between it and the authority
  std::string key = {};          ///< a file in PEM form; that of the certificate if not given
  std::string pinned = {};       ///< a file in PEM form: the very certificate that a body has to show
  ClientCertificate client_certificate = ClientCertificate::no;
  bool takes_tls_1_2 = false;  ///< as well as 1.3
};

/// Throws ApiParamError for a value that is none, and for options that only make sense together. Options of
/// others are not looked at.
TlsOptions parse_tls_options(const Url& url);

}  // namespace vagus::transport::tls
