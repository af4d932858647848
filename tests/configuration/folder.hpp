#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace vagus::testing {

/// A folder with files, which goes with the test.
class Folder {
 public:
  Folder() : path_("/tmp/vagus-configuration-" + std::to_string(::getpid())) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const noexcept { return path_; }
  /// Gives its path.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + '/' + name) << text;
    return path_ + '/' + name;
  }

 private:
  const std::string path_;
};

}  // namespace vagus::testing
