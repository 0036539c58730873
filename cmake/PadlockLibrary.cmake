# One folder, one target. `./dev check` compares DEPENDS with the includes of the folder.
#
#   padlock_library(tls DEPENDS base crypto x509      folders that it stands on
#     LINKS   OpenSSL::Crypto                         libraries, for users of the folder too
#     SOURCES schedule/key_schedule.cc ...
#     TESTS   schedule/key_schedule_test.cc ...)
#
# makes the static library `padlock_tls` (alias padlock::tls) and, with PADLOCK_TESTS, the program `tls_test`. With PADLOCK_UNITY
# sources are compiled sixteen at a time: a name in an unnamed namespace has one meaning in a folder.
function(padlock_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LINKS;PRIVATE_LINKS;SOURCES;TESTS;TEST_LINKS")
  list(TRANSFORM arg_DEPENDS PREPEND padlock_ OUTPUT_VARIABLE depends)
  if(arg_SOURCES)
    add_library(padlock_${name} STATIC ${arg_SOURCES})
    target_link_libraries(padlock_${name} PUBLIC padlock_flags ${depends} ${arg_LINKS}
      PRIVATE ${arg_PRIVATE_LINKS} $<BUILD_INTERFACE:padlock_build_flags>)
  else()
    add_library(padlock_${name} INTERFACE)
    target_link_libraries(padlock_${name} INTERFACE padlock_flags ${depends} ${arg_LINKS})
  endif()
  set_target_properties(padlock_${name} PROPERTIES UNITY_BUILD ${PADLOCK_UNITY} UNITY_BUILD_BATCH_SIZE 16)
  add_library(padlock::${name} ALIAS padlock_${name})
  set_target_properties(padlock_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY PADLOCK_LIBRARIES padlock_${name})
  if(PADLOCK_TESTS AND arg_TESTS)
    padlock_test(${name}_test LIBRARIES padlock_${name} ${arg_TEST_LINKS} SOURCES ${arg_TESTS})
  endif()
endfunction()

# A test program (GoogleTest with RapidCheck), found and counted by `./dev test`.
function(padlock_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES;SOURCES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} padlock_build_flags GTest::gmock GTest::gtest_main rapidcheck Threads::Threads)
  target_compile_options(${name} PRIVATE ${PADLOCK_TEST_OPTIONS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
