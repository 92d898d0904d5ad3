# Compiler settings of our own code. Grammars and other foreign C are built without them. Only g++'s warnings are
# errors: clang (fuzzing) warns of libstdc++'s own headers.
add_library(skein_warnings INTERFACE)
target_compile_options(skein_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<CXX_COMPILER_ID:GNU>:-Werror> -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 takes the empty alternative of std::expected for an uninitialized value.
  target_compile_options(skein_warnings INTERFACE -Wno-maybe-uninitialized)
  # At -O1 it takes moved strings for overruns. Our own sources as released (-O2) keep these warnings.
  set(skein_half_optimised -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
  if(NOT CMAKE_BUILD_TYPE STREQUAL Release)
    target_compile_options(skein_warnings INTERFACE ${skein_half_optimised})
  endif()
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT CMAKE_CROSSCOMPILING AND NOT SKEIN_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
if(SKEIN_SANITIZE)
  string(REPLACE "," ";" skein_sanitizers "${SKEIN_SANITIZE}")
  add_compile_options(-fsanitize=${SKEIN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SKEIN_SANITIZE})
  if("thread" IN_LIST skein_sanitizers)
    # TSan does not know fences; Asio's locks do without them.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()
if(SKEIN_COVERAGE)
  add_compile_options(--coverage -O0 -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
# Precompiled headers are compared by what they say, so that ccache can give them back.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
else()
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
add_compile_definitions(FMT_DEPRECATED_OSTREAM=0)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)

# One static archive of a Debian package: nothing to relocate at start-up.
function(skein_static_library TARGET FILE)
  find_library(${TARGET}_PATH NAMES ${FILE} REQUIRED)
  # Imported, so that what it stands on comes after it: GNU's linker looks once.
  add_library(${TARGET} STATIC IMPORTED GLOBAL)
  set_target_properties(${TARGET} PROPERTIES IMPORTED_LOCATION ${${TARGET}_PATH})
  target_link_libraries(${TARGET} INTERFACE ${ARGN})
endfunction()
skein_static_library(dep_crypto libcrypto.a ${CMAKE_DL_LIBS} Threads::Threads)
skein_static_library(dep_ssl libssl.a dep_crypto)
skein_static_library(dep_sqlite libsqlite3.a ${CMAKE_DL_LIBS} Threads::Threads m)
skein_static_library(dep_zstd libzstd.a)
skein_static_library(dep_xxhash libxxhash.a)
skein_static_library(dep_yaml libyaml.a)
skein_static_library(dep_expat libexpat.a m)
