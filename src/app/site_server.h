// A published site for a browser on this machine, while it grows: pages by the manifest, with a script that loads a
// page again when it changed, and a mark on pages whose source is not what they tell of.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "docs/manifest.h"
#include "docs/site.h"
#include "net/http_server.h"

namespace skein::app {

/// Answers requests for a site. All of it is called on one thread.
class SitePages {
 public:
  SitePages(FileSystem& files, docs::SiteRequest request) : files_(files), request_(std::move(request)) {}

  [[nodiscard]] net::HttpResponse answer(const net::HttpRequest& request);
  /// What changed since the last call, as the data of an event ("changed"): `{"pages":[…]}`, or `{"all":true}` for more
  /// than kTold; empty where nothing did.
  [[nodiscard]] std::string changes();

  static constexpr std::size_t kTold = 500;

 private:
  bool refresh();
  [[nodiscard]] net::HttpResponse page(const std::string& path, const docs::SiteFile& file);
  [[nodiscard]] bool is_stale(const std::string& page);

  FileSystem& files_;
  docs::SiteRequest request_;
  std::string manifest_text_;
  std::map<std::string, docs::SiteFile, std::less<>> known_;  // By path: the manifest.
  std::map<std::string, docs::SiteFile, std::less<>> told_;   // What `changes` last compared with.
  docs::SiteStage stage_ = docs::SiteStage::overview;
  std::map<std::string, docs::PastFile, std::less<>> sources_;  // By page.
  std::map<std::string, bool> stale_;                           // By page, until the next look.
};

/// "text/html; charset=utf-8" of "a.html"; what nobody knows is an octet stream.
[[nodiscard]] std::string_view content_type_of(std::string_view path);

/// Serves the site on loopback until destroyed. Errors: of the port.
[[nodiscard]] Result<std::unique_ptr<net::HttpServer>> serve_site(std::shared_ptr<SitePages> pages, std::uint16_t port);

}  // namespace skein::app
