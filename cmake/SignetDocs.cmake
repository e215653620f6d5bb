# signet_doc_test(NAME DOCUMENT [FIXTURE HEADER] [LIBRARIES ...])
# Compiles the C++ of a Markdown document, and runs it as tests of the class `DocSnippet` that HEADER defines; programs in it
# become executables NAME_line_N. See doc_snippets.py for what a block may look like.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(SIGNET_DOC_SNIPPETS "${CMAKE_CURRENT_LIST_DIR}/doc_snippets.py")

function(signet_doc_test name document)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "FIXTURE" "LIBRARIES")
  cmake_path(ABSOLUTE_PATH document BASE_DIRECTORY "${PROJECT_SOURCE_DIR}")
  cmake_path(ABSOLUTE_PATH arg_FIXTURE)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.snippets")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${document}" "${SIGNET_DOC_SNIPPETS}")
  execute_process(COMMAND "${Python3_EXECUTABLE}" "${SIGNET_DOC_SNIPPETS}" "${document}" "${arg_FIXTURE}" "${output}"
                  OUTPUT_VARIABLE programs OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

  # What a reader needs no use of: a result that is only shown, a name that the fixture has too.
  set(relaxed -Wno-unused-variable -Wno-unused-but-set-variable -Wno-unused-result -Wno-shadow -UNDEBUG)
  if(EXISTS "${output}/snippets.cpp")
    signet_test(${name} SOURCES "${output}/snippets.cpp" LIBRARIES ${arg_LIBRARIES})
    target_compile_options(${name} PRIVATE ${relaxed})
  endif()
  string(REPLACE "\n" ";" programs "${programs}")
  foreach(program IN LISTS programs)
    add_executable(${name}_${program} "${output}/${program}.cpp")
    signet_target_defaults(${name}_${program})
    target_compile_options(${name}_${program} PRIVATE ${relaxed})
    target_link_libraries(${name}_${program} PRIVATE signet::signet ${arg_LIBRARIES})
  endforeach()
endfunction()
