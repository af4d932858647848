#include "logins.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>
#include <vagus/wire/codec.hpp>
#include <vagus/wire/message.hpp>

#include "attempt_limit.hpp"
#include "login_attempt.hpp"
#include "rare_log.hpp"
#include "support/core/flag.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

constexpr PasswordCost quick{.log2_n = 10, .r = 8, .p = 1};

/// Asks, and waits for the answer.
class Desk {
 public:
  explicit Desk(const Users& users) : logins(users, log) {}

  Result<std::string> answer_to(const std::string& origin, const Login& login) {
    Flag answered;
    Result<std::string> result = make_error<ProtocolError>("no answer");
    logins.attempt(origin, login, [&](const Result<std::string>& outcome) {
      result = outcome;
      answered.raise();
    });
    EXPECT_TRUE(answered.await());
    return result;
  }
  ErrorCode error_of(const std::string& origin, const Login& login) {
    const auto result = answer_to(origin, login);
    return result ? ErrorCode::remote : result.error().code();
  }

  Log log{[](LogLevel, std::string_view) {}, LogLevel::off};
  Logins logins;
};

TEST(AttemptLimit, lets_some_come_in_a_row_and_then_one_in_an_interval) {
  AttemptLimit limit(3, 2s);
  const TimePoint now = Deadline::now();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", now), Duration::zero());
  EXPECT_EQ(limit.take("a", now), Duration(2s));
  EXPECT_EQ(limit.take("a", now + 500ms), Duration(1500ms));
  EXPECT_EQ(limit.take("b", now), Duration::zero());  // others do not notice
  EXPECT_EQ(limit.take("a", now + 2s), Duration::zero());
  EXPECT_EQ(limit.take("a", now + 2s), Duration(2s));
  limit.give_back("a");
  EXPECT_EQ(limit.take("a", now + 2s), Duration::zero());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", now + 100s), Duration::zero());
  EXPECT_NE(limit.take("a", now + 100s), Duration::zero());
}

TEST(AttemptLimit, keeps_no_more_names_than_it_should) {
  AttemptLimit limit(1, 2s);
  const TimePoint now = Deadline::now();
  for (int i = 0; i < 4096; ++i) EXPECT_EQ(limit.take(std::to_string(i), now), Duration::zero());
  EXPECT_EQ(limit.take("one more", now), Duration::zero());
  EXPECT_NE(limit.take("another", now), Duration::zero());  // they share one allowance
  EXPECT_EQ(limit.take("later", now + 2s), Duration::zero());
  EXPECT_EQ(limit.take("another later", now + 2s), Duration::zero());
}

TEST(LoginOrigin, of_an_ipv6_address_is_its_network) {
  const auto origin = [](const char* address) {
    transport::Credentials credentials;
    credentials.address = address;
    return login_origin(credentials);
  };
  EXPECT_EQ(origin("2001:db8:1:2:3:4:5:6"), origin("2001:db8:1:2:ffff::1"));
  EXPECT_NE(origin("2001:db8:1:2::1"), origin("2001:db8:1:3::1"));
  EXPECT_NE(origin("10.0.0.1"), origin("10.0.0.2"));
  EXPECT_NE(origin("::ffff:10.0.0.1"), origin("::ffff:10.0.0.2"));
  transport::Credentials local;
  local.user_id = 1000;
  EXPECT_EQ(login_origin(local), "user id 1000");
}

TEST(Logins, give_the_name_of_who_has_shown_the_right_thing) {
  const std::string token = make_token();
  Desk desk({{.name = "anna", .password_hash = hash_password("sesame", quick)},
             {.name = "panel", .token_hash = hash_token(token)}});
  EXPECT_EQ(desk.answer_to("a", {.user = "anna", .password = "sesame"}).value(), "anna");
  EXPECT_EQ(desk.answer_to("a", {.token = token}).value(), "panel");
}

TEST(Logins, refuse_all_else_with_the_same_words) {
  const std::string token = make_token();
  Desk desk({{.name = "anna", .password_hash = hash_password("sesame", quick)},
             {.name = "panel", .token_hash = hash_token(token)}});
  std::set<std::string> texts;
  int number = 0;
  for (const Login& wrong :
       {Login{.user = "anna", .password = "Sesame"}, Login{.user = "bert", .password = "sesame"},
        Login{.user = "panel", .password = token}, Login{.token = "sesame"}, Login{.token = make_token()}}) {
    const auto result = desk.answer_to("origin" + std::to_string(++number), wrong);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code(), ErrorCode::permission_denied);
    texts.insert(result.error().what());
  }
  EXPECT_EQ(texts.size(), 1u);
}

