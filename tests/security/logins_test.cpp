// Logging in, over each transport.

#include <algorithm>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

constexpr PasswordCost quick{.log2_n = 10, .r = 8, .p = 1};
constexpr const char* password = "open-sesame";

const std::string& token() {
  static const std::string made = make_token();
  return made;
}

const Users& users() {
  static const Users made{{.name = "anna", .password_hash = hash_password(password, quick)},
                          {.name = "panel", .token_hash = hash_token(token())}};
  return made;
}

/// A body that demands logins, and heads as a test wants them.
class LogIn : public Conformance {
 protected:
  struct Body {
    explicit Body(const std::string& url, const ArbOptions& options = {.users = users()})
        : serving(served.serve(service)), arb(listen(url), with_log(options)) {
      arb.attach(served);
      arb.start();
    }
    ArbOptions with_log(ArbOptions options) {
      options.log = log.log();
      options.name = "body";
      return options;
    }

    RecordedLog log;
    SampleService service;
    SampleApi served{"sample"};
    Registration serving;
    ApiArb arb;
  };
  struct Head {
    explicit Head(const Endpoint& endpoint) : arb(endpoint, {.name = "head", .log = log.log()}) {
      arb.attach(called);
    }

    RecordedLog log;
    SampleApi called{"sample"};
    ApiArb arb;
  };
};

TEST_P(LogIn, with_a_password_opens_the_link) {
  Body body(url());
  body.served.set_handler("who", [](Call& call) { return call.peer().user; });
  Head head(connect(url()).login({.user = "anna", .password = password}));
  head.arb.wait_open(generous);
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
  EXPECT_EQ(head.arb.proxy("sample").action("who").call<std::string>(), "anna");
  const auto peers = body.arb.peers();
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers.front().user, "anna");
  EXPECT_EQ(body.arb.stats().logins_refused, 0u);
}

TEST_P(LogIn, with_a_token_opens_the_link) {
  Body body(url());
  Head head(connect(url()).login({.token = token()}));
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
  EXPECT_EQ(body.arb.peers().front().user, "panel");
}

TEST_P(LogIn, may_come_before_the_body) {
  Head head(connect(url()).login({.token = token()}));
  const auto pending = head.called.add(1, 2).async({.timeout = generous});
  Body body(url());
  EXPECT_EQ(pending.get(), 3);
}

TEST_P(LogIn, is_done_again_when_the_body_comes_back) {
  auto body = std::make_unique<Body>(url());
  Head head(connect(url()).login({.user = "anna", .password = password}));
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
  Flag lost;
  const auto listening = head.arb.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::disconnected) lost.raise();
  });
  body.reset();
  ASSERT_TRUE(lost.await());
  body = std::make_unique<Body>(url());
  head.arb.wait_open(generous);
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
}

TEST_P(LogIn, with_a_wrong_password_is_an_error_and_no_timeout) {
  Body body(url());
  Head head(connect(url()).login({.user = "anna", .password = "guess-me-not"}));
  EXPECT_THROW(head.arb.wait_open(generous), PermissionDeniedError);
  const auto error = error_of(head.called.add(1, 2), {.timeout = generous});
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::permission_denied);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_THROW(head.called.add(1, 2).async({.timeout = generous}).get(), PermissionDeniedError);
  EXPECT_FALSE(head.arb.connected());
  EXPECT_TRUE(body.arb.peers().empty());
  EXPECT_GE(body.arb.stats().logins_refused, 1u);
  EXPECT_TRUE(body.log.transcript().await_line("as \"anna\""));
  EXPECT_TRUE(head.log.transcript().await_line("refused"));
  EXPECT_FALSE(body.log.transcript().contains("guess-me-not"));
  EXPECT_FALSE(head.log.transcript().contains("guess-me-not"));
}

