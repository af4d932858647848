#include "peer_rights.hpp"

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>

namespace vagus::testing {
namespace {

using Names = std::vector<std::string>;

transport::Credentials credentials(std::int64_t user_id, std::int64_t group_id, std::string certificate) {
  transport::Credentials known;
  known.user_id = user_id;
  known.group_id = group_id;
  known.certificate_name = std::move(certificate);
  return known;
}

TEST(PeerRights, of_an_empty_list_are_none) {
  PeerRights rights(Permissions(), credentials(0, 0, "a"), "anna");
  EXPECT_FALSE(rights.may_call("machine.stop"));
  Interest interest;
  interest.handles = {"desk.show"};
  interest.listens = {"machine.moved"};
  interest.roots = {"desk"};
  EXPECT_EQ(rights.restrict_announced(interest), Names{"machine.moved"});
  EXPECT_TRUE(interest.handles.empty());
  EXPECT_TRUE(interest.listens.empty());
  EXPECT_TRUE(interest.roots.empty());
}

TEST(PeerRights, add_up_over_the_permissions_that_concern_the_peer) {
  const Permissions permissions{{.call = {"clock.now"}},
                                {.user = "anna", .call = {"machine.*"}},
                                {.user = "bert", .call = {"**"}},
                                {.user_id = 7, .call = {"log.**"}}};
  PeerRights rights(permissions, credentials(7, -1, ""), "anna");
  for (int asked = 0; asked < 2; ++asked) {  // the second time as it is remembered
    EXPECT_TRUE(rights.may_call("clock.now"));
    EXPECT_TRUE(rights.may_call("machine.stop"));
    EXPECT_TRUE(rights.may_call("log.of.today.read"));
    EXPECT_FALSE(rights.may_call("machine.x.stop"));
    EXPECT_FALSE(rights.may_call("clock.set"));
    EXPECT_FALSE(rights.may_call(""));
  }
}

TEST(PeerRights, concern_a_peer_of_which_all_is_true_that_is_given) {
  const Permission both{.user = "anna", .certificate = "panel"};
  EXPECT_TRUE(concerns(both, credentials(-1, -1, "panel"), "anna"));
  EXPECT_FALSE(concerns(both, credentials(-1, -1, "panel"), ""));
  EXPECT_FALSE(concerns(both, credentials(-1, -1, ""), "anna"));
  EXPECT_FALSE(concerns(both, credentials(-1, -1, "panel2"), "anna"));
  const Permission of_group{.user_id = 5, .group_id = 6};
  EXPECT_TRUE(concerns(of_group, credentials(5, 6, ""), ""));
  EXPECT_FALSE(concerns(of_group, credentials(5, 7, ""), ""));
  EXPECT_FALSE(concerns(of_group, credentials(-1, -1, ""), ""));
}

TEST(PeerRights, with_a_star_for_a_name_concern_whoever_has_one) {
  EXPECT_TRUE(concerns({.user = "*"}, credentials(-1, -1, ""), "anna"));
  EXPECT_FALSE(concerns({.user = "*"}, credentials(-1, -1, ""), ""));
  EXPECT_TRUE(concerns({.certificate = "*"}, credentials(-1, -1, "panel"), ""));
  EXPECT_FALSE(concerns({.certificate = "*"}, credentials(-1, -1, ""), "anna"));
}

TEST(PeerRights, let_a_peer_listen_to_patterns_of_which_it_may_hear_something) {
  const PeerRights rights(Permissions{{.call = {"desk.**"}, .listen = {"machine.*.moved"}}}, {}, {});
  Interest interest;
  interest.listens_to = {"**", "machine.x.*", "desk.**", "what is no pattern"};
  EXPECT_EQ(rights.restrict_announced(interest), Names{"desk.**"});
  EXPECT_EQ(interest.listens_to, (Names{"**", "machine.x.*", "what is no pattern"}));
  interest.listens_to = {"**", "machine.**", "*.closed"};
  interest.unlistens_to = {"machine.x.moved", "desk.closed"};
  rights.restrict_told(interest);
  EXPECT_EQ(interest.listens_to, (Names{"**", "*.closed"}));
  EXPECT_EQ(interest.unlistens_to, Names{"desk.closed"});
}

TEST(PeerRights, say_what_a_peer_is_told_of) {
  const Permissions permissions{{.call = {"machine.x.*"}, .describe = {"log.**"}}};
  const PeerRights rights(permissions, {}, {});
  Interest picture;
  picture.handles = {"machine.x.move", "machine.y.move", "log.read"};
  picture.listens = {"machine.x.pressed", "desk.pressed"};
  picture.roots = {"machine", "log", "desk"};
  rights.restrict_told(picture);
  EXPECT_EQ(picture.handles, (Names{"machine.x.move", "log.read"}));
  EXPECT_EQ(picture.listens, Names{"machine.x.pressed"});
  EXPECT_EQ(picture.roots, (Names{"machine", "log"}));
}

TEST(PeerRights, hold_for_hooks_as_they_do_for_handlers) {
  const PeerRights rights(Permissions{{.call = {"log.**"}, .handle = {"machine.x.*"}}}, {}, {});
  Interest announced;
  announced.hooks = {"machine", "machine.x", "desk"};
  EXPECT_TRUE(rights.restrict_announced(announced).empty());
  EXPECT_EQ(announced.hooks, (Names{"machine", "machine.x"}));
  EXPECT_TRUE(rights.may_handle("machine.x.move"));
  EXPECT_FALSE(rights.may_handle("machine.y.move"));  // though its hook would take it
  Interest told;
  told.hooks = {"log", "desk"};
  told.unhooks = {"desk", "log.read"};
  rights.restrict_told(told);
  EXPECT_EQ(told.hooks, Names{"log"});
  EXPECT_EQ(told.unhooks, Names{"log.read"});
}

TEST(PeerRights, remember_no_more_than_they_should) {
  PeerRights rights(Permissions{{.call = {"machine.*"}}}, {}, {});
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(rights.may_call("machine.m" + std::to_string(i)));
    EXPECT_FALSE(rights.may_call("mill.m" + std::to_string(i)));
  }
}

TEST(Permissions, that_are_wrong_are_refused_where_they_are_made) {
  const auto text_of = [](const Permission& wrong) -> std::string {
    try {
      const Permissions permissions{{.call = {"a"}}, wrong};
    } catch (const ApiParamError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_NE(text_of({.call = {"machine.***"}}).find("permission 2"), std::string::npos);
  EXPECT_NE(text_of({.listen = {"machine.***"}}).find("machine.***"), std::string::npos);
  EXPECT_NE(text_of({.describe = {""}}).find("describe"), std::string::npos);
  EXPECT_NE(text_of({.handle = {"a b"}}).find("handle"), std::string::npos);
  EXPECT_NE(text_of({.user = ""}).find("user"), std::string::npos);
  EXPECT_NE(text_of({.certificate = ""}).find("certificate"), std::string::npos);
  EXPECT_NE(text_of({.user_id = -1}).find("negative"), std::string::npos);
}

}  // namespace
}  // namespace vagus::testing
