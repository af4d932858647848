#include "tls/certificate_text.hpp"

#include <arpa/inet.h>

#include <array>
#include <memory>

#include <openssl/bio.h>
#include <openssl/x509v3.h>

namespace vagus::transport::tls {

namespace {

constexpr std::size_t longest_shown = 200;

std::string as_text(const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, string);
  if (size < 0) return {};
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(
      utf8, [](unsigned char* bytes) { OPENSSL_free(bytes); });
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  return text.find('\0') == std::string::npos ? text : std::string();
}

std::string common_name(const X509_NAME* subject) {
  const int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0) return {};
  return as_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)));
}

std::string one_line(const X509_NAME* name) {
  const std::unique_ptr<BIO, int (*)(BIO*)> memory(BIO_new(BIO_s_mem()), BIO_free);
  if (!memory || X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return {};
  std::array<char, longest_shown> text{};
  const int size = BIO_read(memory.get(), text.data(), static_cast<int>(text.size()));
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* const bytes = ASN1_STRING_get0_data(address);
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(family, bytes, text.data(), text.size()) != nullptr ? text.data() : "";
}

/// Calls with each name of kind GEN_DNS or GEN_IPADD.
template <typename Found>
void each_host(X509* certificate, const Found& found) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type == GEN_DNS) found(as_text(static_cast<const ASN1_STRING*>(value)), true);
    if (type == GEN_IPADD) found(address_text(static_cast<const ASN1_OCTET_STRING*>(value)), false);
  }
}

}  // namespace

std::string name_of(X509* certificate) {
  std::string name = common_name(X509_get_subject_name(certificate));
  if (!name.empty()) return name;
  if (X509_NAME_get_index_by_NID(X509_get_subject_name(certificate), NID_commonName, -1) >= 0) return {};
  each_host(certificate, [&](const std::string& host, bool is_name) {
    if (is_name && name.empty()) name = host;
  });
  return name;
}

std::string subject_of(const X509* certificate) { return one_line(X509_get_subject_name(certificate)); }

std::string issuer_of(const X509* certificate) { return one_line(X509_get_issuer_name(certificate)); }

std::string hosts_of(X509* certificate) {
  std::string hosts;
  each_host(certificate, [&](const std::string& host, bool) {
    if (hosts.size() < longest_shown) hosts += (hosts.empty() ? "" : ", ") + host;
  });
  return hosts;
}

std::string time_text(const ASN1_TIME* time) {
  const std::unique_ptr<BIO, int (*)(BIO*)> memory(BIO_new(BIO_s_mem()), BIO_free);
  if (!memory || ASN1_TIME_print(memory.get(), time) != 1) return "an unknown time";
  std::array<char, 64> text{};
  const int size = BIO_read(memory.get(), text.data(), static_cast<int>(text.size()));
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "an unknown time";
}

}  // namespace vagus::transport::tls
