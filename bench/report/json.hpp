/// The rows for machines.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rows/row.hpp"

namespace bench {

/// A list of objects, one a row. What does not apply to a row is null. Throws std::runtime_error if the file
/// cannot be written.
void write_json(const std::string& file, const std::vector<Row>& rows);

/// Path of a row -> ratio.
using Ratios = std::map<std::string, double>;

/// A list of objects with the name of a row and its ratio only.
void write_ratios(const std::string& file, const Ratios& ratios);
/// Reads such a list, or a whole table; rows without a ratio are left out. Throws std::runtime_error that
/// says where it is not what it should be.
Ratios read_ratios(const std::string& file);

}  // namespace bench
