# What `cmake --install` and cpack put where: the program with its pages, completion, documents and configurations, and the
# libraries with what find_package(tonne) needs. Two components, two Debian packages: tonne and tonne-dev (.ci/deb).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- the program

install(TARGETS tonne RUNTIME COMPONENT program)
# The program writes its pages and scripts when it is installed: a build that is only run need not.
find_program(GZIP gzip)
install(CODE "
  set(share \"${CMAKE_BINARY_DIR}/share\")
  file(REMOVE_RECURSE \"\${share}\")
  set(zsh site-functions)
  if(CMAKE_INSTALL_PREFIX MATCHES \"/usr$\")
    set(zsh vendor-completions)  # where Debian's packages put theirs
  endif()
  set(bash_file bash-completion/completions/tonne)
  set(zsh_file zsh/\${zsh}/_tonne)
  set(fish_file fish/vendor_completions.d/tonne.fish)
  foreach(shell bash zsh fish)
    cmake_path(GET \${shell}_file PARENT_PATH folder)
    file(MAKE_DIRECTORY \"\${share}/\${folder}\")
    execute_process(COMMAND \"$<TARGET_FILE:tonne>\" completion \${shell} OUTPUT_FILE \"\${share}/\${\${shell}_file}\"
                    COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  execute_process(COMMAND \"$<TARGET_FILE:tonne>\" man --out \"\${share}/man/man1\" COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB pages \"\${share}/man/man1/*.1\")
  if(NOT \"${GZIP}\" MATCHES NOTFOUND)
    execute_process(COMMAND \"${GZIP}\" -9n \${pages} COMMAND_ERROR_IS_FATAL ANY)
  endif()
" COMPONENT program)
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT program)

# As in the checkout, so that what files say of each other's places holds.
set(documents ${CMAKE_INSTALL_DATADIR}/tonne)
install(DIRECTORY configs docs DESTINATION ${documents} COMPONENT program PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY experiments/python/protocol DESTINATION ${documents}/experiments/python COMPONENT program
        PATTERN "__pycache__" EXCLUDE PATTERN "build" EXCLUDE PATTERN "*.egg-info" EXCLUDE)
install(FILES README.md CHANGELOG.md DESTINATION ${documents} COMPONENT program)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/links)
file(CREATE_LINK ../../tonne/docs ${CMAKE_BINARY_DIR}/generated/links/docs SYMBOLIC)
file(CREATE_LINK ../../tonne/configs ${CMAKE_BINARY_DIR}/generated/links/configs SYMBOLIC)

# ---- the libraries

# Their headers name these packages, beside what their sources use: who links the libraries needs both.
target_link_libraries(tonne_search INTERFACE $<INSTALL_INTERFACE:Eigen3::Eigen>)
target_link_libraries(tonne_experiments INTERFACE "$<INSTALL_INTERFACE:${experiments_links}>")
set_target_properties(tonne_flags PROPERTIES EXPORT_NAME flags)
set(libraries tonne_flags)
foreach(room core search cost_models experiments)
  set_target_properties(tonne_${room} PROPERTIES EXPORT_NAME ${room})
  list(APPEND libraries tonne_${room})
  install(DIRECTORY ${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tonne COMPONENT development
          FILES_MATCHING PATTERN "*.h" PATTERN "precompiled.h" EXCLUDE PATTERN "data" EXCLUDE PATTERN "assets" EXCLUDE)
endforeach()
install(TARGETS ${libraries} EXPORT tonne ARCHIVE COMPONENT development)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tonne)
install(EXPORT tonne NAMESPACE tonne:: FILE tonne-targets.cmake DESTINATION ${config_folder} COMPONENT development)
list(TRANSFORM packages REPLACE "(.+)" "find_dependency(\\1)" OUTPUT_VARIABLE find_dependencies)
list(JOIN find_dependencies "\n" find_dependencies)
configure_package_config_file(.ci/tonne-config.cmake.in ${CMAKE_BINARY_DIR}/generated/tonne-config.cmake INSTALL_DESTINATION ${config_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/tonne-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/tonne-config.cmake ${CMAKE_BINARY_DIR}/generated/tonne-config-version.cmake
        DESTINATION ${config_folder} COMPONENT development)

# ---- Debian packages

set(TONNE_MAINTAINER "The Tonne maintainers <root@localhost.localdomain>" CACHE STRING "Who answers for the Debian packages")
string(TIMESTAMP packaged "%a, %d %b %Y %H:%M:%S +0000" UTC)  # of the commit, where SOURCE_DATE_EPOCH is set
foreach(text copyright changelog.Debian)
  configure_file(.ci/debian/${text}.in ${CMAKE_BINARY_DIR}/generated/debian/${text} @ONLY)
endforeach()
if(NOT GZIP MATCHES NOTFOUND)
  execute_process(COMMAND ${GZIP} -9nf changelog.Debian WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/generated/debian)
  foreach(component program development)
    set(folder tonne)
    if(component STREQUAL development)
      set(folder tonne-dev)
    endif()
    install(FILES ${CMAKE_BINARY_DIR}/generated/debian/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${folder}
            COMPONENT ${component})
  endforeach()
endif()
install(FILES ${CMAKE_BINARY_DIR}/generated/debian/copyright ${CMAKE_BINARY_DIR}/generated/links/docs ${CMAKE_BINARY_DIR}/generated/links/configs
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/tonne COMPONENT program)
install(FILES ${CMAKE_BINARY_DIR}/generated/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/tonne-dev COMPONENT development)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "${TONNE_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME tonne)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS tzdata)  # clocks of places
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "Simulates AutoML and neural architecture searches without training anything:
strategies propose candidates, problems return their accuracy and work, and a
cost model converts that work into hours, kWh, kg CO2e and dollars. Compares
strategies by what they found and what they emitted, plans searches, and
computes the footprint of trainings and of published studies.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME tonne-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Static libraries, headers and CMake files, for programs that have strategies or
problems of their own beside those of tonne.")
# The -dev packages among those that a build needs.
file(READ .ci/common.sh needed)
string(REGEX MATCH "build_packages=\\(([^)]*)\\)" needed "${needed}")
string(REGEX MATCHALL "[a-z0-9+.-]+-dev" needed "${CMAKE_MATCH_1}")
list(JOIN needed ", " needed)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "tonne (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), ${needed}")
include(CPack)
