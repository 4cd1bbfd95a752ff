#!/usr/bin/env bash
# GRDB.swift 7.10.0 on Linux, with the system's libsqlite3: a String argument that contains U+0000 is stored up to it.
#
# What it is: a text column is given "lot\0one" and "lot\0two" as ordinary statement arguments. Both rows hold "lot": length 3,
# equal to each other, and a UNIQUE column refuses the second. Nothing is thrown or logged at the first one. A blob argument
# with the same bytes is stored whole.
# What one would have guessed: that a bound String comes back as it was, or is refused; SQLite itself stores the NUL when it is
# told the length in bytes (sqlite3_bind_text with a length).
# Why it matters here: names that people and devices choose are keys (intents, serial numbers). Two that differ behind a NUL
# become one, and what is read back no longer gives the hash that was made of what was said.
#
# Exits 0 while this is so, 1 when the behaviour is another.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir -p Sources/probe
cat >Package.swift <<'SWIFT'
// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "probe",
    dependencies: [.package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0")],
    targets: [.executableTarget(name: "probe", dependencies: [.product(name: "GRDB", package: "GRDB.swift")])])
SWIFT
cat >Sources/probe/main.swift <<'SWIFT'
import Foundation
import GRDB

let queue = try DatabaseQueue()
try queue.write { database in
    try database.execute(sql: "CREATE TABLE lot(name TEXT NOT NULL UNIQUE) STRICT; CREATE TABLE raw(bytes BLOB) STRICT")
    try database.execute(sql: "INSERT INTO lot VALUES (?)", arguments: ["lot\u{0}one"])
    do {
        try database.execute(sql: "INSERT INTO lot VALUES (?)", arguments: ["lot\u{0}two"])
        print("second row: taken")
    } catch let error as DatabaseError {
        print("second row: \(error.resultCode == .SQLITE_CONSTRAINT ? "refused as a duplicate" : "\(error)")")
    }
    try database.execute(sql: "INSERT INTO raw VALUES (?)", arguments: [Data("lot\u{0}one".utf8)])
    print("text bytes:", try Int.fetchOne(database, sql: "SELECT length(CAST(name AS BLOB)) FROM lot") ?? -1)
    print("blob bytes:", try Int.fetchOne(database, sql: "SELECT length(bytes) FROM raw") ?? -1)
}
SWIFT
swift build >build.log 2>&1 || { cat build.log >&2; exit 1; }
found=$(swift run --skip-build probe 2>/dev/null)
expected='second row: refused as a duplicate
text bytes: 3
blob bytes: 7'
echo "$found"
[ "$found" = "$expected" ] || { echo "it is another now; expected:" >&2; echo "$expected" >&2; exit 1; }
