# tree-sitter's core and grammars, compiled from the C sources that their npm packages carry.
# The core is the one in npm's `tree-sitter` (ABI 13 to 15); docs/decisions.md says why.
set(SKEIN_NODE_MODULES ${CMAKE_SOURCE_DIR}/node_modules CACHE PATH "Where npm ci put the packages")
if(NOT EXISTS ${SKEIN_NODE_MODULES}/tree-sitter/vendor/tree-sitter/lib/src/lib.c)
  message(FATAL_ERROR "The grammars are missing: run ./check or ./demo, or `npm ci --ignore-scripts` in ${CMAKE_SOURCE_DIR}.")
endif()

set(core ${SKEIN_NODE_MODULES}/tree-sitter/vendor/tree-sitter/lib)
add_library(tree_sitter_core STATIC ${core}/src/lib.c)
target_include_directories(tree_sitter_core SYSTEM PUBLIC ${core}/include PRIVATE ${core}/src)
# Foreign C: clang's checks of undefined behaviour (casts between function types, …) are not ours to mend there.
set(SKEIN_FOREIGN_C $<$<C_COMPILER_ID:Clang>:-fno-sanitize=undefined>)
if(SKEIN_SANITIZE STREQUAL "thread")
  set(SKEIN_FOREIGN_C -fno-sanitize=all)  # It starts no threads and shares nothing.
endif()
target_compile_options(tree_sitter_core PRIVATE -O3 -w ${SKEIN_FOREIGN_C})
target_compile_definitions(tree_sitter_core PRIVATE _POSIX_C_SOURCE=200112L _DEFAULT_SOURCE)

# Their tables are data; what the compiler optimises are the lexers and scanners.
set(SKEIN_GRAMMAR_OPTIMISATION -O2)

# skein_grammar(NAME FOLDER): tree_sitter_<NAME>() from node_modules/<FOLDER>/src.
add_library(tree_sitter_grammars INTERFACE)
target_link_libraries(tree_sitter_grammars INTERFACE tree_sitter_core)
function(skein_grammar NAME FOLDER)
  set(dir ${SKEIN_NODE_MODULES}/${FOLDER}/src)
  set(sources ${dir}/parser.c)
  if(EXISTS ${dir}/scanner.c)
    list(APPEND sources ${dir}/scanner.c)
  endif()
  add_library(grammar_${NAME} STATIC ${sources})
  target_include_directories(grammar_${NAME} SYSTEM PRIVATE ${dir})
  target_compile_options(grammar_${NAME} PRIVATE ${SKEIN_GRAMMAR_OPTIMISATION} -g0 -w ${SKEIN_FOREIGN_C})
  target_link_libraries(tree_sitter_grammars INTERFACE grammar_${NAME})
endfunction()
skein_grammar(bash tree-sitter-bash)
skein_grammar(c tree-sitter-c)
skein_grammar(c_sharp tree-sitter-c-sharp)
skein_grammar(cpp tree-sitter-cpp)
skein_grammar(go tree-sitter-go)
skein_grammar(java tree-sitter-java)
skein_grammar(javascript tree-sitter-javascript)
skein_grammar(php tree-sitter-php/php)
skein_grammar(python tree-sitter-python)
skein_grammar(ruby tree-sitter-ruby)
skein_grammar(rust tree-sitter-rust)
skein_grammar(typescript tree-sitter-typescript/typescript)
skein_grammar(tsx tree-sitter-typescript/tsx)
