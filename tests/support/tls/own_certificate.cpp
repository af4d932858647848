#include "support/tls/own_certificate.hpp"

#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

#include "support/own_address.hpp"
#include "support/tls/certificates.hpp"

namespace vagus::testing {

namespace {

/// Before the first test: what a test makes itself it has to clear away.
class OwnCertificate final : public ::testing::Environment {
 public:
  void SetUp() override {
    authority_ = std::make_unique<CertificateAuthority>();
    const auto files = authority_->issue(
        {.hosts = {"DNS:localhost", "IP:127.0.0.1", "IP:::1", "IP:" + own_loopback_address()}});
    options_ = "ca=" + authority_->file() + "&" + files.options();
  }
  void TearDown() override { authority_.reset(); }

  const std::string& options() const { return options_; }

 private:
  std::unique_ptr<CertificateAuthority> authority_;
  std::string options_;
};

// GoogleTest deletes it.
OwnCertificate* const own_certificate = [] {
  auto* const made = new OwnCertificate;
  ::testing::AddGlobalTestEnvironment(made);
  return made;
}();

}  // namespace

const std::string& own_tls_options() {
  if (own_certificate->options().empty()) throw std::logic_error("there is no certificate before the tests");
  return own_certificate->options();
}

}  // namespace vagus::testing