TEST_P(LogIn, is_tried_on_until_the_body_lets_it) {
  auto body = std::make_unique<Body>(url());
  Head head(connect(url()).login({.user = "bert", .password = "simsala"}));
  EXPECT_THROW(head.arb.wait_open(generous), PermissionDeniedError);
  body.reset();
  const Users more{{.name = "bert", .password_hash = hash_password("simsala", quick)}};
  body = std::make_unique<Body>(url(), ArbOptions{.users = more});
  head.arb.wait_open(generous);
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
}

TEST_P(LogIn, that_is_missing_is_an_error_that_says_so) {
  Body body(url());
  Head head(connect(url()));
  try {
    head.arb.wait_open(generous);
    FAIL() << "nothing was thrown";
  } catch (const PermissionDeniedError& error) {
    EXPECT_NE(std::string(error.what()).find("login("), std::string::npos) << error.what();
  }
}

TEST_P(LogIn, is_not_shown_to_a_body_that_does_not_ask) {
  RawBody body(url());
  Head head(connect(url()).login({.user = "anna", .password = password}));
  head.arb.start();
  const auto link = body.accept();
  const auto first = link->receive();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->array().at(1), Value("$interest")) << to_string(*first);
}

TEST_P(LogIn, of_one_that_is_refused_is_not_noticed_by_others) {
  Body body(url());
  Head good(connect(url()).login({.token = token()}));
  good.arb.wait_open(generous);
  Head bad(connect(url()).login({.user = "anna", .password = "guess"}));
  EXPECT_THROW(bad.arb.wait_open(generous), PermissionDeniedError);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(good.called.add(i, 1).call(), i + 1);
  EXPECT_EQ(body.arb.stats().links_lost, 0u);
}

TEST_P(LogIn, names_whom_permissions_are_for) {
  const Permissions permissions{{.user = "anna", .call = {"sample.add"}},
                                {.user = "*", .call = {"sample.echo"}}};
  Body body(url(), {.permissions = permissions, .users = users()});
  Head anna(connect(url()).login({.user = "anna", .password = password}));
  Head panel(connect(url()).login({.token = token()}));
  EXPECT_EQ(anna.called.add(1, 2).call(), 3);
  EXPECT_EQ(anna.called.echo("x").call(), "x");
  EXPECT_EQ(panel.called.echo("x").call(), "x");
  EXPECT_EQ(error_of(panel.called.add(1, 2))->code(), ErrorCode::permission_denied);
  EXPECT_TRUE(body.log.transcript().await_line("logged in as \"panel\""));
}

TEST_P(LogIn, is_not_asked_for_where_the_url_says_no) {
  Body body(with_option(url(), "login=no"));
  Head head(connect(url()));
  EXPECT_EQ(head.called.add(1, 2).call(), 3);
}

// Peers that say what they like
// --------------------------------------------------------------------------------------------------

Value request(std::uint32_t id, const char* method, Value::Array params) {
  return Value::Array{0, id, method, std::move(params)};
}

TEST_P(LogIn, comes_before_all_else) {
  Body body(url());
  const auto ticked = body.served.ticked.subscribe([](int) { ADD_FAILURE() << "not logged in"; });
  RawHead head(url());
  head->open({"sample.other"}, {"sample.said"});
  head->send(Value::Array{2, "sample.ticked", Value::Array{1}});
  head->send(request(5, "$ping", {}));
  const auto pong = head->receive();
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(*pong, (Value(Value::Array{1, 5, nullptr, nullptr})));
  head->send(request(6, "sample.add", {1, 2}));
  const auto refused = head->receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->array().at(1), Value(6));
  EXPECT_NE(to_string(*refused).find("PermissionDeniedError"), std::string::npos) << to_string(*refused);
  EXPECT_NE(to_string(*refused).find("$auth"), std::string::npos) << to_string(*refused);
  EXPECT_TRUE(body.arb.peers().empty());
  EXPECT_EQ(body.served.other(1).try_call({.timeout = 10ms}).error().code(), ErrorCode::transaction_timeout);
  EXPECT_GE(body.arb.stats().permissions_denied, 3u);
  // What was told before counts for nothing; afterwards it is as any link.
  head->send(request(7, "$auth", {token()}));
  const auto accepted = head->receive();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(*accepted, (Value(Value::Array{1, 7, nullptr, nullptr})));
  const auto picture = head->receive();
  ASSERT_TRUE(picture.has_value());
  EXPECT_EQ(picture->array().at(1), Value("$interest"));
  head->open();
  head->send(request(8, "sample.add", {1, 2}));
  const auto sum = head->receive();
  ASSERT_TRUE(sum.has_value());
  EXPECT_EQ(*sum, (Value(Value::Array{1, 8, nullptr, 3})));
}

