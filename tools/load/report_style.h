#pragma once
// How the page of a load looks: one style sheet, light and dark.
//
// Shapes     CSS without < and &, so that it stands in XML as it is. --c0 .. --c3 are the classes.

#include <string_view>

namespace patron::tools {

inline constexpr std::string_view kReportStyle = R"(
:root { color-scheme: light dark;
  --page: #f6f6f3; --card: #ffffff; --ink: #1d1d1b; --soft: #6b6a64; --grid: #e7e6e0; --edge: #dedcd4;
  --c0: #2563c9; --c1: #c2570c; --c2: #0f8a6d; --c3: #a23a9b;
  --good: #2e9e62; --fair: #e0a526; --poor: #cf3f3f; --note: #fff6dd; --note-edge: #e5c76a; }
@media (prefers-color-scheme: dark) { :root {
  --page: #151513; --card: #1f1f1c; --ink: #f0efea; --soft: #a09e96; --grid: #31302c; --edge: #36352f;
  --c0: #6ea3ff; --c1: #ff9a4d; --c2: #45cfa8; --c3: #e285db;
  --good: #3fb877; --fair: #e3b341; --poor: #ef6a6a; --note: #2f2a18; --note-edge: #6f5f22; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 36px 24px 56px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 16px; margin: 0 0 2px; }
p { margin: 0; }
.sub, .hint { color: var(--soft); }
.hint { font-size: 13px; margin-bottom: 12px; }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 20px 24px;
  margin-top: 18px; }
.note { background: var(--note); border: 1px solid var(--note-edge); border-radius: 12px; padding: 12px 18px;
  margin-top: 18px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 14px; }
.tile b { display: block; font-size: 25px; line-height: 1.25; font-weight: 600; letter-spacing: -0.02em;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile span { color: var(--soft); font-size: 13px; }
.felt { display: flex; height: 12px; border-radius: 6px; overflow: hidden; gap: 2px; margin: 18px 0 8px; }
.felt i { display: block; min-width: 3px; }
.at-once { background: var(--good); } .noticed { background: var(--fair); }
.interrupting { background: var(--poor); }
.keys { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--soft); }
.keys i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.keys b { color: var(--ink); font-weight: 600; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 8px 28px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--soft);
  font-variant-numeric: tabular-nums; }
svg text.end { font-weight: 600; }
.grid { stroke: var(--grid); stroke-width: 1; }
.line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.asked { stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 3 4; }
.failed { fill: var(--poor); opacity: 0.75; }
.hover { fill: transparent; } .hover:hover { fill: var(--ink); fill-opacity: 0.06; }
.wide { overflow-x: auto; } .wide svg { min-width: 680px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { text-align: right; padding: 7px 0 7px 18px; border-bottom: 1px solid var(--grid); }
th { font-weight: 500; color: var(--soft); font-size: 13px; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tr:last-child td { border-bottom: 0; }
td i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px; }
.bad { color: var(--poor); font-weight: 600; }
details summary { cursor: pointer; color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 2px 24px; margin: 12px 0 0;
  font-size: 13px; }
dl div { display: flex; justify-content: space-between; border-bottom: 1px solid var(--grid); padding: 3px 0; }
dt { color: var(--soft); } dd { margin: 0 0 0 12px; overflow-wrap: anywhere; text-align: right; }
)";

}  // namespace patron::tools
