#include <random>
#include <string>

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>
#include <vagus/transport/endpoint.hpp>
#include <vagus/transport/transport.hpp>
#include <vagus/transport/url.hpp>

#include "common/left_out_transport.hpp"

namespace vagus {
namespace {

void expect_refused(std::string_view text, const std::string& reason) {
  try {
    Url::parse(text);
    ADD_FAILURE() << text << " was accepted";
  } catch (const ApiParamError& error) {
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
  }
}

TEST(Url, consists_of_scheme_address_and_options) {
  const Url url = Url::parse("shm://machine?wait=spin&ring=65536");
  EXPECT_EQ(url.scheme, "shm");
  EXPECT_EQ(url.address, "machine");
  EXPECT_EQ(url.options, (std::map<std::string, std::string>{{"ring", "65536"}, {"wait", "spin"}}));
  EXPECT_EQ(url.to_string(), "shm://machine?ring=65536&wait=spin");
}

TEST(Url, takes_paths_and_hosts_as_they_are) {
  EXPECT_EQ(Url::parse("shm:///run/x.socket").address, "/run/x.socket");
  EXPECT_EQ(Url::parse("tcp://[::1]:4000").address, "[::1]:4000");
  EXPECT_EQ(Url::parse("msgpack+unix:///a%20b").address, "/a%20b");
  EXPECT_TRUE(Url::parse("shm://x").options.empty());
}

TEST(Url, has_a_scheme_in_lower_case) { EXPECT_EQ(Url::parse("SHM://Machine").to_string(), "shm://Machine"); }

TEST(Url, resolves_percent_encoding_in_options) {
  const Url url = Url::parse("tls://host:1?name=a%26b%3Dc&empty=");
  EXPECT_EQ(url.options.at("name"), "a&b=c");
  EXPECT_EQ(url.options.at("empty"), "");
  EXPECT_EQ(url.to_string(), "tls://host:1?empty=&name=a%26b%3Dc");
}

TEST(Url, says_what_is_wrong) {
  expect_refused("", "no :// in it");
  expect_refused("machine", "no :// in it");
  expect_refused("://machine", "nothing stands before ://");
  expect_refused("1shm://machine", "after a first letter");
  expect_refused("sh m://machine", "after a first letter");
  expect_refused("shm://", "no address follows");
  expect_refused("shm://?wait=spin", "no address follows");
  expect_refused("shm://a b", "blank or a control character");
  expect_refused("shm://a\nb", "blank or a control character");
  expect_refused("shm://x?", "not of the form name=value");
  expect_refused("shm://x?wait", "not of the form name=value");
  expect_refused("shm://x?=spin", "not of the form name=value");
  expect_refused("shm://x?wait=spin&", "not of the form name=value");
  expect_refused("shm://x?wait=spin&wait=block", "option wait stands there twice");
  expect_refused("shm://x?wait=%", "two hex digits");
  expect_refused("shm://x?wait=%4", "two hex digits");
  expect_refused("shm://x?wait=%+4", "two hex digits");
  expect_refused("shm://x?wait=%zz", "two hex digits");
  expect_refused("shm://" + std::string(5000, 'x'), "longer than 4096 bytes");
}

TEST(Url, shows_what_is_wrong_without_control_characters) {
  try {
    Url::parse("shm\x1b[31m");
    FAIL();
  } catch (const ApiParamError& error) {
    EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("shm%1B[31m"), std::string::npos) << error.what();
  }
}

TEST(Url, of_random_bytes_is_refused_or_survives_a_round_trip) {
  std::mt19937 random(4711);
  const std::string alphabet = "abz09+-.:/?&=%%2Fxf \t\n~\x80\xff";
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random() % 2 == 0 ? "s://a" : "";
    for (auto left = random() % 12; left > 0; --left) text += alphabet[random() % alphabet.size()];
    try {
      const Url url = Url::parse(text);
      const Url again = Url::parse(url.to_string());
      EXPECT_EQ(again.scheme, url.scheme);
      EXPECT_EQ(again.address, url.address);
      EXPECT_EQ(again.options, url.options);
      ++accepted;
    } catch (const ApiParamError&) {
    }
  }
  EXPECT_GT(accepted, 100);
}

TEST(Endpoint, is_a_value_that_knows_its_side_and_its_name) {
  const Endpoint left = connect("shm://machine").named("left");
  EXPECT_EQ(left.side(), Side::head);
  EXPECT_EQ(left.name(), "left");
  EXPECT_EQ(left.url().address, "machine");
  EXPECT_EQ(listen("shm://machine").side(), Side::body);
  EXPECT_THROW(listen("machine"), ApiParamError);
}

TEST(TransportRegistry, says_of_what_was_left_out_why) {
  const auto left_out = transport::make_left_out_transport("OpenSSL (VAGUS_OPENSSL=OFF)");
  const Url url = Url::parse("tls://localhost:4000");
  EventLoop loop;
  Log log([](LogLevel, std::string_view) {}, LogLevel::off);
  const transport::TransportContext context{.loop = loop, .log = log, .hello = {}, .limits = {}};
  const auto expect_left_out = [](const auto& action) {
    try {
      action();
      ADD_FAILURE() << "it is there";
    } catch (const ApiParamError& error) {
      EXPECT_STREQ(error.what(),
                   "tls://localhost:4000: this Vagus has no tls://, since it was built without OpenSSL "
                   "(VAGUS_OPENSSL=OFF)");
    }
  };
  expect_left_out([&] { left_out->listen(url, context, {}); });
  expect_left_out([&] { left_out->connect(url, context, Deadline::never(), {}); });
}

TEST(TransportRegistry, knows_what_was_compiled_in_and_lists_it) {
  auto registry = transport::TransportRegistry::builtin();
  EXPECT_EQ(registry.schemes(),
            (std::vector<std::string>{"inproc", "msgpack+tcp", "msgpack+udp", "msgpack+unix", "multicast",
                                      "shm", "supervised", "tcp", "tls", "udp", "unix"}));
  try {
    registry.find("carrier-pigeon");
    FAIL();
  } catch (const ApiParamError& error) {
    EXPECT_STREQ(error.what(),
                 "no transport is named carrier-pigeon; there are: inproc msgpack+tcp msgpack+udp "
                 "msgpack+unix multicast shm supervised tcp tls udp unix");
  }
}

TEST(TransportRegistry, takes_transports_from_outside) {
  auto registry = transport::TransportRegistry::builtin();
  registry.add("other", registry.find("shm"));
  EXPECT_EQ(registry.find("other"), registry.find("shm"));
  EXPECT_THROW(registry.add("none", nullptr), ApiParamError);
}

}  // namespace
}  // namespace vagus
