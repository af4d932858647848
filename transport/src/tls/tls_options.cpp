#include "tls/tls_options.hpp"

#include <vagus/core/error.hpp>

namespace vagus::transport::tls {

namespace {

[[noreturn]] void refuse(const Url& url, const std::string& what) {
  throw ApiParamError(url.to_string() + ": " + what);
}

std::string path_of(const Url& url, const char* name) {
  const auto found = url.options.find(name);
  if (found == url.options.end()) return {};
  if (found->second.empty()) refuse(url, std::string(name) + "= names no file");
  return found->second;
}

ClientCertificate client_certificate_of(const Url& url) {
  const auto found = url.options.find("client_certificate");
  if (found == url.options.end() || found->second == "no") return ClientCertificate::no;
  if (found->second == "optional") return ClientCertificate::optional;
  if (found->second == "required") return ClientCertificate::required;
  refuse(url, "client_certificate=" + found->second + " is none of required, optional and no");
}

bool takes_tls_1_2(const Url& url) {
  const auto found = url.options.find("minimum_version");
  if (found == url.options.end() || found->second == "1.3") return false;
  if (found->second == "1.2") return true;
  refuse(url, "minimum_version=" + found->second + " is neither 1.3 nor 1.2");
}

}  // namespace

TlsOptions parse_tls_options(const Url& url) {
  TlsOptions options{path_of(url, "ca"),     path_of(url, "certificate"), path_of(url, "key"),
                     path_of(url, "pinned"), client_certificate_of(url),  takes_tls_1_2(url)};
  if (!options.key.empty() && options.certificate.empty())
    refuse(url, "key= needs the certificate= that it is of");
  if (options.key.empty()) options.key = options.certificate;
  if (options.client_certificate != ClientCertificate::no && options.ca.empty()) {
    refuse(url, "client_certificate= needs ca=, the authority whose certificates heads may show");
  }
  return options;
}

}  // namespace vagus::transport::tls
