# One misuse: SOURCE must compile as it stands, and must not with MISUSE defined. The compiler's reason must match the
# regular expression in the source's first line, so that a typing error does not pass for a refusal.
#   cmake -DSOURCE=... -DCOMPILER=... -DINCLUDE=... -P misuse.cmake
file(STRINGS "${SOURCE}" first_line LIMIT_COUNT 1)
if(NOT first_line MATCHES "^// refused: (.+)$")
  message(FATAL_ERROR "${SOURCE} does not begin with '// refused: REGEX'")
endif()
set(reason "${CMAKE_MATCH_1}")

set(compile "${COMPILER}" -std=c++23 -fsyntax-only -Werror=unused-result "-I${INCLUDE}" "${SOURCE}")
execute_process(COMMAND ${compile} RESULT_VARIABLE control ERROR_VARIABLE output)
if(NOT control EQUAL 0)
  message(FATAL_ERROR "the right use does not compile:\n${output}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${compile} -DMISUSE RESULT_VARIABLE misuse ERROR_VARIABLE output)
if(misuse EQUAL 0)
  message(FATAL_ERROR "the misuse compiles")
endif()
if(NOT output MATCHES "${reason}")
  message(FATAL_ERROR "refused, but not for the reason '${reason}':\n${output}")
endif()
