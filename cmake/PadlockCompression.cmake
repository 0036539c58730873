# What certificates (RFC 8879) and the files of web sites are compressed by: `PADLOCK_COMPRESSION` for linking. Each by
# its place in this build, and by the place that find_package(padlock) finds in others.
find_package(ZLIB REQUIRED)
find_path(PADLOCK_BROTLI_INCLUDE brotli/decode.h REQUIRED)
find_path(PADLOCK_ZSTD_INCLUDE zstd.h REQUIRED)
set(PADLOCK_COMPRESSION ZLIB::ZLIB)
foreach(name IN ITEMS brotlienc brotlidec zstd)
  string(TOUPPER ${name} upper)
  find_library(PADLOCK_${upper} ${name} REQUIRED)
  list(APPEND PADLOCK_COMPRESSION $<BUILD_INTERFACE:${PADLOCK_${upper}}> $<INSTALL_INTERFACE:padlock::external_${upper}>)
endforeach()
