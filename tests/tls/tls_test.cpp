// tls://: certificates, who may connect, and what bad ones come to.

#include <fstream>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "support/tls/certificates.hpp"

namespace vagus::testing {
namespace {

/// Certificates that fit, and some that do not.
class Tls : public ::testing::Test {
 protected:
  /// "tls://HOST:PORT?options"
  static std::string url(const std::string& options, const std::string& host = "127.0.0.1") {
    return "tls://" + host + ":" + std::to_string(free_port()) + "?" + options;
  }
  /// On an address that all processes share; the system does not give it away again soon.
  static unsigned free_port() {
    using boost::asio::ip::tcp;
    boost::asio::io_context context;
    return tcp::acceptor(context, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
  }
  static std::string with_options(const std::string& url, const std::string& options) {
    return url.substr(0, url.find('?')) + "?" + options;
  }
  std::string body_options(const CertificateOptions& options = {}) {
    return authority.issue(options).options();
  }
  std::string ca() const { return "ca=" + authority.file(); }

  /// What a head is told that waits for a link, but may not have it.
  static std::string refusal_of(const std::string& url) {
    ApiArb head(connect(url), {.log = silent()});
    try {
      head.wait_open(generous);
    } catch (const PermissionDeniedError& error) {
      return error.what();
    } catch (const ConnectionTimeoutError& error) {
      return "it was let in, or told something else: " + std::string(error.what());
    }
    return "it was let in";
  }
  static Log& silent() {
    static Log log([](LogLevel, std::string_view) {}, LogLevel::off);
    return log;
  }

  struct Body {
    explicit Body(const std::string& place, ArbOptions options = {}) : serving(served.serve(service)) {
      options.log = log.log();
      options.name = "body";
      arb = std::make_unique<ApiArb>(listen(place), options);
      arb->attach(served);
      arb->start();
    }

    RecordedLog log;
    SampleService service;
    SampleApi served{"sample"};
    Registration serving;
    std::unique_ptr<ApiArb> arb;
  };
  struct Head {
    explicit Head(const std::string& place) : arb(connect(place), {.name = "head", .log = log.log()}) {
      arb.attach(called);
    }

    RecordedLog log;
    SampleApi called{"sample"};
    ApiArb arb;
  };

  CertificateAuthority authority;
};

bool says(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

TEST_F(Tls, carries_calls_of_any_size_both_ways) {
  const std::string place = url(body_options());
  Body body(place);
  Head head(with_options(place, ca()));
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{16} << 10, std::size_t{1} << 20, std::size_t{9} << 20}) {
    EXPECT_EQ(head.called.bytes(Bytes(size, std::byte{7})).call(), Bytes(size, std::byte{7}));
  }
  EXPECT_TRUE(body.arb->peers().front().certificate.empty());
}

TEST_F(Tls, finds_a_host_by_its_name) {
  const std::string place = url(body_options({.hosts = {"DNS:localhost"}}), "localhost");
  Body body(place);
  Head head(with_options(place, ca()));
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
}

TEST_F(Tls, takes_one_url_for_both_ends) {
  const std::string place = url(body_options() + "&" + ca() + "&client_certificate=required");
  Body body(place);
  Head head(place);
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
  EXPECT_EQ(body.arb->peers().front().certificate, "test");
}

TEST_F(Tls, tells_permissions_the_name_in_a_certificate) {
  const Permissions permissions{{.certificate = "panel", .call = {"sample.add"}}};
  const std::string place = url(body_options() + "&" + ca() + "&client_certificate=required");
  Body body(place, {.permissions = permissions});
  Head panel(with_options(place, ca() + "&" + authority.issue({.name = "panel"}).options()));
  Head other(with_options(place, ca() + "&" + authority.issue({.name = "panel2"}).options()));
  Head by_host(
      with_options(place, ca() + "&" + authority.issue({.name = "", .hosts = {"DNS:panel"}}).options()));
  EXPECT_EQ(panel.called.add(1, 2).call(), 3);
  EXPECT_EQ(error_of(panel.called.echo("x"))->code(), ErrorCode::permission_denied);
  EXPECT_EQ(error_of(other.called.add(1, 2))->code(), ErrorCode::permission_denied);
  EXPECT_EQ(by_host.called.add(1, 2).call(), 3);
  EXPECT_TRUE(body.log.transcript().await_line("certificate panel2"));
}

TEST_F(Tls, lets_heads_choose_where_a_certificate_is_optional) {
  const std::string place = url(body_options() + "&" + ca() + "&client_certificate=optional");
  Body body(place);
  Head without(with_options(place, ca()));
  EXPECT_EQ(without.called.add(1, 2).call(), 3);
  EXPECT_TRUE(says(refusal_of(with_options(place, ca() + "&" + authority.self_signed().options())),
                   "certificate of this side"));
}

// Certificates of bodies that heads do not take
// -----------------------------------------------------------------------------------------------

TEST_F(Tls, refuses_a_body_whose_certificate_has_expired) {
  const std::string place = url(body_options({.valid_from_s = -7200, .valid_until_s = -3600}));
  Body body(place);
  EXPECT_TRUE(says(refusal_of(with_options(place, ca())), "has expired"));
}

TEST_F(Tls, refuses_a_body_whose_certificate_is_not_valid_yet) {
  const std::string place = url(body_options({.valid_from_s = 3600, .valid_until_s = 7200}));
  Body body(place);
  EXPECT_TRUE(says(refusal_of(with_options(place, ca())), "not valid before"));
}

TEST_F(Tls, refuses_a_body_whose_certificate_is_self_signed) {
  const std::string place = url(authority.self_signed().options());
  Body body(place);
  EXPECT_TRUE(says(refusal_of(with_options(place, ca())), "self-signed"));
}

TEST_F(Tls, refuses_a_body_whose_certificate_is_for_another_host) {
  const std::string place = url(body_options({.hosts = {"IP:127.0.0.9", "DNS:mill.example.org"}}));
  Body body(place);
  const std::string text = refusal_of(with_options(place, ca()));
  EXPECT_TRUE(says(text, "is for 127.0.0.9, mill.example.org and not for 127.0.0.1")) << text;
}

TEST_F(Tls, refuses_a_body_whose_certificate_names_the_host_only_as_its_subject) {
  const std::string place = url(body_options({.name = "localhost", .hosts = {"DNS:other"}}), "localhost");
  Body body(place);
  EXPECT_TRUE(says(refusal_of(with_options(place, ca())), "not for localhost"));
}

TEST_F(Tls, refuses_a_body_whose_certificate_is_of_an_unknown_authority) {
  CertificateAuthority other("another authority");
  const std::string place = url(other.issue().options());
  Body body(place);
  const std::string text = refusal_of(with_options(place, ca()));
  EXPECT_TRUE(says(text, "authority")) << text;
  // And so without any authority: those of the system do not know it.
  EXPECT_TRUE(says(refusal_of(place.substr(0, place.find('?'))), "authority"));
}

TEST_F(Tls, takes_a_pinned_certificate_and_no_other) {
  const auto files = authority.self_signed({.hosts = {"DNS:somewhere.else"}});
  const std::string place = url(files.options());
  Body body(place);
  Head head(with_options(place, "pinned=" + files.certificate));
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
  EXPECT_TRUE(says(refusal_of(with_options(place, "pinned=" + authority.self_signed().certificate)),
                   "not the pinned one"));
}

TEST_F(Tls, refuses_a_pinned_certificate_that_has_expired) {
  const auto files = authority.self_signed({.valid_from_s = -7200, .valid_until_s = -3600});
  const std::string place = url(files.options());
  Body body(place);
  EXPECT_TRUE(says(refusal_of(with_options(place, "pinned=" + files.certificate)), "has expired"));
}

// Certificates of heads that a body does not take
// ------------------------------------------------------------------------------------------------

class TlsOfHeads : public Tls {
 protected:
  std::string place = url(body_options() + "&" + ca() + "&client_certificate=required");
  Body body{place};
  Head good{place};

