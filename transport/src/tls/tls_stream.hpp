/// Bytes, encrypted.
#pragma once

#include <memory>
#include <string>

#include <vagus/core/mutex.hpp>

#include "stream/byte_stream.hpp"
#include "tls/tls_context.hpp"

namespace vagus::transport::tls {

/// TLS over another stream. What OpenSSL does for reading may need to write and the other way round, so one
/// lock is held for both; it is never held while anybody waits.
class TlsStream final : public stream::ByteStream {
 public:
  /// `host` is what a head connects to, and the body's certificate has to be for.
  TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<stream::ByteStream> below,
            std::string host);
  ~TlsStream() override;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  int descriptor() const noexcept override { return below_->descriptor(); }
  stream::Transfer handshake() override;
  stream::Transfer read(std::span<std::byte> into) override;
  bool may_have_input() const noexcept override;
  stream::Transfer write(std::span<const std::byte> bytes) override;
  bool has_buffered() const noexcept override;
  void finish_writing() noexcept override;
  bool lingers() const noexcept override { return below_->lingers(); }
  const LinkTraits& traits() const noexcept override { return traits_; }
  Credentials credentials() const noexcept override;
  const std::string& peer() const noexcept override { return below_->peer(); }

 private:
  struct Bio;

  stream::Transfer outcome(int result) VAGUS_REQUIRES(mutex_);
  stream::Transfer shaken() VAGUS_REQUIRES(mutex_);
  ErrorPtr failure() VAGUS_REQUIRES(mutex_);

  const std::shared_ptr<const TlsContext> context_;
  const std::unique_ptr<stream::ByteStream> below_;
  const std::string host_;
  const LinkTraits traits_;

  mutable Mutex mutex_;
  // Of the stream below: what its last attempt came to, for those that OpenSSL only says have failed.
  stream::Transfer below_read_ VAGUS_GUARDED_BY(mutex_);
  stream::Transfer below_written_ VAGUS_GUARDED_BY(mutex_);
  bool heard_ VAGUS_GUARDED_BY(mutex_) = false;   // has the peer sent anything?
  bool talked_ VAGUS_GUARDED_BY(mutex_) = false;  // and anything that was not of TLS itself?
  bool no_tls_ VAGUS_GUARDED_BY(mutex_) = false;  // and was it no TLS?
  bool broken_ VAGUS_GUARDED_BY(mutex_) = false;  // OpenSSL must not be asked any more
  bool write_over_ VAGUS_GUARDED_BY(mutex_) = false;
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;
  bool more_ VAGUS_GUARDED_BY(mutex_) = false;  // OpenSSL may have more than what was read last
  std::string certificate_name_;                // constant after the handshake
  Connection connection_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport::tls
