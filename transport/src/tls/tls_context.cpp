#include "tls/tls_context.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <vagus/core/error.hpp>

#include "posix/file_descriptor.hpp"
#include "tls/openssl_error.hpp"

namespace vagus::transport::tls {

namespace {

std::unique_ptr<SSL_CTX, FreeContext> new_context(Side side) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, FreeContext> context(
      SSL_CTX_new(side == Side::head ? TLS_client_method() : TLS_server_method()));
  if (!context) throw std::runtime_error("OpenSSL could not be set up: " + take_openssl_text());
  return context;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace

TlsContext::TlsContext(Side side, std::string url, const TlsOptions& options)
    : side_(side), url_(std::move(url)), context_(new_context(side)) {
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, options.takes_tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // One system call brings a record and its header, and what follows.
  SSL_CTX_set_read_ahead(context, 1);
  // Heads never resume: each connection is checked anew.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}

std::shared_ptr<const TlsContext> TlsContext::make(Side side, const TlsOptions& options,
                                                   const std::string& url) {
  const std::shared_ptr<TlsContext> made(new TlsContext(side, url, options));
  if (side == Side::body && options.certificate.empty()) {
    made->refuse("a listener of tls:// needs a certificate and its key: ?certificate=FILE&key=FILE");
  }
  if (!options.certificate.empty()) {
    made->use_certificate(options.certificate);
    made->use_key(options);
  }
  made->use_authorities(options);
  if (side == Side::head && !options.pinned.empty()) made->pin(options.pinned);
  return made;
}

void TlsContext::refuse(const std::string& what) const {
  ERR_clear_error();
  throw ApiParamError(url_ + ": " + what);
}

void TlsContext::use_certificate(const std::string& file) {
  if (::access(file.c_str(), R_OK) != 0) refuse("cannot read " + file + ": " + std::strerror(errno));
  if (SSL_CTX_use_certificate_chain_file(context_.get(), file.c_str()) != 1) {
    refuse(file + " has no certificate in PEM form: " + take_openssl_text());
  }
}

void TlsContext::use_key(const TlsOptions& options) {
  const std::string& file = options.key;
  const posix::FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!opened || ::fstat(opened.get(), &status) != 0) {
    refuse("cannot read " + file + ": " + std::strerror(errno));
  }
  if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    refuse("everybody on this machine can read or change the private key in " + file +
           ", so it is not taken: chmod o-rwx " + file + ", and if that was not meant, make a new key");
  }
  const std::unique_ptr<BIO, int (*)(BIO*)> source(BIO_new_fd(opened.get(), BIO_NOCLOSE), BIO_free);
  bool is_encrypted = false;
  // Nobody is there to be asked for a passphrase.
  const auto ask = [](char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
  };
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      source ? PEM_read_bio_PrivateKey(source.get(), nullptr, ask, &is_encrypted) : nullptr, EVP_PKEY_free);
  if (is_encrypted) {
    refuse("the private key in " + file +
           " is encrypted, and nobody is there to be asked for its passphrase: \"openssl pkey -in " + file +
           " -out FILE\" stores it without");
  }
  if (!key) refuse(file + " has no private key in PEM form: " + take_openssl_text());
  if (SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context_.get()) != 1) {
    refuse(file + " is not the key of the certificate in " + options.certificate);
  }
}

void TlsContext::use_authorities(const TlsOptions& options) {
  if (side_ == Side::body && options.client_certificate == ClientCertificate::no) return;
  SSL_CTX_set_cert_verify_callback(
      context_.get(),
      [](X509_STORE_CTX* chain, void* self) {
        const auto& context = *static_cast<const TlsContext*>(self);
        return verify(chain, context.pinned_.get(), context.side_);
      },
      this);
  if (options.ca.empty()) {
    if (SSL_CTX_set_default_verify_paths(context_.get()) != 1) {
      refuse("the system's certificate authorities cannot be used: " + take_openssl_text());
    }
  } else {
    struct stat status {};
    if (::stat(options.ca.c_str(), &status) != 0)
      refuse("cannot read " + options.ca + ": " + std::strerror(errno));
    const bool folder = S_ISDIR(status.st_mode);
    const bool used = folder ? SSL_CTX_load_verify_dir(context_.get(), options.ca.c_str()) == 1
                             : SSL_CTX_load_verify_file(context_.get(), options.ca.c_str()) == 1;
    if (!used) refuse(options.ca + " has no certificates in PEM form: " + take_openssl_text());
  }
  int mode = SSL_VERIFY_PEER;
  if (options.client_certificate == ClientCertificate::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context_.get(), mode, nullptr);
}

void TlsContext::pin(const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> source(BIO_new_file(file.c_str(), "r"), BIO_free);
  if (!source) refuse("cannot read " + file + ": " + take_openssl_text());
  pinned_.reset(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
  if (!pinned_) refuse(file + " is no certificate in PEM form: " + take_openssl_text());
}

Connection TlsContext::connection(const std::string& host) const {
  ERR_clear_error();
  Connection made(SSL_new(context_.get()));
  if (!made) throw std::runtime_error("OpenSSL has no memory for a connection");
  if (side_ == Side::body) {
    SSL_set_accept_state(made.get());
    return made;
  }
  SSL_set_connect_state(made.get());
  if (is_address(host)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(made.get()), host.c_str()) != 1) {
      refuse("\"" + host + "\" is no address");
    }
    return made;
  }
  SSL_set_hostflags(made.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  // What SSL_set_tlsext_host_name() is; as a macro it does not compile without a warning.
  const long named = SSL_ctrl(made.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                              const_cast<char*>(host.c_str()));
  if (named != 1 || SSL_set1_host(made.get(), host.c_str()) != 1) {
    refuse("\"" + host + "\" is no name of a host");
  }
  return made;
}

}  // namespace vagus::transport::tls
