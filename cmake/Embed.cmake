# Embeds data files into a library: each becomes a read-only byte array found by its path below data/.
#
#   skein_embed(TARGET NAMESPACE FOLDER)   makes `std::span<const EmbeddedFile> files()` in
#   namespace skein::<NAMESPACE>::data, sorted by path; EmbeddedFile is in base/embedded.h.
function(skein_embed TARGET NAMESPACE FOLDER)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${NAMESPACE}_data.cc)
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/data/${FOLDER}/*)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DROOT=${CMAKE_SOURCE_DIR}/data -DFOLDER=${FOLDER}
            -DNAMESPACE=${NAMESPACE} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
    COMMENT "Embedding data/${FOLDER}")
  target_sources(${TARGET} PRIVATE ${out})
endfunction()
