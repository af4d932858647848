#include <utility>

#include <vagus/api/api_root.hpp>
#include <vagus/api/retained.hpp>

namespace vagus::detail {

namespace {

class PackedEvent final : public Outgoing {
 public:
  explicit PackedEvent(const Bytes& arguments) : arguments_(arguments) {}
  void pack(wire::Writer& writer) const override { writer.raw(arguments_); }

 private:
  const Bytes& arguments_;
};

}  // namespace

Bytes Retained::last() const {
  MutexLock lock(mutex_);
  return arguments_;
}

void Retained::update(ApiRoot& root, Bytes arguments) {
  MutexLock lock(mutex_);
  if (arguments == arguments_) return;
  arguments_ = std::move(arguments);
  send(root, 0);
}

void Retained::tell(ApiRoot& root, std::uint64_t peer) const {
  MutexLock lock(mutex_);
  if (!arguments_.empty()) send(root, peer);
}

void Retained::send(ApiRoot& root, std::uint64_t peer) const {
  const auto host = root.host();
  if (!host) return;
  PackedEvent event(arguments_);
  event.name_space = name_space_;
  event.root = &root;
  event.event = true;
  if (peer != 0) event.target = {Target::Kind::peer, peer};
  host->tell_last(event);
}

bool LastTold::is_new(std::uint64_t peer, Bytes value) {
  MutexLock lock(mutex_);
  if (peer == peer_ && value == value_) return false;
  peer_ = peer;
  value_ = std::move(value);
  return true;
}

}  // namespace vagus::detail
