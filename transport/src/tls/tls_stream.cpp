#include "tls/tls_stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>

#include "tls/certificate_text.hpp"
#include "tls/openssl_error.hpp"

namespace vagus::transport::tls {

using stream::Transfer;

namespace {

// A record of TLS begins with its kind; the first one of a connection is of a handshake, or an alert.
constexpr std::byte alert_record{0x15};
constexpr std::byte handshake_record{0x16};
constexpr std::array<std::byte, 7> protocol_version_alert{std::byte{0x15}, std::byte{0x03}, std::byte{0x03},
                                                          std::byte{0x00}, std::byte{0x02}, std::byte{0x02},
                                                          std::byte{0x46}};

LinkTraits with_scheme(LinkTraits traits) {
  traits.scheme = "tls";
  return traits;
}

int clipped(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

/// The stream below, as OpenSSL wants it. Called by OpenSSL, that is with the lock held.
struct TlsStream::Bio {
  static TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) VAGUS_NO_THREAD_SAFETY_ANALYSIS {
    TlsStream& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    if (size <= 0) return 0;
    const std::span<std::byte> place(reinterpret_cast<std::byte*>(into), static_cast<std::size_t>(size));
    stream.below_read_ = stream.below_->read(place);
    const Transfer& transfer = stream.below_read_;
    if (transfer.status == Transfer::Status::again) BIO_set_retry_read(bio);
    if (transfer.status != Transfer::Status::done) return transfer.status == Transfer::Status::ended ? 0 : -1;
    if (!std::exchange(stream.heard_, true) && place[0] != handshake_record && place[0] != alert_record) {
      // OpenSSL would take some of what is no TLS for the beginning of an ancient hello, and wait for the
      // rest.
      stream.no_tls_ = true;
      return -1;
    }
    return static_cast<int>(transfer.size);
  }

  static int write(BIO* bio, const char* bytes, int size) VAGUS_NO_THREAD_SAFETY_ANALYSIS {
    TlsStream& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    if (size <= 0) return 0;
    stream.below_written_ =
        stream.below_->write({reinterpret_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)});
    const Transfer& transfer = stream.below_written_;
    if (transfer.status == Transfer::Status::again) BIO_set_retry_write(bio);
    return transfer.status == Transfer::Status::done ? static_cast<int>(transfer.size) : -1;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      BIO_METHOD* const fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream below");
      BIO_meth_set_read(fresh, &Bio::read);
      BIO_meth_set_write(fresh, &Bio::write);
      BIO_meth_set_ctrl(fresh, &Bio::control);
      return fresh;  // for as long as the process lives
    }();
    return made;
  }
};

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<stream::ByteStream> below,
                     std::string host)
    : context_(std::move(context)),
      below_(std::move(below)),
      host_(std::move(host)),
      traits_(with_scheme(below_->traits())),
      connection_(context_->connection(host_)) {
  BIO* const bio = BIO_new(Bio::method());
  if (bio == nullptr) throw std::runtime_error("OpenSSL has no memory for a connection");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_.get(), bio, bio);
}

TlsStream::~TlsStream() = default;

Transfer TlsStream::handshake() {
  MutexLock lock(mutex_);
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_.get());
  return result == 1 ? shaken() : outcome(result);
}

Transfer TlsStream::shaken() {
  const auto failed = [&](ErrorPtr error) VAGUS_REQUIRES(mutex_) {
    broken_ = true;
    return Transfer::failure(std::move(error));
  };
  X509* const certificate = SSL_get0_peer_certificate(connection_.get());
  // OpenSSL has seen to both of these; a mistake here would be one for all.
  if (SSL_get_verify_result(connection_.get()) != X509_V_OK) {
    return failed(make_error<PermissionDeniedError>("its certificate is not taken"));
  }
  if (certificate == nullptr) {
    if (context_->side() == Side::body) return Transfer::of(1);
    return failed(make_error<PermissionDeniedError>("it shows no certificate"));
  }
  certificate_name_ = name_of(certificate);
  return Transfer::of(1);
}

