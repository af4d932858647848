/// The APIs of a recording, once more.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/vagus.hpp>

namespace vagus::tools {

/// Declares the events that a peer has described, so that who asks is told of them, and sends them. What was
/// a property is one: who comes late sees its last value, and may ask for it.
class ReplayedApis {
 public:
  /// Attaches them to `arb`, which has to outlive this. Throws ApiParamError for a description that no peer
  /// tells.
  ReplayedApis(ApiArb& arb, const Description& described);
  ReplayedApis(const ReplayedApis&) = delete;
  ReplayedApis& operator=(const ReplayedApis&) = delete;
  ~ReplayedApis();

  /// To all that listen. One at a time. Throws what keeps it from being sent.
  void send(const HeardEvent& event);

 private:
  void declare(const MemberDescription& event, const Description& described);
  ApiBase& api(const std::string& name_space);

  ApiArb& arb_;
  std::set<std::string, std::less<>> roots_;
  std::vector<std::unique_ptr<ApiBase>> apis_;  // each behind the one that it is a part of
  std::map<std::string, ApiBase*, std::less<>> by_name_;
  std::vector<std::shared_ptr<void>> events_;
  std::map<std::string, std::unique_ptr<Property<Value>>, std::less<>> properties_;  // by their events
};

}  // namespace vagus::tools
