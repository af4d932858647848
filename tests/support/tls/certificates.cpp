#include "support/tls/certificates.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

namespace vagus::testing {

namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("the test cannot make a certificate: ") + what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

/// Not signed yet.
Certificate blank(EVP_PKEY* key, const CertificateOptions& options) {
  Certificate certificate(X509_new());
  std::uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "serial");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_until_s);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("Vagus tests"), -1, -1, 0);
  if (!options.name.empty()) {
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1, 0);
  }
  return certificate;
}

void save(const std::string& path, const X509* certificate) {
  const File file(std::fopen(path.c_str(), "w"));
  check(file && PEM_write_X509(file.get(), certificate) == 1, path.c_str());
}

void save(const std::string& path, const EVP_PKEY* key) {
  const File file(std::fopen(path.c_str(), "w"));
  check(file && PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
        path.c_str());
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
}

void add_hosts(X509* certificate, X509* issuer, const CertificateOptions& options) {
  std::string hosts;
  for (const std::string& host : options.hosts) hosts += (hosts.empty() ? "" : ",") + host;
  if (!hosts.empty()) add_extension(certificate, issuer, NID_subject_alt_name, hosts);
}

}  // namespace

struct CertificateAuthority::Own {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate;
};

CertificateAuthority::CertificateAuthority(const std::string& name) : own_(std::make_unique<Own>()) {
  std::string path = std::filesystem::temp_directory_path() / "vagus-certificates-XXXXXX";
  check(::mkdtemp(path.data()) != nullptr, "folder");
  folder_ = path;
  own_->certificate = blank(own_->key.get(), {.name = name, .hosts = {}});
  X509* const certificate = own_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  check(X509_sign(certificate, own_->key.get(), EVP_sha256()) > 0, "signature");
  file_ = next_path("authority");
  save(file_, certificate);
}

CertificateAuthority::~CertificateAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string CertificateAuthority::next_path(const char* kind) {
  return folder_ + "/" + std::to_string(++files_) + "-" + kind + ".pem";
}

std::string CertificateAuthority::folder() {
  std::string path = next_path("authorities");
  std::filesystem::create_directory(path);
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "%08lx.0", X509_subject_name_hash(own_->certificate.get()));
  std::filesystem::create_symlink(file_, path + "/" + name.data());
  return path;
}

CertificateAuthority::Files CertificateAuthority::issue(const CertificateOptions& options) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = blank(key.get(), options);
  X509* const authority = own_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(authority));
  add_hosts(certificate.get(), authority, options);
  check(X509_sign(certificate.get(), own_->key.get(), EVP_sha256()) > 0, "signature");
  Files files{next_path("certificate"), next_path("key")};
  save(files.certificate, certificate.get());
  save(files.key, key.get());
  return files;
}

CertificateAuthority::Files CertificateAuthority::self_signed(const CertificateOptions& options) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = blank(key.get(), options);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_hosts(certificate.get(), certificate.get(), options);
  check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "signature");
  Files files{next_path("certificate"), next_path("key")};
  save(files.certificate, certificate.get());
  save(files.key, key.get());
  return files;
}

std::string CertificateAuthority::encrypted(const std::string& key) {
  const File plain(std::fopen(key.c_str(), "r"));
  const Key read(plain ? PEM_read_PrivateKey(plain.get(), nullptr, nullptr, nullptr) : nullptr);
  check(read != nullptr, key.c_str());
  std::string path = write("");
  const File file(std::fopen(path.c_str(), "w"));
  const unsigned char passphrase[] = "open sesame";
  check(file && PEM_write_PrivateKey(file.get(), read.get(), EVP_aes_128_cbc(), passphrase,
                                     sizeof passphrase - 1, nullptr, nullptr) == 1,
        path.c_str());
  return path;
}

std::string CertificateAuthority::joined(const Files& files) {
  std::ostringstream both;
  for (const std::string& file : {files.certificate, files.key}) both << std::ifstream(file).rdbuf();
  return write(both.str());
}

std::string CertificateAuthority::write(const std::string& text) {
  const std::string path = next_path("text");
  std::ofstream(path) << text;
  std::filesystem::permissions(path,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path;
}

}  // namespace vagus::testing
