#include "tls/openssl_error.hpp"

#include <array>

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "tls/certificate_text.hpp"
#include "tls/verification.hpp"

namespace vagus::transport::tls {

namespace {

/// What an alert of the peer says of our certificate, or of us; null: nothing of the kind.
const char* alert_meaning(int reason) noexcept {
  switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return "it wants a certificate of this side, and got none: ?certificate=FILE&key=FILE";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return "it breaks the handshake off, maybe since it wants a certificate of this side: "
             "?certificate=FILE&key=FILE";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return "it does not know the authority that has issued the certificate of this side";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return "it says that the certificate of this side has expired, or is not valid yet";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
      return "it says that the certificate of this side was revoked";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
      return "it does not take the certificate of this side";
    default:
      return nullptr;
  }
}

bool is_no_tls(int reason) noexcept {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
         reason == SSL_R_HTTPS_PROXY_REQUEST || reason == SSL_R_BAD_RECORD_TYPE ||
         reason == SSL_R_UNKNOWN_PROTOCOL || reason == SSL_R_SSLV3_ALERT_UNEXPECTED_MESSAGE ||
         reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

bool is_old_tls(int reason) noexcept {
  return reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION ||
         reason == SSL_R_VERSION_TOO_LOW || reason == SSL_R_NO_SHARED_CIPHER;
}

std::string verification_text(const Blame& blame, Side side, const std::string& host) {
  X509* const certificate = blame.certificate.get();
  switch (blame.error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "has expired, on " + time_text(X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "is not valid before " + time_text(X509_get0_notBefore(certificate));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return std::string(
                 "is self-signed, or of an authority that is, which this side does not know: name the "
                 "authority with ?ca=FILE") +
             (side == Side::head ? ", or this very certificate with ?pinned=FILE" : "");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return hosts_of(certificate).empty() ? "names no host as its subjectAltName, and has to name " + host
                                           : "is for " + hosts_of(certificate) + " and not for " + host;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "was issued by an authority that this side does not know, " + issuer_of(certificate) +
             ": name it with ?ca=FILE";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "was not issued by the authority of this name that this side knows, " + issuer_of(certificate) +
             ": is ?ca=FILE an old one?";
    case X509_V_ERR_CERT_REJECTED:
      return side == Side::head ? "is not the pinned one" : "has no name: one common name, or a DNS name";
    default:
      return std::string("is not taken: ") + X509_verify_cert_error_string(blame.error);
  }
}

}  // namespace

std::string take_openssl_text() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "OpenSSL gives no reason";
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  if (const char* const reason = ERR_reason_error_string(code)) return reason;
  return text.data();
}

ErrorPtr certificate_error(const SSL* ssl, Side side, const std::string& host) {
  const Blame* const blame = blame_of(ssl);
  if (blame == nullptr) return nullptr;
  const std::string which =
      blame->depth == 0 ? "its certificate "
                        : "the certificate of its authority, " + subject_of(blame->certificate.get()) + ", ";
  return make_error<PermissionDeniedError>(which + verification_text(*blame, side, host));
}

ErrorPtr no_tls_error() {
  return make_error<ProtocolError>("it does not speak TLS; is it tcp:// at that end?");
}

ErrorPtr tls_error(const SSL* ssl, Side side, const std::string& host) {
  const int reason = ERR_GET_REASON(ERR_peek_error());
  if (ErrorPtr wrong = certificate_error(ssl, side, host)) {
    ERR_clear_error();
    return wrong;
  }
  const std::string text = take_openssl_text();
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return make_error<PermissionDeniedError>(
        "it shows no certificate, and has to (?client_certificate=required)");
  }
  if (const char* const meaning = alert_meaning(reason); meaning != nullptr) {
    return make_error<PermissionDeniedError>(meaning);
  }
  if (is_no_tls(reason)) return no_tls_error();
  if (is_old_tls(reason)) {
    return make_error<ProtocolError>(
        "it and this side have no version of TLS in common, which has to be 1.3 unless both say "
        "?minimum_version=1.2: " +
        text);
  }
  return make_error<ProtocolError>("TLS failed: " + text);
}

}  // namespace vagus::transport::tls
