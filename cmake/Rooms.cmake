# What nearly every file includes, parsed once for all targets that are compiled alike: for tests always, for rooms and fuzz
# targets where SKEIN_PRECOMPILE is on (clang: half of the time of a file, g++: a quarter). The released rooms go without,
# so that a file that forgets an include of its own does not build.
#
#   skein_precompile(NAME HEADERS header… [LIBS target…] [OPTIONS option…])
function(skein_precompile NAME)
  cmake_parse_arguments(P "" "" "HEADERS;LIBS;OPTIONS" ${ARGN})
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${NAME}.cc CONTENT "")
  add_library(${NAME} OBJECT ${CMAKE_BINARY_DIR}/${NAME}.cc)
  target_link_libraries(${NAME} PRIVATE skein_warnings fmt::fmt ${P_LIBS})
  target_compile_options(${NAME} PRIVATE ${P_OPTIONS})
  target_precompile_headers(${NAME} PRIVATE ${P_HEADERS})
endfunction()

set(skein_common_headers <algorithm> <chrono> <expected> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <unordered_map> <variant> <vector> <fmt/format.h> <nlohmann/json.hpp>)
if(SKEIN_PRECOMPILE)
  skein_precompile(skein_room_headers HEADERS ${skein_common_headers})
  if(SKEIN_UNOPTIMISED_ROOMS)
    skein_precompile(skein_unoptimised_headers HEADERS ${skein_common_headers} OPTIONS -O0)
  endif()
endif()

# A room is one static library per folder of src/. Its headers are reached through a folder that
# holds only that room's name, so an include of a room that is not declared here finds no file.
#
# SKEIN_UNOPTIMISED_ROOMS (the asan preset) compile in half the time and have few instructions to execute.
#
#   skein_room(NAME USES room… LIBS target… [SOURCES file…])
function(skein_room NAME)
  cmake_parse_arguments(ROOM "" "" "USES;LIBS;PRIVATE_LIBS;SOURCES" ${ARGN})
  if(NOT ROOM_SOURCES)
    file(GLOB ROOM_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc
         ${CMAKE_CURRENT_SOURCE_DIR}/*/*.cc)
  endif()
  set(door ${CMAKE_BINARY_DIR}/rooms/${NAME})
  file(MAKE_DIRECTORY ${door})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${door}/${NAME} SYMBOLIC)
  add_library(skein_${NAME} STATIC ${ROOM_SOURCES})
  target_include_directories(skein_${NAME} PUBLIC ${door})
  target_link_libraries(skein_${NAME} PRIVATE skein_warnings ${ROOM_PRIVATE_LIBS})
  target_link_libraries(skein_${NAME} PUBLIC ${ROOM_LIBS})
  foreach(other ${ROOM_USES})
    target_link_libraries(skein_${NAME} PUBLIC skein_${other})
  endforeach()
  set(headers skein_room_headers)
  if(NAME IN_LIST SKEIN_UNOPTIMISED_ROOMS)
    target_compile_options(skein_${NAME} PRIVATE -O0)
    set(headers skein_unoptimised_headers)
  endif()
  if(SKEIN_PRECOMPILE)
    target_precompile_headers(skein_${NAME} REUSE_FROM ${headers})
  endif()
endfunction()

# What is tested is optimised; the tests need not be.
if(SKEIN_SANITIZE)
  set(skein_test_options -O0)
elseif(CMAKE_BUILD_TYPE STREQUAL Release)
  set(skein_test_options -O1 ${skein_half_optimised})
endif()

# Tests of a room: every tests/<room>/*_test.cc in one program, each test known to CTest.
#
#   skein_tests(ROOM USES room… LIBS target… [LABELS label…])
# SKEIN_TEST_PREFIX ("asan/") tells the builds apart where one CTest run covers several.
function(skein_tests ROOM)
  cmake_parse_arguments(T "" "" "USES;LIBS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc
       ${CMAKE_CURRENT_SOURCE_DIR}/*_support.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${ROOM}_test ${sources})
  target_include_directories(${ROOM}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${ROOM}_test PRIVATE skein_warnings ${T_LIBS} GTest::gmock GTest::gtest_main)
  foreach(other ${T_USES})
    target_link_libraries(${ROOM}_test PRIVATE skein_${other})
  endforeach()
  target_precompile_headers(${ROOM}_test REUSE_FROM skein_test_headers)
  target_compile_options(${ROOM}_test PRIVATE ${skein_test_options})
  gtest_discover_tests(${ROOM}_test TEST_PREFIX ${SKEIN_TEST_PREFIX}${ROOM}. DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 600 LABELS "${ROOM};${T_LABELS}")
endfunction()