Transfer TlsStream::read(std::span<std::byte> into) {
  MutexLock lock(mutex_);
  if (broken_) return Transfer::end();
  ERR_clear_error();
  const int size = SSL_read(connection_.get(), into.data(), clipped(into.size()));
  more_ = size > 0;
  if (size <= 0) return outcome(size);
  talked_ = true;
  return Transfer::of(static_cast<std::size_t>(size));
}

// OpenSSL reads and writes under one lock; who looks for input in a loop would let nobody else have it.
bool TlsStream::may_have_input() const noexcept {
  std::byte first{};
  return ::recv(descriptor(), &first, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

Transfer TlsStream::write(std::span<const std::byte> bytes) {
  MutexLock lock(mutex_);
  if (broken_ || finished_ || write_over_) return Transfer::end();
  ERR_clear_error();
  const int size = SSL_write(connection_.get(), bytes.data(), clipped(bytes.size()));
  if (size > 0) return Transfer::of(static_cast<std::size_t>(size));
  // The peer has left; what it said before, an alert maybe, is there to be read.
  write_over_ = below_written_.status == Transfer::Status::ended;
  return write_over_ ? Transfer::end() : outcome(size);
}

/// What a result of OpenSSL other than success means.
Transfer TlsStream::outcome(int result) {
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Transfer::again_on(POLLIN);
    case SSL_ERROR_WANT_WRITE:
      return Transfer::again_on(POLLOUT);
    case SSL_ERROR_ZERO_RETURN:
      return Transfer::end();
    default:
      break;
  }
  broken_ = true;
  ErrorPtr error = failure();
  ERR_clear_error();
  if (!error) return Transfer::end();
  if (!talked_) return Transfer::failure(std::move(error));
  return Transfer::failure(
      make_error(error->code(), "the connection to the peer, " + peer() + ", is lost: " + error->what(), {}));
}

/// Null: the peer has said nothing at all, and left.
ErrorPtr TlsStream::failure() {
  if (no_tls_) {
    // So that it can say what is wrong; whether it takes it does not matter any more.
    static_cast<void>(below_->write(protocol_version_alert));
    return no_tls_error();
  }
  const auto failed = [](const Transfer& below) { return below.status == Transfer::Status::failed; };
  const auto ended = [](const Transfer& below) { return below.status == Transfer::Status::ended; };
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const bool cut_off = (ended(below_read_) || ended(below_written_)) &&
                       (reason == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING);
  if (!heard_ && (cut_off || failed(below_read_))) {
    if (context_->side() == Side::body) return nullptr;
    return make_error<TransportDisconnectedError>(
        "it closed the connection without a word of TLS; is it tcp:// at that end?");
  }
  // What the stream below says comes first: OpenSSL only knows that it said something.
  if (failed(below_read_)) return below_read_.error;
  if (failed(below_written_)) return below_written_.error;
  if (!cut_off) return tls_error(connection_.get(), context_->side(), host_);
  return make_error<TransportDisconnectedError>(
      SSL_is_init_finished(connection_.get()) == 1
          ? "it closed the connection without the word of TLS for that: it died, or somebody has cut it off"
          : "it closed the connection before TLS was agreed on");
}

bool TlsStream::has_buffered() const noexcept {
  MutexLock lock(mutex_);
  // What is left after a read that found nothing whole is a part of a record.
  return more_ && !broken_ && SSL_has_pending(connection_.get()) == 1;
}

void TlsStream::finish_writing() noexcept {
  MutexLock lock(mutex_);
  if (!std::exchange(finished_, true) && !broken_ && SSL_is_init_finished(connection_.get()) == 1) {
    ERR_clear_error();
    // The notice that nothing more comes; if there is no space for it, the end of the socket says the same.
    SSL_shutdown(connection_.get());
    ERR_clear_error();
  }
  below_->finish_writing();
}

Credentials TlsStream::credentials() const noexcept {
  Credentials credentials = below_->credentials();
  credentials.certificate_name = certificate_name_;
  return credentials;
}

}  // namespace vagus::transport::tls
