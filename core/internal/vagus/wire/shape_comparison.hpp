/// Whether two builds of one method understand each other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vagus::wire {

/// Compares two signatures that are spelled out as MemberDescription::signature has it. None: whoever was
/// built with the one can call what was built with the other, and each understands what the other sends. Else
/// the first place where they do not agree, as a part of a sentence: `parameter 2 is double for the caller
/// and int for the handler`, `result<>.position_mm is` for a field in a list.
///
/// What may differ: fields that the one struct has after those of both, which are skipped or keep their
/// initialisers; parameters after those of both, if they may be left out; what may be left out at all;
/// alternatives of a variant after those of both, if who does not have them has an UnknownAlternative; names
/// of fields if one side has none; whatever is `any` on one side. All else may not.
///
/// The caller's text has come from a peer: what is no signature is compared letter by letter.
std::optional<std::string> contract_difference(std::string_view caller, std::string_view handler);

}  // namespace vagus::wire
