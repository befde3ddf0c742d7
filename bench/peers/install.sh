#!/usr/bin/env bash
# What bench/peers/compare.py compares Patron with, on Debian 12: nginx, Redis, PostgreSQL from Debian;
# DuckDB from npm into build/peers. Nothing is started or enabled beyond what Debian's packages do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

packages=(nginx redis-server postgresql)
duckdb=@duckdb/node-api@1.5.6-r.1

command -v apt-get >/dev/null || { echo "knows Debian only; install by hand: ${packages[*]} node npm" >&2; exit 1; }
command -v npm >/dev/null || packages+=(nodejs npm)
missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
    root=()
    ((EUID == 0)) || root=(sudo)
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
mkdir -p build/peers
npm install --silent --no-audit --no-fund --prefix build/peers "$duckdb"
echo "installed: ${packages[*]}, $duckdb" >&2