TEST(Logins, that_are_wrong_too_often_are_not_looked_at_and_others_do_not_notice) {
  Desk desk({{.name = "anna", .password_hash = hash_password("sesame", quick)},
             {.name = "bert", .password_hash = hash_password("simsala", quick)}});
  std::string text;
  for (int i = 0; i < 6; ++i) {
    const auto result = desk.answer_to("bad", {.user = "anna", .password = "guess"});
    ASSERT_FALSE(result.has_value());
    text = result.error().what();
  }
  EXPECT_NE(text.find("too many"), std::string::npos) << text;
  // Also the right one has to wait now, else it could be found out.
  EXPECT_FALSE(desk.answer_to("bad", {.user = "anna", .password = "sesame"}).has_value());
  EXPECT_TRUE(desk.answer_to("good", {.user = "anna", .password = "sesame"}).has_value());
  EXPECT_TRUE(desk.answer_to("bad", {.user = "bert", .password = "simsala"}).has_value());
}

TEST(Logins, that_are_right_may_come_as_often_as_they_like) {
  const std::string token = make_token();
  Desk desk({{.name = "anna", .password_hash = hash_password("sesame", quick)},
             {.name = "panel", .token_hash = hash_token(token)}});
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(desk.answer_to("a", {.user = "anna", .password = "sesame"}).has_value());
    EXPECT_TRUE(desk.answer_to("a", {.token = token}).has_value());
  }
}

TEST(Logins, that_come_in_a_flood_from_one_origin_leave_others_their_place) {
  // Slow enough that none is done before all have come.
  Desk desk({{.name = "anna", .password_hash = hash_password("sesame", {.log2_n = 15, .r = 8, .p = 1})}});
  std::atomic<int> overloaded{0};
  for (int i = 0; i < 15; ++i) {
    desk.logins.attempt("flood", {.user = "user" + std::to_string(i), .password = "x"},
                        [&](const Result<std::string>& outcome) {
                          if (!outcome && outcome.error().code() == ErrorCode::overloaded) ++overloaded;
                        });
  }
  EXPECT_GT(overloaded, 0);
  EXPECT_TRUE(desk.answer_to("good", {.user = "anna", .password = "sesame"}).has_value());
}

TEST(Logins, end_when_they_are_stopped) {
  Desk desk({{.name = "anna", .password_hash = hash_password("sesame", {.log2_n = 14, .r = 8, .p = 1})}});
  for (int i = 0; i < 5; ++i) {
    desk.logins.attempt("a", {.user = "anna", .password = "x"}, [](const Result<std::string>&) {});
  }
  desk.logins.stop();
  desk.logins.attempt("a", {.user = "anna", .password = "x"},
                      [](const Result<std::string>&) { ADD_FAILURE() << "called after the stop"; });
}

TEST(LoginAttempt, survives_the_way_over_the_wire) {
  const auto round = [](const Login& login) {
    const Bytes message = encode_login(login);
    const auto parsed = wire::parse(message, {});
    EXPECT_EQ(parsed.method, "$auth");
    EXPECT_EQ(parsed.id, login_id);
    return decode_login(parsed.params);
  };
  const Login by_password = round({.user = "anna", .password = "sesame"});
  EXPECT_EQ(by_password.user, "anna");
  EXPECT_EQ(by_password.password, "sesame");
  EXPECT_TRUE(by_password.token.empty());
  EXPECT_EQ(round({.token = "0123"}).token, "0123");
}

TEST(LoginAttempt, that_is_none_is_refused_without_being_shown) {
  const auto refused = [](const auto& write) {
    const Bytes params = wire::written(write);
    try {
      static_cast<void>(decode_login(params));
    } catch (const wire::DecodeError& error) {
      return std::string(error.what()).find("sesame") == std::string::npos;
    }
    return false;
  };
  EXPECT_TRUE(refused([](wire::Writer& writer) { writer.nil(); }));
  EXPECT_TRUE(refused([](wire::Writer& writer) { writer.array(0); }));
  EXPECT_TRUE(refused([](wire::Writer& writer) {
    writer.array(3);
    for (int i = 0; i < 3; ++i) writer.str("sesame");
  }));
  EXPECT_TRUE(refused([](wire::Writer& writer) {
    writer.array(2);
    writer.str("sesame");
    writer.unsigned_integer(1);
  }));
  EXPECT_TRUE(refused([](wire::Writer& writer) {
    writer.array(2);
    writer.str("");
    writer.str("sesame");
  }));
  EXPECT_TRUE(refused([](wire::Writer& writer) {
    writer.array(1);
    writer.str(std::string(2000, 'x'));
  }));
  EXPECT_TRUE(refused([](wire::Writer& writer) { writer.str("sesame"); }));
}

TEST(RareLog, leaves_out_what_comes_too_often_and_says_so) {
  std::vector<std::string> lines;
  Log log([&](LogLevel, std::string_view line) { lines.emplace_back(line); }, LogLevel::warning);
  RareLog rare(log);
  const TimePoint now = Deadline::now();
  for (int i = 0; i < 100; ++i) rare.warning_at(now, "no");
  EXPECT_EQ(lines.size(), 20u);
  rare.warning_at(now + 31s, "no");
  ASSERT_EQ(lines.size(), 21u);
  EXPECT_EQ(lines.back(), "no (80 such lines were left out)");
}

}  // namespace
}  // namespace vagus::testing
