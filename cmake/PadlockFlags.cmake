# Flags that every target of Padlock is built with: the `padlock_flags` interface target.
add_library(padlock_flags INTERFACE)
target_include_directories(padlock_flags INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(padlock_flags INTERFACE cxx_std_23)

add_library(padlock_build_flags INTERFACE) # only for our own sources, never for users of the library
target_compile_options(padlock_build_flags INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
  $<$<BOOL:${PADLOCK_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> # wrong on g++ 12 for moved variants and expecteds; clang and ASan look instead
  # Where sources are compiled together, one is "included" in the other, and sees the other's unnamed namespace.
  $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wno-subobject-linkage>
  $<$<CXX_COMPILER_ID:Clang>:-Wunsafe-buffer-usage -Wno-unused-command-line-argument>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations> # libstdc++ 12's stable_sort calls what it deprecates
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

# Hardening of the release build (docs/threats.md, R13).
target_compile_options(padlock_build_flags INTERFACE $<$<CONFIG:Release>:
  -D_GLIBCXX_ASSERTIONS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
  -fcf-protection=full -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks>)
target_compile_options(padlock_build_flags INTERFACE # nobody replaces a function of a static library: it may be inlined
  $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-fno-semantic-interposition>)
target_link_options(padlock_build_flags INTERFACE $<$<CONFIG:Release>:-pie -Wl,-z,relro,-z,now,-z,noexecstack>)
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")

if(PADLOCK_MEMCHECK)
  add_compile_definitions(PADLOCK_MEMCHECK)
endif()
if(PADLOCK_SANITIZE)
  add_compile_options(-fsanitize=${PADLOCK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PADLOCK_SANITIZE})
  set(PADLOCK_TEST_OPTIONS -O0) # a test's own code is most of the time to build it, and hardly any of the time to run it
endif()

if(PADLOCK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link) # all folders, or libFuzzer is blind to what it calls
endif()

find_program(PADLOCK_MOLD mold)
if(PADLOCK_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_link_options(-fuse-ld=mold)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
find_program(PADLOCK_CCACHE ccache)
if(PADLOCK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PADLOCK_CCACHE})
endif()
