/// What is different with a peer that speaks MessagePack-RPC and no more.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <vagus/api/api_host.hpp>
#include <vagus/api/params.hpp>
#include <vagus/core/bytes.hpp>
#include <vagus/transport/url.hpp>
#include <vagus/wire/error_message.hpp>
#include <vagus/wire/writer.hpp>

#include "function_ref.hpp"
#include "name_pattern.hpp"

namespace vagus {

/// What such a peer takes; since it says nothing of itself, the endpoint's URL does. A plain value.
struct PlainPeerOptions {
  wire::PlainErrorForm errors = wire::PlainErrorForm::pair;  ///< `?errors=pair`, `text` or `map`
  std::vector<NamePattern> events;  ///< `?events=panel.**,alarm`: what it is posted; none by default

  /// From the options of a URL, of which others are not looked at. Throws ApiParamError.
  static PlainPeerOptions from(const Url& url);
};

/// One such peer. Immutable.
class PlainPeer {
 public:
  /// `serves`: we have connected to it, so that it waits for requests; a client may be ended by one.
  PlainPeer(std::shared_ptr<const PlainPeerOptions> options, bool serves)
      : options_(std::move(options)), serves_(serves) {}

  /// Does it take requests, and notifications in their place, that are not sent to it by name?
  bool serves() const noexcept { return serves_; }
  bool takes_events() const noexcept { return !options_->events.empty(); }
  bool takes_event(std::string_view name_space) const noexcept;
  wire::PlainErrorForm errors() const noexcept { return options_->errors; }

 private:
  std::shared_ptr<const PlainPeerOptions> options_;
  bool serves_;
};

/// The message that `write` writes, fit for such a peer: with all that is lent copied. Throws what `write`
/// throws, and ApiParamError for what is nested too deeply for such peers.
Bytes plain_message(FunctionRef<void(wire::Writer&)> write);

/// The arguments of a call as one array: such a peer knows no names, so those given by name take their places
/// among the declared parameters, and defaults stand for what is left out before them. Throws ApiParamError;
/// `declared` is null where nothing is known of the method.
Bytes plain_arguments(const detail::Outgoing& call, const detail::ParameterList* declared);

}  // namespace vagus
