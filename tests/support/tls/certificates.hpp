#pragma once

#include <memory>
#include <string>
#include <vector>

namespace vagus::testing {

/// What a certificate is to say.
struct CertificateOptions {
  std::string name = "test";                          ///< its common name; empty: none
  std::vector<std::string> hosts = {"IP:127.0.0.1"};  ///< as OpenSSL writes them: DNS:name, IP:address
  long valid_from_s = -3600;                          ///< from now
  long valid_until_s = 3600;
};

/// An authority of its own that issues certificates, in files of a temporary folder, which goes with it.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name = "authority of a test");
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  struct Files {
    std::string certificate;
    std::string key;
    /// "certificate=...&key=..."
    std::string options() const { return "certificate=" + certificate + "&key=" + key; }
  };

  /// The file of the authority's own certificate.
  const std::string& file() const noexcept { return file_; }
  /// A folder that has it, named by its hash.
  std::string folder();
  Files issue(const CertificateOptions& options = {});
  Files self_signed(const CertificateOptions& options = {});
  /// The same key, encrypted.
  std::string encrypted(const std::string& key);
  /// Certificate and key in one file.
  std::string joined(const Files& files);
  /// A file of the folder with this text.
  std::string write(const std::string& text);

 private:
  struct Own;

  std::string next_path(const char* kind);

  std::string folder_;
  std::string file_;
  int files_ = 0;
  std::unique_ptr<Own> own_;
};

}  // namespace vagus::testing
