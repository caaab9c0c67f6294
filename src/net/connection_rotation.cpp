// The replacement of a connection by another one: make before break.
#include <utility>

#include "net/connection.hpp"

namespace steelyard {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

milliseconds Connection::age_limit() const {
  if (options_.max_age.count() != 0) return options_.max_age;
  const auto limit = duration_cast<milliseconds>(plan_.venue->limits.max_age);
  return limit > options_.rotation_margin ? limit - options_.rotation_margin : limit;
}

// Make before break: the other link is opened, and takes over when it delivers.
void Connection::rotate(const std::string& why) {
  if (stopped_ || rotating_ || !rotation_wanted_.empty() || !links_[current_].open) return;
  rotation_wanted_ = why;
  // A venue that asks for it again and again does not get it as often.
  const auto now = options_.clock();
  backoff_.lived(duration_cast<milliseconds>(now - links_[current_].opened));
  next_rotation_ = now + backoff_.next();
}

void Connection::tend_rotation(Clock::time_point now) {
  if (rotating_) {
    // What the new connection has not brought by now it need not be waited for.
    const Link& fresh = links_[1 - current_];
    if (fresh.open && now - fresh.opened > options_.data_deadline) {
      finish_rotation("the new connection has had its time");
    }
    return;
  }
  if (rotation_wanted_.empty() || !links_[current_].open || now < next_rotation_) return;
  if (connects_.take(now).count() != 0) return;
  rotating_ = true;
  tell(NetEvent::Kind::Rotating, rotation_wanted_);
  open(1 - current_);
}

void Connection::finish_rotation(const char* why) {
  const std::size_t old = current_;
  current_ = 1 - current_;
  rotating_ = false;
  rotation_wanted_.clear();
  ++counters_.rotations;
  emit(old, FrameKind::LinkDown, "planned");
  links_[old].stream->leave();
  links_[old].stream.reset();
  forget(links_[old]);
  tell(NetEvent::Kind::Rotated, why);
}

}  // namespace steelyard
