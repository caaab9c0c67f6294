// src/venues/okx_prints.hpp -- trades and liquidation orders of OKX.
#pragma once

#include "venues/json_walk.hpp"

namespace steelyard::okx {

// HOT. Reads elements of "data"; belongs to one frame.
class PrintReader {
 public:
  // `symbol`, `entry`: of the frame's "arg", for elements that name none.
  PrintReader(const SymbolTable& symbols, DecodeScratch& scratch, MessageBatch& out,
              std::string_view symbol, const SymbolEntry* entry) noexcept
      : symbols_{symbols}, scratch_{scratch}, out_{out}, symbol_{symbol}, entry_{entry} {}

  [[nodiscard]] DecodeStatus read_trade(json::Object& object) noexcept;
  [[nodiscard]] DecodeStatus read_liquidations(json::Object& object) noexcept;

 private:
  struct Print;
  void name(std::string_view symbol) noexcept;
  [[nodiscard]] DecodeStatus read_details(json::Value& value) noexcept;
  [[nodiscard]] static DecodeStatus read_tokens(json::Object& object, Print& print) noexcept;
  [[nodiscard]] DecodeStatus add_print(MessageKind kind, const json::Token& price,
                                       const Print& print) noexcept;

  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_;
};

}  // namespace steelyard::okx
