# Run with -P: writes a C++ file that holds every file of ROOT/FOLDER through the assembler's .incbin,
# which takes no compile time whatever their size. The symbols are hidden, not local: to local ones of one section the
# linker of arm64 gives one place in the table of offsets.
file(GLOB_RECURSE files ${ROOT}/${FOLDER}/*)
list(SORT files)
set(asm "")
set(decls "")
set(rows "")
set(i 0)
foreach(path ${files})
  file(RELATIVE_PATH name ${ROOT}/${FOLDER} ${path})
  set(symbol "skein_data_${NAMESPACE}_${i}")
  string(APPEND asm "__asm__(\".pushsection .rodata\\n.balign 16\\n.globl ${symbol}, ${symbol}_end\\n.hidden ${symbol}, ${symbol}_end\\n${symbol}:\\n.incbin \\\"${path}\\\"\\n${symbol}_end:\\n.byte 0\\n.popsection\\n\");\n")
  string(APPEND decls "extern \"C\" [[gnu::visibility(\"hidden\")]] const char ${symbol}[], ${symbol}_end[];\n")
  string(APPEND rows "    {\"${name}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
  math(EXPR i "${i}+1")
endforeach()
if(NOT files)
  file(WRITE ${OUT} "// Generated from data/${FOLDER}, which is empty, by cmake/EmbedFiles.cmake.
#include \"base/embedded.h\"

namespace skein::${NAMESPACE}::data {
std::span<const EmbeddedFile> files() { return {}; }
}  // namespace skein::${NAMESPACE}::data
")
  return()
endif()
file(WRITE ${OUT} "// Generated from data/${FOLDER} by cmake/EmbedFiles.cmake.
#include \"base/embedded.h\"

${decls}
${asm}
namespace skein::${NAMESPACE}::data {
std::span<const EmbeddedFile> files() {
  static const EmbeddedFile kFiles[] = {
${rows}  };
  return kFiles;
}
}  // namespace skein::${NAMESPACE}::data
")