  /// A bad one is told, it is in the body's log, and another head does not notice.
  void expect_refused(const std::string& head_options, const char* told, const char* logged) {
    EXPECT_EQ(good.called.add(1, 2).call(), 3);
    const std::string text = refusal_of(with_options(place, ca() + head_options));
    EXPECT_TRUE(says(text, told)) << text;
    EXPECT_TRUE(body.log.transcript().await_line(logged));
    EXPECT_EQ(good.called.add(1, 2).call(), 3);
    EXPECT_EQ(body.arb->stats().links_lost, 0u);
  }
};

TEST_F(TlsOfHeads, without_a_certificate_are_refused) {
  expect_refused("", "wants a certificate of this side", "shows no certificate");
}

TEST_F(TlsOfHeads, with_an_expired_certificate_are_refused) {
  expect_refused("&" + authority.issue({.valid_from_s = -7200, .valid_until_s = -3600}).options(),
                 "has expired", "has expired");
}

TEST_F(TlsOfHeads, with_a_self_signed_certificate_are_refused) {
  expect_refused("&" + authority.self_signed().options(), "authority", "self-signed");
}

TEST_F(TlsOfHeads, of_another_authority_are_refused) {
  CertificateAuthority other("another authority");
  expect_refused("&" + other.issue().options(), "authority", "authority");
}

TEST_F(TlsOfHeads, with_a_certificate_without_a_name_are_refused) {
  expect_refused("&" + authority.issue({.name = "", .hosts = {}}).options(), "does not take the certificate",
                 "has no name");
}

// Peers that speak something else
// -----------------------------------------------------------------------------------------------

TEST_F(Tls, tells_a_plain_head_from_one_of_tls) {
  const std::string place = url(body_options());
  Body body(place);
  Head good(with_options(place, ca()));
  EXPECT_EQ(good.called.add(1, 2).call(), 3);
  Head plain("tcp" + place.substr(3, place.find('?') - 3));
  plain.arb.start();
  EXPECT_TRUE(plain.log.transcript().await_line("it speaks TLS: connect to it with tls://"));
  EXPECT_TRUE(body.log.transcript().await_line("does not speak TLS"));
  EXPECT_EQ(good.called.add(1, 2).call(), 3);
}

TEST_F(Tls, tells_state_listeners_why_nothing_comes_of_it) {
  const std::string place = url(body_options({.valid_from_s = -7200, .valid_until_s = -3600}));
  Body body(place);
  Head head(with_options(place, ca()));
  Notes reasons;
  const auto listening = head.arb.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::connecting && event.reason) reasons.add(event.reason->what());
  });
  head.arb.start();
  EXPECT_TRUE(reasons.await_line("its certificate has expired, on "));
}

