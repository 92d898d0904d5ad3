// XML as a small tree: what pom.xml, project files of .NET and packages.config need of it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace skein::repo {

/// An element; names are without their prefix ("m:project" is "project").
struct XmlElement {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;  ///< Of the element itself, without white space at both ends.
  std::vector<XmlElement> children;

  /// The first child of that name, or null.
  [[nodiscard]] const XmlElement* child(std::string_view child_name) const;
  /// The text of the first child of that name; empty where there is none.
  [[nodiscard]] std::string child_text(std::string_view child_name) const;
  /// Compared without case, as .NET does; empty where there is none.
  [[nodiscard]] std::string attribute(std::string_view attribute_name) const;
};

/// The root element. Nothing outside the text is ever opened; a document that declares entities is refused, and so is
/// one of more than 100 levels or 200,000 elements. Errors: `invalid_argument`, with the line.
[[nodiscard]] Result<XmlElement> parse_xml(std::string_view text);

}  // namespace skein::repo
