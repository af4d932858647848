/// What stands in certificates, for people and for permissions.
#pragma once

#include <string>

#include <openssl/x509.h>

namespace vagus::transport::tls {

/// Whom it is for: the common name of its subject, or else the first DNS name. Empty if it has none, more
/// than one common name, or one with a NUL in it.
std::string name_of(X509* certificate);
/// Who has issued it, in one line.
std::string issuer_of(const X509* certificate);
/// Whom it is for, in one line.
std::string subject_of(const X509* certificate);
/// All hosts and addresses that it is for, for messages.
std::string hosts_of(X509* certificate);
/// When it begins or ends to be valid.
std::string time_text(const ASN1_TIME* time);

}  // namespace vagus::transport::tls
