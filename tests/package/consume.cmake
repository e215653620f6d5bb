# Configures, builds and runs the consumer: cmake -DMODE=find_package|add_subdirectory -DSIGNET_SOURCE=... -DSIGNET_BUILD=...
# -DWORK=... -DCOMPILER=... -DGENERATOR=... -DMAKE_PROGRAM=... -DLAUNCHER=... -P consume.cmake
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
if(MODE STREQUAL "find_package")
  run("${CMAKE_COMMAND}" --install "${SIGNET_BUILD}" --prefix "${WORK}/prefix")
  set(how "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
else()
  set(how "-DSIGNET_SOURCE=${SIGNET_SOURCE}")
endif()

run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${WORK}/build" -G "${GENERATOR}" ${how}
    "-DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
    -DCMAKE_BUILD_TYPE=Debug)
run("${CMAKE_COMMAND}" --build "${WORK}/build" --target consumer)
run("${WORK}/build/consumer")
if(NOT output MATCHES "^consumer uses signet [0-9]+\\.[0-9]+\\.[0-9]+\n$")
  message(FATAL_ERROR "the consumer said: ${output}")
endif()
message(STATUS "${output}")

# What a consumer installs is his own.
run("${CMAKE_COMMAND}" --install "${WORK}/build" --prefix "${WORK}/installed")
file(GLOB_RECURSE installed RELATIVE "${WORK}/installed" "${WORK}/installed/*")
if(NOT installed STREQUAL "bin/consumer")
  message(FATAL_ERROR "the consumer installs: ${installed}")
endif()
