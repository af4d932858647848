#include "interest.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/core/name.hpp>
#include <vagus/wire/message.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus {

namespace {

constexpr std::size_t names_per_message = 256;

// A peer that announces more than this is not believed: it would only fill our memory.
constexpr std::size_t max_names = 1'000'000;

struct Field {
  const char* key;
  std::vector<std::string> Interest::*names;
  bool patterns = false;
};
constexpr std::array<Field, 10> fields{{{"handles", &Interest::handles},
                                        {"unhandles", &Interest::unhandles},
                                        {"listens", &Interest::listens},
                                        {"unlistens", &Interest::unlistens},
                                        {"listens_to", &Interest::listens_to, true},
                                        {"unlistens_to", &Interest::unlistens_to, true},
                                        {"roots", &Interest::roots},
                                        {"unroots", &Interest::unroots},
                                        {"hooks", &Interest::hooks},
                                        {"unhooks", &Interest::unhooks}}};

// One for each of `handles`, then one for each of `listens`, in their order; 0 where there is none.
constexpr const char* shapes_key = "shapes";
constexpr std::array names_with_shapes{&Interest::handles, &Interest::listens};

void write_shapes(wire::Writer& writer, const Interest& part) {
  writer.str(shapes_key);
  writer.array(part.handles.size() + part.listens.size());
  for (const auto names : names_with_shapes) {
    for (const std::string& name : part.*names) {
      const auto shape = part.shapes.find(name);
      writer.unsigned_integer(shape != part.shapes.end() ? shape->second : 0);
    }
  }
}

void write(wire::Writer& writer, const Interest& part) {
  wire::begin_notification(writer, "$interest", false);
  writer.array(1);
  const auto present = std::count_if(fields.begin(), fields.end(),
                                     [&](const Field& field) { return !(part.*field.names).empty(); });
  writer.map(static_cast<std::size_t>(present) + (part.shapes.empty() ? 0 : 1) + (part.catches_all ? 1 : 0) +
             (part.complete ? 1 : 0));
  for (const Field& field : fields) {
    const auto& names = part.*field.names;
    if (names.empty()) continue;
    writer.str(field.key);
    writer.array(names.size());
    for (const std::string& name : names) writer.str(name);
  }
  if (!part.shapes.empty()) write_shapes(writer, part);
  if (part.catches_all) {
    writer.str("catches_all");
    writer.boolean(*part.catches_all);
  }
  if (!part.complete) return;
  writer.str("complete");
  writer.boolean(true);
}

Bytes packed_message(const Interest& part) {
  return wire::written([&](wire::Writer& writer) { write(writer, part); });
}

std::vector<std::string> read_texts(wire::Reader& reader) {
  std::vector<std::string> texts;
  for (std::size_t left = reader.array(); left > 0; --left) texts.emplace_back(reader.text());
  return texts;
}

std::vector<std::string> read_names(wire::Reader& reader) {
  auto names = read_texts(reader);
  for (const std::string& name : names) {
    if (!is_namespace(name)) throw wire::TypeError("\"" + name.substr(0, 80) + "\" is no namespace");
  }
  return names;
}

std::vector<std::uint64_t> read_shapes(wire::Reader& reader) {
  std::vector<std::uint64_t> shapes;
  for (std::size_t left = reader.array(); left > 0; --left) shapes.push_back(reader.unsigned_integer());
  return shapes;
}

void assign_shapes(Interest& interest, const std::vector<std::uint64_t>& shapes) {
  if (shapes.empty()) return;
  if (shapes.size() != interest.handles.size() + interest.listens.size()) {
    throw wire::TypeError("shapes has to have one element for each of handles and listens");
  }
  auto shape = shapes.begin();
  for (const auto names : names_with_shapes) {
    for (const std::string& name : interest.*names) {
      if (const auto given = *shape++; given != 0) interest.shapes.emplace(name, given);
    }
  }
}

NamePattern pattern_of_peer(const std::string& text) {
  try {
    return NamePattern(text);
  } catch (const ApiParamError& wrong) {
    throw wire::TypeError(wrong.what());
  }
}

}  // namespace

std::vector<Bytes> encode(const Interest& interest) {
  std::vector<Bytes> messages;
  Interest part;
  std::size_t size = 0;
  for (const Field& field : fields) {
    for (const std::string& name : interest.*field.names) {
      (part.*field.names).push_back(name);
      if (const auto shape = interest.shapes.find(name); shape != interest.shapes.end()) {
        part.shapes.insert(*shape);
      }
      if (++size < names_per_message) continue;
      messages.push_back(packed_message(part));
      part = {};
      size = 0;
    }
  }
  part.catches_all = interest.catches_all;
  part.complete = interest.complete;
  if (size != 0 || part.catches_all || part.complete) messages.push_back(packed_message(part));
  return messages;
}

