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
        "Sources/SyncServer": [
            "SyncEngine", "SyncProtocol", "SyncStore", "SyncCore", "CMalloc", "CZlib", "DequeModule",
            "HashTreeCollections", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "Logging",
            "NIOCore",
            "NIOHTTP1", "NIOHTTPTypes", "NIOPosix", "NIOSSL", "ServiceLifecycle", "Synchronization",
        ],
        "Sources/SyncClient": [
            "SyncProtocol", "SyncCore", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL", "Synchronization",
        ],
        "Sources/DeviceAgent": ["SyncProtocol", "SyncCore"],
        "Sources/consigned": [
            "SyncServer", "SyncEngine", "SyncProtocol", "SyncStore", "SyncStoreSQLite", "SyncCore", "ArgumentParser",
            "Foundation", "Logging", "ServiceLifecycle", "Synchronization",
        ],
        "Sources/consigne": ["SyncClient", "SyncProtocol", "SyncCore", "ArgumentParser", "Foundation", "Yams"],
        "Simulator/Sources/FleetSimulator": [
            "DeviceAgent", "SyncClient", "SyncProtocol", "SyncCore", "CZlib", "Crypto", "DequeModule", "Dispatch",
            "Foundation", "Histogram", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOTLS", "SwiftASN1",
            "Synchronization", "X509",
        ],
        "Simulator/Sources/consigne-sim": [
            "FleetSimulator", "SyncClient", "SyncCore", "ArgumentParser", "Foundation",
        ],
    ]

    /// The C library, under its names, which a shell may call and a pure target may not.
    private static let systemModules: Set = ["Glibc", "Darwin"]
    private static let pureTargets: Set = [
        "Sources/SyncCore", "Protocol/Sources", "Sources/SyncStore", "Sources/SyncStoreTesting", "Sources/SyncEngine",
        "Sources/DeviceAgent",
    ]

    /// Modules of C, which have no Swift in them.
    private static let systemLibraries: Set = ["Sources/CMalloc", "Sources/CZlib"]

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
            let files = Self.files.filter { $0.path.hasPrefix(folder + "/") }
            #expect(!files.isEmpty, "\(folder) has no Swift file: has it moved?")
            let system = Self.pureTargets.contains(folder) ? [] : Self.systemModules
            for (path, text) in files {
                let strangers = Self.importedModules(of: text).subtracting(allowed).subtracting(system)
                #expect(strangers == [], "\(path) imports what its target may not")
            }
        }
    }

    @Test func `the layout names every target`() throws {
        let folders = try ["Sources", "Simulator/Sources"].flatMap { parent in
            try FileManager.default.contentsOfDirectory(atPath: Repository.root.appendingPathComponent(parent).path)
                .map { "\(parent)/\($0)" }
        }
        let unnamed = Set(folders).subtracting(Self.imports.keys).subtracting(Self.systemLibraries)
        #expect(unnamed == [], "say what these may import")
    }

    @Test func `the oracle knows nothing of the engine`() {
        let files = Self.files.filter { $0.path.hasPrefix("Simulator/") }
        #expect(!files.isEmpty)
        for (path, text) in files {
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
                // `import struct Foundation.Data` imports from Foundation too.
                let isKind = ["struct", "enum", "class", "func", "protocol", "typealias", "var", "let"]
                    .contains(words[index + 1])
                guard let name = words.dropFirst(index + (isKind ? 2 : 1)).first else { return nil }
                return String(name.prefix { $0 != "." })
            })
    }
}
