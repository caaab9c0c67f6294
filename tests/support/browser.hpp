// tests/support/browser.hpp -- headless Chromium, told what to do over its own debugging protocol.
#pragma once

#include <memory>
#include <string>

namespace steelyard {

// A page in a browser of the test's own. Where there is no Chromium, is_there() is false and
// nothing else may be called.
class Browser {
 public:
  // A window of this size, nothing loaded.
  Browser(int width, int height);
  ~Browser();

  [[nodiscard]] static bool is_there();
  void open(const std::string& url);
  // What an expression of the page gives, as text; "error: ..." if it throws.
  [[nodiscard]] std::string evaluate(const std::string& expression);
  // Whether the expression becomes true within 20 seconds.
  [[nodiscard]] bool becomes(const std::string& expression);
  // What the page wrote to its console or failed at: "" if nothing.
  [[nodiscard]] std::string complaints();
  // Addresses of everything that it asked for, one a line.
  [[nodiscard]] std::string requests();
  void resize(int width, int height);
  // A PNG, if STEELYARD_SCREENSHOTS names a folder.
  void picture(const std::string& name);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steelyard