Interest decode_interest(std::span<const std::byte> params) {
  Interest interest;
  std::vector<std::uint64_t> shapes;
  wire::Reader reader(params);
  if (reader.array() < 1) return interest;
  for (std::size_t left = reader.map(); left > 0; --left) {
    const std::string_view key = reader.text();
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& candidate) { return key == candidate.key; });
    if (field != fields.end()) {
      interest.*(field->names) = field->patterns ? read_texts(reader) : read_names(reader);
    } else if (key == shapes_key) {
      shapes = read_shapes(reader);
    } else if (key == "complete") {
      interest.complete = reader.boolean();
    } else if (key == "catches_all") {
      interest.catches_all = reader.boolean();
    } else {
      reader.skip();
    }
  }
  assign_shapes(interest, shapes);
  return interest;
}

void PeerInterest::apply(const Interest& interest) {
  MutexLock lock(mutex_);
  version_.fetch_add(1, std::memory_order_relaxed);
  for (const auto& name : interest.unhandles) handles_.erase(name);
  for (const auto& name : interest.unlistens) listens_.erase(name);
  for (const auto* names : {&interest.unhandles, &interest.unlistens, &interest.handles, &interest.listens}) {
    for (const auto& name : *names) shapes_.erase(name);
  }
  for (const auto& pattern : interest.unlistens_to) patterns_.erase(pattern);
  for (const auto& name : interest.unhooks) hooks_.erase(name);
  for (const auto& name : interest.unroots) {
    if (const auto found = roots_.find(name); found != roots_.end()) roots_.erase(found);
  }
  if (handles_.size() + listens_.size() + roots_.size() + hooks_.size() + interest.handles.size() +
          interest.listens.size() + interest.roots.size() + interest.hooks.size() >
      max_names) {
    throw wire::TypeError("the peer announces more than " + std::to_string(max_names) + " names");
  }
  if (patterns_.size() + interest.listens_to.size() > max_listened_patterns) {
    throw wire::TypeError("the peer listens to more than " + std::to_string(max_listened_patterns) +
                          " patterns");
  }
  handles_.insert(interest.handles.begin(), interest.handles.end());
  listens_.insert(interest.listens.begin(), interest.listens.end());
  // Only of what is kept: the others are without a bound.
  for (const auto names : names_with_shapes) {
    for (const std::string& name : interest.*names) {
      if (const auto shape = interest.shapes.find(name); shape != interest.shapes.end())
        shapes_.insert(*shape);
    }
  }
  for (const auto& pattern : interest.listens_to) patterns_.try_emplace(pattern, pattern_of_peer(pattern));
  any_pattern_.store(!patterns_.empty(), std::memory_order_release);  // PAIR listens-by-pattern
  hooks_.insert(interest.hooks.begin(), interest.hooks.end());
  catches_all_ = interest.catches_all.value_or(catches_all_);
  roots_.insert(interest.roots.begin(), interest.roots.end());
  if (roots_so_far_.size() < max_names) roots_so_far_.insert(interest.roots.begin(), interest.roots.end());
}

bool PeerInterest::handles(std::string_view name_space) const {
  MutexLock lock(mutex_);
  return handles_.find(name_space) != handles_.end();
}

bool PeerInterest::listens(std::string_view name_space) const {
  MutexLock lock(mutex_);
  return listens_.find(name_space) != listens_.end();
}

std::uint64_t PeerInterest::shape(std::string_view name_space) const {
  MutexLock lock(mutex_);
  const auto found = shapes_.find(name_space);
  return found != shapes_.end() ? found->second : 0;
}

bool PeerInterest::listens_by_pattern(std::string_view name_space) const {
  // So that events cost nothing more where nobody listens by a pattern.
  if (!any_pattern_.load(std::memory_order_acquire)) return false;  // PAIR listens-by-pattern
  MutexLock lock(mutex_);
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const auto& pattern) { return pattern.second.matches(name_space); });
}

bool PeerInterest::hooks(std::string_view name_space) const {
  MutexLock lock(mutex_);
  if (hooks_.empty()) return false;
  for (auto above = parent_namespace(name_space); !above.empty(); above = parent_namespace(above)) {
    if (hooks_.find(above) != hooks_.end()) return true;
  }
  return false;
}

bool PeerInterest::catches_all() const {
  MutexLock lock(mutex_);
  return catches_all_;
}

std::set<std::string> PeerInterest::roots_so_far() const {
  MutexLock lock(mutex_);
  return roots_so_far_;
}

bool PeerInterest::has_any_of(std::string_view name_space) const {
  MutexLock lock(mutex_);
  if (name_space.empty()) return !handles_.empty() || !roots_.empty();
  const auto within = [&](const std::string& name) { return is_within(name, name_space); };
  return std::any_of(handles_.begin(), handles_.end(), within) ||
         std::any_of(roots_.begin(), roots_.end(),
                     [&](const std::string& root) { return within(root) || is_within(name_space, root); });
}

bool PeerInterest::owns(std::string_view name_space) const {
  MutexLock lock(mutex_);
  // Not through all of them: how many there are is the peer's choice.
  for (auto above = name_space; !above.empty(); above = parent_namespace(above)) {
    if (roots_.find(above) != roots_.end()) return true;
  }
  return false;
}

}  // namespace vagus