/// Over transports that know peers which say no hello.
class LogInOfPlainPeers : public LogIn {};

TEST_P(LogInOfPlainPeers, is_an_ordinary_call) {
  Body body(url());
  constexpr std::uint32_t no_hello = 0;
  {
    RawHead head(url(), no_hello);
    head->send(request(1, "sample.add", {1, 2}));
    const auto refused = head->receive();
    ASSERT_TRUE(refused.has_value());
    const Value error = refused->array().at(2);
    EXPECT_EQ(error.array().at(0), Value(0));  // in the form that such a peer can show
    EXPECT_NE(error.array().at(1).string().find("log in first"), std::string::npos);
    EXPECT_TRUE(body.arb.peers().empty());
    head->send(request(2, "$auth", {"anna", "guess"}));
    const auto wrong = head->receive();
    ASSERT_TRUE(wrong.has_value());
    EXPECT_EQ(wrong->array().at(2).array().at(0), Value(0));
    ASSERT_NE(head->await_closed(), nullptr);
  }
  RawHead head(url(), no_hello);
  head->send(request(1, "$auth", {"anna", password}));
  const auto accepted = head->receive();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(*accepted, (Value(Value::Array{1, 1, nullptr, nullptr})));
  head->send(request(2, "sample.add", {1, 2}));
  const auto sum = head->receive();
  ASSERT_TRUE(sum.has_value());
  EXPECT_EQ(*sum, (Value(Value::Array{1, 2, nullptr, 3})));
  EXPECT_EQ(body.arb.peers().front().user, "anna");
}

TEST_P(LogIn, takes_names_as_bytes_too) {
  Body body(url());
  RawHead head(url());
  const auto bytes = [](std::string_view text) {
    const auto all = std::as_bytes(std::span(text));
    return Value(Bytes(all.begin(), all.end()));
  };
  head->send(request(1, "$auth", {bytes("anna"), bytes(password)}));
  const auto accepted = head->receive();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(*accepted, (Value(Value::Array{1, 1, nullptr, nullptr})));
}

TEST_P(LogIn, that_is_wrong_ends_the_link_after_its_answer) {
  Body body(url());
  for (Value::Array params : {Value::Array{"anna", "guess"}, Value::Array{make_token()}, Value::Array{},
                              Value::Array{1, 2}, Value::Array{std::string(5000, 'x')}}) {
    RawHead head(url());
    head->send(request(1, "$auth", std::move(params)));
    const auto refused = head->receive();
    ASSERT_TRUE(refused.has_value());
    EXPECT_FALSE(refused->array().at(2).is_nil());
    ASSERT_NE(head->await_closed(), nullptr);
  }
  EXPECT_EQ(body.arb.stats().logins_refused, 5u);
  EXPECT_EQ(body.arb.stats().links_opened, 0u);
}

TEST_P(LogIn, may_be_tried_once_on_a_link) {
  Body body(url());
  RawHead head(url());
  head->send(request(1, "$auth", {"anna", "guess"}));
  head->send(request(2, "$auth", {token()}));
  std::vector<Value> answers;
  while (const auto answer = head->receive()) answers.push_back(*answer);
  for (const Value& answer : answers) EXPECT_FALSE(answer.array().at(2).is_nil()) << to_string(answer);
  EXPECT_TRUE(body.arb.peers().empty());
}

