#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <vagus/testing/failed.hpp>
#include <vagus/testing/scripted_peer.hpp>
#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"

namespace vagus::testing {

/// The text of what it throws.
template <typename Thrown = Failed, typename Function>
std::string failure(const Function& function) {
  try {
    function();
  } catch (const Thrown& failed) {
    return failed.what();
  }
  return "nothing was thrown";
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A head whose body is played.
class AScriptedPeer : public ::testing::Test {
 protected:
  AScriptedPeer() { head_.attach(axis_); }

  ScriptedPeer body_{ScriptedPeerOptions{.timeout = generous}};
  AxisApi axis_{"machine.x"};
  ApiArb head_{body_.endpoint()};
};

}  // namespace vagus::testing
