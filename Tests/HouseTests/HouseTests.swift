import Foundation
import Testing
import TestSupport

/// Keeps the house in order: what may stand where, how long a file may be, what a target may import.
@Suite struct HouseTests {
    private static let topLevel: Set = [
        "Package.swift", "Package.resolved", "README.md", "LICENSE", "Sources", "Tests", "Protocol", "Simulator",
        "findings",
    ]
    private static let lineCap = 400

    /// What each target may import; `Foundation` and `Dispatch` stand here as modules like any other.
    private static let imports: [String: Set<String>] = [
        "Sources/SyncCore": ["Crypto"],
        "Protocol/Sources": ["SyncCore"],
        "Sources/SyncStore": ["SyncCore", "Synchronization"],
        "Sources/SyncStoreTesting": ["SyncStore", "SyncCore", "Synchronization"],
        "Sources/SyncEngine": [
            "SyncStore", "SyncCore", "Collections", "Dispatch", "HashTreeCollections", "Logging", "Metrics",
            "Synchronization",
        ],
        "Sources/SyncStoreSQLite": [
            "SyncStore", "SyncCore", "GRDB", "GRDBSQLite", "Foundation", "Dispatch", "Synchronization",
        ],
        "Sources/DeviceAgent": ["SyncProtocol", "SyncCore"],
    ]

    private static let bannedWords: [String: String] = [
        "@unchecked" + " Sendable": "prove it to the compiler",
        "nonisolated" + "(unsafe)": "prove it to the compiler",
        "try" + "!": "an error is handled or thrown on",
        "as" + "! ": "a cast is checked",
        "FIX" + "ME": "settle it",
        "TO" + "DO": "settle it",
        "XX" + "X": "settle it",
        "Task" + ".sleep": "it does not scale to a fleet, and a test must not wait",
        "Manager" + " {": "name it after what it does",
        "Helper" + " {": "name it after what it does",
        "Utils" + " {": "name it after what it does",
    ]

    private static let files: [(path: String, text: String)] = {
        let folders = ["Sources", "Tests", "Protocol", "Simulator"].map(Repository.root.appendingPathComponent)
        let urls = folders.flatMap { folder in
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        }
        return urls.filter { $0.pathExtension == "swift" }.compactMap { url in
            let path = url.path.replacingOccurrences(of: Repository.root.path + "/", with: "")
            return (try? String(contentsOf: url, encoding: .utf8)).map { (path, $0) }
        }
    }()

    @Test func `the top level holds what the layout names`() throws {
        let entries = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path)
        let strangers = entries.filter { !$0.hasPrefix(".") && !Self.topLevel.contains($0) }
        #expect(strangers == [])
    }

    @Test func `no file is longer than the cap`() {
        #expect(Self.files.count > 20)
        for (path, text) in Self.files {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= Self.lineCap, "\(path) has \(lines) lines: which second thing lives in it?")
        }
    }

    @Test func `targets import what the layout allows`() {
        for (folder, allowed) in Self.imports {
            for (path, text) in Self.files where path.hasPrefix(folder + "/") {
                let strangers = Self.importedModules(of: text).subtracting(allowed)
                #expect(strangers == [], "\(path) imports what its target may not")
            }
        }
    }

    @Test func `the oracle knows nothing of the engine`() {
        for (path, text) in Self.files where path.hasPrefix("Simulator/") {
            #expect(!Self.importedModules(of: text).contains("SyncEngine"), "\(path)")
        }
    }

    @Test func `the core neither waits nor asks the time`() {
        for (path, text) in Self.files where path.hasPrefix("Sources/SyncCore/") {
            for word in [" async ", "await ", "Date()", "ContinuousClock", ".random("] {
                #expect(!text.contains(word), "\(path) has `\(word)`: the core is pure")
            }
        }
    }

    @Test func `no banned words`() {
        for (path, text) in Self.files {
            for (word, reason) in Self.bannedWords {
                #expect(!text.contains(word), "\(path) has `\(word)`: \(reason)")
            }
        }
    }

    private static func importedModules(of text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap { line -> String? in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index <= 2, words.count > index + 1,
                    words[..<index].allSatisfy({
                        ["public", "internal", "private", "fileprivate", "package", "@testable"]
                            .contains($0)
                    })
                else { return nil }
                return String(words[index + 1])
            })
    }
}
