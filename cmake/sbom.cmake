# What the program is made of and what it loads, as CycloneDX 1.5: the software bill of materials that `cmake --install`
# writes. Equal packages give equal bytes, so there is neither a time nor a serial number in it.
#
#   cmake -DPROGRAM=padlock -DVERSION=0.1.0 -DOUTPUT=sbom.cdx.json -P cmake/sbom.cmake
cmake_minimum_required(VERSION 3.25)

# Libraries whose headers are compiled into the program; by Debian's package.
set(compiled_in libasio-dev libcli11-dev libfmt-dev libspdlog-dev libtomlplusplus-dev nlohmann-json3-dev)

# Licences as SPDX calls them, by Debian's package (docs/dependencies.md). One that is not here, on another distribution or
# in a later release, has no licence in the bill.
set(gcc "GPL-3.0-or-later WITH GCC-exception-3.1")
set(licences
  "libasio-dev=BSL-1.0" "libcli11-dev=BSD-3-Clause" "libfmt-dev=MIT" "libspdlog-dev=MIT" "libtomlplusplus-dev=MIT"
  "nlohmann-json3-dev=MIT"
  "libbrotli1=MIT" "libcrypt1=LGPL-2.1-or-later" "libhiredis0.14=BSD-3-Clause" "libipsec-mb1=BSD-3-Clause"
  "libfmt9=MIT" "libnghttp2-14=MIT" "libpcap0.8=BSD-3-Clause" "libpsl5=MIT" "libseccomp2=LGPL-2.1-only" "libssl3=Apache-2.0"
  "libzstd1=BSD-3-Clause OR GPL-2.0-only" "zlib1g=Zlib"
  "libc6=LGPL-2.1-or-later" "libgcc-s1=${gcc}" "libstdc++6=${gcc}"
  # what those load in turn
  "libcap2=BSD-3-Clause OR GPL-2.0-only" "libdbus-1-3=AFL-2.1 OR GPL-2.0-or-later" "libgcrypt20=LGPL-2.1-or-later"
  "libgpg-error0=LGPL-2.1-or-later" "libidn2-0=LGPL-3.0-or-later OR GPL-2.0-or-later" "liblz4-1=BSD-2-Clause"
  "liblzma5=LicenseRef-public-domain" "libsystemd0=LGPL-2.1-or-later"
  "libunistring2=LGPL-3.0-or-later OR GPL-2.0-or-later")

# "debian" and "12": what Debian's packages are told apart by.
foreach(field ID VERSION_ID)
  file(STRINGS /etc/os-release line REGEX "^${field}=") # os-release(5)
  string(REGEX REPLACE "^${field}=\"?([^\"]*)\"?$" "\\1" ${field} "${line}")
endforeach()

# "name|version|architecture" of an installed package; empty: it is not.
function(find_installed package result)
  execute_process(COMMAND dpkg-query --show "--showformat=\${Package}|\${Version}|\${Architecture}" "${package}"
    OUTPUT_VARIABLE found ERROR_QUIET)
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# The same for the package that a file belongs to. Where /lib is a link to /usr/lib, dpkg knows a file by one of the two.
function(find_package_of file result)
  string(REGEX REPLACE "^/usr" "" short "${file}")
  execute_process(COMMAND dpkg-query --search "${short}" "/usr${short}" OUTPUT_VARIABLE owners ERROR_QUIET)
  set(found "")
  if(owners MATCHES "^([^, ]+): ")
    find_installed("${CMAKE_MATCH_1}" found)
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

function(find_licence package result)
  set(${result} "" PARENT_SCOPE)
  foreach(one IN LISTS licences)
    string(FIND "${one}" "${package}=" at)
    if(at EQUAL 0)
      string(REPLACE "${package}=" "" licence "${one}")
      set(${result} "${licence}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# Sets a field of `component` to a text.
macro(put field text)
  string(JSON component SET "${component}" ${field} "\"${text}\"")
endmacro()

# The JSON of a component: a package, and the libraries of it that are loaded.
function(describe package version architecture files result)
  string(REPLACE "+" "%2B" purl "pkg:deb/${ID}/${package}@${version}?arch=${architecture}&distro=${ID}-${VERSION_ID}")
  set(component "{\"type\": \"library\"}")
  put(bom-ref "${purl}")
  put(name "${package}")
  put(version "${version}")
  find_licence("${package}" licence)
  if(licence MATCHES " |LicenseRef")
    string(JSON component SET "${component}" licenses "[{\"expression\": \"${licence}\"}]")
  elseif(licence)
    string(JSON component SET "${component}" licenses "[{\"license\": {\"id\": \"${licence}\"}}]")
  endif()
  put(purl "${purl}")
  set(properties "[]")
  set(count 0)
  foreach(file IN LISTS files)
    string(JSON properties SET "${properties}" ${count} "{\"name\": \"padlock:loaded\", \"value\": \"${file}\"}")
    math(EXPR count "${count} + 1")
  endforeach()
  if(count GREATER 0)
    string(JSON component SET "${component}" properties "${properties}")
  endif()
  set(${result} "${component}" PARENT_SCOPE)
endfunction()

# ---- what there is: packages, and for each the libraries that are loaded

file(GET_RUNTIME_DEPENDENCIES EXECUTABLES "${PROGRAM}" RESOLVED_DEPENDENCIES_VAR loaded
  UNRESOLVED_DEPENDENCIES_VAR missing)
set(packages "")
foreach(package IN LISTS compiled_in)
  find_installed(${package} found)
  list(APPEND packages ${found})
endforeach()
set(nameless ${missing})
foreach(file IN LISTS loaded)
  get_filename_component(name "${file}" NAME)
  find_package_of("${file}" found)
  if(found)
    list(APPEND packages "${found}")
    string(REGEX REPLACE "\\|.*" "" package "${found}")
    list(APPEND files_${package} ${name})
  else()
    list(APPEND nameless ${name}) # built by hand, or no dpkg is here
  endif()
endforeach()
list(REMOVE_DUPLICATES packages)
list(SORT packages)

# ---- the bill

set(bill "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"version\": 1, \"metadata\": {}, \"components\": []}")
string(JSON bill SET "${bill}" metadata component "{\"type\": \"application\", \"bom-ref\": \"padlock\", \"name\": \"padlock\",
  \"version\": \"${VERSION}\", \"licenses\": [{\"license\": {\"id\": \"Apache-2.0\"}}]}")
set(count 0)
foreach(package IN LISTS packages)
  string(REGEX MATCH "^([^|]+)\\|([^|]+)\\|([^|]+)$" matched "${package}")
  describe("${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}" "${CMAKE_MATCH_3}" "${files_${CMAKE_MATCH_1}}" component)
  string(JSON bill SET "${bill}" components ${count} "${component}")
  math(EXPR count "${count} + 1")
endforeach()
foreach(name IN LISTS nameless)
  string(JSON bill SET "${bill}" components ${count} "{\"type\": \"library\", \"bom-ref\": \"${name}\", \"name\": \"${name}\"}")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}" "${bill}\n")
