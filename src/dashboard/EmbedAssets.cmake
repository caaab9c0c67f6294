# Writes a C++ file that holds files of a folder: cmake -DROOT=... -DOUT=... -P EmbedAssets.cmake
set(FILES index.html app.js charts.js panel.js health.js format.js style.css
          vendor/uplot/uPlot.iife.min.js vendor/uplot/uPlot.min.css vendor/uplot/LICENSE)
set(arrays "")
set(rows "")
set(index 0)
foreach(file ${FILES})
  file(READ ${ROOT}/${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
                       "\\1\n" hex "${hex}")
  set(path "/${file}")
  if(file STREQUAL "index.html")
    set(path "/")
    set(type "text/html; charset=utf-8")
  elseif(file MATCHES "\\.js$")
    set(type "text/javascript; charset=utf-8")
  elseif(file MATCHES "\\.css$")
    set(type "text/css; charset=utf-8")
  else()
    set(type "text/plain; charset=utf-8")
  endif()
  string(APPEND arrays "constexpr unsigned char kFile${index}[] = {\n${hex}};\n")
  string(APPEND rows "    {\"${path}\", \"${type}\",\n     {reinterpret_cast<const char*>(kFile${index}), ${bytes}}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUT} "// Made by src/dashboard/EmbedAssets.cmake.
#include \"dashboard/assets.hpp\"

namespace steelyard {
namespace {

${arrays}
}  // namespace

std::span<const Asset> dashboard_assets() noexcept {
  static const Asset kAssets[] = {
${rows}  };
  return kAssets;
}

}  // namespace steelyard
")