TEST_P(LogIn, in_vain_too_often_is_not_looked_at) {
  Body body(url());
  std::string last;
  for (int i = 0; i < 8 && last.find("too many") == std::string::npos; ++i) {
    RawHead head(url());
    head->send(request(1, "$auth", {"anna", "guess"}));
    const auto refused = head->receive();
    ASSERT_TRUE(refused.has_value());
    last = to_string(*refused);
  }
  EXPECT_NE(last.find("too many"), std::string::npos) << last;
  Head good(connect(url()).login({.token = token()}));  // another name is not held up
  EXPECT_EQ(good.called.add(1, 2).call(), 3);
}

TEST_P(LogIn, that_a_body_refuses_in_its_own_way_is_an_error_too) {
  for (const Value& error :
       {Value("no"), Value(false), Value(Value::Array{0, "no"}), Value(Value::Map{{"type", 1}})}) {
    const std::string place = unique_url(GetParam());
    // A body of this library that asks, with the answer of another behind it.
    RawBody body(place, 1, {"auth"});
    Head head(connect(place).login({.token = token()}));
    head.arb.start();
    const auto link = body.accept();
    const auto asked = link->receive();
    ASSERT_TRUE(asked.has_value());
    EXPECT_EQ(asked->array().at(2), Value("$auth"));
    const auto pending = head.called.add(1, 2).async({.timeout = generous});
    link->send(Value::Array{1, asked->array().at(1), error, nullptr});
    EXPECT_THROW(pending.get(), PermissionDeniedError) << to_string(error);
  }
}

TEST(LogInOptions, that_make_no_sense_are_refused) {
  EXPECT_THROW(listen("inproc://a").login({.token = "x"}), ApiParamError);
  EXPECT_THROW(connect("inproc://a").login({}), ApiParamError);
  EXPECT_THROW(connect("inproc://a").login({.user = "anna"}), ApiParamError);
  EXPECT_THROW(connect("inproc://a").login({.user = "anna", .password = "x", .token = "y"}), ApiParamError);
  EXPECT_THROW(connect("inproc://a").login({.token = std::string(1025, 'x')}), ApiParamError);
  EXPECT_THROW(ApiArb(listen("inproc://a?login=no")), ApiParamError);
  EXPECT_THROW(ApiArb(listen("inproc://a?login=yes"), {.users = users()}), ApiParamError);
  EXPECT_THROW(ApiArb(connect("inproc://a?login=no")), ApiParamError);
}

TEST(LogInOptions, do_not_belong_into_a_url_and_are_not_shown) {
  for (const char* wrong : {"tcp://anna:open-sesame@host:4000", "tcp://host:4000?password=open-sesame",
                            "tcp://host:4000?wait=block&token=open-sesame", "shm://mill?user=open-sesame",
                            "tcp://host:4000?%70assword=open-sesame", "tcp://host?PassWord=open-sesame",
                            "tcp://?password=open-sesame", "password://anna:open-sesame@",
                            "tcp://a b?token=open-sesame", "?token=open-sesame"}) {
    try {
      static_cast<void>(connect(wrong));
      FAIL() << wrong << " was taken";
    } catch (const ApiParamError& error) {
      EXPECT_EQ(std::string(error.what()).find("sesame"), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("login("), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(connect("unix://@abstract:name@x").url().address, "@abstract:name@x");
  EXPECT_EQ(connect("unix:///a/path:with@signs").url().address, "/a/path:with@signs");
}

VAGUS_OVER_EACH_TRANSPORT(LogIn);
INSTANTIATE_TEST_SUITE_P(Over, LogInOfPlainPeers, ::testing::Values("inproc"),
                         [](const auto& transport) { return transport.param; });

}  // namespace
}  // namespace vagus::testing
