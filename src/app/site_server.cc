#include "app/site_server.h"

#include <array>
#include <atomic>

#include "docs/links.h"
#include "engine/schema.h"
#include "net/url_path.h"

namespace skein::app {
namespace {

constexpr std::string_view kEvents = "-/events";
constexpr std::string_view kScript = "-/live.js";
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri "
    "'none'; "
    "form-action 'none'; frame-ancestors 'none'";

/// Loads the page again when it is told to, or when it is not the newest any more.
constexpr std::string_view kLive =
    "\"use strict\";\n"
    "const own = document.currentScript.dataset;\n"
    "const events = new EventSource(\"/-/events?page=\" + encodeURIComponent(own.page) + \"&etag=\" + "
    "encodeURIComponent(own.etag));\n"
    "events.addEventListener(\"changed\", (event) => {\n"
    "  const told = JSON.parse(event.data);\n"
    "  if (told.all || told.pages.includes(own.page)) location.reload();\n"
    "});\n";

constexpr std::string_view kWaiting =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>skein docs</title></head><body>"
    "<main><h1>The site is being made</h1><p>This page follows by itself.</p></main>";

/// The page's own policy lets no script connect; the header's, which is as strict otherwise, does.
void replace_policy(std::string& html) {
  constexpr std::string_view kMeta = "<meta http-equiv=\"Content-Security-Policy\"";
  const auto begin = html.find(kMeta);
  if (begin == std::string::npos) return;
  const auto end = html.find('>', begin);
  if (end != std::string::npos) html.erase(begin, end + 1 - begin);
}

std::string attribute(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

std::string live_html(std::string html, const std::string& page, const std::string& etag, bool stale) {
  replace_policy(html);
  if (stale)
    if (const auto body = html.find("<body"); body != std::string::npos)
      if (const auto end = html.find('>', body); end != std::string::npos)
        html.insert(end + 1,
                    "<p role=\"status\"><strong>Stale:</strong> the source changed after this page was made; run "
                    "<code>skein docs</code>.</p>");
  const std::string script = fmt::format("<script src=\"/{}\" data-page=\"{}\" data-etag=\"{}\" defer></script>",
                                         kScript, attribute(page), attribute(etag));
  const auto at = html.rfind("</body>");
  html.insert(at == std::string::npos ? html.size() : at, script);
  return html;
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes{
      {{".html", "text/html; charset=utf-8"},
       {".css", "text/css; charset=utf-8"},
       {".js", "text/javascript; charset=utf-8"},
       {".json", "application/json"},
       {".md", "text/markdown; charset=utf-8"},
       {".txt", "text/plain; charset=utf-8"},
       {".svg", "image/svg+xml"},
       {".png", "image/png"}}};
  for (const auto& [end, type] : kTypes)
    if (path.ends_with(end)) return type;
  return "application/octet-stream";
}

bool SitePages::refresh() {
  stale_.clear();
  const auto text = read_file(files_, join_path(request_.target, docs::kManifestName));
  if (!text || *text == manifest_text_) return false;
  auto manifest = docs::decode_manifest(*text, &stage_);
  if (!manifest) return false;
  manifest_text_ = *text;
  known_.clear();
  for (auto& file : *manifest) known_.emplace(file.path, file);
  sources_.clear();
  if (const auto past = docs::read_past_site(files_, request_.past(), sha256(*text)))
    for (const auto& file : past->files) sources_.emplace(docs::file_page(file.path), file);
  return true;
}

bool SitePages::is_stale(const std::string& page) {
  const auto source = sources_.find(page);
  if (source == sources_.end()) return false;
  const auto [known, fresh] = stale_.try_emplace(page, false);
  if (fresh) {
    const auto bytes = read_file(files_, join_path(request_.root, source->second.path));
    known->second = !bytes || sha256(*bytes) != source->second.content;
  }
  return known->second;
}

net::HttpResponse SitePages::page(const std::string& path, const docs::SiteFile& file) {
  net::HttpResponse made;
  auto bytes = read_file(files_, join_path(request_.target, path));
  // Bytes that are not the manifest's are on their way in or out.
  if (!bytes || (!file.digest.is_none() && sha256(*bytes) != file.digest)) {
    made.status = 503;
    made.body = "this page is just being replaced; ask again\n";
    return made;
  }
  made.content_type = content_type_of(path);
  made.content_security_policy = kPolicy;
  const bool html = path.ends_with(".html");
  const bool stale = html && is_stale(path);
  made.etag = fmt::format("\"{}{}\"", sha256(*bytes).short_hex(32), stale ? "-stale" : "");
  made.body = html ? live_html(std::move(*bytes), path, made.etag, stale) : std::move(*bytes);
  return made;
}

net::HttpResponse SitePages::answer(const net::HttpRequest& request) {
  refresh();
  auto path = net::decode_path(request.target);
  if (!path) return {.status = 400, .body = "bad path\n"};
  if (*path == kScript)
    return {.content_type = "text/javascript; charset=utf-8", .body = std::string(kLive), .etag = "\"live-1\""};
  if (*path == kEvents) {
    net::HttpResponse made;
    made.events = true;
    made.body = "retry: 1000\n\n";
    // A reader who has an older page than there is.
    const auto seen = net::query_value(request.target, "page");
    const auto at = known_.find(seen);
    if (at != known_.end() && page(seen, at->second).etag != net::query_value(request.target, "etag"))
      made.body += "event: changed\ndata: {\"all\":true}\n\n";
    return made;
  }
  if (path->empty() || path->ends_with('/')) *path += "index.html";
  if (const auto at = known_.find(*path); at != known_.end()) return page(*path, at->second);
  if (known_.contains(*path + "/index.html"))
    return {.status = 301,
            .body = "see the folder\n",
            .location = "/" + request.target.substr(1, request.target.find('?') - 1) + "/"};
  net::HttpResponse made;
  if (known_.empty() || (stage_ == docs::SiteStage::overview && path->ends_with(".html"))) {
    made.status = 503;
    made.content_type = content_type_of("a.html");
    made.content_security_policy = kPolicy;
    made.body = live_html(std::string(kWaiting), *path, "", false);
    return made;
  }
  made.status = 404;
  made.body = "not in this site\n";
  return made;
}

std::string SitePages::changes() {
  refresh();
  std::vector<std::string> pages;
  for (const auto& [path, file] : known_) {
    const auto old = told_.find(path);
    if (old == told_.end() || old->second.digest != file.digest) pages.push_back(path);
  }
  for (const auto& [path, file] : told_)
    if (!known_.contains(path)) pages.push_back(path);
  if (pages.empty()) return {};
  told_ = known_;
  if (pages.size() > kTold) return "{\"all\":true}";
  return engine::Json({{"pages", pages}}).dump(-1, ' ', false, engine::Json::error_handler_t::replace);
}

Result<std::unique_ptr<net::HttpServer>> serve_site(std::shared_ptr<SitePages> pages, std::uint16_t port) {
  net::HttpServerOptions options;
  options.port = port;
  // The tick needs the server that it belongs to; it runs only once that is there.
  const auto server = std::make_shared<std::atomic<net::HttpServer*>>(nullptr);
  static_cast<void>(pages->changes());
  options.tick = [pages, server] {
    auto* const there = server->load();
    if (there == nullptr) return;
    if (const auto data = pages->changes(); !data.empty()) there->publish("changed", data);
  };
  SKEIN_TRY(auto started, net::HttpServer::start(std::move(options), [pages](const net::HttpRequest& request) {
              return pages->answer(request);
            }));
  server->store(started.get());
  return started;
}

}  // namespace skein::app
