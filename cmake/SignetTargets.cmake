# What every target of the project has in common.

function(signet_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_23)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(SIGNET_DEVELOPER_MODE)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion
                                             -Wno-sign-conversion
                                             # an optimised build is for users, not for finding faults
                                             $<$<NOT:$<CONFIG:Release>>:-Werror>)
    # GCC 12 sees dangers in std::variant, std::optional and its own <charconv> that are not there.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
                                               -Wno-array-bounds -Wno-dangling-pointer
                                               $<$<CONFIG:Release>:-Wno-stringop-overread>)
    endif()
  endif()
  if(SIGNET_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${SIGNET_SANITIZE} -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${SIGNET_SANITIZE})
    # Asio has fences, which GCC's thread sanitizer does not model; everything it guards is under a mutex as well.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND SIGNET_SANITIZE STREQUAL "thread")
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
  endif()
  if(SIGNET_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage)
    target_link_options(${target} PUBLIC --coverage)
  endif()
endfunction()

# signet_test(NAME [PLAIN_ONLY] SOURCES... [LIBRARIES ...]): one test binary a folder, known to ctest test by test.
# PLAIN_ONLY: a sanitizer has nothing to say about it, so it is run in the plain build alone (see plain_tests).
function(signet_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PLAIN_ONLY" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  signet_target_defaults(${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE signet::signet ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  set(labels)
  if(arg_PLAIN_ONLY)
    set(labels LABELS plain-only)
    add_dependencies(plain_tests ${name})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 ${labels})
endfunction()
