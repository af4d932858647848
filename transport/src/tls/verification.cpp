#include "tls/verification.hpp"

#include <openssl/x509_vfy.h>

#include "tls/certificate_text.hpp"

namespace vagus::transport::tls {

namespace {

/// Where OpenSSL keeps the blame of a connection, and frees it with that.
int blame_index() {
  static const int index = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* blame, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Blame*>(blame); });
  return index;
}

void keep_blame(X509_STORE_CTX* chain) {
  auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  X509* fault = X509_STORE_CTX_get_current_cert(chain);
  if (fault == nullptr) fault = X509_STORE_CTX_get0_cert(chain);
  if (ssl == nullptr || fault == nullptr || blame_of(ssl) != nullptr) return;
  X509_up_ref(fault);
  auto blame = std::make_unique<Blame>(Blame{.error = X509_STORE_CTX_get_error(chain),
                                             .depth = X509_STORE_CTX_get_error_depth(chain),
                                             .certificate = Certificate(fault)});
  if (SSL_set_ex_data(ssl, blame_index(), blame.get()) == 1) static_cast<void>(blame.release());
}

/// In the place of authorities and host names: is it this one, and valid now?
bool check_pinned(X509_STORE_CTX* chain, const X509* pinned) {
  const X509* const shown = X509_STORE_CTX_get0_cert(chain);
  int problem = X509_V_OK;
  if (X509_cmp(shown, pinned) != 0) {
    problem = X509_V_ERR_CERT_REJECTED;
  } else if (X509_cmp_current_time(X509_get0_notAfter(shown)) <= 0) {
    problem = X509_V_ERR_CERT_HAS_EXPIRED;
  } else if (X509_cmp_current_time(X509_get0_notBefore(shown)) >= 0) {
    problem = X509_V_ERR_CERT_NOT_YET_VALID;
  }
  X509_STORE_CTX_set_error(chain, problem);
  return problem == X509_V_OK;
}

bool check_name(X509_STORE_CTX* chain) {
  if (!name_of(X509_STORE_CTX_get0_cert(chain)).empty()) return true;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return false;
}

}  // namespace

int verify(X509_STORE_CTX* chain, const X509* pinned, Side side) {
  bool taken = pinned != nullptr ? check_pinned(chain, pinned) : X509_verify_cert(chain) == 1;
  if (taken && side == Side::body) taken = check_name(chain);
  if (!taken) keep_blame(chain);
  return taken ? 1 : 0;
}

const Blame* blame_of(const SSL* ssl) noexcept {
  return static_cast<const Blame*>(SSL_get_ex_data(ssl, blame_index()));
}

}  // namespace vagus::transport::tls
