#pragma once

#include <signal.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/ssl.h>

#include "tls/tls_context.hpp"
#include "transport/tcp_peer.hpp"

namespace vagus::testing {

/// A client of TLS, written with OpenSSL alone, that says what a test wants it to say. It takes any
/// certificate.
class TlsPeer {
 public:
  /// Connects to the address of a URL such as `tls://127.0.0.1:4000?...`.
  explicit TlsPeer(const std::string& url)
      : below_(url), context_(SSL_CTX_new(TLS_client_method())), connection_(SSL_new(context_.get())) {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes as if nobody ever left
    SSL_set_fd(connection_.get(), below_.descriptor());
    check(SSL_connect(connection_.get()), "SSL_connect");
  }

  void send(std::span<const std::byte> bytes) {
    check(SSL_write(connection_.get(), bytes.data(), static_cast<int>(bytes.size())), "SSL_write");
  }
  void send(std::string_view bytes) { send(std::as_bytes(std::span(bytes))); }
  void say_hello() {
    wire::Hello hello;
    hello.name = "raw";
    send(transport::stream::encode_hello_request(hello));
    receive_some();
  }
  /// What is there, at least a byte; empty at the end.
  std::string receive_some() {
    std::string bytes(4096, '\0');
    const int size = SSL_read(connection_.get(), bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }
  /// Changes the keys of both directions.
  void change_keys() { check(SSL_key_update(connection_.get(), SSL_KEY_UPDATE_REQUESTED), "SSL_key_update"); }
  /// Says that no more comes.
  void finish_writing() { SSL_shutdown(connection_.get()); }

 private:
  static void check(int result, const char* call) {
    if (result <= 0) throw std::runtime_error(std::string(call) + " failed");
  }

  TcpPeer below_;
  const std::unique_ptr<SSL_CTX, transport::tls::FreeContext> context_;
  const transport::tls::Connection connection_;
};

}  // namespace vagus::testing