TEST_F(Tls, tells_a_plain_body_from_one_of_tls) {
  const std::string place = unique_url("tcp");
  Body body(place);
  Head head("tls" + place.substr(3) + "?" + ca());
  head.arb.start();
  EXPECT_TRUE(head.log.transcript().await_line("is it tcp:// at that end?"));
  EXPECT_TRUE(body.log.transcript().await_line("tls://"));
}

// Options
// -------------------------------------------------------------------------------------------------------------

class TlsOptionsRefused : public Tls {
 protected:
  static std::string error_of_listening(const std::string& options, const ArbOptions& arb_options = {},
                                        const std::string& host = "127.0.0.1") {
    ApiArb arb(listen("tls://" + host + ":0" + options), arb_options);
    try {
      arb.start();
    } catch (const ApiParamError& error) {
      return error.what();
    }
    return "it listens";
  }
  static std::string error_of_connecting(const std::string& options) {
    ApiArb arb(connect("tls://127.0.0.1:9" + options));
    try {
      arb.start();
    } catch (const ApiParamError& error) {
      return error.what();
    }
    return "it connects";
  }
};

TEST_F(TlsOptionsRefused, say_which_file_is_wrong) {
  const auto files = authority.issue();
  const std::string nonsense = authority.write("no certificate");
  EXPECT_TRUE(says(error_of_listening(""), "certificate=FILE"));
  EXPECT_TRUE(says(error_of_listening("?certificate=/nowhere.pem"), "/nowhere.pem: No such file"));
  EXPECT_TRUE(says(error_of_listening("?certificate=" + nonsense), nonsense.c_str()));
  EXPECT_TRUE(says(error_of_listening("?certificate=" + files.certificate), "private key"));
  EXPECT_TRUE(
      says(error_of_listening("?certificate=" + files.certificate + "&key=" + nonsense), nonsense.c_str()));
  EXPECT_TRUE(says(error_of_listening("?certificate=" + files.certificate + "&key=" + authority.issue().key),
                   "is not the key of"));
  EXPECT_TRUE(says(error_of_listening("?key=" + files.key), "needs the certificate="));
  EXPECT_TRUE(says(error_of_listening("?" + files.options() + "&client_certificate=required"), "needs ca="));
  EXPECT_TRUE(says(error_of_listening("?" + files.options() + "&client_certificate=maybe"), "maybe"));
  EXPECT_TRUE(says(error_of_listening("?" + files.options() + "&client_certificate=required&ca=/nowhere"),
                   "/nowhere"));
  EXPECT_TRUE(says(error_of_connecting("?ca=" + nonsense), nonsense.c_str()));
  EXPECT_TRUE(says(error_of_connecting("?ca=/nowhere"), "/nowhere"));
  EXPECT_TRUE(says(error_of_connecting("?ca="), "ca="));
  EXPECT_TRUE(says(error_of_connecting("?pinned=" + nonsense), nonsense.c_str()));
  EXPECT_TRUE(says(error_of_connecting("?verify=no"), "verify"));
}

TEST_F(TlsOptionsRefused, of_a_listener_that_others_reach_and_that_asks_nobody_who_it_is) {
  const std::string files = "?" + authority.issue().options();
  const Users users{{.name = "panel", .token_hash = hash_token(make_token())}};
  const std::string text = error_of_listening(files, {}, "0.0.0.0");
  EXPECT_TRUE(says(text, "client_certificate=required")) << text;
  EXPECT_TRUE(says(text, "insecure=yes")) << text;
  EXPECT_TRUE(says(error_of_listening(files + "&login=no", {.users = users}, "0.0.0.0"), "insecure=yes"));
}

TEST_F(TlsOptionsRefused, of_a_tcp_listener_that_others_reach_whoever_logs_in) {
  const Users users{{.name = "panel", .token_hash = hash_token(make_token())}};
  ApiArb arb(listen("tcp://0.0.0.0:0"), {.users = users});
  try {
    arb.start();
    ADD_FAILURE() << "it listens";
  } catch (const ApiParamError& error) {
    EXPECT_TRUE(says(error.what(), "take tls://, or say ?insecure=yes")) << error.what();
  }
}

}  // namespace
}  // namespace vagus::testing
