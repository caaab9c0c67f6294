#include "engine/top_audit.hpp"

namespace steelyard {

void TopAudit::clear() noexcept {
  for (State& state : bbos_) state.waiting = false;
  for (State& state : books_) state.waiting = false;
}

void TopAudit::meet(std::vector<State>& mine, std::vector<State>& others, SequenceNo id,
                    const Top& top) noexcept {
  State& other = others[id.raw() & (others.size() - 1)];
  if (other.waiting && other.id == id) {
    other.waiting = false;
    ++(other.top == top ? ok_ : bad_);
    return;
  }
  mine[id.raw() & (mine.size() - 1)] = {id, top, true};
}

}  // namespace steelyard
