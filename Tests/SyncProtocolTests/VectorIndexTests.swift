import Foundation
import SyncCore
import TestSupport
import Testing

/// The vectors as a whole: each says whom it concerns, and none is there that no test passes.
@Suite struct VectorIndexTests {
    /// The lists of each file that the suites go through.
    private static let passed: [String: Set<String>] = [
        "agent.json": ["cases"], "canonical.json": ["cases"], "refused.json": ["cases"], "delta.json": ["cases"],
        "leaf.json": ["cases"],
        "merge.json": ["merges"], "phase.json": ["phases"], "user.json": ["merge", "judge"],
        "cursor.json": ["cursors", "made", "badCursors", "haves", "badHaves"], "sync.json": ["get", "post"],
    ]

    private static let readers: Set = ["agent", "server", "client", "reader"]

    @Test func `no vector is skipped`() throws {
        let folder = Repository.root.appendingPathComponent("Protocol/Vectors").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(Set(files) == Set(Self.passed.keys))
        for (file, lists) in Self.passed {
            let json = try JSONReader.read(try VectorCase.bytes(of: file))
            let members = try #require(json.object, "\(file)")
            #expect(Set(members.keys) == lists.union(["about", "for"]), "\(file)")
        }
    }

    @Test func `every vector file says whom it concerns, and the index says the same`() throws {
        let index = try Repository.text(of: "Protocol/README.md").split(separator: "\n").map(String.init)
        for file in Self.passed.keys {
            let json = try JSONReader.read(try VectorCase.bytes(of: file))
            let readers = try #require(json["for"]?.array?.compactMap { $0.string }, "\(file)")
            #expect(!readers.isEmpty && Self.readers.isSuperset(of: readers), "\(file)")
            #expect(json["about"]?.string?.isEmpty == false, "\(file)")
            let line = try #require(index.first { $0.hasPrefix("| `") && $0.contains("`\(file)`") }, "\(file)")
            #expect(line.contains("| \(readers.joined(separator: ", ")) |"), "\(file): \(line)")
        }
    }
}
